"""The way of a request to its handler: who asks, how often, may they, what do they want, and was it done already."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial
from http import HTTPStatus

from aiohttp import web

from voicebot.application.json_input import problem, read_json
from voicebot.application.ports.desk_unit import OpenDeskUnit
from voicebot.domain.errors import BadInput, IllegalMove, NotFound, Problem, StoreError
from voicebot.entrypoints.web.api.callers import LOCAL, NOBODY, Caller, bearer, is_local, is_signed, signer
from voicebot.entrypoints.web.api.keys import API, Api
from voicebot.entrypoints.web.api.once import HEADER, KEY_PATTERN, Answer, Claim, Work, hash_of, once
from voicebot.entrypoints.web.api.problems import Refused, problems_response
from voicebot.entrypoints.web.api.reading import read_object, read_words
from voicebot.entrypoints.web.api.routes import ApiRoute, Asked, forbidden
from voicebot.entrypoints.web.api.schema import write


def guarded(route: ApiRoute) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """The handler of aiohttp."""

    async def handle(request: web.Request) -> web.StreamResponse:
        api, began = request.app[API], time.perf_counter()
        response = await _said(route, request, api)
        api.meters.requests.labels(route.name, str(response.status)).observe(time.perf_counter() - began)
        return response

    return handle


async def _said(route: ApiRoute, request: web.Request, api: Api) -> web.StreamResponse:
    """The answer, or what is wrong."""
    try:
        return await _answer(route, request, api)
    except Refused as refusal:
        return refusal.response
    except BadInput as error:
        return problems_response(HTTPStatus.UNPROCESSABLE_ENTITY, error.problems)
    except NotFound:
        return problems_response(HTTPStatus.NOT_FOUND, [problem("", "there is no such thing")])
    except IllegalMove as error:
        return problems_response(HTTPStatus.CONFLICT, [problem("", str(error))])
    except StoreError as error:
        # Nothing was stored: the same request may be sent again.
        headers = {"Retry-After": "5"} if error.retryable else {}
        return problems_response(HTTPStatus.SERVICE_UNAVAILABLE, [problem("", str(error))], headers)


async def _answer(route: ApiRoute, request: web.Request, api: Api) -> web.StreamResponse:
    caller, body = await _admit(route, request, api)
    await _pass(caller, api)
    missing = [one for one in route.scopes if not caller.may(one)]
    if missing:
        raise forbidden(missing)
    if body is None:
        body = await _body(route, request, api)
    asked = Asked(api=api, caller=caller, request=request, read=_read(route, request, body), body=body)
    if not route.once:
        reply = await route.handler(asked)
        return reply.response or Answer(body=write(reply.body), headers=_tagged(reply.etag)).response()

    async def work(open_unit: OpenDeskUnit) -> Answer:
        done = await route.handler(replace(asked, opened=open_unit))
        return Answer(body=write(done.body), headers=_tagged(done.etag))

    return (await _once(route, asked, work)).response()


async def _pass(caller: Caller, api: Api) -> None:
    """Raises Refused (429) for a caller who asks too much; what is open to everybody is not counted."""
    rate = api.settings.api_rate
    if caller is NOBODY:
        return
    wait = await api.limiter.wait_s(api.open_unit, caller.key, rate, api.clock.monotonic())
    if wait:
        message = f"more than {rate} requests in a minute"
        raise Refused(HTTPStatus.TOO_MANY_REQUESTS, message, "come more slowly", Retry_After=str(wait))


async def _once(route: ApiRoute, asked: Asked, work: Work) -> Answer:
    api, caller, request = asked.api, asked.caller, asked.request
    claim = Claim(
        api=api,
        caller=caller.key,
        key=request.headers.get(HEADER, ""),
        request_hash=hash_of(request.method, request.path, asked.body),
        repeatable=route.repeatable,
    )
    if claim.key:
        work = partial(once, claim, work)
    if caller.signature:
        # A webhook that somebody has overheard and plays again gets the answer of the first time, and does nothing.
        work = partial(once, replace(claim, key=f"signature {caller.signature[:100]}"), work)
    return await work(api.open_unit)


async def _admit(route: ApiRoute, request: web.Request, api: Api) -> tuple[Caller, bytes | None]:
    """The caller; also the body where it had to be read to know them."""
    if not route.scopes:
        return NOBODY, None
    if route.local and api.settings.metrics == "loopback" and is_local(request):
        return LOCAL, None
    if route.signed and is_signed(request):
        body = await _body(route, request, api)
        return signer(request, api, body), body
    return await bearer(request, api), None


async def _body(route: ApiRoute, request: web.Request, api: Api) -> bytes:
    if route.body is None or (not route.body_needed and not request.can_read_body):
        return b""
    if request.content_type != "application/json":
        repair = "send 'Content-Type: application/json'"
        raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "the body must be JSON", repair, path="Content-Type")
    body = bytearray()
    try:
        async with asyncio.timeout(api.read_s):
            async for chunk in request.content.iter_chunked(2**14):
                body += chunk
                if len(body) > route.most_bytes:
                    message = f"the body is longer than {route.most_bytes // 1024} KB"
                    raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, message, Connection="close")
    except TimeoutError as error:
        message = f"the body did not arrive in {api.read_s:g} s"
        raise Refused(HTTPStatus.REQUEST_TIMEOUT, message, Connection="close") from error
    return bytes(body)


def _read(route: ApiRoute, request: web.Request, body: bytes) -> tuple[object, ...]:
    """Everything the request says, in its types; raises BadInput with all that is wrong."""
    problems: list[Problem] = []
    found: list[object] = []
    if route.address is not None:
        found.append(read_words(route.address, list(request.match_info.items()), problems, what="part"))
    if route.scopes:  # who asks whether we live may add whatever keeps caches away
        found.append(read_words(route.query or _NoParameters, list(request.query.items()), problems))
    if route.once and not re.fullmatch(KEY_PATTERN, request.headers.get(HEADER, "absent")):
        problems.append(problem(HEADER, "must be 1 to 200 printable ASCII characters without spaces"))
    if route.body is not None and not route.own_rules:
        found.append(_object(route.body, body if body or route.body_needed else b"{}", problems))
    if problems:
        raise BadInput(problems)
    return tuple(found)


def _object(kind: type, body: bytes, problems: list[Problem]) -> object:
    try:
        document = read_json(body)
    except BadInput as error:
        problems += error.problems
        return None
    if not isinstance(document, dict):
        problems.append(problem("", "the body must be an object"))
        return None
    return read_object(kind, document, "", problems)


def _tagged(etag: str) -> dict[str, str]:
    return {"ETag": etag} if etag else {}


@dataclass(frozen=True)
class _NoParameters:
    """An address without parameters."""
