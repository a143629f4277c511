"""The jobs process: deliveries, delivery reports and everything that comes by the clock."""

import asyncio
import logging
from typing import Final

from voicebot import bootstrap_jobs
from voicebot.config import Settings
from voicebot.domain.errors import VoicebotError
from voicebot.domain.process import ProcessKind
from voicebot.entrypoints.alive import alive
from voicebot.entrypoints.child_process import database_away, message_in, run_until_told

log = logging.getLogger(__name__)

_AWAY_S: Final = 2.0
"""Between two tries to find the database again, seconds."""


async def run_jobs(settings: Settings, stop: asyncio.Event) -> None:
    """Work until `stop` is set; jobs being done are finished first.

    A database that goes away is waited for; one that was never there is an error: StoreError, or ConfigurationError
    when the settings name it.
    """
    seen = False
    while not stop.is_set():
        try:
            async with bootstrap_jobs.open_jobs(settings) as jobs, alive(jobs.desk.open_unit, ProcessKind.JOBS, "jobs"):
                seen = True
                await jobs.run(stop)
        except (VoicebotError, ExceptionGroup) as error:
            if not (seen and database_away(message_in(error))):
                raise
            log.warning("the jobs have lost their database; trying again", extra={"action": "jobs_store_away"})
            await _wait_or_stop(stop)


async def _wait_or_stop(stop: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(stop.wait(), _AWAY_S)
    except TimeoutError:
        return


def jobs_process(settings: Settings) -> None:
    """Body of the supervised process."""
    run_until_told(lambda stop: run_jobs(settings, stop))
