"""An outcome is written down, however long the database is away."""

import asyncio
import logging
from collections.abc import Iterator
from typing import Final

from voicebot.application.ports.clock import Clock
from voicebot.application.ports.outcome_spool import OutcomeSpool, SpooledOutcome
from voicebot.application.ports.unit_of_work import OpenUnit
from voicebot.application.record_outcome import OutcomeRules, record_outcome
from voicebot.domain.errors import NotFound, StoreError

log = logging.getLogger(__name__)

_LONGEST_PAUSE_S: Final = 10.0
_LAST_TRY_S: Final = 5.0
"""What a process that must end now still gives the database, seconds."""


async def record_surely(
    open_unit: OpenUnit, spooled: SpooledOutcome, rules: OutcomeRules, *, spool: OutcomeSpool, clock: Clock
) -> bool:
    """Record, again and again while the database is away; meanwhile the outcome lies in the spool, safe from kill -9.

    False when the call's outcome stood already. Cancelling tries once more, else leaves it to the spool.
    """
    held = False
    try:
        for pause_s in _pauses():
            try:
                recorded = await _record(open_unit, spooled, rules, clock)
            except StoreError as error:
                if not error.retryable:
                    raise
            else:
                if held:
                    await spool.forget(spooled)
                return recorded
            if not held:
                held = await _held(spooled, spool)
            await clock.sleep(pause_s)
    except asyncio.CancelledError:
        await asyncio.shield(_last_try(open_unit, spooled, rules, spool=spool, clock=clock))
        raise
    raise AssertionError("the pauses never end")


async def record_spooled(open_unit: OpenUnit, rules: OutcomeRules, *, spool: OutcomeSpool, clock: Clock) -> int:
    """Record what earlier processes of this machine had to leave behind; returns how many outcomes were news.

    Raises StoreError when the database is away.
    """
    news = 0
    for spooled in await spool.waiting():
        try:
            async with open_unit() as unit:
                known = (await unit.calls.lock(spooled.call_id)).owner == spooled.owner
        except NotFound:
            known = False
        if known:
            news += await record_surely(open_unit, spooled, rules, spool=spool, clock=clock)
        else:
            log.warning(
                "an outcome of another database was dropped",
                extra={"action": "outcome_dropped", "call": spooled.call_id},
            )
        await spool.forget(spooled)
    return news


async def _record(open_unit: OpenUnit, spooled: SpooledOutcome, rules: OutcomeRules, clock: Clock) -> bool:
    report, outcome = spooled.ending.report, spooled.ending.outcome
    return await record_outcome(open_unit, spooled.call_id, report, outcome, rules, told_at=clock.now())


async def _last_try(
    open_unit: OpenUnit, spooled: SpooledOutcome, rules: OutcomeRules, *, spool: OutcomeSpool, clock: Clock
) -> None:
    try:
        async with asyncio.timeout(_LAST_TRY_S):
            await _record(open_unit, spooled, rules, clock)
    except (StoreError, TimeoutError):
        await _held(spooled, spool)
    else:
        await spool.forget(spooled)


async def _held(spooled: SpooledOutcome, spool: OutcomeSpool) -> bool:
    extra = {"call": spooled.call_id}
    log.warning("the outcome of call %d waits: the database is away", spooled.call_id, extra=extra)
    try:
        await spool.keep(spooled)
    except StoreError as error:
        log.error("it waits in memory only: %s", error, extra=extra)
        return False
    return True


def _pauses() -> Iterator[float]:
    """1, 2, 4, 8, 10, 10 ... seconds."""
    pause_s = 1.0
    while True:
        yield pause_s
        pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
