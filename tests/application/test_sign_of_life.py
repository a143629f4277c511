"""Processes tell that they live, and say good-bye."""

import asyncio
from datetime import UTC, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from tests.application.campaigns.shop import Shop
from voicebot.adapters.system_clock import SystemClock
from voicebot.application.sign_of_life import signs_of_life
from voicebot.domain.process import Process, ProcessKind

NOON = datetime(2026, 11, 24, 9, tzinfo=UTC)


def a_process(seen_at: datetime = NOON) -> Process:
    return Process(
        id="host:1:aa",
        host="host",
        pid=1,
        kind=ProcessKind.WEB,
        name="web",
        lines=0,
        version="1",
        started_at=NOON,
        seen_at=seen_at,
    )


def test_a_process_is_gone_after_half_a_minute_of_silence() -> None:
    assert not a_process().gone(NOON + timedelta(seconds=30))
    assert a_process().gone(NOON + timedelta(seconds=31))


async def test_a_living_process_is_seen_and_one_that_ends_in_order_is_struck_out(engine: AsyncEngine) -> None:
    shop = Shop(engine)
    async with asyncio.timeout(10), signs_of_life(shop.open_unit, a_process(), SystemClock()):
        while not (seen := await shop.rows("select name, now() - seen_at < '5 s', started_at from processes")):  # noqa: ASYNC110  # a row: no event
            await asyncio.sleep(0.01)
    assert [tuple(row) for row in seen] == [("web", True, NOON)]
    assert await shop.rows("select * from processes") == []
