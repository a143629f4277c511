"""Which way a number goes by a dialplan, and why."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from voicebot.application.ports.documents import DocumentReader
from voicebot.domain.dialplan import Dialplan, Route, route_call
from voicebot.domain.document import DocumentId
from voicebot.domain.errors import BadInput
from voicebot.domain.phone import Phone


@dataclass(frozen=True, kw_only=True, slots=True)
class Way:
    """One way a number may go: the next one is taken when this one fails."""

    trunk: str
    """Empty where there is none."""
    uri: str
    caller_id: str
    ring_s: float
    steps: tuple[str, ...]
    """Why."""


async def read_dialplan(reader: DocumentReader, document: DocumentId, texts: Mapping[DocumentId, str]) -> Dialplan:
    """Of these texts; raises BadInput with every problem."""

    def read() -> Dialplan:
        problems = reader.check(document, texts)
        if problems:
            raise BadInput(problems)
        return reader.dialplan(document.name, texts)

    return await asyncio.to_thread(read)


def ways_of(dialplan: Dialplan, phone: Phone) -> tuple[Way, ...]:
    """In the order in which they are tried; one without a trunk when there is none."""
    ways: list[Way] = []
    tried: list[str] = []
    while True:
        found = route_call(dialplan, phone, tried=tried)
        if not isinstance(found, Route):
            last = Way(trunk="", uri="", caller_id="", ring_s=0, steps=tuple(found.explanation))
            return tuple(ways) if ways else (last,)
        way = Way(
            trunk=found.trunk.name,
            uri=found.uri,
            caller_id=found.caller_id,
            ring_s=found.ring_timeout_s,
            steps=tuple(found.explanation),
        )
        ways.append(way)
        tried.append(found.trunk.name)
