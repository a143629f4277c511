"""What turn-taking tells the conversation."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, kw_only=True, slots=True)
class SpeechStarted:
    """The customer began to speak."""

    at: float
    """Monotonic seconds of the onset (60 to 100 ms before this event)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AudioToRecognise:
    """Feed this to the recogniser; the first one of an utterance holds what came just before its onset."""

    samples: bytes
    """Telephone PCM, whole frames."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BargeIn:
    """Real speech over an interruptible prompt: stop the bot now. The utterance goes on."""

    at: float
    """Monotonic seconds of the frame that decided."""
    onset: float
    """Monotonic seconds of the onset of speech."""


@dataclass(frozen=True, kw_only=True, slots=True)
class EndOfSpeech:
    """An utterance is over: finish the recognition and hand its text to `TurnTaking.heard`."""

    started_at: float
    """Monotonic seconds of the onset."""
    ended_at: float
    """Monotonic seconds of the last audible moment; the end silence is not included."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TooLong:
    """The customer has spoken for the longest time allowed: treat it as the end of an utterance."""

    started_at: float
    """Monotonic seconds of the onset."""
    ended_at: float
    """Monotonic seconds of the cut."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NoSpeech:
    """Nobody spoke for as long as the state waits."""

    at: float
    """Monotonic seconds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BeepHeard:
    """An answering machine has beeped."""

    at: float
    """Monotonic seconds of its end (or of one second of it)."""
    frequency_hz: float


TurnEvent = SpeechStarted | AudioToRecognise | BargeIn | EndOfSpeech | TooLong | NoSpeech | BeepHeard


class Verdict(StrEnum):
    """What an utterance's text is worth in the turn it was said in."""

    ANSWER = "answer"  # hand it to the dialogue; stop the bot if it still speaks
    IGNORE = "ignore"  # a backchannel or a noise: go on speaking or listening as if nothing had been said
    RESUME = "resume"  # it stopped the bot for nothing: say the interrupted prompt again, then listen on
