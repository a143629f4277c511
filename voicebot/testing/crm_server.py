"""A company's CRM on the loopback that takes signed news."""

import hashlib
import hmac
import json
import time
from typing import Any, Final

from aiohttp import web

SECRET: Final = "a-secret-of-the-tests"  # noqa: S105  # of no real CRM
_OLDEST_S: Final = 300


class CrmServer:
    """Checks signature and age as a CRM should; `answers` (status, headers) are given first, one a request."""

    def __init__(self, answers: list[tuple[int, dict[str, str]]] | None = None) -> None:
        self.answers = answers or []
        self.taken: dict[str, dict[str, Any]] = {}
        """News by idempotency key."""
        self.requests = 0
        """Requests that came, refused and repeated ones included."""

    @property
    def url(self) -> str:
        """Where the webhook is."""
        host, port = self._runner.addresses[0][:2]
        return f"http://{host}:{port}/voicebot"

    async def __aenter__(self) -> "CrmServer":
        app = web.Application()
        app.router.add_post("/voicebot", self._take)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        self.requests += 1
        body = await request.read()
        timestamp = request.headers.get("X-Voicebot-Timestamp", "0")
        expected = hmac.new(SECRET.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
        genuine = hmac.compare_digest(request.headers.get("X-Voicebot-Signature", ""), f"sha256={expected}")
        if not genuine or abs(time.time() - int(timestamp)) > _OLDEST_S:
            return web.Response(status=401)
        if self.answers:
            status, headers = self.answers.pop(0)
            return web.Response(status=status, headers=headers)
        self.taken.setdefault(request.headers["Idempotency-Key"], json.loads(body))
        return web.Response(status=204)
