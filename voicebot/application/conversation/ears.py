"""From the frames of a line to utterances with their text."""

from dataclasses import dataclass

from voicebot.application.ports.speech import Recognition, VoiceActivityDetector
from voicebot.application.ports.telephone import Frame
from voicebot.domain.dialogue_actions import Listen
from voicebot.domain.turn_events import (
    AudioToRecognise,
    BargeIn,
    BeepHeard,
    EndOfSpeech,
    NoSpeech,
    SpeechStarted,
    TooLong,
    TurnEvent,
    Verdict,
)
from voicebot.domain.turn_taking import Phase, TurnTaking


@dataclass(frozen=True, kw_only=True, slots=True)
class Interrupted:
    """Real speech over the bot's voice: be quiet now; what is said will follow."""

    at: float
    """Monotonic seconds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SaidSomething:
    """A whole utterance."""

    text: str
    """Empty when no word was recognised."""
    confidence: float
    """Mean word confidence 0..1."""
    started_at: float
    """Monotonic seconds."""
    ended_at: float
    """Monotonic seconds, the end silence not included."""
    verdict: Verdict
    """What it is worth in the turn it was said in."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NobodySpoke:
    """The patience of the question is over."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Beeped:
    """An answering machine has beeped."""

    at: float
    """Monotonic seconds."""


Overheard = Interrupted | SaidSomething | NobodySpoke | Beeped


class Ears:
    """Voice activity, turn-taking and recognition of one call; everything on the event loop's thread."""

    def __init__(self, recognition: Recognition, detector: VoiceActivityDetector) -> None:
        self._recognition = recognition
        self._detector = detector
        self._turns = TurnTaking()
        self._waiting: list[TurnEvent] = []
        """Events that came of being told about the bot's own voice; they are dealt with on the next frame."""

    @property
    def in_speech(self) -> bool:
        """Whether the customer speaks, or has said something nobody has listened to yet."""
        return self._turns.phase in (Phase.SPEAKING, Phase.KEPT)

    def bot_started(self, at: float, *, barge_in: bool) -> None:
        """The bot speaks (on)."""
        self._waiting += self._turns.bot_started(at, barge_in=barge_in)

    def bot_stopped(self, at: float) -> None:
        """The bot is quiet."""
        self._waiting += self._turns.bot_stopped(at)

    def listen(self, question: Listen, at: float) -> None:
        """Wait for an answer, from now or from when the bot falls quiet."""
        self._waiting += self._turns.listen(question, at)

    def stop_listening(self) -> None:
        """No answer is awaited."""
        self._turns.stop_listening()

    async def hear(self, frame: Frame) -> list[Overheard]:
        """Everything that one frame brings to a conclusion."""
        waiting, self._waiting = self._waiting, []
        heard = self._turns.frame(frame.samples, self._detector.is_voice(frame.samples), frame.at)
        overheard: list[Overheard] = []
        for event in [*waiting, *heard]:
            overheard += await self._conclude(event, frame.at)
        return overheard

    async def _conclude(self, event: TurnEvent, at: float) -> list[Overheard]:
        match event:
            case AudioToRecognise(samples=samples):
                self._recognition.feed(samples)
                words_stop_it = self._turns.partial(self._recognition.partial(), at)
                return [Interrupted(at=at)] if words_stop_it else []
            case BargeIn():
                return [Interrupted(at=at)]
            case EndOfSpeech() | TooLong():
                return [await self._said(event)]
            case NoSpeech():
                return [NobodySpoke()]
            case BeepHeard(at=beeped_at):
                return [Beeped(at=beeped_at)]
            case SpeechStarted():
                return []

    async def _said(self, event: EndOfSpeech | TooLong) -> SaidSomething:
        recognised = await self._recognition.finish()
        return SaidSomething(
            text=recognised.text,
            confidence=recognised.confidence,
            started_at=event.started_at,
            ended_at=event.ended_at,
            verdict=self._turns.heard(recognised.text),
        )

    def close(self) -> None:
        """Release the recogniser; idempotent."""
        self._recognition.close()
