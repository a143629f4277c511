"""What an address of the API is: one declaration that is obeyed and that the OpenAPI document is made of."""

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final, TypeVar

from aiohttp import web

from voicebot.application.desk.campaign_bench import Workbench
from voicebot.application.ports.desk_unit import OpenDeskUnit
from voicebot.domain.api_token import Scope
from voicebot.domain.user import User
from voicebot.entrypoints.web.api.callers import Caller
from voicebot.entrypoints.web.api.keys import BENCH, Api
from voicebot.entrypoints.web.api.problems import Refused
from voicebot.entrypoints.web.api.schema import fields_of

_T = TypeVar("_T")
SMALL: Final = 64 * 1024
"""Bytes of an ordinary body."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """One request, read and found in order."""

    api: Api
    caller: Caller
    request: web.Request
    read: tuple[object, ...]
    """What the address, its parameters and the body say, each in its type."""
    body: bytes
    """As it came."""
    opened: OpenDeskUnit | None = None
    """Units of work that mark the request's Idempotency-Key; without one those of the API."""

    def of(self, kind: type[_T]) -> _T:
        """What was read into this type."""
        return next(one for one in self.read if isinstance(one, kind))

    @property
    def now(self) -> datetime:
        """This moment."""
        return self.api.clock.now()

    @property
    def open_unit(self) -> OpenDeskUnit:
        """Of the database: what is changed is changed through these, and nothing else."""
        return self.opened or self.api.open_unit

    @property
    def bench(self) -> Workbench:
        """Where campaigns are put together."""
        return replace(self.request.app[BENCH], open_unit=self.open_unit, clock=self.api.clock)

    @property
    def user(self) -> User:
        """The caller, as use cases ask for it."""
        return self.caller.user(self.now)

    def may(self, scope: Scope) -> bool:
        """Whether the caller may do what not everybody at this address may."""
        return self.caller.may(scope)

    def require(self, scope: Scope, path: str) -> None:
        """Raises Refused (403) unless the caller may use the parameter."""
        if not self.may(scope):
            raise forbidden([scope], path)

    def match(self, etag: str) -> None:
        """Raises Refused (412) when the caller has seen another state than this one."""
        wanted = self.request.headers.get("If-Match")
        if wanted is not None and wanted != "*" and etag not in [one.strip() for one in wanted.split(",")]:
            raise has_changed(etag)


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """What a handler answers."""

    body: object = None
    """A dataclass of the schema, or JSON."""
    etag: str = ""
    """Of the state that may collide."""
    response: web.StreamResponse | None = None
    """Instead of JSON."""


Handler = Callable[[Asked], Awaitable[Reply]]


@dataclass(frozen=True, kw_only=True, slots=True)
class ApiRoute:
    """One address."""

    method: str
    path: str
    """As OpenAPI and aiohttp write it: `/api/v1/calls/{id}`."""
    name: str
    """Unique; what generated clients call it."""
    summary: str
    tag: str
    handler: Handler
    scopes: tuple[Scope, ...] = ()
    """All are needed; none: open to everybody."""
    address: type | None = None
    """What stands in the path."""
    query: type | None = None
    body: type | None = None
    most_items: int = 0
    """The body may also be a list of as many; 0: it may not."""
    own_rules: bool = False
    """The use case checks the body by its own, stricter rules; the schema is for the document."""
    answer: type | None = None
    """Of status 200."""
    media: str = "application/json"
    """Of the answer."""
    pieces: bool = False
    """A part of the answer may be asked for with Range."""
    errors: Mapping[HTTPStatus, str] = field(default_factory=dict)
    """Of the handler's own, and when."""
    signed: bool = False
    """A webhook's signature will do instead of a token."""
    local: bool = False
    """Programs on this machine need no token, where the settings say so."""
    once: bool = False
    """Takes an Idempotency-Key."""
    repeatable: bool = False
    """Doing it twice does no harm: after a crash a key is worked on again."""
    if_match: bool = False
    """Takes If-Match."""
    tagged: bool = False
    """Tells the ETag that If-Match goes by."""
    most_bytes: int = SMALL
    details: str = ""
    """More for the document."""

    @property
    def body_needed(self) -> bool:
        """Whether the body says anything that it must; else it may be left out."""
        return self.body is not None and any(one.required for one in fields_of(self.body))


def get(path: str, handler: Handler, *scopes: Scope, **rest: Any) -> ApiRoute:
    """A question."""
    return ApiRoute(method="GET", path=path, handler=handler, scopes=scopes, **rest)


def patch(path: str, handler: Handler, *scopes: Scope, **rest: Any) -> ApiRoute:
    """A change of something that is there; whoever has seen another state is refused."""
    return ApiRoute(method="PATCH", path=path, handler=handler, scopes=scopes, once=True, if_match=True, **rest)


def delete(path: str, handler: Handler, *scopes: Scope, **rest: Any) -> ApiRoute:
    """Taking something away; whoever has seen another state is refused."""
    return ApiRoute(method="DELETE", path=path, handler=handler, scopes=scopes, once=True, if_match=True, **rest)


def post(path: str, handler: Handler, *scopes: Scope, once: bool = True, **rest: Any) -> ApiRoute:
    """A change."""
    return ApiRoute(method="POST", path=path, handler=handler, scopes=scopes, once=once, **rest)


def forbidden(missing: "list[Scope]", path: str = "Authorization") -> Refused:
    """The same for whatever is there or not."""
    names = ", ".join(missing)
    return Refused(HTTPStatus.FORBIDDEN, "the token may not do this", f"it needs {names}", path=path)


def has_changed(etag: str) -> Refused:
    """Somebody was quicker; `etag`: of what is there now."""
    return Refused(
        HTTPStatus.PRECONDITION_FAILED, "it has changed", "get it again and decide anew", path="If-Match", ETag=etag
    )


def etag_of(*state: object) -> str:
    """A tag that changes with the state."""
    told = json.dumps([str(one) for one in state], ensure_ascii=False)
    return f'"{hashlib.sha256(told.encode()).hexdigest()[:20]}"'
