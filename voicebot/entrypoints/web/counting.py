"""Whatever reads whole tables while somebody waits: at most a few at once, and not without end."""

import asyncio
from typing import Final

from aiohttp import web

PATIENCE_S: Final = 60.0
"""How long a count may take."""
_AT_ONCE: Final = 2
"""Of the process's five database connections: pages go on meanwhile."""
COUNTING: web.AppKey[asyncio.Semaphore] = web.AppKey("counting", asyncio.Semaphore)
"""Held by whatever reads whole tables for an answer."""


def add_counting(app: web.Application) -> None:
    """One semaphore for a process, whoever asks for it first."""
    if COUNTING not in app:
        app[COUNTING] = asyncio.Semaphore(_AT_ONCE)
