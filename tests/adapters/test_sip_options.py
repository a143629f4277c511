"""OPTIONS against servers that answer, refuse to, are silent or speak something else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import pytest

from voicebot.adapters.sip_options import ask_options
from voicebot.domain.dialplan import Transport, Trunk
from voicebot.domain.errors import TelephonyError
from voicebot.domain.phone import Phone


class Server(asyncio.DatagramProtocol):
    """Gives one answer to everything; an empty one is silence."""

    def __init__(self, answer: str) -> None:
        self._answer = answer
        self.asked: list[str] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: object) -> None:
        self.asked.append(data.decode())
        if self._answer:
            self._transport.sendto(f"{self._answer}\r\nCSeq: 1 OPTIONS\r\n\r\n".encode(), addr)


def trunk(port: int, transport: Transport = Transport.UDP, host: str = "127.0.0.1") -> Trunk:
    return Trunk(name="carrier", host=host, port=port, transport=transport, caller_ids=(Phone("+74951234567"),))


@asynccontextmanager
async def udp(answer: str) -> AsyncIterator[tuple[int, Server]]:
    transport, server = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: Server(answer), local_addr=("127.0.0.1", 0)
    )
    try:
        yield transport.get_extra_info("sockname")[1], server
    finally:
        transport.close()


async def test_any_answer_shows_that_a_sip_server_is_there() -> None:
    async with udp("SIP/2.0 403 Forbidden") as (port, server):
        assert await ask_options(trunk(port)) == "403 Forbidden"
    assert server.asked[0].startswith(f"OPTIONS sip:127.0.0.1:{port} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:")
    assert server.asked[0].endswith("Content-Length: 0\r\n\r\n")


async def test_a_silent_server_is_asked_again_and_then_given_up() -> None:
    async with udp("") as (port, server):
        with pytest.raises(TelephonyError, match=r"over udp gives no answer within 0\.6 s"):
            await ask_options(trunk(port), timeout_s=0.6)
    assert len(server.asked) == 2


async def test_other_programs_closed_ports_and_unknown_hosts_are_told_apart() -> None:
    async with udp("HTTP/1.1 400 Bad Request") as (port, _):
        with pytest.raises(TelephonyError, match="is no SIP server"):
            await ask_options(trunk(port))
    for transport in (Transport.UDP, Transport.TCP):
        with pytest.raises(TelephonyError, match=f"nobody answers at 127.0.0.1:{port} over {transport}"):
            await ask_options(trunk(port, transport))
    with pytest.raises(TelephonyError, match=r"the host 'nowhere\.invalid' is not known"):
        await ask_options(trunk(port, host="nowhere.invalid"))


async def test_tcp_is_asked_over_a_connection() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.read(4096)
        writer.write(b"SIP/2.0 200 OK\r\n\r\n" if b"Via: SIP/2.0/TCP" in request else b"SIP/2.0 400 Wrong\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        assert await ask_options(trunk(port, Transport.TCP)) == "200 OK"
        with pytest.raises(TelephonyError, match="no TLS"):
            await ask_options(trunk(port, Transport.TLS))
