"""What can go wrong with a request, said on a page; nothing of it is told to those who may not know."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web

from voicebot.domain.errors import NotFound, StoreError
from voicebot.entrypoints.web.desk.headers import is_begun
from voicebot.entrypoints.web.desk.pages import page

log = logging.getLogger(__name__)
_READ_S: Final = 20.0
"""How long a form may take to arrive; API.md has the same of its bodies."""
_SAFE: Final = frozenset({"GET", "HEAD"})
_FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")


async def say_trouble(
    request: web.Request, answer: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """The answer, or a page that says what went wrong and what to do."""
    try:
        return await answer(request)
    except (NotFound, web.HTTPNotFound):
        return _trouble(request, 404)
    except web.HTTPBadRequest:
        return _trouble(request, 400)
    except web.HTTPRequestTimeout:
        return _left(_trouble(request, 408))
    except web.HTTPRequestEntityTooLarge:
        return _left(_trouble(request, 413))
    except StoreError as error:
        log.warning("action=page.failed store=%s", error)
        if is_begun(request):
            raise
        return _trouble(request, 503)


async def require_readable(request: web.Request) -> None:
    """Read the form, so that handlers find it; raises what `say_trouble` answers when that cannot be done.

    NUL is in no text of ours, and PostgreSQL keeps none.
    """
    written = [*request.match_info.values(), *_flat(request.query)]
    if request.method not in _SAFE and request.content_type in _FORMS:
        try:
            async with asyncio.timeout(_READ_S):
                written += _flat(await request.post())
        except TimeoutError as error:
            raise web.HTTPRequestTimeout from error
        except (UnicodeError, LookupError, ValueError, AssertionError) as error:
            raise web.HTTPBadRequest from error
    if any("\0" in one or _has_half_letters(one) for one in written):
        raise web.HTTPBadRequest


def _flat(fields: object) -> list[str]:
    """Names and values of a form; files are the business of whoever asked for them."""
    assert hasattr(fields, "items")
    return [part for field in fields.items() for part in field if isinstance(part, str)]


def _has_half_letters(text: str) -> bool:
    """Lone surrogates: what is left of bytes that were no UTF-8."""
    return any("\ud800" <= one <= "\udfff" for one in text)


def _trouble(request: web.Request, status: int) -> web.Response:
    return page(request, "trouble.html", status=status, code=status)


def _left(response: web.Response) -> web.Response:
    """What else comes on this connection is not read."""
    response.force_close()
    return response
