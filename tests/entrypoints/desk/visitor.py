"""Somebody with a browser that keeps cookies and sends forms as pages ask for."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient

_TOKEN = re.compile(r'name="csrf" value="([^"]+)"')


@dataclass
class Visitor:
    """One browser."""

    client: TestClient[Any, Any]

    async def get(self, address: str, *, headers: Mapping[str, str] | None = None) -> ClientResponse:
        """A page; redirects are shown, not followed."""
        wanted = {"Accept": "text/html"} | dict(headers or {})
        return await self.client.get(address, allow_redirects=False, headers=wanted)

    async def text(self, address: str) -> str:
        """What a page says; it must be there."""
        reply = await self.get(address)
        assert reply.status == 200, (address, reply.status)
        return await reply.text()

    async def send(
        self, address: str, fields: Mapping[str, Any] | Sequence[tuple[str, Any]] = (), *, token: str | None = None
    ) -> ClientResponse:
        """A form with the session's token, unless another one is given."""
        pairs = list(fields.items()) if isinstance(fields, Mapping) else list(fields)
        pairs.append(("csrf", await self.token() if token is None else token))
        return await self.client.post(address, data=pairs, allow_redirects=False)

    async def token(self) -> str:
        """The token of the session; empty when nobody is signed in."""
        page = await (await self.client.get("/account/code")).text()
        found = _TOKEN.search(page)
        return found[1] if found else ""
