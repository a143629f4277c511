"""MTS Exolve: what is sent, and what its answers mean."""

import pytest
from aiohttp import web

from voicebot.adapters.sms_exolve import ExolveSmsGateway
from voicebot.application.ports.messages import ShortMessage
from voicebot.domain.errors import GatewayError
from voicebot.domain.phone import Phone
from voicebot.testing.exolve_server import KEY, ExolveServer, Posted

MESSAGE = ShortMessage(key="one", to=Phone("+79161234567"), text="Здравствуйте")


def _gateway(url: str, key: str = KEY, timeout_s: float = 5) -> ExolveSmsGateway:
    return ExolveSmsGateway(url=url, key=key, sender="+78001234567", timeout_s=timeout_s)


async def test_the_request_carries_number_destination_and_text() -> None:
    async with ExolveServer() as server:
        gateway = _gateway(server.url)
        receipt = await gateway.send(MESSAGE)
        await gateway.close()
        assert server.messages == [Posted(number="78001234567", destination="79161234567", text="Здравствуйте")]
        assert receipt.gateway_id == "1001"


@pytest.mark.parametrize(
    ("status", "retryable"),
    [(400, False), (404, False), (422, False), (408, True), (429, True), (500, True), (502, True), (503, True)],
)
async def test_a_status_tells_whether_to_try_again(status: int, retryable: bool) -> None:
    async with ExolveServer(statuses=[status]) as server:
        gateway = _gateway(server.url)
        with pytest.raises(GatewayError, match=str(status)) as caught:
            await gateway.send(MESSAGE)
        assert caught.value.retryable is retryable
        assert caught.value.uncertain is (status == 502)  # a proxy in between lost the answer
        assert "9161234567" not in str(caught.value)
        await gateway.send(MESSAGE)  # the failure is not remembered
        await gateway.close()
        assert len(server.messages) == 1


async def test_a_wrong_key_names_the_setting() -> None:
    async with ExolveServer() as server:
        gateway = _gateway(server.url, key="wrong")
        for attempt in (gateway.check(), gateway.send(MESSAGE)):
            with pytest.raises(GatewayError, match="VOICEBOT_EXOLVE_KEY") as caught:
                await attempt
            assert not caught.value.retryable
        await gateway.close()


async def test_a_server_that_is_away_or_mute_is_tried_again() -> None:
    async def mute(_: web.BaseRequest) -> web.StreamResponse:
        raise TimeoutError  # never answered: the connection is closed

    runner = web.ServerRunner(web.Server(mute))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    gateway = _gateway(f"http://127.0.0.1:{runner.addresses[0][1]}")
    with pytest.raises(GatewayError) as caught:
        await gateway.send(MESSAGE)
    assert caught.value.retryable
    assert caught.value.uncertain  # it may have taken the message before it closed
    port = runner.addresses[0][1]
    await runner.cleanup()
    gateway_away = _gateway(f"http://127.0.0.1:{port}")
    with pytest.raises(GatewayError, match="away") as caught:
        await gateway_away.send(MESSAGE)
    assert caught.value.retryable
    assert not caught.value.uncertain
    await gateway.close()
    await gateway_away.close()
