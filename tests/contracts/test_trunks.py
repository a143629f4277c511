"""Lines and calls per second of a trunk hold over tasks, connections and processes."""

import asyncio
import functools
import json
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.application.campaigns.conftest import rules  # noqa: F401  # a fixture
from tests.application.campaigns.shop import NOON, Shop, unanswered_report
from voicebot.adapters.store.engine import open_engine
from voicebot.adapters.store.unit_of_work import SqlUnitOfWork
from voicebot.application.ports.unit_of_work import OpenUnit
from voicebot.application.record_outcome import OutcomeRules, reap_expired_leases, record_outcome
from voicebot.application.trunk_lines import CallOver, TrunkLine, resume_trunk, room, take_line, tell_result
from voicebot.domain.call import Cause
from voicebot.domain.dialplan import Trunk
from voicebot.domain.errors import IllegalMove, NotFound
from voicebot.domain.outcome import unanswered
from voicebot.domain.pacing import Hindrance, Rest

TRUNK = Trunk(name="out", host="h", lines=5, calls_per_second=1000)
SLOW = Trunk(name="slow", host="h", lines=100, calls_per_second=4)


@pytest.fixture
def shop(engine: AsyncEngine) -> Shop:
    return Shop(engine)


@pytest.fixture
async def wide(database_url: str) -> AsyncIterator[OpenUnit]:
    """As many connections as many processes would have."""
    engine = open_engine(database_url, connections=12)
    yield functools.partial(SqlUnitOfWork, engine)
    await engine.dispose()


async def claimed_calls(shop: Shop, count: int) -> list[int]:
    await shop.campaign([await shop.customer() for _ in range(count)])
    return [(await shop.claim()).call.id for _ in range(count)]


async def test_lines_asked_for_at_once_are_never_more_than_the_trunk_has(shop: Shop, wide: OpenUnit) -> None:
    calls = await claimed_calls(shop, 12)
    taken = await asyncio.gather(*(take_line(wide, call, TRUNK, NOON) for call in calls))
    assert sum(isinstance(one, TrunkLine) for one in taken) == TRUNK.lines
    assert {one.why for one in taken if isinstance(one, Rest)} == {Hindrance.LINES}
    assert await shop.value("select count(*) from calls where trunk = 'out' and ended_at is null") == TRUNK.lines
    assert await room(wide, [TRUNK], NOON) == timedelta(seconds=1)
    assert await room(wide, [TRUNK, SLOW], NOON) == timedelta(0)


async def test_calls_leave_one_after_another_whoever_dials_them(shop: Shop, wide: OpenUnit) -> None:
    calls = await claimed_calls(shop, 16)
    taken = await asyncio.gather(*(take_line(wide, call, SLOW, NOON) for call in calls))
    moments = sorted(one.at for one in taken if isinstance(one, TrunkLine))
    assert moments == [NOON + timedelta(seconds=number / 4) for number in range(13)]  # 0 to 3 s
    assert {one.why for one in taken if isinstance(one, Rest)} == {Hindrance.RATE}


async def test_lines_hold_over_processes(shop: Shop, database_url: str) -> None:
    calls = await claimed_calls(shop, 24)
    shares = [calls[number::3] for number in range(3)]
    programs = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", _PROGRAM, database_url, json.dumps(share)), stdout=asyncio.subprocess.PIPE
        )
        for share in shares
    ]
    taken = [int((await program.communicate())[0]) for program in programs]
    assert sum(taken) == TRUNK.lines


_PROGRAM = """
import asyncio, functools, json, sys
from tests.contracts.test_trunks import NOON, TRUNK
from voicebot.adapters.store.engine import open_engine
from voicebot.adapters.store.unit_of_work import SqlUnitOfWork
from voicebot.application.trunk_lines import TrunkLine, take_line

async def main():
    engine = open_engine(sys.argv[1])
    open_unit = functools.partial(SqlUnitOfWork, engine)
    taken = await asyncio.gather(*(take_line(open_unit, call, TRUNK, NOON) for call in json.loads(sys.argv[2])))
    await engine.dispose()
    print(sum(isinstance(one, TrunkLine) for one in taken))

asyncio.run(main())
"""


async def test_an_ended_call_and_a_dead_line_free_their_line(shop: Shop, rules: OutcomeRules) -> None:  # noqa: F811
    one_line = Trunk(name="out", host="h", lines=1, calls_per_second=1000)
    first, second, third = await claimed_calls(shop, 3)
    assert isinstance(await take_line(shop.open_unit, first, one_line, NOON), TrunkLine)
    assert isinstance(await take_line(shop.open_unit, second, one_line, NOON), Rest)
    await record_outcome(shop.open_unit, first, unanswered_report(Cause.BUSY), unanswered(Cause.BUSY), rules)
    assert isinstance(await take_line(shop.open_unit, second, one_line, NOON), TrunkLine)
    await reap_expired_leases(shop.open_unit, rules, NOON + timedelta(minutes=2))  # all three lines are dead
    assert await room(shop.open_unit, [one_line], NOON) == timedelta(0)
    with pytest.raises(CallOver):
        await take_line(shop.open_unit, third, one_line, NOON)


async def test_failures_pause_the_trunk_for_everybody_and_one_call_tries_it_again(shop: Shop) -> None:
    calls = iter(await claimed_calls(shop, 12))
    at = datetime.now(UTC)

    async def take() -> TrunkLine | Rest:
        return await take_line(shop.open_unit, next(calls), TRUNK, at)

    for _ in range(5):
        line = await take()
        assert isinstance(line, TrunkLine)
        await tell_result(shop.open_unit, line, failed=True, now=at)
    assert await shop.value("select count(*) from calls where trunk = 'out'") == 0, "a failure frees its line"
    rest = await take()
    assert isinstance(rest, Rest)
    assert (rest.why, rest.until - at) == (Hindrance.PAUSED, timedelta(seconds=30))
    at = rest.until
    probe, other = await take(), await take()
    assert isinstance(probe, TrunkLine)
    assert probe.probe
    assert isinstance(other, Rest)
    await tell_result(shop.open_unit, probe, failed=False, now=at)
    assert isinstance(await take(), TrunkLine)
    told = await shop.rows("select action, subject, details ->> 'reason' from audit_log where subject like 'trunk%'")
    assert [tuple(row) for row in told] == [
        ("trunk.paused", "trunk:out", "5 of the last 5 calls failed"),
        ("trunk.resumed", "trunk:out", None),
    ]


async def test_a_named_person_resumes_a_paused_trunk(shop: Shop) -> None:
    calls = await claimed_calls(shop, 6)
    with pytest.raises(NotFound, match="no trunk 'out'"):
        await resume_trunk(shop.open_unit, "out", by="Анна", now=NOON)
    for call in calls[:5]:
        line = await take_line(shop.open_unit, call, TRUNK, NOON)
        assert isinstance(line, TrunkLine)
        await tell_result(shop.open_unit, line, failed=True, now=NOON)
    await resume_trunk(shop.open_unit, "out", by="Анна", now=NOON)
    assert isinstance(await take_line(shop.open_unit, calls[5], TRUNK, NOON), TrunkLine)
    assert await shop.value("select actor from audit_log where action = 'trunk.resumed'") == "Анна"
    with pytest.raises(IllegalMove):
        await resume_trunk(shop.open_unit, "out", by="Анна", now=NOON)
