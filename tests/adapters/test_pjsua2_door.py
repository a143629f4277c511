"""Calls that come in: a stranger's INVITEs neither take the lines nor end the process."""

import asyncio
import gc
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import pjsua2 as pj
import pytest

from voicebot.adapters.pjsua2_door import SocketBudget
from voicebot.adapters.pjsua2_telephone import Pjsua2Telephone
from voicebot.application.ports.telephone import Disconnected
from voicebot.domain.call import Cause
from voicebot.domain.errors import NoFreeSlot

SOUND = """v=0
o=- 1 1 IN IP4 127.0.0.1
s=-
c=IN IP4 127.0.0.1
t=0 0
m=audio 40000 RTP/AVP 8
""".replace("\n", "\r\n")
"""With it pjsua2 opens sockets for the voice as soon as it sees the INVITE."""


class Stranger:
    """Sends INVITEs and acknowledges what they are answered with."""

    def __init__(self, telephone: Pjsua2Telephone, own: socket.socket) -> None:
        self._to = telephone.address()
        self._socket = own
        self._numbers = count()

    async def call(self, times: int) -> Counter[int]:
        """How often each final answer came; waits 20 s for the last."""
        answers = {f"stranger-{next(self._numbers)}": 0 for _ in range(times)}
        for call in answers:
            self._send("INVITE", call, to=f"<sip:x@{self._to[0]}>", body=SOUND)
        async with asyncio.timeout(20):
            while 0 in answers.values():
                await self._hear(answers)
        return Counter(answers.values())

    async def _hear(self, answers: dict[str, int]) -> None:
        message = (await asyncio.get_running_loop().sock_recv(self._socket, 4096)).decode()
        first, *rest = message.split("\r\n")
        headers = dict(line.split(": ", 1) for line in rest if ": " in line)
        code = int(first.split()[1])
        if code >= 200 and headers["Call-ID"] in answers:  # not an earlier one, repeated
            answers[headers["Call-ID"]] = code
            self._send("ACK", headers["Call-ID"], to=headers["To"])

    def _send(self, method: str, call: str, *, to: str, body: str = "") -> None:
        host, port = self._socket.getsockname()
        lines = (
            f"{method} sip:x@{self._to[0]}:{self._to[1]} SIP/2.0",
            f"Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK{call}",
            f"From: <sip:stranger@{host}>;tag={call}",
            f"To: {to}",
            f"Call-ID: {call}",
            f"CSeq: 1 {method}",
            f"Contact: <sip:stranger@{host}:{port}>",
            "Max-Forwards: 70",
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body)}",
        )
        self._socket.sendto(("\r\n".join(lines) + "\r\n\r\n" + body).encode(), self._to)


@contextmanager
def a_stranger(telephone: Pjsua2Telephone) -> Iterator[Stranger]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as own:
        own.bind(("127.0.0.1", 0))
        own.setblocking(False)
        yield Stranger(telephone, own)


async def own_call(telephone: Pjsua2Telephone) -> Disconnected:
    """The end of a call to ourselves, which we refuse with 486."""
    host, port = telephone.address()
    call = await telephone.dial(f"sip:x@{host}:{port}", caller_id="+74951234567", ring_timeout_s=5, recording=None)
    last = [event async for event in call.events()][-1]
    assert isinstance(last, Disconnected)
    return last


async def test_while_nobody_takes_calls_each_is_turned_away_and_costs_no_line() -> None:
    async with Pjsua2Telephone() as telephone:
        with a_stranger(telephone) as stranger:
            assert await stranger.call(40) == {480: 40}
        assert (await own_call(telephone)).cause is Cause.UNREACHABLE, "we turn ourselves away too, and live"


async def test_a_flood_of_calls_is_turned_away_before_it_aborts_the_process() -> None:
    async with Pjsua2Telephone() as telephone, asyncio.TaskGroup() as tasks:
        arrivals = telephone.incoming()

        async def refuse_all() -> None:
            async for incoming in arrivals:
                tasks.create_task(incoming.refuse(486))

        refusing = tasks.create_task(refuse_all())
        answers: Counter[int] = Counter()
        with a_stranger(telephone) as stranger:
            for _ in range(20):  # four at a time find a slot: 80 calls are 160 sockets
                answers += await stranger.call(4)
        assert set(answers) <= {486, 503}
        assert answers[503] > 0
        await asyncio.sleep(0.7)  # the sockets of the flood are forgotten
        over = await own_call(telephone)
        assert (over.cause, over.sip_code) == (Cause.BUSY, 486)
        refusing.cancel()


async def test_an_error_that_somebody_keeps_holds_no_part_of_the_stack() -> None:
    kept: list[NoFreeSlot] = []
    async with Pjsua2Telephone() as telephone:
        arrivals = telephone.incoming()
        uri = "sip:x@{}:{}".format(*telephone.address())
        for _ in range(2):  # calls to ourselves take two slots each
            await telephone.dial(uri, caller_id="+74951234567", ring_timeout_s=5, recording=None)
            await anext(arrivals)
        with pytest.raises(NoFreeSlot) as caught:
            await telephone.dial(uri, caller_id="+74951234567", ring_timeout_s=5, recording=None)
        kept.append(caught.value)
    parts = (pj.Account, pj.Call, pj.AudioMediaPort, pj.Endpoint)
    assert [type(part) for part in gc.get_objects() if isinstance(part, parts)] == [], kept


def test_a_call_counts_until_pjlib_has_forgotten_its_sockets() -> None:
    now = 0.0
    budget = SocketBudget(lambda: now)
    for _ in range(20):
        budget.call_ended()
    assert budget.has_room(3)
    assert not budget.has_room(4)
    now = 0.5
    assert not budget.has_room(4)
    now = 0.7
    assert budget.has_room(4)
