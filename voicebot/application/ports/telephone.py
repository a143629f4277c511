"""The telephone: one line at a time, in our own words."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from voicebot.domain.audio import Audio
from voicebot.domain.call import Cause


@dataclass(frozen=True, kw_only=True, slots=True)
class Ringing:
    """The far end rings (180) or speaks before the answer (183)."""

    early_media: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Connected:
    """200 OK: timers of the conversation start here."""

    at: float
    """Monotonic seconds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Frame:
    """20 ms of the far end's voice."""

    samples: bytes
    """320 bytes of telephone PCM."""
    at: float
    """Monotonic seconds when it came off the jitter buffer."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DigitPressed:
    """A DTMF key (RFC 4733 or SIP INFO)."""

    digit: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PlaybackEnded:
    """A `play` has reached its end; never sent for one that was stopped."""

    number: int
    """What `play` returned."""
    at: float
    """Monotonic seconds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Disconnected:
    """The call is over; the last event of every call."""

    cause: Cause
    """ANSWERED when it had been answered."""
    sip_code: int
    by_us: bool


CallEvent = Ringing | Connected | Frame | DigitPressed | PlaybackEnded | Disconnected


class PhoneCall(Protocol):
    """One call in progress. Events come in order; the iterator ends after `Disconnected`."""

    def events(self) -> AsyncIterator[CallEvent]:
        """Everything that happens, as it happens."""

    async def play(self, audio: Audio) -> int:
        """Start playing telephone audio after what is playing now; returns the playback's number."""

    async def stop_playing(self) -> None:
        """Cut all playback within one frame; what was queued is forgotten (stale audio is never heard)."""

    async def press(self, digit: str) -> None:
        """Send one DTMF key (RFC 4733): 0-9, * or #."""

    async def bridge(self, other: "PhoneCall") -> None:
        """Let both far ends hear each other (transfer); the recording goes on."""

    async def hang_up(self, sip_code: int = 0) -> None:
        """End the call (BYE, CANCEL or a refusal); idempotent."""


class IncomingCall(Protocol):
    """Somebody calls us; exactly one of `accept` and `refuse` ends the waiting."""

    @property
    def called(self) -> str:
        """User part of the request URI: the number that was dialled."""

    @property
    def caller(self) -> str:
        """User part of the From header: the caller ID shown."""

    async def ring(self) -> None:
        """Answer 180 Ringing."""

    async def accept(self, *, recording: Path | None) -> PhoneCall:
        """Answer 200 OK; the first event of the call is `Connected`."""

    async def refuse(self, sip_code: int) -> None:
        """End the attempt with a final code (486, 603, 404 ...)."""

    async def cancelled(self) -> None:
        """Returns once the caller has given up."""


class Telephone(Protocol):
    """A registered or IP-authenticated way out to the network."""

    async def dial(self, uri: str, *, caller_id: str, ring_timeout_s: float, recording: Path | None) -> PhoneCall:
        """Send an INVITE to `uri` (sip:+7...@host); the outcome comes as events.

        `recording`: where to write a stereo WAV (left = our side, right = the far end), None for none.
        Raises NoFreeSlot (retryable) when the process has four calls already, TelephonyError when the stack refuses.
        """

    def incoming(self) -> AsyncIterator[IncomingCall]:
        """Calls that reach us, as they come."""
