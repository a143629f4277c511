"""Asks a SIP server whether it is there (OPTIONS, RFC 3261 section 11)."""

import asyncio
import secrets
import socket
import ssl
from typing import Final

from voicebot.domain.dialplan import Transport, Trunk
from voicebot.domain.errors import TelephonyError

_REPEAT_S: Final = (0.0, 0.4, 0.8)
"""UDP loses packets: the request goes out so often."""


async def ask_options(trunk: Trunk, *, timeout_s: float = 2.0) -> str:
    """The trunk's answer, `200 OK` or whatever it says: any answer shows that a SIP server is there.

    Raises TelephonyError saying why there is none.
    """
    where = f"{trunk.host}:{trunk.port} over {trunk.transport}"
    try:
        async with asyncio.timeout(timeout_s):
            if trunk.transport is Transport.UDP:
                answer = await _by_datagram(trunk)
            else:
                answer = await _by_stream(trunk)
    except TimeoutError as error:
        raise TelephonyError(f"{where} gives no answer within {timeout_s:g} s") from error
    except socket.gaierror as error:
        raise TelephonyError(f"the host '{trunk.host}' is not known") from error
    except ssl.SSLError as error:
        raise TelephonyError(f"{where}: no TLS ({error.reason})") from error
    except OSError as error:
        raise TelephonyError(f"nobody answers at {where}") from error
    version, _, status = answer.partition(" ")
    if version != "SIP/2.0":
        raise TelephonyError(f"what answers at {where} is no SIP server")
    return status


class _Answers(asyncio.DatagramProtocol):
    """Keeps the first datagram."""

    def __init__(self) -> None:
        self.first: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def datagram_received(self, data: bytes, addr: object) -> None:
        if not self.first.done():
            self.first.set_result(data)

    def error_received(self, exc: Exception) -> None:
        if not self.first.done():
            self.first.set_exception(exc)


async def _by_datagram(trunk: Trunk) -> str:
    loop = asyncio.get_running_loop()
    transport, answers = await loop.create_datagram_endpoint(_Answers, remote_addr=(trunk.host, trunk.port))
    request = _request(trunk, transport.get_extra_info("sockname"))
    waiting = [loop.call_later(pause, transport.sendto, request) for pause in _REPEAT_S]
    try:
        return _first_line(await answers.first)
    finally:
        for sending in waiting:
            sending.cancel()
        transport.close()


async def _by_stream(trunk: Trunk) -> str:
    context = _tls(trunk) if trunk.transport is Transport.TLS else None
    reader, writer = await asyncio.open_connection(trunk.host, trunk.port, ssl=context)
    try:
        writer.write(_request(trunk, writer.get_extra_info("sockname")))
        return _first_line(await reader.readline())
    finally:
        writer.close()


def _tls(trunk: Trunk) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if not trunk.verify_certificate:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _request(trunk: Trunk, ours: tuple[str, int]) -> bytes:
    host = f"[{trunk.host}]" if ":" in trunk.host else trunk.host
    local = f"[{ours[0]}]" if ":" in ours[0] else ours[0]
    lines = (
        f"OPTIONS sip:{host}:{trunk.port} SIP/2.0",
        f"Via: SIP/2.0/{trunk.transport.upper()} {local}:{ours[1]};rport;branch=z9hG4bK{secrets.token_hex(8)}",
        "Max-Forwards: 70",
        f"From: <sip:voicebot@{local}>;tag={secrets.token_hex(4)}",
        f"To: <sip:{host}:{trunk.port}>",
        f"Call-ID: {secrets.token_hex(12)}",
        "CSeq: 1 OPTIONS",
        f"Contact: <sip:voicebot@{local}:{ours[1]}>",
        "Accept: application/sdp",
        "Content-Length: 0",
    )
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _first_line(answer: bytes) -> str:
    return answer.split(b"\r\n", 1)[0].decode("utf-8", "replace").strip()
