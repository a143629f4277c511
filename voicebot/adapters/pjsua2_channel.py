"""What the threads of one call share."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import numpy as np

from voicebot.adapters.pjsua2_playback import PlaybackQueue
from voicebot.adapters.pjsua2_recording import StereoRecording
from voicebot.application.ports.telephone import CallEvent, Connected, Disconnected, Frame, PlaybackEnded
from voicebot.domain.audio import FRAME_BYTES

SILENCE: Final = bytes(FRAME_BYTES)


class LoopGate:
    """Hands work from pjsua2's threads to the event loop, waking it once for all that waits."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._waiting: deque[Callable[[], None]] = deque()
        self._woken = False

    def post(self, work: Callable[[], None]) -> None:
        """Run `work` on the loop soon, in order; any thread."""
        self._waiting.append(work)
        if not self._woken:
            self._woken = True
            # A loop that was closed under us wants to hear nothing, and an error in pjsua2's callback ends the process.
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._run)

    def _run(self) -> None:
        self._woken = False  # before the queue is emptied: what comes after the last look wakes the loop again
        while self._waiting:
            self._waiting.popleft()()


class CallChannel:
    """Events out, sound in and out, of one call.

    Frames flow from `connect` to `finish` only. Methods say which thread they belong to.
    """

    def __init__(self, gate: LoopGate, recording: StereoRecording | None = None) -> None:
        self.events: asyncio.Queue[CallEvent] = asyncio.Queue()
        self.playback = PlaybackQueue()
        self.recording = recording
        self.on_event: Callable[[CallEvent], None] | None = None
        """Loop: sees every event but frames before it is queued."""
        self._gate = gate
        self._connected = False
        self._finished = False
        self._partner: CallChannel | None = None
        self._sent = SILENCE
        self._received = SILENCE

    @property
    def finished(self) -> bool:
        """Whether `Disconnected` has been sent."""
        return self._finished

    def post(self, event: CallEvent) -> None:
        """Any thread: an event for the application."""
        self._gate.post(lambda: self._deliver(event))

    def connect(self) -> None:
        """Owner thread: the call was answered just now."""
        self.post(Connected(at=time.monotonic()))
        self._connected = True

    def finish(self, event: Disconnected) -> None:
        """Owner thread: the last event, sent once the recording is complete; later ones are ignored."""
        if self._finished:
            return
        self._finished = True
        if self.recording is not None and self._connected:
            self.recording.close(then=lambda: self.post(event))
        else:
            self.post(event)

    def join(self, partner: "CallChannel | None") -> None:
        """Owner thread: `partner` is heard by our far end too, so our side of the recording holds it."""
        self._partner = partner

    def next_frame(self) -> bytes:
        """Owner thread: the 20 ms to send now."""
        if not self._connected or self._finished:
            return SILENCE
        self._sent, ended = self.playback.take()
        for number in ended:
            self.post(PlaybackEnded(number=number, at=time.monotonic()))
        return self._sent

    def far_frame(self, samples: bytes) -> None:
        """Owner thread: 20 ms of the far end; empty is silence (nothing arrived, or the call is on hold)."""
        if not self._connected or self._finished:
            return
        self._received = samples if len(samples) == FRAME_BYTES else samples[:FRAME_BYTES].ljust(FRAME_BYTES, b"\0")
        if self.recording is not None:
            partner = self._partner
            ours = self._sent if partner is None else _mixed(self._sent, partner._received)
            self.recording.add(ours, self._received)
        self._sent = SILENCE
        self.post(Frame(samples=self._received, at=time.monotonic()))

    def _deliver(self, event: CallEvent) -> None:
        if self.on_event is not None and not isinstance(event, Frame):
            self.on_event(event)
        self.events.put_nowait(event)


def _mixed(one: bytes, other: bytes) -> bytes:
    if one == SILENCE:
        return other
    total = np.frombuffer(one, "<i2").astype(np.int32) + np.frombuffer(other, "<i2")
    mixed: bytes = total.clip(-32768, 32767).astype("<i2").tobytes()
    return mixed
