"""A trunk over TLS, with a certificate nobody has signed."""

import asyncio
import re
import ssl
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from voicebot.adapters.pjsua2_endpoint import SipSettings
from voicebot.adapters.pjsua2_telephone import Pjsua2Telephone
from voicebot.application.ports.telephone import CallEvent, Disconnected
from voicebot.domain.call import Cause
from voicebot.domain.dialplan import Transport, Trunk, uri_on
from voicebot.domain.phone import Phone

if TYPE_CHECKING:
    from conftest import FindPeer

pytestmark = pytest.mark.peer


@pytest.fixture
def certificate(tmp_path: Path, find_peer: "FindPeer") -> Path:
    """Key and self-signed certificate for 127.0.0.1 in one file."""
    path = tmp_path / "trunk.pem"
    command = [find_peer("openssl", "openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"]
    command += ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(path)]
    made = subprocess.run([*command, "-out", "-"], check=True, capture_output=True)
    with path.open("ab") as file:
        file.write(made.stdout)
    return path


@pytest.fixture
async def busy_trunk(certificate: Path) -> AsyncIterator[int]:
    """Port of a TLS server that answers every INVITE with 486."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = await asyncio.start_server(refuse, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    request = (await reader.readuntil(b"\r\n\r\n")).decode()
    kept = [line for line in request.split("\r\n") if re.match(r"(Via|From|To|Call-ID|CSeq):", line)]
    kept = [line + ";tag=1" if line.startswith("To:") else line for line in kept]
    writer.write("\r\n".join(["SIP/2.0 486 Busy Here", *kept, "Content-Length: 0", "", ""]).encode())
    await writer.drain()
    await reader.read()
    writer.close()


async def outcome(port: int, *, verify: bool, settings: SipSettings) -> CallEvent:
    trunk = Trunk(
        name="tls",
        host="127.0.0.1",
        port=port,
        transport=Transport.TLS,
        verify_certificate=verify,
        caller_ids=(Phone("+74951234567"),),
    )
    async with Pjsua2Telephone([trunk], settings) as telephone:
        call = await telephone.dial(uri_on(trunk, "x"), caller_id="+74951234567", ring_timeout_s=5, recording=None)
        return [event async for event in call.events()][-1]


async def test_a_certificate_nobody_has_signed_is_not_trusted(busy_trunk: int) -> None:
    over = await outcome(busy_trunk, verify=True, settings=SipSettings())
    assert isinstance(over, Disconnected)
    assert over.cause is Cause.FAILED


async def test_a_certificate_we_were_told_to_trust_is(busy_trunk: int, certificate: Path) -> None:
    settings = SipSettings(certificate_authorities=str(certificate))
    over = await outcome(busy_trunk, verify=True, settings=settings)
    assert over == Disconnected(cause=Cause.BUSY, sip_code=486, by_us=False)


async def test_verification_may_be_switched_off(busy_trunk: int) -> None:
    over = await outcome(busy_trunk, verify=False, settings=SipSettings())
    assert over == Disconnected(cause=Cause.BUSY, sip_code=486, by_us=False)
