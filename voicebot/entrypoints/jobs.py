"""The jobs process: deliveries, delivery reports and everything that comes by the clock."""

import asyncio

from voicebot import bootstrap
from voicebot.config import Settings
from voicebot.entrypoints.child_process import run_until_told


async def run_jobs(settings: Settings, stop: asyncio.Event) -> None:
    """Work until `stop` is set; jobs being done are finished first. Raises StoreError when the database goes away."""
    async with bootstrap.open_jobs(settings) as jobs:
        await jobs.run(stop)


def jobs_process(settings: Settings) -> None:
    """Body of the supervised process."""
    run_until_told(lambda stop: run_jobs(settings, stop))
