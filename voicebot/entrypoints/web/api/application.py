"""The API as a part of the web application."""

from typing import Final

from aiohttp import web

from voicebot.entrypoints.web.api import (
    calls,
    campaigns,
    customers,
    docs,
    documents,
    escalations,
    health,
    intake,
    metrics,
    reports,
)
from voicebot.entrypoints.web.api.guard import guarded
from voicebot.entrypoints.web.api.keys import API, Api
from voicebot.entrypoints.web.api.openapi import build_document
from voicebot.entrypoints.web.api.problems import say_in_json

ROUTES: Final = (
    *intake.ROUTES,
    *campaigns.ROUTES,
    *calls.ROUTES,
    *customers.ROUTES,
    *escalations.ROUTES,
    *reports.ROUTES,
    *documents.ROUTES,
    *health.ROUTES,
    *metrics.ROUTES,
)
"""Every address of the API; the document tells of these and no other."""


def mount_api(app: web.Application, api: Api) -> None:
    """Add the API, its document and the page to read it."""
    app[API] = api
    app.middlewares.append(say_in_json)
    for route in ROUTES:
        app.router.add_route(route.method, route.path, guarded(route))
    docs.mount(app, build_document(ROUTES))
