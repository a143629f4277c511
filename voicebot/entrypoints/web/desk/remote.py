"""Who is at the other end of a request."""

import ipaddress
from contextlib import suppress

from aiohttp import web


def client_address(request: web.Request) -> str:
    """The client's IP address; behind a proxy on this machine, what that proxy says.

    Only what the proxy itself has added is believed (the last address of X-Forwarded-For): the rest anybody can send.
    Without it one person's wrong passwords would shut everybody out.
    """
    peer = request.remote or ""
    if not _is_loopback(peer):
        return peer
    named = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    with suppress(ValueError):
        return str(ipaddress.ip_address(named))
    return peer


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
