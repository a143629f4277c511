"""Calls at the desk: found, read, heard, set right."""

import json
import wave
from collections.abc import Awaitable, Callable, Iterator
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
from babel.messages.pofile import read_po
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.application.campaigns.shop import Shop, answered, outcome, unanswered_report
from tests.entrypoints.desk.conftest import MovingClock
from tests.entrypoints.desk.test_today import RULES
from tests.entrypoints.desk.visitor import Visitor
from voicebot.application.desk.corrections import export_corrections
from voicebot.application.record_outcome import record_outcome
from voicebot.domain.call import Cause, Speaker, Turn
from voicebot.domain.intent import Intent
from voicebot.domain.outcome import Disposition, Group, unanswered
from voicebot.domain.user import Role
from voicebot.entrypoints.web.desk import pages, titles
from voicebot.entrypoints.web.desk.keys import Desk

SignIn = Callable[..., Awaitable[Visitor]]
EVIL = "<script>alert(1)</script> доставка опоздала"


@pytest.fixture
def shop(engine: AsyncEngine) -> Shop:
    return Shop(engine)


async def talk(
    shop: Shop, *words: str, disposition: Disposition = Disposition.DECLINED, tags: tuple[str, ...] = (), **rest: str
) -> int:
    """A call in which the customer says these words; its number."""
    await shop.campaign([await shop.customer()])
    claimed = await shop.claim()
    turns = [Turn(speaker=Speaker.BOT, state="offer", text="Дарим вам скидку", started_at=0.2, ended_at=2.0)]
    turns += [
        Turn(
            speaker=Speaker.CUSTOMER,
            state="offer",
            text=said,
            started_at=3.0 + at,
            ended_at=3.5 + at,
            intent=Intent.UNKNOWN,
            confidence=0.8,
            score=0.5,
        )
        for at, said in enumerate(words)
    ]
    came = outcome(disposition, group=Group.NEGATIVE, tags=tags, **rest)
    await record_outcome(shop.open_unit, claimed.call.id, answered(turns=tuple(turns)), came, RULES)
    return claimed.call.id


async def line_of(shop: Shop, call_id: int, speaker: str = "customer") -> int:
    found = f"select id from turns where call_id = {call_id} and speaker = '{speaker}' order by position"
    return int(await shop.value(found))


def listed(page: str) -> list[int]:
    rows = page.split('<td class="when"><a href="/calls/')[1:]
    return [int(row.split('"')[0]) for row in rows]


async def test_what_was_said_is_found_in_any_form_marked_and_harmless(sign_in: SignIn, shop: Shop) -> None:
    late, dear = await talk(shop, EVIL), await talk(shop, "это слишком дорого", "ещё подумаю")
    visitor = await sign_in(Role.MANAGER)
    page = await visitor.text("/calls?q=доставку")
    assert listed(page) == [late]
    assert "<mark>доставка</mark> опоздала" in page
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    assert "<script>alert" not in await visitor.text(f"/calls/{late}")
    assert listed(await visitor.text("/calls?q=слишком+or+доставкой")) == [dear, late]
    assert listed(await visitor.text("/calls?q=%C2%ABслишком+дорого%C2%BB")) == [dear]
    assert listed(await visitor.text("/calls?q=дорого+-слишком")) == []
    assert listed(await visitor.text("/calls?q=скидка")) == []  # the bot's word
    assert listed(await visitor.text("/calls?q=скидка&everybody=1")) == [dear, late]
    assert "почти в каждом разговоре" in await visitor.text("/calls?q=и+не")


@pytest.mark.parametrize(
    "asked",
    ["'", '"', "\\", "%27%3B+drop+table+calls--", "((", "a+%26+%7C+%21", "%F0%9F%98%80", ":*", "x" * 5000],
)
async def test_nothing_typed_into_the_search_breaks_it(sign_in: SignIn, asked: str, shop: Shop) -> None:
    visitor = await sign_in(Role.MANAGER)
    await talk(shop, "да")
    for field in ("q", "tag", "state", "campaign", "before", "after", "from", "group", "length"):
        await visitor.text(f"/calls?{field}={asked}")


async def test_filters_narrow_the_list_alone_and_together(sign_in: SignIn, shop: Shop) -> None:
    busy_person = await shop.customer()
    campaign = await shop.campaign([busy_person])
    busy = (await shop.claim()).call.id
    report = unanswered_report(Cause.BUSY)
    await record_outcome(shop.open_unit, busy, report, unanswered(Cause.BUSY), RULES)
    complaint = await talk(shop, "ужас", disposition=Disposition.COMPLAINT, tags=("vip",))
    left = await talk(shop, "алло", disposition=Disposition.HUNG_UP, hangup_state="offer")
    visitor = await sign_in(Role.MANAGER)
    for asked, found in {
        "": [left, complaint, busy],
        f"campaign={campaign.id}": [busy],
        "group=negative": [left, complaint],
        "disposition=complaint": [complaint],
        "tag=vip": [complaint],
        "state=offer": [left],
        "direction=in": [],
        "length=none": [busy],
        "length=minute": [left, complaint],
        "unread=1": [left, complaint],
        "from=2026-11-24&to=2026-11-24": [left, complaint, busy],
        "from=2026-11-25": [],
        "to=2026-11-23": [],
        "group=negative&tag=vip&length=minute&q=ужас&from=2026-11-24": [complaint],
        "group=negative&tag=vip&q=алло": [],
    }.items():
        assert listed(await visitor.text(f"/calls?{asked}")) == found, asked
    assert 'value="vip"' in await visitor.text("/calls")


async def test_pages_lead_to_every_call_once_and_back(sign_in: SignIn, shop: Shop) -> None:
    first = await talk(shop, "да интересно")
    # Copies on both sides of the edges of blocks.
    await shop.execute(
        "insert into calls (id, lead_id, customer_id, phone, attempt, owner, verdict, offers, dialled_at, answered_at,"
        " ended_at, cause, disposition, outcome_group, direction) select n, lead_id, customer_id, phone, 1, owner,"
        " verdict, offers, dialled_at, answered_at, ended_at, cause, disposition, outcome_group, 'in' from calls,"
        " unnest(array(select generate_series(8160, 8230)) || array(select generate_series(90000, 90030))) n"
    )
    await shop.execute(
        "insert into turns (call_id, position, speaker, state, text, started_at, ended_at)"
        f" select id, 0, 'customer', 'offer', 'да интересно', 1, 2 from calls where id <> {first}"
    )
    visitor = await sign_in(Role.MANAGER)
    for asked in ("?x=1", "?q=интересно", "?direction=in", "?group=negative&q=интересно"):
        seen, last = await walk(visitor, f"/calls{asked}", "next")
        together = list(chain(*seen))
        assert together == sorted(set(together), reverse=True)
        assert len(together) == 102 + (asked != "?direction=in")
        back, _ = await walk(visitor, last, "prev")
        assert back[-1] == seen[0]
        assert set(chain(*seen)) == set(chain(*back))


async def walk(visitor: Visitor, address: str, rel: str) -> tuple[list[list[int]], str]:
    """The calls of page after page, and the address of the last one."""
    seen, last = [], address
    while address:
        page, last = await visitor.text(address), address
        seen.append(listed(page))
        address = _link(page, rel)
    return seen, last


def _link(page: str, rel: str) -> str:
    return (
        page.split(f'rel="{rel}" href="')[1].split('"')[0].replace("&amp;", "&") if f'rel="{rel}" href' in page else ""
    )


async def test_words_are_read_once_a_manager_has_opened_the_call(sign_in: SignIn, shop: Shop) -> None:
    call_id = await talk(shop, "да")
    auditor, manager = await sign_in(Role.AUDITOR), await sign_in(Role.MANAGER)
    await auditor.text(f"/calls/{call_id}")
    assert listed(await manager.text("/calls?unread=1")) == [call_id]
    await manager.text(f"/calls/{call_id}")
    assert listed(await manager.text("/calls?unread=1")) == []
    assert "Имя manager" in await auditor.text(f"/calls/{call_id}")


async def test_a_call_shows_what_was_checked_and_hides_names_from_those_who_may_not_see_them(
    sign_in: SignIn, shop: Shop
) -> None:
    call_id = await talk(shop, "да", disposition=Disposition.HUNG_UP, hangup_state="offer")
    page = await (await sign_in(Role.MANAGER)).text(f"/calls/{call_id}")
    assert all(word in page for word in ("Иван Петрович", "+7916", "звонок был разрешён", "till", "бросил трубку"))
    masked = await (await sign_in(Role.AUDITOR)).text(f"/calls/{call_id}")
    assert "Петрович" not in masked
    assert "+7916***" in masked
    assert "Исправить" not in masked


async def test_calls_of_one_customer_follow_each_other(sign_in: SignIn, shop: Shop) -> None:
    first = await talk(shop, "да")
    await shop.execute(
        "insert into calls (lead_id, customer_id, phone, attempt, owner, verdict, offers, dialled_at, direction,"
        " ended_at, cause)"
        " select lead_id, customer_id, phone, 1, '', verdict, offers, dialled_at, 'in', ended_at, 'busy' from calls"
    )
    visitor = await sign_in(Role.MANAGER)
    second = int(await shop.value("select max(id) from calls"))
    assert f'rel="next" href="/calls/{second}"' in await visitor.text(f"/calls/{first}")
    assert f'rel="prev" href="/calls/{first}"' in await visitor.text(f"/calls/{second}")
    assert (await visitor.get("/calls/999999")).status == 404


async def test_a_line_is_set_right_and_back_with_the_original_kept(sign_in: SignIn, shop: Shop) -> None:
    call_id = await talk(shop, "это слишком дворового")
    line, bot = await line_of(shop, call_id), await line_of(shop, call_id, "bot")
    visitor, form = await sign_in(Role.MANAGER), {"words": "это слишком дорого", "intent": "price"}
    done = await visitor.send(f"/calls/{call_id}/turns/{line}", form)
    assert (done.status, done.headers["Location"]) == (303, f"/calls/{call_id}#turn-{line}")
    page = await visitor.text(f"/calls/{call_id}")
    assert all(word in page for word in ("это слишком дорого", "<s>это слишком дворового</s>", "исправил Имя manager"))
    assert listed(await visitor.text("/calls?q=дорого")) == [call_id]
    assert listed(await visitor.text("/calls?q=дворового")) == []
    assert await shop.value("select text from turns where speaker = 'customer'") == "это слишком дворового"
    entry = (await shop.rows("select action, subject, details from audit_log order by id desc limit 1"))[0]
    assert entry[:2] == ("turn.corrected", f"call:{call_id}")
    assert entry[2] == {"turn": line, "was": "unknown", "intent": "price", "words_changed": True}
    assert (await visitor.send(f"/calls/{call_id}/turns/{bot}", form)).status == 422
    assert (await visitor.send(f"/calls/{call_id}/turns/{line}", form | {"intent": "x"})).status == 422
    assert (await visitor.send(f"/calls/{call_id}/turns/{line}", form | {"words": " "})).status == 422
    assert (await visitor.send(f"/calls/{call_id + 1}/turns/{line}", form)).status == 404
    assert (await (await sign_in(Role.AUDITOR)).send(f"/calls/{call_id}/turns/{line}", form)).status == 403
    await visitor.send(f"/calls/{call_id}/turns/{line}", form | {"undo": "yes"})
    assert listed(await visitor.text("/calls?q=дворового")) == [call_id]


async def test_corrections_become_test_cases_of_the_bench(
    sign_in: SignIn, shop: Shop, desk: Desk, clock: MovingClock
) -> None:
    call_id = await talk(shop, "это слишком дворового", "на восьмёрку")
    first, second = [row[0] for row in await shop.rows("select id from turns where speaker = 'customer' order by id")]
    visitor = await sign_in(Role.MANAGER)
    await visitor.send(f"/calls/{call_id}/turns/{first}", {"words": "Это слишком дорого", "intent": "price"})
    await visitor.send(f"/calls/{call_id}/turns/{second}", {"words": "на восьмёрку", "intent": "number"})
    written: list[str] = []
    assert await export_corrections(desk.open_unit, written.append, again=False, now=clock.now()) == 2
    assert written == ["offer\tэто слишком дорого\tprice\t\tэто слишком дворового\noffer\tна восьмёрку\tnumber\t8\n"]
    assert await export_corrections(desk.open_unit, written.append, again=False, now=clock.now()) == 0
    assert await export_corrections(desk.open_unit, written.append, again=True, now=clock.now()) == 2


async def test_tags_are_given_to_call_and_customer_and_taken_back(sign_in: SignIn, shop: Shop) -> None:
    call_id = await talk(shop, "да")
    visitor = await sign_in(Role.MANAGER)
    assert (await visitor.send(f"/calls/{call_id}/tags", {"tag": " Важный  Клиент "})).status == 303
    assert listed(await visitor.text("/calls?tag=важный+клиент")) == [call_id]
    assert await shop.value("select tag from customer_tags") == "важный клиент"
    for tag in ("", "<b>", "x" * 41):
        assert (await visitor.send(f"/calls/{call_id}/tags", {"tag": tag})).status == 422
    assert (await (await sign_in(Role.AUDITOR)).send(f"/calls/{call_id}/tags", {"tag": "x"})).status == 403
    await visitor.send(f"/calls/{call_id}/tags", {"tag": "важный клиент", "action": "remove"})
    assert listed(await visitor.text("/calls?tag=важный+клиент")) == []
    assert await shop.rows("select tag from customer_tags") == []
    actions = [
        row[0]
        for row in await shop.rows(
            "select action from audit_log where action like 'call.%' and action like '%tagged' order by id desc"
        )
    ]
    assert actions == ["call.untagged", "call.tagged"]


async def test_what_was_erased_is_found_no_more(sign_in: SignIn, shop: Shop) -> None:
    call_id = await talk(shop, "меня зовут Аристарх")
    visitor = await sign_in(Role.MANAGER)
    assert listed(await visitor.text("/calls?q=аристарх")) == [call_id]
    await shop.execute("update turns set text = '' where speaker = 'customer'")
    assert listed(await visitor.text("/calls?q=аристарх")) == []
    assert await shop.value("select heard::text from call_search") == ""


async def test_a_transcript_is_taken_along_as_text_and_json(sign_in: SignIn, shop: Shop) -> None:
    call_id = await talk(shop, "да <b>")
    auditor = await sign_in(Role.AUDITOR)
    text = await auditor.get(f"/calls/{call_id}/transcript.txt")
    assert text.headers["Content-Disposition"] == f'attachment; filename="call-{call_id}.txt"'
    assert "0:03  Клиент: да <b>" in await text.text()
    told = json.loads(await auditor.text(f"/calls/{call_id}/transcript.json"))
    assert "***" in told["phone"]
    assert [turn["speaker"] for turn in told["turns"]] == ["bot", "customer"]


@pytest.fixture
def sound(desk: Desk) -> Iterator[bytes]:
    """The recording every call of `answered` names: a second of two channels."""
    desk.settings.recordings.mkdir(parents=True)
    file = desk.settings.recordings / "call.wav"
    samples = np.zeros((8000, 2), dtype="<i2")
    samples[:4000, 0], samples[4000:, 1] = 16000, 32000
    with wave.open(str(file), "wb") as made:
        made.setnchannels(2)
        made.setsampwidth(2)
        made.setframerate(8000)
        made.writeframes(samples.tobytes())
    yield file.read_bytes()


async def test_a_recording_is_heard_in_pieces_and_written_down_once_a_view(
    sign_in: SignIn, shop: Shop, sound: bytes
) -> None:
    call_id = await talk(shop, "да")
    visitor = await sign_in(Role.MANAGER)
    address = f"/calls/{call_id}/recording"
    for first, last in ((0, 99), (100, 199)):
        piece = await visitor.get(f"{address}?view=first-view", headers={"Range": f"bytes={first}-{last}"})
        assert (piece.status, await piece.read()) == (206, sound[first : last + 1])
    heard = "select count(*) from audit_log where action = 'recording.heard'"
    assert await shop.value(heard) == 1
    whole = await visitor.get(f"{address}?view=second-view")
    assert (whole.content_type, whole.headers["Accept-Ranges"]) == ("audio/wav", "bytes")
    assert whole.headers["Cache-Control"] == "private, no-store"
    assert await whole.read() == sound
    assert await shop.value(heard) == 2
    taken = await visitor.get(f"{address}?download=1")
    assert taken.headers["Content-Disposition"] == f'attachment; filename="call-{call_id}.wav"'
    assert await shop.value(heard) == 3
    assert "data-wave" in await visitor.text(f"/calls/{call_id}")


async def test_the_outline_is_worked_out_once(sign_in: SignIn, shop: Shop, sound: bytes, desk: Desk) -> None:
    call_id = await talk(shop, "да")
    visitor = await sign_in(Role.MANAGER)
    told = json.loads(await visitor.text(f"/calls/{call_id}/peaks"))
    left, right = told["channels"]
    assert (told["seconds"], len(left), left[0], left[-1], right[0], right[-1]) == (1.0, 1200, 48, 0, 0, 97)
    (kept,) = (desk.settings.home / "peaks").iterdir()
    kept.write_text('{"seconds": 2, "channels": []}')
    assert json.loads(await visitor.text(f"/calls/{call_id}/peaks"))["seconds"] == 2


@pytest.mark.parametrize(
    "stored",
    ["../secret.wav", "/etc/passwd", "link.wav", "..", "", "call.wav/../../secret.wav", "secret.txt", "gone.wav"],
)
async def test_no_recording_leads_out_of_its_folder(
    sign_in: SignIn, shop: Shop, sound: bytes, desk: Desk, stored: str
) -> None:
    secret = desk.settings.recordings.parent / "secret.wav"
    secret.write_bytes(sound)
    (desk.settings.recordings / "secret.txt").write_text("secret")
    (desk.settings.recordings / "link.wav").symlink_to(secret)
    call_id = await talk(shop, "да")
    await shop.execute(f"update calls set recording = '{stored}'")
    visitor = await sign_in(Role.MANAGER)
    for what in ("recording", "peaks"):
        reply = await visitor.get(f"/calls/{call_id}/{what}")
        assert (reply.status, "secret" in await reply.text()) == (404, False)
    page = await visitor.text(f"/calls/{call_id}")
    assert ("Файла записи нет на месте" if stored else "Записи нет") in page
    assert await shop.value("select count(*) from audit_log where action = 'recording.heard'") == 0


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.RELEASER, Role.ADMIN])
async def test_who_may_not_hear_learns_nothing(sign_in: SignIn, shop: Shop, sound: bytes, role: Role) -> None:
    call_id = await talk(shop, "да")
    visitor = await sign_in(role)
    for what in (f"{call_id}/recording", f"{call_id}/peaks", "999999/recording"):
        assert (await visitor.get(f"/calls/{what}")).status == 403
    assert "Слушать записи вашей роли не положено" in await visitor.text(f"/calls/{call_id}")
    assert sound


def test_every_title_is_translated() -> None:
    for language in pages.LANGUAGES[1:]:
        with (Path(pages.__file__).parent / "locale" / f"{language}.po").open("rb") as file:
            known = {one.id for one in read_po(file) if one.string}
        assert {title for table in titles.ALL for title in table.values()} - known == set()
