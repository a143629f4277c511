"""Calls as the application sees them."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from voicebot.adapters.pjsua2_channel import CallChannel
from voicebot.adapters.pjsua2_endpoint import Pjsua2Endpoint
from voicebot.adapters.pjsua2_recording import RecordingWriter
from voicebot.adapters.pjsua2_switchboard import Arrival, Switchboard
from voicebot.application.ports.telephone import CallEvent, Connected, Disconnected, PhoneCall
from voicebot.domain.audio import Audio
from voicebot.domain.errors import TelephonyError

_GOODBYE_S: Final = 2.0
"""How long the far end may take to confirm that a call is over: a dead one would hold the line for 32 s (timer F)."""
_GIVEN_UP: Final = 487
_KEYS: Final = frozenset("0123456789*#")


class Pjsua2PhoneCall:
    """One call on the loop's side; knows its leg by number only, so it may outlive it."""

    def __init__(self, *, leg: int, channel: CallChannel, endpoint: Pjsua2Endpoint, switchboard: Switchboard) -> None:
        self._leg = leg
        self._channel = channel
        self._endpoint = endpoint
        self._switchboard = switchboard
        self._loop = asyncio.get_running_loop()
        self._ring_timer: asyncio.TimerHandle | None = None
        self._goodbye_timer: asyncio.TimerHandle | None = None
        self._over = False
        self._events = _Events(channel.events)
        channel.on_event = self._note

    def events(self) -> AsyncIterator[CallEvent]:
        """Everything that happens, as it happens."""
        return self._events

    async def play(self, audio: Audio) -> int:
        """Start playing telephone audio after what is playing now; returns the playback's number."""
        return self._channel.playback.add(audio)

    async def stop_playing(self) -> None:
        """Cut all playback within one frame."""
        self._channel.playback.clear()

    async def press(self, digit: str) -> None:
        """Send one DTMF key (RFC 4733): 0-9, * or #; raises TelephonyError before the answer and after the end."""
        if digit not in _KEYS:
            raise ValueError("a key is one of 0-9, * and #")
        await self._endpoint.run(lambda: self._switchboard.press(self._leg, digit))

    async def bridge(self, other: PhoneCall) -> None:
        """Let both far ends hear each other; what was playing on either stops."""
        if not isinstance(other, Pjsua2PhoneCall) or other._endpoint is not self._endpoint:
            raise TelephonyError("only calls of one telephone can be connected")
        one, two = self._leg, other._leg
        await self._endpoint.run(lambda: self._switchboard.bridge(one, two))

    async def hang_up(self, sip_code: int = 0) -> None:
        """End the call (BYE, CANCEL or a refusal); idempotent."""
        self._end(sip_code)

    def give_up_after(self, seconds: float) -> None:
        """Cancel the call unless it is answered within `seconds`."""
        if not self._over:
            self._ring_timer = self._loop.call_later(seconds, self._end, 0)

    def _end(self, sip_code: int) -> None:
        if self._over or self._goodbye_timer is not None:
            return
        leg = self._leg
        self._goodbye_timer = self._loop.call_later(_GOODBYE_S, self._stop_waiting)
        self._channel.playback.clear()
        self._endpoint.submit(lambda: self._switchboard.end(leg, sip_code))

    def _stop_waiting(self) -> None:
        leg = self._leg
        self._endpoint.submit(lambda: self._switchboard.declare_over(leg, _GIVEN_UP))

    def _note(self, event: CallEvent) -> None:
        if isinstance(event, Connected | Disconnected) and self._ring_timer is not None:
            self._ring_timer.cancel()
        if isinstance(event, Disconnected):
            self._over = True
            if self._goodbye_timer is not None:
                self._goodbye_timer.cancel()


class Pjsua2IncomingCall:
    """Somebody calls us."""

    def __init__(
        self, arrival: Arrival, *, endpoint: Pjsua2Endpoint, switchboard: Switchboard, writer: RecordingWriter
    ) -> None:
        self._arrival = arrival
        self._endpoint = endpoint
        self._switchboard = switchboard
        self._writer = writer
        self._ended = asyncio.Event()
        self._settled = False
        arrival.channel.on_event = self._note

    @property
    def called(self) -> str:
        """The number that was dialled."""
        invitation = self._arrival.invitation
        # A registrar puts our own account into the request URI; whom the caller wanted is then in the To header.
        if self._arrival.registered_user and invitation.request_user == self._arrival.registered_user:
            return invitation.to_user
        return invitation.request_user

    @property
    def caller(self) -> str:
        """The caller ID shown."""
        return self._arrival.invitation.from_user

    async def ring(self) -> None:
        """Answer 180 Ringing; raises TelephonyError when the caller has given up."""
        await self._endpoint.run(lambda: self._switchboard.ring(self._arrival.leg))

    async def accept(self, *, recording: Path | None) -> PhoneCall:
        """Answer 200 OK; raises TelephonyError when the caller has given up."""
        channel = self._arrival.channel
        if recording is not None:
            channel.recording = await asyncio.to_thread(self._writer.open, recording)
        if self._ended.is_set():
            raise TelephonyError("the caller has given up")
        self._settled = True
        call = Pjsua2PhoneCall(
            leg=self._arrival.leg, channel=channel, endpoint=self._endpoint, switchboard=self._switchboard
        )
        try:
            await self._endpoint.run(lambda: self._switchboard.accept(self._arrival.leg))
        except asyncio.CancelledError:
            await call.hang_up()  # a call that nobody holds must not go on
            raise
        return call

    async def refuse(self, sip_code: int) -> None:
        """End the attempt with a final code (486, 603, 404 ...); nothing happens once the caller has given up."""
        self._settled = True
        await self._endpoint.run(lambda: self._switchboard.end(self._arrival.leg, sip_code))

    async def cancelled(self) -> None:
        """Returns once the caller has given up; never for a call that was accepted or refused."""
        await self._ended.wait()

    def _note(self, event: CallEvent) -> None:
        if isinstance(event, Disconnected) and not self._settled:
            self._ended.set()


class _Events:
    """Reads a call's queue up to the last event; one per call, so it may be put down and taken up elsewhere."""

    def __init__(self, queue: asyncio.Queue[CallEvent]) -> None:
        self._queue = queue
        self._ended = False

    def __aiter__(self) -> "_Events":
        return self

    async def __anext__(self) -> CallEvent:
        if self._ended:
            raise StopAsyncIteration
        event = await self._queue.get()
        self._ended = isinstance(event, Disconnected)
        return event
