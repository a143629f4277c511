"""Ears and voice."""

from typing import Protocol

from voicebot.domain.audio import Audio
from voicebot.domain.prompt import Prompt


class RecognisedText(Protocol):
    """Words with the recogniser's certainty."""

    @property
    def text(self) -> str: ...
    @property
    def confidence(self) -> float: ...


class Recognition(Protocol):
    """Recognition of one utterance after another on one call; not shared between calls."""

    def feed(self, samples: bytes) -> None:
        """Queue telephone PCM (8 kHz, 16 bit, mono); returns at once, decoded off the event loop."""

    def partial(self) -> str:
        """The words decoded so far; may lag behind what was fed."""

    async def finish(self) -> RecognisedText:
        """Decode what is queued, give the utterance's final text and begin the next one."""

    def close(self) -> None:
        """Release the recogniser; idempotent."""


class SpeechRecogniser(Protocol):
    """Opens recognitions on a model loaded once per process."""

    def open(self) -> Recognition:
        """A fresh recognition for one call."""


class SpeechSynthesiser(Protocol):
    """Turns words into sound."""

    @property
    def voice(self) -> str:
        """Name of the voice with its settings: part of a cache key."""

    async def synthesise(self, text: str) -> Audio:
        """Speak `text` (spoken Russian, no digits) as telephone audio without leading or trailing silence.

        Raises SpeechError when the engine fails twice.
        """


class PromptLibrary(Protocol):
    """Sound of prompts: a person's recording where there is one, the synthetic voice elsewhere."""

    async def render(self, prompt: Prompt) -> Audio:
        """Telephone audio of the prompt; from the cache when it was rendered before."""


class VoiceActivityDetector(Protocol):
    """Tells voice from everything else, frame by frame; keeps state, one per call."""

    def is_voice(self, frame: bytes) -> bool:
        """Whether one 20 ms telephone frame (320 bytes) holds voice."""
