"""What the company's CRM may call: events and orders (API.md)."""

import asyncio
import hashlib
import hmac
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from aiohttp import web

from voicebot.application.accept_event import accept_event, read_event
from voicebot.application.accept_order import accept_orders
from voicebot.application.json_input import problem, read_json
from voicebot.application.ports.clock import Clock
from voicebot.application.ports.unit_of_work import OpenUnit
from voicebot.domain.errors import BadInput, Problem, StoreError

_EVENT_BYTES: Final = 64 * 1024
_ORDERS_BYTES: Final = 4 * 1024 * 1024
"""Of 1000 orders with a dozen lines each."""
_READ_S: Final = 15.0
"""How long a body may take to arrive."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Api:
    """What the API works with."""

    open_unit: OpenUnit
    clock: Clock
    check: Callable[[], Awaitable[object]]
    """Raises StoreError while the database is away."""
    token: str = field(repr=False)
    """What a caller must show; empty: nobody may call."""
    read_s: float = _READ_S
    """How long a body may take to arrive, seconds."""


API: Final = web.AppKey("api", Api)
_Answer = Callable[[Api, bytes], Awaitable[object]]


def mount_api(app: web.Application, api: Api) -> None:
    """Add `/healthz`, `/readyz`, `POST /api/events` and `POST /api/orders`."""
    app[API] = api
    app.router.add_get("/healthz", _healthz)
    app.router.add_get("/readyz", _readyz)
    app.router.add_post("/api/events", _guarded(_event, limit=_EVENT_BYTES))
    app.router.add_post("/api/orders", _guarded(_orders, limit=_ORDERS_BYTES))


async def _healthz(request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


async def _readyz(request: web.Request) -> web.Response:
    try:
        await request.app[API].check()
    except StoreError:
        return web.json_response({"status": "the database does not answer"}, status=HTTPStatus.SERVICE_UNAVAILABLE)
    return web.json_response({"status": "ok"})


async def _event(api: Api, body: bytes) -> object:
    now = api.clock.now()
    accepted = await accept_event(api.open_unit, read_event(read_json(body), now), now)
    return {
        "known": accepted.known,
        "leads": [{"campaign": name, "result": result.value} for name, result in accepted.leads.items()],
    }


async def _orders(api: Api, body: bytes) -> object:
    report = await accept_orders(api.open_unit, read_json(body, exact=True), api.clock)
    return {
        "added": report.counts.added,
        "updated": report.counts.updated,
        "leads_closed": report.settled.leads_closed,
        "promo_codes": [
            {"order": one.order, "code": one.code, "result": one.result.value} for one in report.settled.codes
        ],
    }


def _guarded(answer: _Answer, *, limit: int) -> Callable[[web.Request], Awaitable[web.Response]]:
    """A handler that lets only our CRM in, reads at most `limit` bytes and says in JSON what is wrong."""

    async def handle(request: web.Request) -> web.Response:
        api = request.app[API]
        try:
            _admit(request, api.token)
            body = await _body(request, limit, api.read_s)
            return web.json_response(await answer(api, body))
        except _Refused as refusal:
            return refusal.response
        except BadInput as error:
            return _problems(HTTPStatus.UNPROCESSABLE_ENTITY, error.problems)
        except StoreError as error:
            # Nothing was stored: the same request may be sent again.
            headers = {"Retry-After": "5"} if error.retryable else {}
            return _problems(HTTPStatus.SERVICE_UNAVAILABLE, [problem("", str(error))], headers)

    return handle


class _Refused(Exception):
    """A request that is not looked into."""

    def __init__(self, status: HTTPStatus, message: str, repair: str = "", **headers: str) -> None:
        super().__init__(message)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.response = _problems(status, [problem("", message, repair)], named)


def _admit(request: web.Request, token: str) -> None:
    if not token:
        raise _Refused(
            HTTPStatus.SERVICE_UNAVAILABLE, "the API is closed", "set VOICEBOT_API_TOKEN, at least 16 characters"
        )
    scheme, _, shown = request.headers.get("Authorization", "").partition(" ")
    # Digests are compared: their length says nothing of the token's.
    same = hmac.compare_digest(_digest(shown.strip()), _digest(token))
    if scheme.lower() != "bearer" or not same:
        raise _Refused(
            HTTPStatus.UNAUTHORIZED,
            "the token is missing or wrong",
            "send 'Authorization: Bearer' with VOICEBOT_API_TOKEN",
            WWW_Authenticate="Bearer",
        )
    if request.content_type != "application/json":
        raise _Refused(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "the body must be JSON", "send 'Content-Type: application/json'"
        )


async def _body(request: web.Request, limit: int, read_s: float) -> bytes:
    body = bytearray()
    try:
        async with asyncio.timeout(read_s):
            async for chunk in request.content.iter_chunked(2**14):
                body += chunk
                if len(body) > limit:
                    message = f"the body is longer than {limit // 1024} KB"
                    raise _Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, message, Connection="close")
    except TimeoutError as error:
        message = f"the body did not arrive in {read_s:g} s"
        raise _Refused(HTTPStatus.REQUEST_TIMEOUT, message, Connection="close") from error
    return bytes(body)


def _problems(status: HTTPStatus, problems: Iterable[Problem], headers: dict[str, str] | None = None) -> web.Response:
    found = [{"path": one.where, "message": one.message, "repair": one.repair} for one in problems]
    return web.json_response({"problems": found}, status=status, headers=headers)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()
