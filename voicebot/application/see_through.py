"""A call from its claim to its record, whoever rang whom: the lease is kept, the outcome is written down."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from voicebot.application.claim_lead import Assignment, Line
from voicebot.application.lease_watch import LeaseWatch, lease_kept
from voicebot.application.ports.outcome_spool import SpooledOutcome
from voicebot.application.record_outcome import close_interrupted, cut_short
from voicebot.application.record_surely import record_surely
from voicebot.application.station import Station
from voicebot.domain.attempt import AttemptEnding
from voicebot.domain.call import CallReport
from voicebot.domain.errors import NoFreeSlot, StoreError
from voicebot.domain.outcome import Outcome

log = logging.getLogger(__name__)

_CLOSING_S: Final = 5.0
"""What the database may take to close an attempt while we stop, seconds."""


class CallerGone(Exception):
    """Whoever rang us gave up before we answered: there was no call."""


async def see_through(
    station: Station,
    line: Line,
    assignment: Assignment,
    attempt: Callable[[LeaseWatch], Awaitable[tuple[CallReport, Outcome]]],
) -> None:
    """Carry out `attempt` under the lease and record what came of it.

    Raises NoFreeSlot and CallerGone as they come: no call was begun, and the lead is to be given back. A process that
    is told to stop cancels this: the attempt is closed as interrupted.
    """
    async with lease_kept(station.open_unit, assignment, line, station.clock) as watch:
        try:
            report, outcome = await attempt(watch)
            if watch.lost:
                report, outcome = cut_short(report, outcome)
            await _record(station, assignment, AttemptEnding(report=report, outcome=outcome))
        except (NoFreeSlot, CallerGone):
            raise
        except BaseException:
            await asyncio.shield(_close(station, assignment))
            raise
    log.info(
        "call %d ended: %s",
        assignment.call.id,
        outcome.disposition,
        extra={"action": "call_ended", "call": assignment.call.id, "line": line.owner},
    )


async def _record(station: Station, assignment: Assignment, ending: AttemptEnding) -> None:
    spooled = SpooledOutcome(call_id=assignment.call.id, owner=assignment.call.owner, ending=ending)
    await record_surely(station.open_unit, spooled, station.rules, spool=station.spool, clock=station.clock)


async def _close(station: Station, assignment: Assignment) -> None:
    """Close what has no outcome; with the database away its lease runs out, and that closes it too."""
    try:
        async with asyncio.timeout(_CLOSING_S):
            await close_interrupted(station.open_unit, assignment.call.id, station.rules, station.clock.now())
    except (StoreError, TimeoutError):
        extra = {"action": "not_closed", "call": assignment.call.id}
        log.warning("call %d is left to its lease", assignment.call.id, extra=extra)
