"""Scripts, phrase books and dialplans by programs: checked, saved, rolled back, compared, tried."""

from typing import Any

import pytest

from tests.application.campaigns.shop import Shop
from tests.entrypoints.web.conftest import Holder, Program, escalated
from voicebot.config import PROJECT
from voicebot.domain.api_token import Scope

ONE = "/api/v1/documents/script/winback"
PLAN = "/api/v1/documents/dialplan/default"
WINBACK = (PROJECT / "scripts" / "winback.yaml").read_text(encoding="utf-8")
DIALPLAN = (PROJECT / "dialplans" / "default.yaml").read_text(encoding="utf-8")
BROKEN = WINBACK.replace("      yes: offer\n", "      yes: ofer\n", 1)
WRITER = (Scope.SCRIPTS_READ, Scope.SCRIPTS_WRITE)


async def told(program: Program, path: str, body: Any, **rest: Any) -> Any:
    """What a POST is answered; it must work."""
    reply = await program.tell(path, body, **rest)
    assert reply.status == 200, await reply.text()
    return await reply.json()


async def test_a_check_tells_every_problem_with_line_column_and_repair_and_saves_nothing(
    holder: Holder, shop: Shop
) -> None:
    program = await holder(Scope.SCRIPTS_READ)
    assert await told(program, f"{ONE}/check", {"text": WINBACK}) == {"right": True, "problems": []}
    found = await told(program, f"{ONE}/check", {"text": BROKEN.replace("start: ", "begin: ", 1).replace("\n", "\r\n")})
    assert not found["right"] and len(found["problems"]) > 1
    line = BROKEN[: BROKEN.index("ofer")].count("\n") + 1
    (one,) = [one for one in found["problems"] if "'ofer'" in one["message"]]
    assert (one["file"], one["line"], one["repair"]) == ("", line, "did you mean 'offer'?")
    assert BROKEN.splitlines()[line - 1][one["column"] - 1 :].startswith("ofer")
    assert (await program.tell("/api/v1/documents/script/nothing/check", {"text": WINBACK})).status == 404
    assert await shop.value("select count(*) from document_versions") == 0


async def test_a_text_with_errors_is_refused_and_a_right_one_is_in_force_at_once(holder: Holder, shop: Shop) -> None:
    program = await holder(*WRITER)
    refused = await program.tell(f"{ONE}/versions", {"text": BROKEN})
    line = BROKEN[: BROKEN.index("ofer")].count("\n") + 1
    (one,) = (await refused.json())["problems"]
    assert (refused.status, one["path"].rsplit(":", 1)[0], one["repair"]) == (
        422,
        f"text:{line}",
        "did you mean 'offer'?",
    )
    better = WINBACK.replace("Возврат покупателя", "Возвращение покупателя")
    saved = await told(program, f"{ONE}/versions", {"text": better, "note": "точнее"}, key="k-1")
    assert saved == {"kind": "script", "name": "winback", "version": 1, "changed": True}
    assert await told(program, f"{ONE}/versions", {"text": better, "note": "точнее"}, key="k-1") == saved  # once
    assert (await told(program, f"{ONE}/versions", {"text": better}))["changed"] is False
    assert (await program.read(ONE))["text"] == better
    rows = await shop.rows("select actor, action, subject from audit_log where action like 'document.%'")
    assert rows == [("token 1 (CRM)", "document.saved", "script:winback")]
    assert await shop.rows("select version, author, note from document_versions") == [(1, "token 1 (CRM)", "точнее")]


async def test_who_has_seen_another_version_overwrites_nothing(holder: Holder, shop: Shop) -> None:
    program = await holder(*WRITER)
    seen = (await program.ask(ONE)).headers["ETag"]
    first = await program.tell(
        f"{ONE}/versions", {"text": WINBACK.replace("title: ", "title: А ")}, headers={"If-Match": seen}
    )
    assert first.status == 200
    late = await program.tell(
        f"{ONE}/versions", {"text": WINBACK.replace("title: ", "title: Б ")}, headers={"If-Match": seen}
    )
    assert (late.status, late.headers["ETag"]) == (412, first.headers["ETag"])
    back = await program.tell(f"{ONE}/roll-back", {"version": 0}, headers={"If-Match": seen})
    assert back.status == 412
    assert await shop.value("select count(*) from document_versions") == 1
    assert (await program.ask(ONE)).headers["ETag"] == first.headers["ETag"]
    again = {"text": WINBACK.replace("title: ", "title: Б ")}
    assert (await told(program, f"{ONE}/versions", again, headers={"If-Match": late.headers["ETag"]}))["version"] == 2


async def test_a_version_is_rolled_back_to_and_two_are_compared(holder: Holder, shop: Shop) -> None:
    program = await holder(*WRITER)
    await told(program, f"{ONE}/versions", {"text": WINBACK.replace("title: ", "title: А ")})
    found = await program.read(f"{ONE}/difference")
    assert (found["earlier"], found["later"]) == (0, 1)
    changed = {one["kind"]: one for one in found["lines"] if one["kind"] in ("added", "removed")}
    assert changed["added"]["text"].startswith("title: А ") and changed["removed"]["after"] is None
    assert (await told(program, f"{ONE}/roll-back", {"version": 0}))["version"] == 2
    assert await shop.value("select text from document_versions where version = 2") == WINBACK
    assert (await program.read(f"{ONE}/difference?earlier=0&later=2"))["lines"] == []
    assert (await program.tell(f"{ONE}/roll-back", {"version": 9})).status == 404
    assert (await program.ask(f"{ONE}/difference?later=9")).status == 404


async def test_a_copy_becomes_a_script_of_its_own(holder: Holder) -> None:
    program = await holder(*WRITER)
    assert (await told(program, f"{ONE}/copy", {"name": "spring"}))["name"] == "spring"
    assert (await program.read("/api/v1/documents/script/spring"))["version"] == 1
    for name in ("winback", "phrases"):
        taken = await program.tell(f"{ONE}/copy", {"name": name})
        assert (taken.status, (await taken.json())["problems"][0]["path"]) == (422, "name")


async def test_a_shared_part_that_breaks_a_script_is_refused_where_it_breaks_it(holder: Holder, shop: Shop) -> None:
    program, address = await holder(*WRITER), "/api/v1/documents/shared/interrupts"
    text = (await program.read(address))["text"]
    refused = await program.tell(f"{address}/versions", {"text": text.replace("  farewell_silent:", "  farewell_x:")})
    assert refused.status == 422
    assert {one["path"].split(":")[0] for one in (await refused.json())["problems"]} >= {"winback.yaml"}
    await told(program, f"{address}/versions", {"text": f"# kinder\n{text}"})
    assert (await program.read(ONE))["version"] == 1  # it speaks other words now


async def test_how_it_is_dialled_is_changed_and_unsaved_texts_are_read_only_with_its_own_scope(
    holder: Holder, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOICEBOT_TRUNK_PASSWORD", "hidden")
    program = await holder(*WRITER)
    for path, body in (
        ("versions", {"text": DIALPLAN}),
        ("roll-back", {"version": 0}),
        ("copy", {"name": "other"}),
        ("check", {"text": DIALPLAN}),
        ("route", {"number": "+79161234567", "text": DIALPLAN.replace("name: ", "name: ${VOICEBOT_TRUNK_PASSWORD}")}),
    ):
        reply = await program.tell(f"{PLAN}/{path}", body)
        assert (reply.status, "dialplans:write" in await reply.text()) == (403, True), path
        assert "hidden" not in await reply.text()
    admin = await holder(*WRITER, Scope.DIALPLANS_WRITE)
    assert (await told(admin, f"{PLAN}/check", {"text": DIALPLAN}))["right"]
    assert (await told(admin, f"{PLAN}/versions", {"text": DIALPLAN + "# ours\n"}))["version"] == 1


async def test_the_way_of_a_number_is_explained(holder: Holder) -> None:
    program = await holder(Scope.SCRIPTS_READ)
    (way,) = (await told(program, f"{PLAN}/route", {"number": "8 (916) 123-45-67"}))["ways"]
    assert way["trunk"] and "79161234567" in way["uri"] and way["steps"]
    for number in ("abc", "1"):
        wrong = await program.tell(f"{PLAN}/route", {"number": number})
        assert (wrong.status, (await wrong.json())["problems"][0]["path"]) == (422, "number")
    assert (await program.tell("/api/v1/documents/dialplan/nothing/route", {"number": "+79161234567"})).status == 404


async def test_a_script_is_tried_in_writing_saved_or_not(holder: Holder) -> None:
    program = await holder(Scope.SCRIPTS_READ)
    begun = await told(program, f"{ONE}/try", {})
    (greeting,) = begun["turns"]
    assert (greeting["state"], greeting["customer"], begun["outcome"]) == ("greeting", None, None)
    text = WINBACK.replace("разговор записывается.", "запись идёт, разговор записывается.", 1)
    gone_on = await told(program, f"{ONE}/try", {"text": text, "replies": ["да", "<hangup>"]})
    assert "запись идёт" in gone_on["turns"][0]["bot"]
    assert gone_on["turns"][0]["intent"] == "yes"
    assert gone_on["outcome"]["group"] == "neutral" or gone_on["outcome"]["disposition"]
    broken = await program.tell(f"{ONE}/try", {"text": BROKEN})
    assert (broken.status, (await broken.json())["problems"][0]["path"].split(":")[0]) == (422, "text")
    assert (await program.tell(f"{ONE}/try", {"replies": [""] * 61})).status == 422


async def test_phrases_tell_what_they_caught_and_words_only_those_who_may_read_them(holder: Holder, shop: Shop) -> None:
    await escalated(shop)
    program = await holder(Scope.SCRIPTS_READ)
    book = "/api/v1/documents/phrases/f-answers/use"
    before = await program.read(book)
    (one, *_) = before["phrases"]
    assert (before["caught"], one["count"], before["idle"]) == (0, 0, len(before["phrases"]))
    await shop.execute(
        f"update turns set intent = '{one['intent']}', matched = '{one['phrase']}' where speaker = 'customer'"
    )
    after = await program.read(f"{book}?days=90")
    assert (after["utterances"], after["share"], after["idle"]) == (1, 1.0, before["idle"] - 1)
    assert after["phrases"][0] == {**one, "count": 1, "share": 1.0}
    books = await program.read("/api/v1/phrases/use")
    assert (books["utterances"], books["unknown"]) == (1, None)
    assert [(one["name"], one["share"]) for one in books["books"] if one["caught"]] == [("f-answers", 1.0)]
    assert (await program.ask("/api/v1/documents/phrases/nothing/use")).status == 404
    reader = await holder(Scope.SCRIPTS_READ, Scope.TRANSCRIPTS_READ)
    assert (await reader.read("/api/v1/phrases/use"))["unknown"] == []


async def test_corrections_come_by_pages_and_are_marked_when_they_have_arrived(holder: Holder, shop: Shop) -> None:
    for _ in range(3):
        await escalated(shop)
    await shop.execute(
        "insert into corrections (turn_id, state, heard, words, was, intent, corrected_by, at)"
        " select id, state, 'нет', 'ну нет', 'unknown', 'no', 'Анна', now() from turns where speaker = 'customer'"
    )
    program = await holder(Scope.TRANSCRIPTS_READ, Scope.SCRIPTS_WRITE)
    first = await program.read("/api/v1/corrections?limit=2")
    (one, two), more = first["items"], first["next"]
    assert (one["words"], one["heard"], one["intent"]) == ("ну нет", "нет", "no")
    assert one["case"].split("\t")[1:3] == ["ну нет", "no"]
    assert len((await program.read(f"/api/v1/corrections?limit=2&cursor={more}"))["items"]) == 1
    body = {"ids": [one["id"], two["id"]]}
    assert await told(program, "/api/v1/corrections/exported", body) == {"marked": 2}
    assert len((await program.read("/api/v1/corrections"))["items"]) == 1
    assert len((await program.read("/api/v1/corrections?again=true"))["items"]) == 3
    rows = await shop.rows("select actor, details ->> 'corrections' from audit_log where action like 'corrections%'")
    assert rows == [("token 1 (CRM)", "2")]
