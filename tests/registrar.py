"""A SIP registrar of our own on loopback."""

import asyncio
import hashlib
import re
from typing import cast

USER, PASSWORD, REALM = "robot", "correct horse", "example"


class Registrar(asyncio.DatagramProtocol):
    """Challenges REGISTER and INVITE by digest (RFC 2617) and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.port = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        request = data.decode()
        method = request.split(" ", 1)[0]
        if method not in ("REGISTER", "INVITE"):
            return
        self.asked.append(request)
        right = "\r\nAuthorization:" in request and self._is_right(method, request)
        if "\r\nAuthorization:" not in request or (method == "INVITE" and not right):
            answer = f'401 Unauthorized\r\nWWW-Authenticate: Digest realm="{REALM}", nonce="n1", algorithm=MD5'
        elif not right:
            answer = "403 Forbidden"
        elif method == "REGISTER":
            gone = re.search(r"\r\nExpires: 0\r\n", request) is not None
            contact = re.search(r"\r\n(Contact: [^\r]*)", request)
            answer = "200 OK" if gone or not contact else f"200 OK\r\n{contact[1]};expires=300"
        else:
            answer = "486 Busy Here"
        kept = [line for line in request.split("\r\n") if re.match(r"(Via|From|To|Call-ID|CSeq):", line)]
        kept = [line + ";tag=1" if line.startswith("To:") and "tag=" not in line else line for line in kept]
        self._transport.sendto("\r\n".join([f"SIP/2.0 {answer}", *kept, "Content-Length: 0", "", ""]).encode(), addr)

    @staticmethod
    def _is_right(method: str, request: str) -> bool:
        given = dict(re.findall(r'(\w+)="([^"]*)"', request.split("\r\nAuthorization:")[1].split("\r\n")[0]))
        ours = _md5(f"{USER}:{REALM}:{PASSWORD}"), _md5(f"{method}:{given['uri']}")
        return given["response"] == _md5(f"{ours[0]}:n1:{ours[1]}")


def _md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()
