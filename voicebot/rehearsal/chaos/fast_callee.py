"""A telephone that answers for hundreds of people, each with a habit."""

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final, cast

from voicebot.rehearsal.chaos.journal import Pressed, SeenCall, SeenEnd, append_seen
from voicebot.rehearsal.chaos.rtp_sound import RtpStream, is_speech
from voicebot.rehearsal.chaos.sip_words import Media, SipMessage, bye, read_message, read_offer, response, sdp_answer

log = logging.getLogger(__name__)

HOST: Final = "127.0.0.1"
_PACKET_S: Final = 0.02
_RETRANSMIT_S: Final = 0.5
_CONFIRM_WITHIN_S: Final = 4.0
"""An answer nobody acknowledges: the caller is dead."""
_RINGS_FOR_S: Final = 8.0
"""A phone stops ringing by itself; callers of a rehearsal give up much sooner."""
_SILENT_FOR_S: Final = 1.5
"""Our caller sends a packet every 20 ms, silence too: without them it is dead."""
_LONGEST_S: Final = 30.0
_Address = tuple[str, int]


class Habit(StrEnum):
    """What somebody does with a call."""

    ACCEPTS = "accepts"  # presses 1
    DECLINES = "declines"  # presses 2
    STOPS = "stops"  # presses 9
    SPEAKS = "speaks"  # says yes aloud
    LISTENS = "listens"  # hears some of it and hangs up
    LEAVES = "leaves"  # hangs up at once
    BUSY = "busy"
    AWAY = "away"  # lets it ring


HABITS: Final = (
    *(Habit.ACCEPTS, Habit.BUSY, Habit.ACCEPTS, Habit.DECLINES, Habit.LEAVES),
    *(Habit.SPEAKS, Habit.AWAY, Habit.ACCEPTS, Habit.STOPS, Habit.LISTENS),
)
"""By the last digit of the number."""
_KEYS: Final = {Habit.ACCEPTS: "1", Habit.DECLINES: "2", Habit.STOPS: "9"}


def habit_of(number: str) -> Habit:
    """Always the same for a number."""
    return HABITS[int(number[-1])]


@dataclass(kw_only=True, slots=True)
class _Call:
    invite: SipMessage
    peer: _Address
    tag: str
    invited_at: float
    last_sign_at: float
    confirmed: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    confirmed_at: float | None = None
    end: SeenEnd | None = None
    last_answer: bytes = b""
    heard_packets: int = 0
    first_heard_at: float | None = None
    pressed: list[Pressed] = field(default_factory=list)

    def sign(self) -> None:
        self.last_sign_at = time.time()

    def finish(self, end: SeenEnd) -> None:
        if self.end is None:
            self.end = end
            self.over.set()

    async def ended_within(self, seconds: float) -> bool:
        try:
            await asyncio.wait_for(self.over.wait(), seconds)
        except TimeoutError:
            return False
        return True


class FastCallee(asyncio.DatagramProtocol):
    """Use inside `callee_open`; takes any number of calls at once."""

    def __init__(self, journal: Path, spoken: bytes) -> None:
        """`spoken`: A-law of what a speaking person says."""
        self._journal = journal
        self._spoken = spoken
        self._calls: dict[str, _Call] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._transport: asyncio.DatagramTransport
        self.address: _Address = ("", 0)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)
        self.address = transport.get_extra_info("sockname")

    def datagram_received(self, data: bytes, addr: _Address) -> None:
        message = read_message(data)
        if message is None:
            return
        call = self._calls.get(message.one("call-id"))
        if call is not None:
            call.sign()
        if message.is_response:
            return
        if message.method == "INVITE" and call is None:
            self._ring(message, addr)
        elif call is None:
            if message.method != "ACK":
                self._transport.sendto(self._answer(message, 200, "gone"), addr)
        else:
            self._go_on(call, message, addr)

    async def close(self) -> None:
        """Write down what still goes on."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _ring(self, invite: SipMessage, peer: _Address) -> None:
        now = time.time()
        call = _Call(invite=invite, peer=peer, tag=secrets.token_hex(4), invited_at=now, last_sign_at=now)
        self._calls[invite.one("call-id")] = call
        task = asyncio.get_running_loop().create_task(self._live(call), name=f"call to {invite.user[-4:]}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _go_on(self, call: _Call, message: SipMessage, peer: _Address) -> None:
        match message.method:
            case "INVITE":  # again: our answer was not heard
                self._transport.sendto(call.last_answer, peer)
            case "ACK":
                call.confirmed_at = call.confirmed_at or time.time()
                call.confirmed.set()
            case "CANCEL":
                self._transport.sendto(self._answer(message, 200, call.tag), peer)
                call.finish(SeenEnd.CANCELLED)
                self._say(call, 487)
            case "BYE":
                self._transport.sendto(self._answer(message, 200, call.tag), peer)
                call.finish(SeenEnd.BYE)
            case _:
                self._transport.sendto(self._answer(message, 200, call.tag), peer)

    def _answer(self, request: SipMessage, code: int, tag: str, body: str = "") -> bytes:
        contact = f"sip:callee@{self.address[0]}:{self.address[1]}"
        return response(request, code, tag=tag, contact=contact, body=body)

    def _say(self, call: _Call, code: int, body: str = "") -> None:
        call.last_answer = self._answer(call.invite, code, call.tag, body)
        self._transport.sendto(call.last_answer, call.peer)

    async def _live(self, call: _Call) -> None:
        number = call.invite.user
        habit = habit_of(number)
        try:
            await self._take(call, habit)
        finally:
            append_seen(
                self._journal,
                SeenCall(
                    number=number,
                    call_id=call.invite.one("call-id"),
                    behaviour=habit,
                    invited_at=call.invited_at,
                    confirmed_at=call.confirmed_at,
                    last_sign_at=call.last_sign_at,
                    ended_at=time.time(),
                    end=call.end or SeenEnd.OPEN,
                    heard_s=round(call.heard_packets * _PACKET_S, 2),
                    first_heard_at=call.first_heard_at,
                    pressed=tuple(call.pressed),
                ),
            )
            asyncio.get_running_loop().call_later(5.0, self._calls.pop, call.invite.one("call-id"), None)

    async def _take(self, call: _Call, habit: Habit) -> None:
        if habit is Habit.BUSY:
            self._say(call, 486)
            call.finish(SeenEnd.REFUSED)
            return
        self._say(call, 180)
        if await call.ended_within(_RINGS_FOR_S if habit is Habit.AWAY else 0.1):
            return
        if habit is Habit.AWAY:
            call.finish(SeenEnd.RANG_OUT)
            return
        media = read_offer(call.invite.body)
        assert media is not None  # our caller always offers sound
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: _Sound(call), local_addr=(HOST, 0))
        try:
            port = transport.get_extra_info("sockname")[1]
            if await self._confirmed(call, sdp_answer(HOST, port, media.keys)):
                await self._talk(call, habit, media, transport)
        finally:
            transport.close()

    async def _confirmed(self, call: _Call, body: str) -> bool:
        deadline = time.monotonic() + _CONFIRM_WITHIN_S
        while time.monotonic() < deadline and not call.over.is_set():
            self._say(call, 200, body)
            try:
                await asyncio.wait_for(call.confirmed.wait(), _RETRANSMIT_S)
            except TimeoutError:
                continue
            return True
        call.finish(SeenEnd.UNCONFIRMED)
        return False

    async def _talk(self, call: _Call, habit: Habit, media: Media, transport: asyncio.DatagramTransport) -> None:
        acting = asyncio.create_task(self._act(call, habit, media, transport), name="habit")
        try:
            began = time.time()
            while not await call.ended_within(0.1):
                if time.time() - call.last_sign_at > _SILENT_FOR_S:
                    call.finish(SeenEnd.LOST)
                elif time.time() - began > _LONGEST_S:
                    self._leave(call)
        finally:
            acting.cancel()
            await asyncio.wait({acting})

    async def _act(self, call: _Call, habit: Habit, media: Media, transport: asyncio.DatagramTransport) -> None:
        stream = RtpStream(secrets.randbits(32))

        async def send(packets: Iterator[bytes]) -> None:
            for packet in packets:
                transport.sendto(packet, (media.host, media.port))
                await asyncio.sleep(_PACKET_S)

        if habit is Habit.LEAVES:
            await asyncio.sleep(0.3)
            self._leave(call)
            return
        await _until(lambda: call.first_heard_at is not None)
        await asyncio.sleep(1.2)
        if habit is Habit.LISTENS:
            await asyncio.sleep(1.5)
            self._leave(call)
        elif habit is Habit.SPEAKS:
            await asyncio.sleep(3.0)  # over the first words nobody may talk
            for _ in range(3):
                await send(stream.sound(self._spoken))
                await asyncio.sleep(4.0)
        else:
            digit = _KEYS[habit]
            call.pressed.append(Pressed(digit=digit, at=time.time()))
            await send(stream.key(digit, media.keys))

    def _leave(self, call: _Call) -> None:
        contact = f"sip:callee@{self.address[0]}:{self.address[1]}"
        goodbye = bye(call.invite, tag=call.tag, contact=contact, branch=secrets.token_hex(6))
        for pause in (0.0, 0.5, 1.0):
            asyncio.get_running_loop().call_later(pause, self._transport.sendto, goodbye, call.peer)
        call.finish(SeenEnd.LEFT)


class _Sound(asyncio.DatagramProtocol):
    """Listens to the caller."""

    def __init__(self, call: _Call) -> None:
        self._call = call

    def datagram_received(self, data: bytes, addr: _Address) -> None:
        self._call.sign()
        if is_speech(data):
            self._call.heard_packets += 1
            self._call.first_heard_at = self._call.first_heard_at or time.time()


async def _until(true: Callable[[], bool]) -> None:
    while not true():  # noqa: ASYNC110  # another protocol writes it, packet by packet
        await asyncio.sleep(_PACKET_S)
