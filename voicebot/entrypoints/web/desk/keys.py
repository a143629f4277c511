"""What handlers find in the application and in a request."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import jinja2
from aiohttp import web

from voicebot.application.desk.campaign_bench import Workbench
from voicebot.application.desk.document_overview import DocumentsOverview
from voicebot.application.desk.sign_in import Doorkeeper
from voicebot.application.documents_in_force import DocumentsInForce
from voicebot.application.ports.clock import Clock
from voicebot.application.ports.desk_unit import OpenDeskUnit
from voicebot.application.ports.documents import DocumentReader
from voicebot.application.ports.users import Session
from voicebot.config import Settings


@dataclass(frozen=True, kw_only=True, slots=True)
class Desk:
    """Everything the pages work with."""

    settings: Settings
    open_unit: OpenDeskUnit
    keeper: Doorkeeper
    clock: Clock
    templates: Mapping[str, jinja2.Environment]
    """By language."""
    zone: ZoneInfo
    """The company's: times on pages are shown in it unless they are the customer's."""
    cookie_secret: str
    """Signs the session cookie; the same on every machine that serves the desk."""
    reader: DocumentReader
    """Reads scripts, phrase books and dialplans."""
    overview: DocumentsOverview
    in_force: DocumentsInForce
    """What lines go by, for trying it out."""
    checks: asyncio.Semaphore
    """One text is checked at a time: reading takes a core."""
    look_s: float = 2.0
    """How often a page that is open is told what is new, seconds."""

    @property
    def fresh_s(self) -> float:
        """How long what was seen is shown to others: a little less than a look lasts, so that who alone looks again
        sees what is new."""
        return self.look_s * 0.9

    @property
    def bench(self) -> Workbench:
        """Where campaigns are put together."""
        return Workbench(
            open_unit=self.open_unit,
            reader=self.reader,
            in_force=self.in_force,
            clock=self.clock,
            zone=self.zone,
            dialplan=self.settings.dialplan.stem,
            company=self.settings.company,
        )


DESK: web.AppKey[Desk] = web.AppKey("desk", Desk)
CHECKING: web.AppKey[asyncio.Lock] = web.AppKey("checking", asyncio.Lock)
"""Held by whoever has the chain of the audit log followed."""
SESSION: web.RequestKey[Session] = web.RequestKey("session", Session)
"""In a request: the Session of whoever is signed in."""


def desk_of(request: web.Request) -> Desk:
    """The desk of this application."""
    return request.app[DESK]


def session_of(request: web.Request) -> Session:
    """Who is signed in; only behind a route that is not public."""
    return request[SESSION]
