"""Clients that connect and say nothing, say it drop by drop, or never read."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest
from aiohttp import ClientSession, web

from voicebot.entrypoints.web.door import DoorLimits, listening

Open = Callable[[DoorLimits], Awaitable[int]]
Wire = tuple[asyncio.StreamReader, asyncio.StreamWriter]
HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\n"


async def say_hello(_request: web.Request) -> web.Response:
    return web.Response(text="hello")


async def say_much(_request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(_request)
    for _ in range(2000):
        await response.write(b"x" * 65536)
    return response


@pytest.fixture
async def open_door() -> AsyncIterator[Open]:
    """A server with the limits one names; its port."""
    async with AsyncExitStack() as stack:

        async def opened(limits: DoorLimits) -> int:
            app = web.Application()
            app.router.add_get("/", say_hello)
            app.router.add_get("/much", say_much)
            runner = web.AppRunner(app, shutdown_timeout=0.1)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            server = await stack.enter_async_context(listening(runner, "127.0.0.1", 0, limits))
            return int(server.sockets[0].getsockname()[1])

        yield opened


@pytest.fixture
async def connect() -> AsyncIterator[Callable[[int], Awaitable[Wire]]]:
    wires: list[Wire] = []

    async def connected(port: int) -> Wire:
        wires.append(await asyncio.open_connection("127.0.0.1", port))
        return wires[-1]

    yield connected
    for _, writer in wires:
        writer.close()


async def is_closed(reader: asyncio.StreamReader) -> bool:
    try:
        async with asyncio.timeout(5):
            while await reader.read(65536):
                pass
    except ConnectionError:
        pass
    return True


async def hello(port: int) -> str:
    async with ClientSession() as session, asyncio.timeout(3):
        return await (await session.get(f"http://127.0.0.1:{port}/")).text()


async def test_who_says_nothing_or_never_ends_their_headers_is_let_go(
    open_door: Open, connect: Callable[[int], Awaitable[Wire]]
) -> None:
    port = await open_door(DoorLimits(head_s=0.3))
    (silent, _), (slow, writer) = await connect(port), await connect(port)
    writer.write(HEAD)

    async def drip() -> None:
        while not writer.is_closing():
            writer.write(b"X: y\r\n")
            await asyncio.sleep(0.05)

    dripping = asyncio.create_task(drip(), name="drip")
    assert await hello(port) == "hello"
    assert await is_closed(silent)
    assert await is_closed(slow)
    dripping.cancel()


async def test_what_is_no_http_is_refused_without_a_word_in_the_log(
    open_door: Open, connect: Callable[[int], Awaitable[Wire]], caplog: pytest.LogCaptureFixture
) -> None:
    port = await open_door(DoorLimits())
    for said in (b"GET /?q=" + b"secret" * 2000 + b" HTTP/1.1\r\n\r\n", b"\x16\x03\x01 hello\r\n\r\n"):
        reader, writer = await connect(port)
        writer.write(said)
        assert b" 400 " in await reader.readline()
    assert caplog.text == ""


async def test_an_open_connection_is_kept_for_the_next_request_and_no_longer(
    open_door: Open, connect: Callable[[int], Awaitable[Wire]]
) -> None:
    port = await open_door(DoorLimits(head_s=0.2, idle_s=0.6))
    reader, writer = await connect(port)
    for _ in range(2):
        writer.write(HEAD + b"\r\n")
        assert await reader.readuntil(b"hello")
        await asyncio.sleep(0.3)  # longer than a first request may take
    writer.write(HEAD)  # the third never ends
    assert await is_closed(reader)


async def test_a_crowd_of_silent_ones_makes_room_for_whoever_speaks(
    open_door: Open, connect: Callable[[int], Awaitable[Wire]]
) -> None:
    port = await open_door(DoorLimits(connections=20))
    crowd = [await connect(port) for _ in range(60)]
    assert await hello(port) == "hello"
    assert await is_closed(crowd[0][0])


async def test_those_who_speak_are_not_put_out_for_newcomers(
    open_door: Open, connect: Callable[[int], Awaitable[Wire]]
) -> None:
    port = await open_door(DoorLimits(connections=2))
    talking = [await connect(port) for _ in range(2)]
    for reader, writer in talking:
        writer.write(HEAD + b"\r\n")
        assert await reader.readuntil(b"hello")
    newcomer, _ = await connect(port)
    assert await is_closed(newcomer)
    reader, writer = talking[0]
    writer.write(HEAD + b"\r\n")
    assert await reader.readuntil(b"hello")


async def test_who_never_reads_what_they_asked_for_is_let_go(
    open_door: Open, connect: Callable[[int], Awaitable[Wire]]
) -> None:
    port = await open_door(DoorLimits(stalled_s=0.3))
    reader, writer = await connect(port)
    writer.transport.pause_reading()  # type: ignore[attr-defined]  # a reading transport
    writer.write(b"GET /much HTTP/1.1\r\nHost: localhost\r\n\r\n")
    await asyncio.sleep(1.0)
    assert await hello(port) == "hello"
    writer.transport.resume_reading()  # type: ignore[attr-defined]  # a reading transport
    assert await is_closed(reader)
