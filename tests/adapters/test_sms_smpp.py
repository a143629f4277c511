"""SMPP: receipts, refusals and lost connections."""

import asyncio

import pytest

from voicebot.adapters.sms_smpp import SmppSmsGateway
from voicebot.application.ports.messages import DeliveryReport, DeliveryState, ShortMessage
from voicebot.domain.errors import GatewayError
from voicebot.domain.phone import Phone
from voicebot.testing.smpp_server import SmppServer

MESSAGE = ShortMessage(key="one", to=Phone("+79161234567"), text="Здравствуйте")


def _gateway(port: int, timeout_s: float = 5) -> SmppSmsGateway:
    return SmppSmsGateway(
        host="127.0.0.1", port=port, system_id="a", password="b", sender="Primer", timeout_s=timeout_s
    )


async def test_a_message_asks_for_a_receipt_and_shows_the_sender() -> None:
    async with SmppServer() as server:
        gateway = _gateway(server.port)
        await gateway.send(MESSAGE)
        await gateway.close()
        assert server.messages[0].wants_receipt
        assert server.messages[0].source == "Primer"


@pytest.mark.parametrize("parameters", [False, True], ids=["as text", "as parameters"])
async def test_receipts_become_reports(parameters: bool) -> None:
    async with SmppServer() as server:
        gateway = _gateway(server.port)
        reports = gateway.reports()
        first = await gateway.send(MESSAGE)
        second = await gateway.send(ShortMessage(key="two", to=MESSAGE.to, text="x"))
        await server.deliver_receipt(server.messages[0], "ENROUTE", parameters=parameters)  # no end: no report
        await server.deliver_receipt(server.messages[0], "DELIVRD", parameters=parameters)
        await server.deliver_receipt(server.messages[1], "UNDELIV", parameters=parameters)
        got = [await asyncio.wait_for(anext(reports), 5) for _ in range(2)]
        await gateway.close()
        assert got[0] == DeliveryReport(gateway_id=first.gateway_id, state=DeliveryState.DELIVERED)
        assert (got[1].gateway_id, got[1].state) == (second.gateway_id, DeliveryState.FAILED)


@pytest.mark.parametrize(("status", "retryable"), [(0x0B, False), (0x58, True), (0x14, True), (0x08, True)])
async def test_a_status_tells_whether_to_try_again(status: int, retryable: bool) -> None:
    async with SmppServer(statuses=[status]) as server:
        gateway = _gateway(server.port)
        with pytest.raises(GatewayError) as caught:
            await gateway.send(MESSAGE)
        assert caught.value.retryable is retryable
        assert "9161234567" not in str(caught.value)
        await gateway.send(MESSAGE)
        await gateway.close()
        assert len(server.messages) == 1


async def test_a_lost_bind_is_made_again() -> None:
    async with SmppServer() as server:
        gateway = _gateway(server.port)
        await gateway.send(MESSAGE)
        await server.drop_sessions()
        await _until_lost(gateway)
        await gateway.send(ShortMessage(key="two", to=MESSAGE.to, text="x"))
        await gateway.close()
        assert server.binds == 2
        assert len(server.messages) == 2


async def test_a_server_that_is_away_is_named_and_tried_again() -> None:
    server = SmppServer()
    gateway = _gateway(server.port, timeout_s=0.2)
    with pytest.raises(GatewayError, match=str(server.port)) as caught:
        await gateway.send(MESSAGE)
    assert caught.value.retryable
    assert not caught.value.uncertain  # nothing was submitted
    await gateway.close()


async def test_a_server_that_takes_a_message_without_a_word_leaves_us_uncertain() -> None:
    async with SmppServer() as server:
        server.mute = True
        gateway = _gateway(server.port, timeout_s=0.3)
        with pytest.raises(GatewayError, match="in time") as caught:
            await gateway.send(MESSAGE)
        assert caught.value.uncertain
        assert len(server.messages) == 1
        await gateway.close()


async def _until_lost(gateway: SmppSmsGateway) -> None:
    """The client learns of the unbind on its own thread."""
    async with asyncio.timeout(20):
        while gateway.bound:  # noqa: ASYNC110  # the bind ends on the library's thread, nothing tells us
            await asyncio.sleep(0.01)
