"""What every SMS gateway keeps, the fake included."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from voicebot.adapters.sms_exolve import ExolveSmsGateway
from voicebot.adapters.sms_file import FileSmsGateway
from voicebot.adapters.sms_smpp import SmppSmsGateway
from voicebot.application.ports.messages import DeliveryState, ShortMessage, SmsGateway
from voicebot.domain.phone import Phone
from voicebot.testing.exolve_server import KEY, ExolveServer
from voicebot.testing.fake_sms_gateway import FakeSmsGateway
from voicebot.testing.smpp_server import SmppServer

Received = Callable[[], list[tuple[str, str]]]
TO = Phone("+79161234567")


@asynccontextmanager
async def _fake(_: Path) -> AsyncIterator[tuple[SmsGateway, Received]]:
    gateway = FakeSmsGateway()
    yield gateway, lambda: [(one.to.e164, one.text) for one in gateway.sent.values()]


@asynccontextmanager
async def _file(folder: Path) -> AsyncIterator[tuple[SmsGateway, Received]]:
    file = folder / "out" / "sms.jsonl"
    rows = lambda: [json.loads(line) for line in file.read_text().splitlines()]  # noqa: E731  # read when asked
    yield FileSmsGateway(file), lambda: [(row["to"], row["text"]) for row in rows()]


@asynccontextmanager
async def _exolve(_: Path) -> AsyncIterator[tuple[SmsGateway, Received]]:
    async with ExolveServer() as server:
        gateway = ExolveSmsGateway(url=server.url, key=KEY, sender="+78001234567")
        yield gateway, lambda: [("+" + one.destination, one.text) for one in server.messages]
        await gateway.close()


@asynccontextmanager
async def _smpp(_: Path) -> AsyncIterator[tuple[SmsGateway, Received]]:
    async with SmppServer() as server:
        gateway = SmppSmsGateway(host="127.0.0.1", port=server.port, system_id="a", password="b", sender="Primer")
        yield gateway, lambda: [("+" + one.to, one.text) for one in server.messages]
        await gateway.close()


@pytest.fixture(params=[_fake, _file, _exolve, _smpp], ids=["fake", "file", "exolve", "smpp"])
async def desk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[tuple[SmsGateway, Received]]:
    async with request.param(tmp_path) as pair:
        yield pair


def _message(key: str, text: str = "Иван, ваш промокод DFGL4789") -> ShortMessage:
    return ShortMessage(key=key, to=TO, text=text)


async def test_a_message_arrives_with_its_number_and_text(desk: tuple[SmsGateway, Received]) -> None:
    gateway, received = desk
    receipt = await gateway.send(_message("one"))
    assert receipt.state is DeliveryState.SENT
    assert receipt.gateway_id
    assert received() == [("+79161234567", "Иван, ваш промокод DFGL4789")]


async def test_the_same_key_is_one_message_however_often_it_is_sent(desk: tuple[SmsGateway, Received]) -> None:
    gateway, received = desk
    first = await gateway.send(_message("one"))
    assert await gateway.send(_message("one")) == first
    assert len(received()) == 1


async def test_the_same_key_sent_at_once_is_one_message(desk: tuple[SmsGateway, Received]) -> None:
    gateway, received = desk
    receipts = await asyncio.gather(*(gateway.send(_message("one")) for _ in range(5)))
    assert len(set(receipts)) == 1
    assert len(received()) == 1


async def test_another_key_is_another_message(desk: tuple[SmsGateway, Received]) -> None:
    gateway, received = desk
    first, second = await gateway.send(_message("one")), await gateway.send(_message("two", "Второе"))
    assert first.gateway_id != second.gateway_id
    assert [text for _, text in received()] == ["Иван, ваш промокод DFGL4789", "Второе"]


async def test_a_text_of_a_thousand_letters_arrives_whole(desk: tuple[SmsGateway, Received]) -> None:
    gateway, received = desk
    text = "Ёлка 10 % " * 100
    await gateway.send(_message("one", text))
    assert received() == [("+79161234567", text)]


async def test_a_check_says_what_answered(desk: tuple[SmsGateway, Received]) -> None:
    gateway, received = desk
    assert (await gateway.check()).strip()
    await gateway.send(_message("one"))
    assert len(received()) == 1  # the check itself sent nothing


async def test_reports_end_when_the_gateway_is_closed_and_closing_twice_is_fine(
    desk: tuple[SmsGateway, Received],
) -> None:
    gateway, _ = desk
    reading = asyncio.create_task(_all_reports(gateway))
    await gateway.send(_message("one"))
    await gateway.close()
    await gateway.close()
    assert await asyncio.wait_for(reading, 5) == []


async def _all_reports(gateway: SmsGateway) -> list[object]:
    return [report async for report in gateway.reports()]
