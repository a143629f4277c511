"""What the bot is saying on one call, and what it was about to say."""

from collections import deque
from dataclasses import dataclass, replace

from voicebot.application.conversation.transcript import Transcript
from voicebot.application.ports.speech import PromptLibrary
from voicebot.application.ports.telephone import PhoneCall, PlaybackEnded
from voicebot.domain.audio import FRAME_MS, Audio
from voicebot.domain.dialogue_actions import Say

_RESUME_EARLIER_S = 0.3
"""A resumed prompt steps back this far, so that no word is heard in halves."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Playing:
    number: int
    say: Say
    audio: Audio
    state: str
    offset_s: float
    """Where in the audio this playback began."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CutShort:
    """A prompt the customer interrupted."""

    say: Say
    audio: Audio
    state: str
    heard_s: float
    """How much of it had been played, seconds."""
    unsaid: tuple[tuple[Say, Audio], ...]
    """Prompts that were waiting behind it."""


class BotVoice:
    """Plays prompts in order and writes them into the transcript when their sound begins.

    After `interrupt` nothing said before is ever played again, unless `resume` asks for it.
    """

    def __init__(self, call: PhoneCall, library: PromptLibrary, transcript: Transcript) -> None:
        self._call = call
        self._library = library
        self._transcript = transcript
        self._queue: deque[_Playing] = deque()
        self._line = -1
        self._began_at = 0.0

    @property
    def speaking(self) -> bool:
        """Whether anything is playing or waiting to play."""
        return bool(self._queue)

    @property
    def began_at(self) -> float:
        """Monotonic seconds when the prompt being played began."""
        return self._began_at

    @property
    def may_be_interrupted(self) -> bool:
        """Whether real speech stops the prompt being played."""
        return bool(self._queue) and self._queue[0].say.barge_in

    async def say(self, say: Say, state: str, *, now: float, speech_ended_at: float | None) -> None:
        """Queue a prompt; `speech_ended_at` (monotonic) is the end of the customer's words it replies to."""
        audio = await self._library.render(say.prompt)
        await self._play(say, audio, state, offset_s=0.0, now=now, speech_ended_at=speech_ended_at)

    async def resume(self, cut: CutShort, *, now: float) -> None:
        """Go on with a prompt that only a backchannel («угу») had interrupted."""
        await self._play(
            cut.say,
            cut.audio,
            cut.state,
            offset_s=max(0.0, cut.heard_s - _RESUME_EARLIER_S),
            now=now,
            speech_ended_at=None,
        )
        for say, audio in cut.unsaid:
            await self._play(say, audio, cut.state, offset_s=0.0, now=now, speech_ended_at=None)

    async def _play(
        self, say: Say, audio: Audio, state: str, *, offset_s: float, now: float, speech_ended_at: float | None
    ) -> None:
        skip = audio.format.bytes_for(offset_s * 1000)
        number = await self._call.play(replace(audio, samples=audio.samples[skip:]))
        first = not self._queue
        self._queue.append(_Playing(number=number, say=say, audio=audio, state=state, offset_s=offset_s))
        if first:
            # The media clock takes the first frame within one frame of `play`.
            sound_at = now + FRAME_MS / 2000
            gap = None if speech_ended_at is None else max(0, round((sound_at - speech_ended_at) * 1000))
            self._begin(at=sound_at, reply_gap_ms=gap)

    def _begin(self, *, at: float, reply_gap_ms: int | None = None) -> None:
        playing = self._queue[0]
        self._began_at = at
        self._line = self._transcript.bot_begins(
            state=playing.state, text=playing.say.prompt.text, at=at, reply_gap_ms=reply_gap_ms
        )

    def ended(self, event: PlaybackEnded) -> bool:
        """Take note that a prompt has been said; false for one that is not ours any more (it was cut)."""
        if not self._queue or self._queue[0].number != event.number:
            return False
        self._transcript.bot_ends(self._line, at=event.at, interrupted=False)
        self._queue.popleft()
        if self._queue:
            self._begin(at=event.at)
        return True

    async def interrupt(self, *, at: float) -> CutShort | None:
        """Be quiet at once and forget what was queued; returns the prompt that was cut, None when nothing played."""
        if not self._queue:
            return None
        await self._call.stop_playing()
        playing, *waiting = self._queue
        self.gone(at=at)
        return CutShort(
            say=playing.say,
            audio=playing.audio,
            state=playing.state,
            heard_s=playing.offset_s + max(0.0, at - self._began_at),
            unsaid=tuple((later.say, later.audio) for later in waiting),
        )

    def gone(self, *, at: float) -> None:
        """The line is gone or was cut: nothing of what was queued will be heard."""
        if self._queue:
            self._queue.clear()
            self._transcript.bot_ends(self._line, at=at, interrupted=True)
