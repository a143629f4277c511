"""One-time codes by pyotp."""

import re
from datetime import datetime
from hmac import compare_digest

import pyotp

_STEP_S = 30
_SECRET = re.compile(r"[A-Z2-7]{32}")
"""160 bits, as `new_secret` makes them."""


class PyotpCodes:
    """TOTP with SHA-1, six digits, 30 seconds: what every authenticator application speaks."""

    def __init__(self, issuer: str = "voicebot") -> None:
        self._issuer = issuer

    def new_secret(self) -> str:
        return pyotp.random_base32()

    def is_secret(self, text: str) -> bool:
        return _SECRET.fullmatch(text) is not None

    def uri(self, secret: str, login: str) -> str:
        return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=self._issuer)

    def step_of(self, secret: str, code: str, at: datetime) -> int | None:
        if not self.is_secret(secret):
            return None
        codes, now = pyotp.TOTP(secret), int(at.timestamp()) // _STEP_S
        for step in (now, now - 1, now + 1):
            if compare_digest(codes.at(step * _STEP_S).encode(), code.strip().encode()):
                return step
        return None
