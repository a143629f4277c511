"""The OpenAPI document, made of the declarations that requests are checked by."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any, Final

from voicebot import __version__
from voicebot.adapters.crm_webhook import SIGNATURE, TIMESTAMP
from voicebot.domain.api_token import Scope
from voicebot.entrypoints.web.api.once import HEADER, KEY_PATTERN
from voicebot.entrypoints.web.api.problems import MEDIA, Problems
from voicebot.entrypoints.web.api.routes import ApiRoute
from voicebot.entrypoints.web.api.schema import Schema, fields_of, object_schema, schema_of, usual_of

_ABOUT: Final = """What other programs of the company may ask and do.

Show a token: `Authorization: Bearer vbt_...`. Admins make them at the desk (`/tokens`) or with `voicebot token create`.
Names, telephones and e-mail are masked unless the token has `personal:read`.

Lists come in pages: follow `next` with `cursor` until it is null. A page may hold fewer items than `limit`, even none.

Changes take an `Idempotency-Key`: under the same key and with the same body they are made once, and answered alike for
at least a day. A request that failed has changed nothing and may come again under its key. A key whose request may have
been carried out while our process died gets 409 and is never worked on again: look, then use a new key.

No token releases a list: a named person signs it at the desk, with a one-time code (38-FZ art. 18 p. 2). Tokens put
campaigns together, send them for release and withdraw them.

Whatever is wrong with a request is said at once, in `problems` (application/problem+json, RFC 9457)."""
_SAID: Final = {
    HTTPStatus.UNAUTHORIZED: "The token is missing or opens nothing.",
    HTTPStatus.FORBIDDEN: "The token may not do this; nothing is said of what is there.",
    HTTPStatus.NOT_FOUND: "There is no such thing.",
    HTTPStatus.REQUEST_TIMEOUT: "The body took too long to arrive.",
    HTTPStatus.CONFLICT: "A request with this Idempotency-Key is being worked on, or may have been carried out.",
    HTTPStatus.PRECONDITION_FAILED: "It has changed since: If-Match does not hold.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is too long.",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "The body is not JSON.",
    HTTPStatus.UNPROCESSABLE_ENTITY: "Something is wrong with parameters or body; nothing was done.",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many requests in a minute: see Retry-After.",
    HTTPStatus.SERVICE_UNAVAILABLE: "The database is away: see Retry-After.",
}


def build_document(routes: Iterable[ApiRoute]) -> Schema:
    """The whole document."""
    routes = tuple(routes)
    components: dict[str, type] = {}
    schema_of(Problems, None, components)
    paths: dict[str, Any] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, components)
    bodies = {route.body.__name__ for route in routes if route.body}
    return {
        "openapi": "3.1.0",
        "info": {"title": "voicebot", "version": __version__, "description": _ABOUT, "license": _LICENCE},
        "servers": [{"url": "/"}],
        "tags": [{"name": name} for name in dict.fromkeys(route.tag for route in routes)],
        "paths": paths,
        "components": {"schemas": _schemas(components, bodies), "securitySchemes": _SECURITY},
    }


_LICENCE: Final = {"name": "GPL-3.0-or-later", "identifier": "GPL-3.0-or-later"}
_SECURITY: Final = {
    "token": {"type": "http", "scheme": "bearer", "description": f"Scopes: {', '.join(Scope)}."},
    "signature": {
        "type": "apiKey",
        "in": "header",
        "name": SIGNATURE,
        "description": f"`sha256=` and the hexadecimal HMAC-SHA256, with VOICEBOT_WEBHOOK_SECRET, of {TIMESTAMP}"
        " (seconds since 1970, at most five minutes off), a point and the body. The same one again does nothing.",
    },
}


def _schemas(components: dict[str, type], bodies: set[str]) -> Schema:
    """Schemas may name others: until no new one comes up."""
    made: Schema = {}
    while missing := [name for name in components if name not in made]:
        for name in missing:
            before = set(components)
            made[name] = object_schema(components[name], components, closed=name in bodies)
            if name in bodies:
                bodies |= set(components) - before  # what a body is made of is as strict as the body
    return dict(sorted(made.items()))


def _operation(route: ApiRoute, components: dict[str, type]) -> Schema:
    found: Schema = {
        "operationId": route.name,
        "summary": route.summary,
        "tags": [route.tag],
        "responses": _responses(route, components),
    }
    if route.details:
        found["description"] = route.details
    if parameters := _parameters(route, components):
        found["parameters"] = parameters
    if route.body is not None:
        content = {"application/json": {"schema": _body(route, components)}}
        found["requestBody"] = {"required": route.body_needed, "content": content}
    if route.scopes:
        found["security"] = [{"token": list(route.scopes)}, *([{"signature": []}] if route.signed else [])]
    else:
        found["security"] = []
    return found


def _body(route: ApiRoute, components: dict[str, type]) -> Schema:
    one = schema_of(route.body, None, components)
    if not route.most_items:
        return one
    return {"anyOf": [one, {"type": "array", "minItems": 1, "maxItems": route.most_items, "items": one}]}


def _parameters(route: ApiRoute, components: dict[str, type]) -> list[Schema]:
    found = [
        {
            "name": one.name,
            "in": place,
            "required": place == "path" or one.required,
            "description": one.meaning,
            "schema": schema_of(_asked(one.kind), one.rule, components) | usual_of(one),
        }
        for place, kind in (("path", route.address), ("query", route.query))
        if kind is not None
        for one in fields_of(kind)
    ]
    if route.once:
        schema = {"type": "string", "minLength": 1, "maxLength": 200, "pattern": KEY_PATTERN}
        meaning = "The change is made once under this key, however often it is sent."
        found.append({"name": HEADER, "in": "header", "required": False, "description": meaning, "schema": schema})
    if route.if_match:
        meaning = "The ETag of the state you have seen: another one is not touched."
        schema = {"type": "string", "pattern": r'^"[0-9a-f]{20}"$'}
        found.append({"name": "If-Match", "in": "header", "required": False, "description": meaning, "schema": schema})
    return found


def _asked(kind: Any) -> Any:
    """A parameter that may be left out is never written as null."""
    others = [one for one in getattr(kind, "__args__", ()) if one is not type(None)]
    return others[0] if type(None) in getattr(kind, "__args__", ()) and len(others) == 1 else kind


def _responses(route: ApiRoute, components: dict[str, type]) -> Schema:
    content = {"schema": schema_of(route.answer, None, components) if route.answer else {"type": "string"}}
    found: Schema = {"200": {"description": "Done.", "content": {route.media: content}}}
    if headers := _told_beside(route):
        found["200"]["headers"] = headers
    if route.pieces:
        found["206"] = {"description": "The piece that was asked for.", "content": {route.media: content}}
        found["416"] = {"description": "There is no such piece."}
    problems = {MEDIA: {"schema": schema_of(Problems, None, components)}}
    for status in sorted(statuses_of(route)):
        said = " ".join(one for one in (route.errors.get(status, ""), _also(route, status)) if one)
        found[str(int(status))] = {"description": said, "content": problems}
        if status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
            found[str(int(status))]["headers"] = {"Retry-After": _header("Seconds.", "integer")}
    return found


def _told_beside(route: ApiRoute) -> Schema:
    """Headers of an answer that worked."""
    found: Schema = {}
    if route.tagged:
        found["ETag"] = _header("Of the state: for If-Match.", "string", required=True)
    if route.once:
        found["Idempotent-Replayed"] = _header("true: it was done before, under the same key.", "string")
    return found


def _header(meaning: str, kind: str, *, required: bool = False) -> Schema:
    return {"description": meaning, "required": required, "schema": {"type": kind}}


def _also(route: ApiRoute, status: HTTPStatus) -> str:
    """What the way to the handler says under this status, beside the handler."""
    return _SAID[status] if status in _of_the_way(route) else ""


def statuses_of(route: ApiRoute) -> set[HTTPStatus]:
    """Every status but 200 that the address may answer with."""
    return _of_the_way(route) | set(route.errors)


def _of_the_way(route: ApiRoute) -> set[HTTPStatus]:
    found = set[HTTPStatus]()
    if route.scopes:
        found |= {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS}
        found |= {HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.SERVICE_UNAVAILABLE}
    if route.body is not None:
        found |= {
            HTTPStatus.REQUEST_TIMEOUT,
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        }
    if route.address is not None:
        found.add(HTTPStatus.NOT_FOUND)
    if route.once:
        found.add(HTTPStatus.CONFLICT)
    if route.if_match:
        found.add(HTTPStatus.PRECONDITION_FAILED)
    return found
