"""What a load balancer asks."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Final

from aiohttp import web

from voicebot.domain.errors import StoreError
from voicebot.entrypoints.web.api.routes import Asked, Reply, get


@dataclass(frozen=True, kw_only=True, slots=True)
class Health:
    """How the process is."""

    status: Annotated[str, "ok, or what is wrong."]


async def healthz(asked: Asked) -> Reply:
    """The process lives."""
    return Reply(body=Health(status="ok"))


async def readyz(asked: Asked) -> Reply:
    """Its database answers too."""
    try:
        await asked.api.check()
    except StoreError:
        status = {"status": "the database does not answer"}
        return Reply(response=web.json_response(status, status=HTTPStatus.SERVICE_UNAVAILABLE))
    return Reply(body=Health(status="ok"))


ROUTES: Final = (
    get("/healthz", healthz, name="healthz", summary="Whether the process lives", tag="Health", answer=Health),
    get(
        "/readyz",
        readyz,
        name="readyz",
        summary="Whether its database answers",
        tag="Health",
        answer=Health,
        errors={HTTPStatus.SERVICE_UNAVAILABLE: "The database does not answer."},
    ),
)
