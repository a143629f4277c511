"""What every answer tells the browser about itself."""

from typing import Final

from aiohttp import web

from voicebot.entrypoints.web.desk.keys import DESK

_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "media-src 'self'",
        "connect-src 'self'",
        "font-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
"""No inline script or style, nothing from elsewhere: a customer's words can never run."""
_HEADERS: Final = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_STATIC: Final = "/static/"
_YEAR: Final = "max-age=31536000"
_BEGUN: web.RequestKey[bool] = web.RequestKey("begun", bool)


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Signal `on_response_prepare`: also errors and streams get them."""
    request[_BEGUN] = True
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if not request.path.startswith(_STATIC):
        response.headers.setdefault("Cache-Control", "no-store")
    if request.app[DESK].settings.web_url.startswith("https://"):
        response.headers.setdefault("Strict-Transport-Security", _YEAR)
    response.headers["Server"] = "voicebot"  # which library and version answers is nobody's business


def is_begun(request: web.Request) -> bool:
    """Whether part of an answer has been sent: then there is no other one to give."""
    return _BEGUN in request
