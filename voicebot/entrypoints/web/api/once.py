"""A change under an Idempotency-Key is made once, however often it is asked for."""

import contextlib
import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from typing import Any, Final

from aiohttp import web

from voicebot.application.ports.api_tokens import COMMITTED
from voicebot.application.ports.desk_unit import DeskUnit, OpenDeskUnit
from voicebot.domain.errors import StoreError
from voicebot.entrypoints.web.api.keys import Api
from voicebot.entrypoints.web.api.problems import Refused

HEADER: Final = "Idempotency-Key"
KEY_PATTERN: Final = r"^[!-~]{1,200}$"
"""Printable ASCII without spaces."""
_DIES_AFTER: Final = timedelta(seconds=60)
"""A claim that was not answered for so long belongs to a process that died."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What was answered and can be answered again."""

    body: Any
    headers: dict[str, str] = field(default_factory=dict)
    replayed: bool = False

    def response(self) -> web.Response:
        """As HTTP."""
        headers = {"Cache-Control": "no-store"} | self.headers
        if self.replayed:
            headers["Idempotent-Replayed"] = "true"
        return web.json_response(self.body, headers=headers, dumps=_DUMPS)


_DUMPS: Final = partial(json.dumps, ensure_ascii=False)
"""Russian words are read by people too."""
Work = Callable[[OpenDeskUnit], Awaitable[Answer]]
"""Does everything through units of work that it is given."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """One request under one key."""

    api: Api
    caller: str
    key: str
    request_hash: str
    repeatable: bool = False
    """Doing it twice does no harm: a key nobody answered for is simply worked on again."""


async def once(claim: Claim, work: Work, open_unit: OpenDeskUnit) -> Answer:
    """Do the work, or give the answer it got when it was done.

    The work's own commit marks the key: a claim without a mark has done nothing and is taken over, one with a mark and
    without an answer is never worked on again. Work that fails frees its key. Raises Refused for a key that came with
    another request (422), that is being worked on, or of which nobody knows what it came to (409).
    """
    api, now = claim.api, claim.api.clock.now()
    dead_before = now - _DIES_AFTER
    async with api.open_unit() as unit:
        keys = unit.idempotency_keys
        ours = await keys.claim(claim.caller, claim.key, claim.request_hash, at=now, dead_before=dead_before)
        kept = None if ours else await keys.find(claim.caller, claim.key)
        await unit.commit()
    if kept is not None and kept.request_hash != claim.request_hash:
        raise Refused(
            HTTPStatus.UNPROCESSABLE_ENTITY, "this key came with another request", "use a new key", path=HEADER
        )
    if kept is not None and kept.status == HTTPStatus.OK:
        return Answer(body=kept.answer["body"], headers=dict(_headers(kept.answer)), replayed=True)
    if kept is not None and kept.status == COMMITTED and kept.at < dead_before:
        message = "a request with this key may have been carried out: its process died before it could answer"
        raise Refused(HTTPStatus.CONFLICT, message, "look at what is there, then use a new key", path=HEADER)
    if not ours:
        message = "a request with this key is being worked on"
        raise Refused(HTTPStatus.CONFLICT, message, "ask again in a second", path=HEADER, Retry_After="1")
    return await _keep(claim, now, work, open_unit if claim.repeatable else partial(_marking, claim, now, open_unit))


@asynccontextmanager
async def _marking(claim: Claim, claimed_at: datetime, open_unit: OpenDeskUnit) -> AsyncIterator[DeskUnit]:
    """A unit of work that marks the key when it commits; with the key taken over it does not commit."""
    async with open_unit() as unit:

        async def mark() -> None:
            if not await unit.idempotency_keys.mark(claim.caller, claim.key, claimed_at=claimed_at):
                message = "it took too long: another request with this key works on it"
                raise Refused(HTTPStatus.CONFLICT, message, "ask again in a second", path=HEADER, Retry_After="1")

        unit.also(mark)
        yield unit


async def _keep(claim: Claim, claimed_at: datetime, work: Work, open_unit: OpenDeskUnit) -> Answer:
    try:
        answer = await work(open_unit)
    except Refused:
        await _free(claim, claimed_at, marked=True)  # said by the handler itself: what was asked for was not done
        raise
    except BaseException:
        await _free(claim, claimed_at, marked=False)
        raise
    # With the database away the answer is true all the same; asked for again, nobody knows it any more.
    with contextlib.suppress(StoreError):
        async with claim.api.open_unit() as unit:
            kept = {"body": answer.body, "headers": answer.headers}
            await unit.idempotency_keys.keep(claim.caller, claim.key, HTTPStatus.OK, kept)
            await unit.commit()
    return answer


async def _free(claim: Claim, claimed_at: datetime, *, marked: bool) -> None:
    """Should the database be away, a claim without a mark runs out by itself."""
    with contextlib.suppress(StoreError):
        async with claim.api.open_unit() as unit:
            await unit.idempotency_keys.free(claim.caller, claim.key, claimed_at=claimed_at, marked=marked)
            await unit.commit()


def hash_of(method: str, path: str, body: bytes) -> str:
    """Of what is asked for."""
    return hashlib.sha256(f"{method} {path}\n".encode() + body).hexdigest()


def _headers(answer: Any) -> dict[str, str]:
    found = answer.get("headers", {})
    return {str(name): str(value) for name, value in found.items()}
