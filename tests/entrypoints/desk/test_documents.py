"""Scripts, phrase books and dialplans at the desk: seen, checked, saved, compared, rolled back, tried."""

import re
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import text as sql
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.application.campaigns.shop import NOON, Shop
from tests.entrypoints.desk.visitor import Visitor
from voicebot.config import PROJECT
from voicebot.domain.user import Role

SignIn = Callable[..., Awaitable[Visitor]]
WINBACK = (PROJECT / "scripts" / "winback.yaml").read_text(encoding="utf-8")
DIALPLAN = (PROJECT / "dialplans" / "default.yaml").read_text(encoding="utf-8")
BROKEN = WINBACK.replace("      yes: offer\n", "      yes: ofer\n", 1)


async def save(visitor: Visitor, text: str, *, base: int = 0, note: str = "", address: str = "/scripts/winback") -> str:
    """What the desk answers; the address where it worked."""
    reply = await visitor.send(address, {"text": text, "base": str(base), "note": note})
    return reply.headers["Location"] if reply.status == 303 else await reply.text()


async def test_lists_name_every_document_with_its_campaigns(sign_in: SignIn, engine: AsyncEngine) -> None:
    shop = Shop(engine)
    await shop.campaign([await shop.customer()], name="Весенняя")
    admin = await sign_in(Role.ADMIN)
    scripts = await admin.text("/scripts")
    assert "Возврат покупателя личной скидкой" in scripts and "interrupts" in scripts and "Весенняя" in scripts
    assert "default" in await admin.text("/dialplans")
    assert "f-answers" in await admin.text("/scripts/phrases")


async def test_every_document_has_its_page_and_a_name_that_is_none_has_not(sign_in: SignIn) -> None:
    admin = await sign_in(Role.ADMIN)
    for address in ("/scripts/quality", "/scripts/shared/interrupts", "/scripts/phrases/b-order", "/dialplans/demo"):
        page = await admin.text(address)
        assert "<textarea" in page and 'class="numbers"' in page
        assert "Версии" in await admin.text(f"{address}/versions")
    for address in ("/scripts/nothing", "/scripts/..%2f..%2fetc%2fpasswd", "/scripts/messages.yaml"):
        assert (await admin.get(address)).status == 404


async def test_a_script_with_an_error_is_said_and_not_saved_then_mended_saved_and_rolled_back(
    sign_in: SignIn, engine: AsyncEngine
) -> None:
    admin, shop = await sign_in(Role.ADMIN), Shop(engine)
    refused = await save(admin, BROKEN.replace("\n", "\r\n"))
    line = BROKEN[: BROKEN.index("ofer")].count("\n") + 1
    assert "нет состояния «ofer»" in refused and "может быть, «offer»?" in refused
    assert "yes: ofer" in refused  # what was typed is not lost
    assert await shop.value("select count(*) from document_versions") == 0
    assert line == 19
    mended = WINBACK.replace("Возврат покупателя", "Возвращение покупателя")
    assert await save(admin, mended, note="точнее") == "/scripts/winback?saved=1"
    assert "Возвращение покупателя" in await admin.text("/scripts/winback?saved=1")
    versions = await admin.text("/scripts/winback/versions")
    assert "точнее" in versions and 'class="added"' in versions and 'class="removed"' in versions
    back = await admin.send("/scripts/winback/roll-back", {"to": "0", "base": "1"})
    assert back.headers["Location"] == "/scripts/winback?saved=2"
    assert await shop.value("select text from document_versions where version = 2") == WINBACK
    late = await admin.send("/scripts/winback/roll-back", {"to": "0", "base": "1"})
    assert late.headers["Location"] == "/scripts/winback/versions?overtaken=2"


async def test_the_second_of_two_editors_keeps_their_text_and_sees_the_difference(sign_in: SignIn) -> None:
    anna, boris = await sign_in(Role.ADMIN, login="anna"), await sign_in(Role.ADMIN, login="boris")
    await save(anna, WINBACK.replace("title: ", "title: Анна "))
    told = await save(boris, WINBACK.replace("title: ", "title: Борис "))
    assert "Имя anna" in told and "title: Борис" in told and "title: Анна" in told
    assert 'name="base" value="1"' in told
    assert await save(boris, WINBACK.replace("title: ", "title: Борис "), base=1) == "/scripts/winback?saved=2"


async def test_the_check_says_line_and_column_and_draws_the_wrong_state(sign_in: SignIn) -> None:
    admin = await sign_in(Role.ADMIN)
    reply = await admin.send("/scripts/winback/check", {"text": BROKEN, "part": "yes"})
    said = await reply.json()
    assert said["count"] == 1
    assert 'data-line="19" data-column="12"' in said["problems"]
    assert 'class="wrong"' in said["drawing"]
    assert re.search(r'data-line="\d+" data-column="\d+"', said["problems"])
    cut = await admin.send("/scripts/winback/check", {"text": "title: 'x\nstates: [", "part": "yes"})
    assert "это не YAML" in (await cut.json())["problems"]
    whole = await admin.send("/scripts/winback/check", {"text": BROKEN})  # without JavaScript
    assert "нет состояния" in await whole.text()


async def test_a_script_is_tried_by_typing_before_it_is_saved(sign_in: SignIn) -> None:
    manager = await sign_in(Role.MANAGER)
    text = WINBACK.replace("вам удобно говорить", "вы не заняты")
    fields = [("text", text), ("part", "yes"), ("again", "yes")]
    begun = await (await manager.send("/scripts/winback/try", fields)).text()
    assert "вы не заняты" in begun and 'name="reply"' in begun
    fields = [("text", text), ("part", "yes"), ("said", "да"), ("reply", "нет, дорого")]
    went_on = await (await manager.send("/scripts/winback/try", fields)).text()
    assert "better_offer" in went_on and "дорого · " in went_on
    fields = [("text", text), ("said", "да"), ("instead", "<hangup>"), ("reply", "")]
    over = await (await manager.send("/scripts/winback/try", fields)).text()
    assert "бросил трубку" in over and "<textarea" in over  # a whole page without JavaScript
    fields = [("text", BROKEN), ("part", "yes"), ("again", "yes")]
    assert "Сначала исправьте" in await (await manager.send("/scripts/winback/try", fields)).text()


async def test_who_may_not_edit_sees_everything_and_changes_nothing(sign_in: SignIn) -> None:
    manager = await sign_in(Role.MANAGER)
    page = await manager.text("/scripts/winback")
    assert "readonly" in page and "Сохранить" not in page and "Сделать копию" not in page
    for address in (
        "/scripts/winback",
        "/scripts/winback/roll-back",
        "/scripts/winback/copy",
        "/scripts/winback/check",
    ):
        assert (await manager.send(address, {"text": WINBACK, "to": "0", "base": "0"})).status == 403
    assert (await manager.get("/dialplans")).status == 403


async def test_a_line_is_asked_to_ring_whoever_asks(sign_in: SignIn, engine: AsyncEngine) -> None:
    admin, shop = await sign_in(Role.ADMIN), Shop(engine)
    assert "Мой профиль" in await (await admin.send("/scripts/winback/call")).text()
    async with engine.begin() as connection:
        await connection.execute(sql("update users set phone = '+79160000001'"))
    assert (await admin.send("/scripts/winback/call")).status == 200
    assert await shop.value("select script || about from trial_calls") == "winbackscript:winback"
    assert (await admin.send("/scripts/nothing/call")).status == 404


async def test_the_route_of_a_number_is_explained_with_what_comes_when_a_trunk_fails(sign_in: SignIn) -> None:
    admin = await sign_in(Role.ADMIN)
    two = DIALPLAN.replace('routes:\n  - {match: "+7*", trunks: [carrier]}', _TWO_TRUNKS)
    fields = {"text": two, "number": "8 (916) 123-45-67", "part": "yes"}
    said = await (await admin.send("/dialplans/default/route", fields)).text()
    assert "правило 1 «+7800*» не подходит" in said and "если откажет — spare" in said
    assert "sip:89161234567@127.0.0.1" in said
    abroad = await admin.send("/dialplans/default/route", fields | {"number": "+12025550123"})
    assert "ни одно правило не подходит" in await abroad.text()
    nonsense = await admin.send("/dialplans/default/route", fields | {"number": "<b>x"})
    assert "Это не номер" in await nonsense.text()


_TWO_TRUNKS = """  spare:
    host: 127.0.0.2
    caller_ids: ["+74951234568"]
routes:
  - {match: "+7800*", trunks: [spare]}
  - {match: "+7*", trunks: [carrier, spare], strip: "+7", prepend: "8"}"""


async def test_a_dialplan_is_saved_like_a_script(sign_in: SignIn) -> None:
    admin = await sign_in(Role.ADMIN)
    wrong = await save(admin, DIALPLAN.replace("trunks: [carrier]", "trunks: [carier]"), address="/dialplans/default")
    assert "нет транка «carier»" in wrong
    right = DIALPLAN.replace("longest_call_s: 300", "longest_call_s: 240")
    assert await save(admin, right, address="/dialplans/default") == "/dialplans/default?saved=1"


async def test_phrases_are_counted_by_what_they_caught_and_unknown_words_lead_to_their_call(
    sign_in: SignIn, engine: AsyncEngine
) -> None:
    shop = Shop(engine)
    await shop.campaign([await shop.customer()])
    call = (await shop.claim()).call.id
    phrase = "да"
    said = [(phrase, "yes", "да")] * 3 + [("", "unknown", "карбюратор")] + [("", "unknown", "<b>по работе")]
    async with engine.begin() as connection:
        for position, (matched, intent, words) in enumerate(said):
            await connection.execute(
                sql(
                    "insert into turns(call_id, position, speaker, state, text, started_at, ended_at, intent, matched)"
                    " values (:call, :position, 'customer', :state, :words, 1, 2, :intent, :matched)"
                ),
                {"call": call, "position": position, "words": words, "intent": intent, "matched": matched}
                | {"state": "reason" if words.startswith("<") else "offer"},
            )
    auditor = await sign_in(Role.AUDITOR)
    page = await auditor.text("/scripts/phrases")
    assert "60 %" in page.replace("\xa0", " ") and "карбюратор" in page and f"/calls/{call}" in page
    assert "по работе" not in page  # `reason` is an open question: any words are an answer
    assert "0 %" in await auditor.text("/scripts/phrases?days=7")


async def test_a_copy_becomes_a_script_of_its_own(sign_in: SignIn) -> None:
    admin = await sign_in(Role.ADMIN)
    made = await admin.send("/scripts/winback/copy", {"name": "winback-spring"})
    assert made.headers["Location"] == "/scripts/winback-spring?saved=1"
    assert "winback-spring" in await admin.text("/scripts")
    taken = await admin.send("/scripts/winback/copy", {"name": "../x"})
    assert taken.status == 422 and "не годится в имена" in await taken.text()


@pytest.mark.parametrize("address", ["/scripts/winback", "/dialplans/default", "/scripts/phrases/f-answers"])
async def test_what_is_typed_is_shown_as_text_never_as_markup(address: str, sign_in: SignIn) -> None:
    admin = await sign_in(Role.ADMIN)
    page = await save(admin, "title: </textarea><script>alert(1)</script>\n'x\n", address=address)
    assert "<script>alert" not in page and "&lt;script&gt;alert" in page


async def test_a_version_that_a_machine_could_not_read_is_told_at_the_desk(
    sign_in: SignIn, engine: AsyncEngine
) -> None:
    admin, shop = await sign_in(Role.ADMIN), Shop(engine)
    await save(admin, WINBACK.replace("title: ", "title: Новый "))
    assert "прочесть не смогла" not in await admin.text("/scripts/winback")
    async with shop.open_unit() as unit:
        details = {"version": 1, "problems": 2}
        await unit.audit.record(
            at=NOON, actor="line", action="document.refused", subject="script:winback", details=details
        )
        await unit.commit()
    assert "прочесть не смогла" in await admin.text("/scripts/winback")
    assert "не читается на машине" in await admin.text("/scripts")
