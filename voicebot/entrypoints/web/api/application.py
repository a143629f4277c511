"""The API as a part of the web application."""

from typing import Final
from zoneinfo import ZoneInfo

from aiohttp import web

from voicebot import bootstrap
from voicebot.application.desk.campaign_bench import Workbench
from voicebot.entrypoints.web.api import (
    audit,
    call_marks,
    calls,
    campaign_drafts,
    campaign_figures,
    campaign_plans,
    campaigns,
    cohorts,
    customers,
    docs,
    document_changes,
    document_trials,
    documents,
    erasures,
    escalations,
    health,
    intake,
    metrics,
    phrases,
    releases,
    report_files,
    report_letters,
    reports,
    today,
)
from voicebot.entrypoints.web.api.guard import guarded
from voicebot.entrypoints.web.api.keys import API, BENCH, Api
from voicebot.entrypoints.web.api.openapi import build_document
from voicebot.entrypoints.web.api.problems import say_in_json
from voicebot.entrypoints.web.api.reading_room import READING_ROOM, build_reading_room
from voicebot.entrypoints.web.counting import add_counting

ROUTES: Final = (
    *intake.ROUTES,
    *campaigns.ROUTES,
    *campaign_figures.ROUTES,
    *campaign_plans.ROUTES,
    *campaign_drafts.ROUTES,
    *releases.ROUTES,
    *calls.ROUTES,
    *call_marks.ROUTES,
    *customers.ROUTES,
    *escalations.ROUTES,
    *reports.ROUTES,
    *cohorts.ROUTES,
    *report_files.ROUTES,
    *report_letters.ROUTES,
    *today.ROUTES,
    *audit.ROUTES,
    *erasures.ROUTES,
    *documents.ROUTES,
    *document_changes.ROUTES,
    *document_trials.ROUTES,
    *phrases.ROUTES,
    *health.ROUTES,
    *metrics.ROUTES,
)
"""Every address of the API; the document tells of these and no other."""


def build_bench(api: Api) -> Workbench:
    """Where campaigns are put together, for an API alone."""
    settings = api.settings
    return Workbench(
        open_unit=api.open_unit,
        reader=bootstrap.build_reader(settings),
        in_force=bootstrap.documents_in_force(settings, api.open_unit, actor="api"),
        clock=api.clock,
        zone=ZoneInfo(settings.time_zone),
        dialplan=settings.dialplan.stem,
        company=settings.company,
    )


def mount_api(app: web.Application, api: Api, bench: Workbench | None = None) -> None:
    """Add the API, its document and the page to read it; `bench`: that of the desk in the same process."""
    app[API] = api
    app[BENCH] = bench or build_bench(api)
    app[READING_ROOM] = build_reading_room(app[BENCH].reader, app[BENCH].in_force)
    app[today.TODAY] = today.build_today(api)
    add_counting(app)
    app.middlewares.append(say_in_json)
    for route in ROUTES:
        app.router.add_route(route.method, route.path, guarded(route))
    docs.mount(app, build_document(ROUTES))
