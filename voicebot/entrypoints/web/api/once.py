"""A change under an Idempotency-Key is made once, however often it is asked for."""

import contextlib
import hashlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from typing import Any, Final

from aiohttp import web

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
Work = Callable[[], Awaitable[Answer]]


async def once(api: Api, caller: str, key: str, request_hash: str, work: Work) -> Answer:
    """Do the work, or give the answer it got when it was done.

    Work that fails frees its key: nothing was done, and the same request may come again. Raises Refused for a key that
    came with another request (422), or that is being worked on (409).
    """
    now = api.clock.now()
    async with api.open_unit() as unit:
        ours = await unit.idempotency_keys.claim(caller, key, request_hash, at=now, dead_before=now - _DIES_AFTER)
        kept = None if ours else await unit.idempotency_keys.find(caller, key)
        await unit.commit()
    if kept is not None and kept.request_hash != request_hash:
        raise Refused(
            HTTPStatus.UNPROCESSABLE_ENTITY, "this key came with another request", "use a new key", path=HEADER
        )
    if kept is not None and kept.status:
        return Answer(body=kept.answer["body"], headers=dict(_headers(kept.answer)), replayed=True)
    if not ours:
        message = "a request with this key is being worked on"
        raise Refused(HTTPStatus.CONFLICT, message, "ask again in a second", path=HEADER, Retry_After="1")
    return await _keep(api, caller, key, work)


async def _keep(api: Api, caller: str, key: str, work: Work) -> Answer:
    try:
        answer = await work()
    except BaseException:
        # Should the database be away, the claim runs out by itself.
        with contextlib.suppress(StoreError):
            async with api.open_unit() as unit:
                await unit.idempotency_keys.free(caller, key)
                await unit.commit()
        raise
    async with api.open_unit() as unit:
        kept = {"body": answer.body, "headers": answer.headers}
        await unit.idempotency_keys.keep(caller, key, HTTPStatus.OK, kept)
        await unit.commit()
    return answer


def hash_of(method: str, path: str, body: bytes) -> str:
    """Of what is asked for."""
    return hashlib.sha256(f"{method} {path}\n".encode() + body).hexdigest()


def _headers(answer: Any) -> dict[str, str]:
    found = answer.get("headers", {})
    return {str(name): str(value) for name, value in found.items()}
