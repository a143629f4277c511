"""Registration and digest accounts, against a registrar of our own."""

import asyncio
import re

import pytest

from tests.registrar import PASSWORD, USER, Registrar
from voicebot.adapters.pjsua2_telephone import Pjsua2Telephone
from voicebot.application.ports.telephone import Disconnected
from voicebot.domain.call import Cause
from voicebot.domain.dialplan import Trunk, uri_on
from voicebot.domain.errors import ConfigurationError, TelephonyError
from voicebot.domain.phone import Phone


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
        await telephone.require_registration(timeout_s=15)
        (state,) = telephone.registration_state()
        assert (state.trunk, state.registered, state.sip_code) == ("carrier", True, 200)
    assert "Expires: 0" in registrar.asked[-1]


async def test_a_wrong_password_is_one_clear_message_that_keeps_the_password(registrar: Registrar) -> None:
    async with Pjsua2Telephone([trunk_at(registrar.port, password="wrong staple")]) as telephone:
        with pytest.raises(ConfigurationError, match=r"trunk 'carrier'.*refused the account: 403") as caught:
            await telephone.require_registration(timeout_s=15)
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
