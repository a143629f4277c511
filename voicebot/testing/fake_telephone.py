"""Telephones on an imaginary network, exact to the frame."""

import asyncio
import re
from collections import deque
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from voicebot.application.ports.telephone import (
    CallEvent,
    Connected,
    DigitPressed,
    Disconnected,
    Frame,
    PhoneCall,
    PlaybackEnded,
    Ringing,
)
from voicebot.domain.audio import FRAME_BYTES, FRAME_MS, TELEPHONE, Audio
from voicebot.domain.errors import NoFreeSlot, TelephonyError
from voicebot.domain.sip_outcome import cause_for
from voicebot.testing.fake_line import Player, Tape, Wire

_URI = re.compile(r"sip:(?P<user>[^@]+)@(?P<host>[^;]+)")
_KEYS = frozenset("0123456789*#")
_RELAYED_FRAMES = 10
"""A bridge holds at most this much, as a jitter buffer would."""


class FakeNetwork:
    """Connects fake telephones by host name; everything sent arrives `latency_s` later, in order."""

    def __init__(self, *, latency_s: float = 0.0, slots: int = 4) -> None:
        """`slots`: calls one telephone holds at a time (PJSUA_MAX_CALLS of the real one)."""
        self.slots = slots
        self.wire = Wire(latency_s)
        self._telephones: dict[str, FakeTelephone] = {}

    def telephone(self, host: str) -> "FakeTelephone":
        """The telephone reached by `sip:<number>@<host>`; made when first asked for."""
        if host not in self._telephones:
            self._telephones[host] = FakeTelephone(self)
        return self._telephones[host]

    def find(self, host: str) -> "FakeTelephone | None":
        """The telephone at `host`, None when nobody is there."""
        return self._telephones.get(host)


class FakeTelephone:
    """A Telephone without a network stack."""

    def __init__(self, network: FakeNetwork) -> None:
        self._network = network
        self._arriving: asyncio.Queue[FakeIncomingCall] = asyncio.Queue()
        self._taken = 0

    async def dial(self, uri: str, *, caller_id: str, ring_timeout_s: float, recording: Path | None) -> "FakeCall":
        """Call `uri`; nobody at its host is 503."""
        address = _URI.fullmatch(uri)
        if address is None:
            raise TelephonyError("not a SIP address: use sip:<number>@<host>")
        self._take_slot()
        call = FakeCall(self, self._network.wire, recording)
        target = self._network.find(address["host"])
        if target is None:
            call.transmit(lambda: call.failed(503))
            return call
        arriving = FakeIncomingCall(target, call, self._network.wire, called=address["user"], caller=caller_id)
        call.dialling(arriving, ring_timeout_s)
        call.transmit(lambda: target.invited(arriving))
        return call

    async def incoming(self) -> AsyncIterator["FakeIncomingCall"]:
        """Calls that reach this telephone, as they come."""
        while True:
            yield await self._arriving.get()

    def invited(self, arriving: "FakeIncomingCall") -> None:
        """An INVITE is here: it takes a slot or meets 486."""
        try:
            self._take_slot()
        except NoFreeSlot:
            arriving.turn_away(486)
        else:
            arriving.holds_slot = True
            self._arriving.put_nowait(arriving)

    def free_slot(self) -> None:
        """A call of this telephone is over."""
        self._taken -= 1

    def _take_slot(self) -> None:
        if self._taken >= self._network.slots:
            raise NoFreeSlot(f"all {self._network.slots} call slots of this telephone are taken")
        self._taken += 1


class FakeIncomingCall:
    """An IncomingCall on the imaginary network."""

    def __init__(
        self, telephone: FakeTelephone, caller_leg: "FakeCall", wire: Wire, *, called: str, caller: str
    ) -> None:
        self._telephone = telephone
        self._caller_leg = caller_leg
        self._wire = wire
        self._called = called
        self._caller = caller
        self._given_up = asyncio.Event()
        self._decided = False
        self.holds_slot = False

    @property
    def called(self) -> str:
        """The number that was dialled."""
        return self._called

    @property
    def caller(self) -> str:
        """The caller ID shown."""
        return self._caller

    async def ring(self) -> None:
        """Answer 180 Ringing."""
        self._wire.send(self._caller_leg.ringing)

    async def accept(self, *, recording: Path | None) -> "FakeCall":
        """Answer 200 OK; raises TelephonyError when the caller has given up."""
        if self._given_up.is_set() or self._decided:
            raise TelephonyError("this call is not waiting any more")
        self._decided = True
        caller_leg = self._caller_leg
        call = FakeCall(self._telephone, self._wire, recording)
        self._wire.send(lambda: caller_leg.connect(call))
        call.connect(caller_leg)
        return call

    async def refuse(self, sip_code: int) -> None:
        """End the attempt with a final code."""
        if not self._decided and not self._given_up.is_set():
            self.turn_away(sip_code)

    async def cancelled(self) -> None:
        """Returns once the caller has given up."""
        await self._given_up.wait()

    def turn_away(self, sip_code: int) -> None:
        """Refuse, whether or not anybody has been told of the call."""
        self._decided = True
        self._leave_slot()
        self._wire.send(lambda: self._caller_leg.failed(sip_code))

    def give_up(self) -> None:
        """The CANCEL has arrived."""
        if not self._decided:
            self._given_up.set()
            self._leave_slot()

    def _leave_slot(self) -> None:
        if self.holds_slot:
            self.holds_slot = False
            self._telephone.free_slot()


class FakeCall:
    """One end of a call; sends a frame every 20 ms from `Connected` on."""

    def __init__(self, telephone: FakeTelephone, wire: Wire, recording: Path | None) -> None:
        self._telephone = telephone
        self._wire = wire
        self._recording = recording
        self._events: asyncio.Queue[CallEvent] = asyncio.Queue()
        self._player = Player()
        self._tape = Tape()
        self._relayed: deque[bytes] = deque(maxlen=_RELAYED_FRAMES)
        self._arriving: FakeIncomingCall | None = None
        self._peer: FakeCall | None = None
        self._bridged: FakeCall | None = None
        self._ring_timer: asyncio.TimerHandle | None = None
        self._next_frame_at = 0.0
        self._over = False

    # The port.

    async def events(self) -> AsyncIterator[CallEvent]:
        """Everything that happens; ends after `Disconnected`."""
        while not (self._over and self._events.empty() and self._tape.stored):
            event = await self._events.get()
            yield event
            if isinstance(event, Disconnected):
                return

    async def play(self, audio: Audio) -> int:
        """Start playing after what is playing now; on a finished call nothing is heard."""
        if audio.format != TELEPHONE:
            raise ValueError(f"a line carries {TELEPHONE}, not {audio.format}")
        return self._player.add(audio.samples)

    async def stop_playing(self) -> None:
        """Cut all playback."""
        self._player.clear()

    async def press(self, digit: str) -> None:
        """Send one key."""
        if digit not in _KEYS:
            raise ValueError("a key is 0-9, * or #")
        peer = self._peer
        if peer is not None and not self._over:
            self.transmit(lambda: peer.happened(DigitPressed(digit=digit)))

    async def bridge(self, other: PhoneCall) -> None:
        """Let both far ends hear each other."""
        if not isinstance(other, FakeCall):
            raise TypeError("a fake call bridges to a fake call only")
        self._bridged, other._bridged = other, self

    async def hang_up(self, sip_code: int = 0) -> None:
        """BYE, or CANCEL before the answer."""
        if self._over:
            return
        if self._peer is not None:
            self.transmit(self._peer.far_end_left)
            self._finish(200, by_us=True)
        else:
            self._cancel()

    # What the network does to this end.

    def transmit(self, arrival: Callable[[], None]) -> None:
        """Let `arrival` happen at the far end, one latency from now."""
        self._wire.send(arrival)

    def dialling(self, arriving: FakeIncomingCall, ring_timeout_s: float) -> None:
        """The INVITE is on its way."""
        self._arriving = arriving
        self._ring_timer = asyncio.get_running_loop().call_later(ring_timeout_s, self._cancel)

    def ringing(self) -> None:
        """180 has arrived."""
        self.happened(Ringing(early_media=False))

    def connect(self, peer: "FakeCall") -> None:
        """Answered: frames begin to flow."""
        if self._over:
            # Answered and cancelled crossed on the wire: the far end must not wait for us.
            self.transmit(peer.far_end_left)
            return
        loop = asyncio.get_running_loop()
        self._stop_ringing()
        self._peer = peer
        self.happened(Connected(at=loop.time()))
        self._next_frame_at = loop.time()
        self._send_frame()

    def failed(self, sip_code: int) -> None:
        """A final refusal has arrived."""
        self._finish(sip_code, by_us=False)

    def far_end_left(self) -> None:
        """BYE has arrived."""
        self._finish(200, by_us=False)

    def happened(self, event: CallEvent) -> None:
        """Tell whoever reads the events, unless the call is over."""
        if not self._over:
            self._events.put_nowait(event)

    def heard(self, samples: bytes) -> None:
        """A frame has arrived."""
        self._tape.heard(samples)
        self.happened(Frame(samples=samples, at=asyncio.get_running_loop().time()))
        if self._bridged is not None:
            self._bridged._relayed.append(samples)

    def _send_frame(self) -> None:
        if self._over or self._peer is None:
            return
        loop = asyncio.get_running_loop()
        played = self._player.next_frame()
        for number in played.ended:
            self.happened(PlaybackEnded(number=number, at=loop.time()))
        relayed = self._relayed.popleft() if self._relayed else bytes(FRAME_BYTES)
        samples = played.samples or relayed
        self._tape.said(samples)
        heard = self._peer.heard
        self.transmit(lambda: heard(samples))
        self._next_frame_at += FRAME_MS / 1000
        loop.call_at(self._next_frame_at, self._send_frame)

    def _cancel(self) -> None:
        if self._arriving is not None:
            self.transmit(self._arriving.give_up)
        self._finish(487, by_us=True)

    def _stop_ringing(self) -> None:
        if self._ring_timer is not None:
            self._ring_timer.cancel()

    def _finish(self, sip_code: int, *, by_us: bool) -> None:
        if self._over:
            return
        self._stop_ringing()
        self._player.clear()
        self._over = True
        self._telephone.free_slot()
        if self._bridged is not None:
            self._bridged._bridged = None
        ending = Disconnected(cause=cause_for(sip_code), sip_code=sip_code, by_us=by_us)
        # The recording is complete before anybody hears of the end.
        self._tape.store(self._recording, then=lambda: self._events.put_nowait(ending))
