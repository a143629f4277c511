"""Recordings and words are kept as long as the settings say, and no longer."""

import functools
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.application.campaigns.shop import NOON, TURNS, Shop, answered, outcome
from voicebot.adapters.store.desk_unit import SqlDeskUnit
from voicebot.application.ports.desk_unit import OpenDeskUnit
from voicebot.application.record_outcome import OutcomeRules, record_outcome
from voicebot.application.retention import Cleared, apply_retention
from voicebot.domain.attempt import AttemptEnding
from voicebot.domain.contact_hours import AROUND_THE_CLOCK
from voicebot.domain.contact_policy import ContactPolicy
from voicebot.domain.message import Sender
from voicebot.domain.outcome import ActionKind, Disposition, FollowUp
from voicebot.domain.retention import RetentionTerms

RULES = OutcomeRules(
    policy=ContactPolicy(hours=AROUND_THE_CLOCK),
    templates={},
    sender=Sender(company="Пример", rules_url="https://example.ru"),
    draw=lambda below: 7 % below,
)
TERMS = RetentionTerms(recordings=30, transcripts=100)


class Folder:
    """The CallFiles port; remembers what was deleted."""

    def __init__(self) -> None:
        self.removed: list[str] = []

    async def read(self, recording: str) -> bytes | None:
        return None

    async def remove(self, recordings: Iterable[str]) -> None:
        self.removed += recordings


@pytest.fixture
def shop(engine: AsyncEngine) -> Shop:
    return Shop(engine)


@pytest.fixture
def folder() -> Folder:
    return Folder()


@pytest.fixture
def open_unit(engine: AsyncEngine) -> OpenDeskUnit:
    return functools.partial(SqlDeskUnit, engine)


async def talk(shop: Shop, *, days_ago: int, escalated: bool = False) -> int:
    """A call of so many days ago whose recording has its number for a name."""
    await shop.campaign([await shop.customer()])
    call = (await shop.claim()).call.id
    wish = [FollowUp(kind=ActionKind.ESCALATE, urgent=True, reason="курьер нагрубил")] if escalated else []
    came = outcome(Disposition.DECLINED, *wish, answers={"why": "дорого"})
    await record_outcome(shop.open_unit, call, answered(turns=TURNS), came, RULES)
    at = (NOON - timedelta(days=days_ago)).isoformat()
    await shop.execute(f"update calls set dialled_at = '{at}', recording = '{call}.wav' where id = {call}")
    return call


async def kept(shop: Shop) -> dict[int, tuple[bool, bool]]:
    """Of which calls there is a recording, and of which there are words."""
    rows = await shop.rows(
        "select id, recording <> '' as sound, exists (select from turns where call_id = calls.id and text <> '')"
        " or answers <> '{}' as words from calls"
    )
    return {row.id: (row.sound, row.words) for row in rows}


async def test_recordings_go_first_and_words_later(shop: Shop, folder: Folder, open_unit: OpenDeskUnit) -> None:
    fresh, older, oldest = [await talk(shop, days_ago=days) for days in (29, 31, 101)]
    assert await apply_retention(open_unit, folder, TERMS, NOON) == Cleared(recordings=2, transcripts=1)
    assert sorted(folder.removed) == sorted([f"{older}.wav", f"{oldest}.wav"])
    assert await kept(shop) == {fresh: (True, True), older: (False, True), oldest: (False, False)}
    # How the call went stays, and nothing is found by its words.
    assert await shop.value(f"select disposition from calls where id = {oldest}") == "declined"
    assert await shop.value(f"select count(*) from turns where call_id = {oldest}") == len(TURNS)
    assert await shop.value(f"select heard::text from call_search where call_id = {oldest}") == ""
    entries = await shop.rows("select details from audit_log where action = 'retention.applied' order by id")
    assert [row.details for row in entries] == [{"recordings": 2, "days": 30}, {"transcripts": 1, "days": 100}]


async def test_a_second_run_finds_nothing_and_writes_nothing(
    shop: Shop, folder: Folder, open_unit: OpenDeskUnit
) -> None:
    await talk(shop, days_ago=200)
    await apply_retention(open_unit, folder, TERMS, NOON)
    before = await shop.value("select count(*) from audit_log")
    assert await apply_retention(open_unit, folder, TERMS, NOON) == Cleared(recordings=0, transcripts=0)
    assert await shop.value("select count(*) from audit_log") == before


async def test_what_somebody_argues_about_is_kept_until_they_are_done(
    shop: Shop, folder: Folder, open_unit: OpenDeskUnit
) -> None:
    waiting, disputed = await talk(shop, days_ago=500, escalated=True), await talk(shop, days_ago=500)
    await shop.execute(f"insert into call_tags (call_id, tag) values ({disputed}, 'спор')")
    assert await apply_retention(open_unit, folder, TERMS, NOON) == Cleared(recordings=0, transcripts=0)
    await shop.execute("update escalations set resolved_at = now(), resolution = 'refused'")
    await shop.execute("delete from call_tags")
    assert await apply_retention(open_unit, folder, TERMS, NOON) == Cleared(recordings=2, transcripts=2)
    assert await kept(shop) == {waiting: (False, False), disputed: (False, False)}
    assert await shop.value("select reason from escalations") == ""


async def test_nothing_is_cleared_without_a_term(shop: Shop, folder: Folder, open_unit: OpenDeskUnit) -> None:
    call = await talk(shop, days_ago=5000)
    for_ever = RetentionTerms(recordings=0, transcripts=0)
    assert await apply_retention(open_unit, folder, for_ever, NOON) == Cleared(recordings=0, transcripts=0)
    assert await kept(shop) == {call: (True, True)}


async def test_many_calls_are_cleared_in_batches(shop: Shop, folder: Folder, open_unit: OpenDeskUnit) -> None:
    for _ in range(5):
        await talk(shop, days_ago=50)
    done = await apply_retention(open_unit, folder, TERMS, NOON, batch=2)
    assert done.recordings == len(folder.removed) == 5
    assert await shop.value("select count(*) from audit_log where action = 'retention.applied'") == 3


async def told(shop: Shop) -> dict[str, bool]:
    """By kind of news: whether what it said is kept."""
    return {row.kind: row.kept for row in await shop.rows("select kind, payload <> '{}' as kept from crm_updates")}


async def test_what_the_crm_was_told_goes_with_the_words(shop: Shop, folder: Folder, open_unit: OpenDeskUnit) -> None:
    await talk(shop, days_ago=101, escalated=True)
    await shop.execute("update crm_updates set created_at = created_at - interval '101 days'")
    await shop.execute("update escalations set resolved_at = now(), resolution = 'refused'")
    await shop.execute("update crm_updates set state = 'sent', call_id = null where kind <> 'call'")
    done = await apply_retention(open_unit, folder, TERMS, NOON)
    assert (done.transcripts, done.news) == (1, len(await told(shop)) - 1)
    assert [kind for kind, kept in (await told(shop)).items() if kept] == ["call"], "it is still to be told"
    await shop.execute("update crm_updates set state = 'sent'")
    assert await apply_retention(open_unit, folder, TERMS, NOON) == Cleared(recordings=0, transcripts=0, news=1)
    assert not any((await told(shop)).values())
    assert await apply_retention(open_unit, folder, TERMS, NOON) == Cleared(recordings=0, transcripts=0)


async def test_news_of_a_call_somebody_argues_about_waits_too(
    shop: Shop, folder: Folder, open_unit: OpenDeskUnit
) -> None:
    call = await talk(shop, days_ago=101)
    await shop.execute("update crm_updates set state = 'sent', created_at = created_at - interval '101 days'")
    await shop.execute(f"insert into call_tags (call_id, tag) values ({call}, 'dispute')")
    await apply_retention(open_unit, folder, TERMS, NOON)
    assert (await told(shop))["call"]
    await shop.execute("delete from call_tags")
    await apply_retention(open_unit, folder, TERMS, NOON)
    assert not (await told(shop))["call"]


async def test_words_that_come_after_the_clearing_are_cleared_as_well(
    shop: Shop, folder: Folder, open_unit: OpenDeskUnit
) -> None:
    call = await talk(shop, days_ago=101)
    await apply_retention(open_unit, folder, TERMS, NOON)
    spoke = answered(turns=TURNS)
    late = AttemptEnding(
        report=replace(spoke, dialled_at=NOON - timedelta(days=101)), outcome=outcome(Disposition.STOP)
    )
    async with open_unit() as unit:
        await unit.calls.end(call, late)
        await unit.commit()
    assert (await kept(shop))[call][1]
    assert (await apply_retention(open_unit, folder, TERMS, NOON)).transcripts == 1
    assert not (await kept(shop))[call][1]


@pytest.mark.parametrize(
    ("question", "index"),
    [
        ("select from calls where recording <> ''", "ix_calls_recorded"),
        ("select from calls where words_cleared_at is null and ended_at is not null", "ix_calls_with_words"),
    ],
)
async def test_what_is_cleared_is_not_looked_at_again(shop: Shop, question: str, index: str) -> None:
    async with shop.engine.begin() as connection:
        for dear in ("seqscan", "bitmapscan", "sort"):  # as they are where there are many calls
            await connection.exec_driver_sql(f"set local enable_{dear} = off")
        plan = await connection.exec_driver_sql(f"explain {question} and dialled_at < now() order by dialled_at")
        assert index in "\n".join(str(line) for (line,) in plan)
