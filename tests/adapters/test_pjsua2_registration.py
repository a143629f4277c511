"""Registration and digest accounts, against a registrar of our own."""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator
from typing import cast

import pytest

from voicebot.adapters.pjsua2_telephone import Pjsua2Telephone
from voicebot.application.ports.telephone import Disconnected
from voicebot.domain.call import Cause
from voicebot.domain.dialplan import Trunk, uri_on
from voicebot.domain.errors import ConfigurationError, TelephonyError
from voicebot.domain.phone import Phone

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


@pytest.fixture
async def registrar() -> AsyncIterator[Registrar]:
    transport, protocol = await asyncio.get_running_loop().create_datagram_endpoint(
        Registrar, local_addr=("127.0.0.1", 0)
    )
    yield protocol
    transport.close()


def trunk_at(port: int, *, password: str = PASSWORD, registers: bool = True) -> Trunk:
    return Trunk(
        name="carrier",
        host="127.0.0.1",
        port=port,
        registers=registers,
        username=USER,
        password=password,
        caller_ids=(Phone("+74951234567"),),
    )


async def test_the_right_password_registers_and_leaving_unregisters(registrar: Registrar) -> None:
    async with Pjsua2Telephone([trunk_at(registrar.port)]) as telephone:
        await telephone.require_registration(timeout_s=3)
        (state,) = telephone.registration_state()
        assert (state.trunk, state.registered, state.sip_code) == ("carrier", True, 200)
    assert "Expires: 0" in registrar.asked[-1]


async def test_a_wrong_password_is_one_clear_message_that_keeps_the_password(registrar: Registrar) -> None:
    async with Pjsua2Telephone([trunk_at(registrar.port, password="wrong staple")]) as telephone:
        with pytest.raises(ConfigurationError, match=r"trunk 'carrier'.*refused the account: 403") as caught:
            await telephone.require_registration(timeout_s=3)
        assert caught.value.exit_code == 2
        assert "staple" not in str(caught.value)
        assert not telephone.registration_state()[0].registered


async def test_a_silent_registrar_is_told_from_one_that_refuses() -> None:
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        asyncio.DatagramProtocol, local_addr=("127.0.0.1", 0)
    )
    trunk = trunk_at(transport.get_extra_info("sockname")[1])
    async with Pjsua2Telephone([trunk]) as telephone:
        with pytest.raises(TelephonyError, match=r"no registration at trunk 'carrier' within 0\.2 s"):
            await telephone.require_registration(timeout_s=0.2)
    transport.close()


async def test_a_trunk_without_registration_answers_challenges_and_shows_the_caller_id(registrar: Registrar) -> None:
    trunk = trunk_at(registrar.port, registers=False)
    async with Pjsua2Telephone([trunk]) as telephone:
        await telephone.require_registration(timeout_s=0.1)
        call = await telephone.dial(
            uri_on(trunk, "+79161234567"), caller_id="+74951234567", ring_timeout_s=3, recording=None
        )
        over = [event async for event in call.events()][-1]
    assert isinstance(over, Disconnected)
    assert (over.cause, over.sip_code) == (Cause.BUSY, 486)
    invite = registrar.asked[-1]
    assert re.search(r"\r\nFrom: <sip:\+74951234567@127.0.0.1", invite)
    assert re.search(r"\r\nP-Asserted-Identity: <sip:\+74951234567@127.0.0.1", invite)


async def test_a_call_with_a_wrong_password_is_our_failure(registrar: Registrar) -> None:
    trunk = trunk_at(registrar.port, registers=False, password="wrong")
    async with Pjsua2Telephone([trunk]) as telephone:
        call = await telephone.dial(uri_on(trunk, "x"), caller_id="+74951234567", ring_timeout_s=3, recording=None)
        over = [event async for event in call.events()][-1]
    assert isinstance(over, Disconnected)
    assert (over.cause, over.sip_code) == (Cause.FAILED, 401)
