"""Searching calls in steps that cost little."""

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.application.campaigns.shop import Shop, answered, outcome
from tests.entrypoints.desk.test_today import RULES
from voicebot.adapters.store.call_search import ENOUGH_S, find_calls
from voicebot.application.record_outcome import record_outcome
from voicebot.domain.call_query import CallPlace, CallQuery
from voicebot.domain.outcome import Disposition

ANY = CallPlace()


@pytest.fixture
async def spread(engine: AsyncEngine) -> list[int]:
    """Calls over five blocks; every fifth customer speaks of a sofa. The numbers of those calls, the newest first."""
    shop = Shop(engine)
    await shop.campaign([await shop.customer()])
    claimed = await shop.claim()
    await record_outcome(shop.open_unit, claimed.call.id, answered(), outcome(Disposition.DECLINED), RULES)
    await shop.execute(
        "insert into calls (id, lead_id, customer_id, phone, attempt, owner, verdict, offers, dialled_at, ended_at,"
        " cause, disposition, direction) select n, lead_id, customer_id, phone, 1, '', verdict, offers, dialled_at,"
        " ended_at, cause, disposition, 'in' from calls, unnest(array(select generate_series(8150, 8450))"
        "  || array(select generate_series(16380, 16390)) || array(select generate_series(40000, 40300))) n"
    )
    await shop.execute(
        "insert into turns (call_id, position, speaker, state, text, started_at, ended_at) select id, 0, 'customer',"
        " '', case when id % 5 = 0 then 'куплю диван' else 'не знаю' end, 1, 2 from calls"
    )
    return [row[0] for row in await shop.rows("select id from calls where id % 5 = 0 order by id desc")]


@pytest.mark.parametrize("enough_s", [-1.0, ENOUGH_S])
@pytest.mark.parametrize(
    "wanted", [CallQuery(words="диваны"), CallQuery(words="-знаю"), CallQuery(words="стул or диван")]
)
async def test_a_search_that_stops_goes_on_where_it_stopped_both_ways(
    engine: AsyncEngine, spread: list[int], wanted: CallQuery, enough_s: float
) -> None:
    for newest_first in (True, False):
        found: list[int] = []
        place = CallPlace() if newest_first else CallPlace(after=0)
        for _ in range(60):
            async with engine.connect() as connection:
                some = await find_calls(connection, wanted, place, 30, enough_s=enough_s)
            found += some.ids
            on = some.stopped_at if some.stopped_at is not None else (some.ids[-1] if len(some.ids) == 30 else None)
            if on is None:
                break
            place = CallPlace(before=on) if newest_first else CallPlace(after=on)
        assert found == (spread if newest_first else spread[::-1])


async def test_nothing_is_compiled_or_forbidden_for_the_rest_of_the_transaction(
    engine: AsyncEngine, spread: list[int]
) -> None:
    async with engine.connect() as connection:
        await find_calls(connection, CallQuery(words="диван"), ANY, 5)
        assert await connection.scalar(text("show enable_seqscan")) == "on"
    async with engine.connect() as connection:
        assert await connection.scalar(text("show jit")) == "on"
    assert spread


async def test_words_that_every_text_has_are_no_search(engine: AsyncEngine, spread: list[int]) -> None:
    async with engine.connect() as connection:
        assert (await find_calls(connection, CallQuery(words="и не"), ANY, 5)).too_common
    assert spread
