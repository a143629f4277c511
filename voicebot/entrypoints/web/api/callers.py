"""Who asks: a token, the CRM with the token of the settings, or a signed webhook."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from ipaddress import ip_address
from typing import Final

from aiohttp import web

from voicebot.adapters.crm_webhook import SIGNATURE, TIMESTAMP, sign
from voicebot.application.desk.api_tokens import know_token
from voicebot.domain.api_token import Scope
from voicebot.domain.user import User
from voicebot.entrypoints.web.api.keys import Api
from voicebot.entrypoints.web.api.problems import Refused

REPLAY_WINDOW: Final = timedelta(minutes=5)
"""How far the time of a signature may lie from ours."""
_OF_THE_CRM: Final = frozenset({Scope.EVENTS_WRITE, Scope.ORDERS_WRITE})
_LONGEST_MOMENT: Final = 12
"""Digits of seconds since 1970."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Caller:
    """Who asks, and what they may."""

    key: str
    """Idempotency keys and limits are counted by it."""
    actor: str
    """As the audit log names them."""
    scopes: frozenset[Scope]
    signature: str = ""
    """Of a webhook: the same one again is the same request played again."""

    def may(self, scope: Scope) -> bool:
        """Whether they may do it."""
        return scope in self.scopes

    def user(self, now: datetime) -> User:
        """As use cases ask for it: somebody without a role, who holds escalations under a name of their own."""
        return User(id=0, login=self.key, name=self.actor, roles=frozenset(), created_at=now)


NOBODY: Final = Caller(key="nobody", actor="", scopes=frozenset())
"""At the addresses that are open to everybody."""
LOCAL: Final = Caller(key="local", actor="", scopes=frozenset({Scope.METRICS_READ}))
"""A program on this machine, where the settings let it read the metrics."""
_FORWARDED: Final = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")
"""What a proxy adds: then the nearest neighbour is not who asks."""


async def bearer(request: web.Request, api: Api) -> Caller:
    """The caller whose token is shown; raises Refused."""
    scheme, _, shown = request.headers.get("Authorization", "").partition(" ")
    shown = shown.strip()
    if scheme.lower() == "bearer" and shown:
        # Digests are compared: their length says nothing of the token's.
        if api.settings.api_token and hmac.compare_digest(_digest(shown), _digest(api.settings.api_token)):
            return Caller(key="setting", actor="crm", scopes=_OF_THE_CRM)
        token = await know_token(api.open_unit, shown, api.clock.now())
        if token is not None:
            return Caller(key=f"token:{token.id}", actor=token.actor, scopes=token.scopes)
    raise Refused(
        HTTPStatus.UNAUTHORIZED,
        "the token is missing or opens nothing",
        "send 'Authorization: Bearer' with a token of the desk (/tokens, voicebot token create)",
        path="Authorization",
        WWW_Authenticate="Bearer",
    )


def is_local(request: web.Request) -> bool:
    """Whether a program on this machine asks, and no proxy for somebody else."""
    if any(name in request.headers for name in _FORWARDED):
        return False
    try:
        return ip_address(request.remote or "").is_loopback
    except ValueError:
        return False


def is_signed(request: web.Request) -> bool:
    """Whether the request shows a signature instead of a token."""
    return SIGNATURE in request.headers and "Authorization" not in request.headers


def signer(request: web.Request, api: Api, body: bytes) -> Caller:
    """The CRM, if the signature is that of the body and of late; raises Refused."""
    secret, shown = api.settings.webhook_secret, request.headers.get(SIGNATURE, "")
    timestamp = request.headers.get(TIMESTAMP, "")
    expected = sign(secret, timestamp, body) if secret and _is_moment(timestamp) else ""
    same = hmac.compare_digest(_digest(shown), _digest(expected))
    if not expected or not same:
        raise _unsigned("is wrong", f"sign the time in {TIMESTAMP}, a point and the body with VOICEBOT_WEBHOOK_SECRET")
    if abs(api.clock.now().timestamp() - int(timestamp)) > REPLAY_WINDOW.total_seconds():
        raise _unsigned("is too old", "sign each request when it is sent, by a clock that goes right")
    return Caller(key="webhook", actor="crm", scopes=_OF_THE_CRM, signature=shown)


def _is_moment(written: str) -> bool:
    return written.isascii() and written.isdecimal() and len(written) <= _LONGEST_MOMENT


def _unsigned(message: str, repair: str) -> Refused:
    said = f"the signature {message}"
    return Refused(HTTPStatus.UNAUTHORIZED, said, repair, path=SIGNATURE, WWW_Authenticate="Bearer")


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()
