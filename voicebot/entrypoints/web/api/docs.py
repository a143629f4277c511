"""The document of the API, for programs and for people."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import jinja2
from aiohttp import web

_HERE: Final = Path(__file__).parent
DOCUMENT: Final = "/api/openapi.json"
PAGE: Final = "/api/docs"


def mount(app: web.Application, document: Mapping[str, Any]) -> None:
    """Add both; they are the same for everybody and are made once."""
    text, page = json.dumps(document, ensure_ascii=False), _page(document)

    async def send_document(request: web.Request) -> web.Response:
        return web.Response(text=text, content_type="application/json", headers=_HEADERS)

    async def send_page(request: web.Request) -> web.Response:
        return web.Response(text=page, content_type="text/html", headers=_HEADERS)

    app.router.add_route("GET", DOCUMENT, send_document)
    app.router.add_route("GET", PAGE, send_page)


_HEADERS: Final = {"Cache-Control": "no-cache"}


def _page(document: Mapping[str, Any]) -> str:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE), autoescape=True, undefined=jinja2.StrictUndefined
    )
    environment.filters["kind"] = kind_of
    operations: dict[str, list[dict[str, Any]]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            told = {"parameters": [], "description": "", "requestBody": None, **operation}
            operations.setdefault(operation["tags"][0], []).append({**told, "method": method.upper(), "path": path})
    return environment.get_template("docs.html").render(
        info=document["info"], operations=operations, schemas=document["components"]["schemas"], document=DOCUMENT
    )


def kind_of(schema: Mapping[str, Any]) -> str:
    """A schema in a few words: `list of Call`, `text or null`, `one of out, in`."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " or ".join(kind_of(one) for one in schema["anyOf"])
    if "enum" in schema:
        return f"one of {', '.join(schema['enum'])}"
    kinds = schema.get("type", "any JSON")
    kinds = [kinds] if isinstance(kinds, str) else kinds
    return " or ".join(_plain(str(kind), schema) for kind in kinds)


def _plain(kind: str, schema: Mapping[str, Any]) -> str:
    if kind == "array":
        return f"list of {kind_of(schema['items'])}"
    if kind == "object" and "additionalProperties" in schema:
        return f"object of {kind_of(schema['additionalProperties'])}"
    if kind == "string":
        return {"date-time": "moment", "date": "day"}.get(schema.get("format", ""), "text")
    return {"integer": "whole number", "boolean": "true or false"}.get(kind, kind)
