"""The desk as a part of the web application."""

import asyncio
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from aiohttp import web

from voicebot.adapters.argon2_passwords import Argon2Passwords
from voicebot.adapters.pyotp_codes import PyotpCodes
from voicebot.adapters.yaml_documents import YamlDocuments
from voicebot.application.desk.document_overview import DocumentsOverview
from voicebot.application.desk.sign_in import Doorkeeper
from voicebot.application.documents_in_force import DocumentsInForce
from voicebot.application.ports.clock import Clock
from voicebot.application.ports.desk_unit import OpenDeskUnit
from voicebot.application.ports.passwords import PasswordHasher
from voicebot.config import Settings
from voicebot.entrypoints.web.counting import add_counting
from voicebot.entrypoints.web.desk import (
    account,
    audit,
    call_forms,
    calls,
    campaign_edit,
    campaign_wizard,
    campaigns,
    customers,
    dialplans,
    erasures,
    escalations,
    phrases,
    recordings,
    releases,
    report_cohorts,
    report_mails,
    report_nps,
    reports,
    scripts,
    today,
    tokens,
    transcripts,
    users,
)
from voicebot.entrypoints.web.desk.cookies import cookie_secret
from voicebot.entrypoints.web.desk.escalation_looks import LOOKS, shared_looks
from voicebot.entrypoints.web.desk.headers import add_headers
from voicebot.entrypoints.web.desk.keys import CHECKING, DESK, Desk
from voicebot.entrypoints.web.desk.pages import build_environments
from voicebot.entrypoints.web.desk.routes import add_routes

ROUTES: Final = (
    *account.ROUTES,
    *today.ROUTES,
    *users.ROUTES,
    *tokens.ROUTES,
    *customers.ROUTES,
    *erasures.ROUTES,
    *escalations.ROUTES,
    *campaigns.ROUTES,
    *campaign_wizard.ROUTES,
    *campaign_edit.ROUTES,
    *releases.ROUTES,
    *calls.ROUTES,
    *call_forms.ROUTES,
    *recordings.ROUTES,
    *reports.ROUTES,
    *report_cohorts.ROUTES,
    *report_nps.ROUTES,
    *report_mails.ROUTES,
    *transcripts.ROUTES,
    *phrases.ROUTES,
    *scripts.ROUTES,
    *dialplans.ROUTES,
    *audit.ROUTES,
)
"""Every address of the desk with its permission."""
_STATIC: Final = Path(__file__).parent / "static"


async def build_desk(
    settings: Settings, open_unit: OpenDeskUnit, clock: Clock, *, passwords: PasswordHasher | None = None
) -> Desk:
    """What the pages work with; `passwords` other than argon2 are for tests, which cannot wait."""
    passwords = passwords or Argon2Passwords()
    reader = YamlDocuments(scripts=settings.scripts, dialplan=settings.dialplan)
    return Desk(
        settings=settings,
        open_unit=open_unit,
        keeper=Doorkeeper(
            open_unit=open_unit,
            passwords=passwords,
            codes=PyotpCodes(),
            nobody=await asyncio.to_thread(passwords.hash, "nobody's password"),
        ),
        clock=clock,
        templates=build_environments(),
        zone=ZoneInfo(settings.time_zone),
        reader=reader,
        overview=DocumentsOverview(reader),
        in_force=DocumentsInForce(open_unit, reader, dialplan=settings.dialplan.stem, now=clock.now, actor="desk"),
        checks=asyncio.Semaphore(1),
        cookie_secret=await asyncio.to_thread(cookie_secret, settings.web_secret, settings.home),
    )


def mount_desk(app: web.Application, desk: Desk) -> None:
    """Add the pages and what they need to the application."""
    app[DESK] = desk
    add_counting(app)
    app[CHECKING] = asyncio.Lock()
    app[today.PICTURE] = today.shared_picture(desk)
    app[LOOKS] = shared_looks(desk)
    add_routes(app, ROUTES)
    app.router.add_static("/static", _STATIC)
    app.on_response_prepare.append(add_headers)
