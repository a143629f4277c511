"""Where the API has scripts, phrase books and dialplans read."""

import asyncio
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from voicebot.application.desk.document_overview import DocumentsOverview
from voicebot.application.documents_in_force import DocumentsInForce
from voicebot.application.ports.documents import DocumentReader
from voicebot.entrypoints.web.api.routes import Asked


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadingRoom:
    """One for an application."""

    reader: DocumentReader
    overview: DocumentsOverview
    in_force: DocumentsInForce
    """What lines go by, for trying it out."""
    checks: asyncio.Semaphore
    """One text is checked at a time: reading takes a core."""
    following: asyncio.Lock
    """Held by whoever has the chain of the audit log followed."""


READING_ROOM: Final = web.AppKey("reading_room", ReadingRoom)


def build_reading_room(reader: DocumentReader, in_force: DocumentsInForce) -> ReadingRoom:
    """Nothing is read before somebody asks."""
    return ReadingRoom(
        reader=reader,
        overview=DocumentsOverview(reader),
        in_force=in_force,
        checks=asyncio.Semaphore(1),
        following=asyncio.Lock(),
    )


def room_of(asked: Asked) -> ReadingRoom:
    """Of the application that was asked."""
    return asked.request.app[READING_ROOM]
