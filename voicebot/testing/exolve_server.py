"""The MTS Exolve SMS API on the loopback."""

import json
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

KEY: Final = "test-key"


@dataclass(frozen=True, kw_only=True, slots=True)
class Posted:
    """One message as it arrived."""

    number: str
    destination: str
    text: str


class ExolveServer:
    """Takes messages that carry the key; `statuses` are answered first, one a request."""

    def __init__(self, statuses: list[int] | None = None) -> None:
        self.messages: list[Posted] = []
        self.statuses = statuses or []

    @property
    def url(self) -> str:
        """Base URL of the API."""
        host, port = self._runner.addresses[0][:2]
        return f"http://{host}:{port}"

    async def __aenter__(self) -> "ExolveServer":
        app = web.Application()
        app.router.add_post("/messaging/v1/SendSMS", self._send)
        app.router.add_post("/messaging/v1/GetList", self._list)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    def _check(self, request: web.Request) -> None:
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            raise web.HTTPUnauthorized
        if self.statuses:
            raise _Refused(self.statuses.pop(0))

    async def _send(self, request: web.Request) -> web.Response:
        self._check(request)
        body: dict[str, Any] = json.loads(await request.text())
        self.messages.append(Posted(**body))
        return web.json_response({"message_id": str(1000 + len(self.messages))})

    async def _list(self, request: web.Request) -> web.Response:
        self._check(request)
        return web.json_response({"messages": []})


class _Refused(web.HTTPException):
    """An answer of any status."""

    def __init__(self, status: int) -> None:
        self.status_code = status
        super().__init__(text="{}", content_type="application/json")
