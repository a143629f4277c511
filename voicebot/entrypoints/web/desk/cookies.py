"""The session cookie: a random token under our signature."""

import secrets
from pathlib import Path
from typing import Final

from aiohttp import web
from itsdangerous import BadSignature, URLSafeSerializer

from voicebot.application.desk.sign_in import LONGEST
from voicebot.domain.errors import ConfigurationError
from voicebot.entrypoints.web.desk.keys import desk_of

_NAME: Final = "voicebot_session"
_SALT: Final = "session"
_LEAST_SECRET: Final = 32


def read_cookie(request: web.Request) -> str:
    """The token of the request's cookie; empty without one, or when the signature is not ours."""
    try:
        return str(_signer(request).loads(request.cookies.get(_NAME, "")))
    except BadSignature:
        return ""


def set_cookie(request: web.Request, response: web.StreamResponse, token: str) -> None:
    """Let the browser keep the token: not for scripts, not for other sites, and over TLS alone where there is TLS."""
    response.set_cookie(
        _NAME,
        str(_signer(request).dumps(token)),
        max_age=int(LONGEST.total_seconds()),
        httponly=True,
        samesite="Lax",
        secure=is_secure(request),
        path="/",
    )


def forget_cookie(response: web.StreamResponse) -> None:
    """Sign the browser out."""
    response.del_cookie(_NAME, path="/")


def is_secure(request: web.Request) -> bool:
    """Whether the browser came over TLS: `VOICEBOT_WEB_URL` says what the proxy in front of us speaks."""
    return request.secure or desk_of(request).settings.web_url.startswith("https://")


def cookie_secret(configured: str, home: Path) -> str:
    """The secret of the settings, else one that this machine keeps to itself."""
    if configured:
        if len(configured) < _LEAST_SECRET:
            raise ConfigurationError.one(
                "VOICEBOT_WEB_SECRET", f"is shorter than {_LEAST_SECRET} characters", repair="openssl rand -hex 32"
            )
        return configured
    file = home / "web.secret"
    if not file.exists():
        home.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(secrets.token_hex(32), encoding="ascii")
    return file.read_text(encoding="ascii")


def _signer(request: web.Request) -> URLSafeSerializer:
    return URLSafeSerializer(desk_of(request).cookie_secret, salt=_SALT)
