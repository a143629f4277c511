"""What is wrong with a request, in JSON."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Final

from aiohttp import web

from voicebot.application.json_input import problem
from voicebot.domain.errors import BadInput, Problem

MEDIA: Final = "application/problem+json"
"""Of an answer that says what is wrong: RFC 9457, whose `type` we leave out (about:blank)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ProblemItem:
    """One thing that is wrong."""

    path: Annotated[str, "Field, parameter or header; empty for the request as a whole."]
    message: Annotated[str, "What is wrong; never repeats what was sent."]
    repair: Annotated[str, "What to do about it; may be empty."]


@dataclass(frozen=True, kw_only=True, slots=True)
class Problems:
    """Everything that is wrong with a request (RFC 9457); nothing was done."""

    title: Annotated[str, "Of the status."]
    status: int
    problems: tuple[ProblemItem, ...]


class Refused(Exception):
    """A request that is not looked into any further."""

    def __init__(self, status: HTTPStatus, message: str, repair: str = "", *, path: str = "", **headers: str) -> None:
        super().__init__(message)
        self.status = status
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.response = problems_response(status, [problem(path, message, repair)], named)


class RefusedFor(Refused):
    """The same with several reasons."""

    def __init__(self, status: HTTPStatus, problems: Iterable[Problem]) -> None:
        super().__init__(status, "")
        self.response = problems_response(status, problems)


def by_source(error: BadInput) -> BadInput:
    """What a use case says of its arguments, said of the fields that are called like them."""
    return BadInput(problem(one.source, one.message, one.repair) for one in error.problems)


def problems_response(
    status: HTTPStatus, problems: Iterable[Problem], headers: Mapping[str, str] | None = None
) -> web.Response:
    """The answer that names every problem."""
    found = [{"path": one.where, "message": one.message, "repair": one.repair} for one in problems]
    return web.json_response(
        {"title": status.phrase, "status": int(status), "problems": found},
        status=status,
        content_type=MEDIA,
        headers={"Cache-Control": "no-store"} | dict(headers or {}),
    )


@web.middleware
async def say_in_json(request: web.Request, handler: "web.Handler") -> web.StreamResponse:  # type: ignore[name-defined]  # aiohttp keeps its type private
    """Below /api also unknown addresses and methods are answered in JSON."""
    try:
        answer: web.StreamResponse = await handler(request)
    except web.HTTPException as error:
        if not request.path.startswith("/api/") or error.status < HTTPStatus.BAD_REQUEST:
            raise
        headers = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
        message = "there is nothing at this address" if error.status == HTTPStatus.NOT_FOUND else error.reason
        return problems_response(HTTPStatus(error.status), [problem("", message, "see /api/docs")], headers)
    return answer
