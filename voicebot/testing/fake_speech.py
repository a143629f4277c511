"""Ears and voice without engines: words are written into the sound and read back out of it."""

import asyncio
from dataclasses import dataclass
from typing import Final

import numpy as np

from voicebot.domain.audio import FRAME_BYTES, TELEPHONE, Audio
from voicebot.domain.errors import SpeechError
from voicebot.domain.prompt import Prompt

_LETTER_BASE: Final = 8192
"""A sample of this value plus a byte carries that byte; nothing else in the fakes' sound is as loud."""
_HUM: Final = 3000


@dataclass(frozen=True, kw_only=True, slots=True)
class FakeRecognised:
    """What the fake ears made of an utterance."""

    text: str
    confidence: float


class FakeSynthesiser:
    """Says a text as a square wave that holds the words, 20 ms for each byte (a Russian letter has two)."""

    def __init__(self, *, failures: int = 0) -> None:
        """`failures`: how many of the first sentences raise SpeechError."""
        self._failures = failures
        self.said: list[str] = []
        """Every text spoken, in order."""

    @property
    def voice(self) -> str:
        """Name of the voice with its settings."""
        return "fake"

    async def synthesise(self, text: str) -> Audio:
        """Telephone audio that FakeRecogniser hears as `text`."""
        await asyncio.sleep(0)
        if self._failures:
            self._failures -= 1
            raise SpeechError("the fake voice was told to fail")
        self.said.append(text)
        return spoken(text)


def spoken(text: str) -> Audio:
    """The sound FakeRecogniser hears as `text`; silence in it is heard as nothing."""
    half = FRAME_BYTES // TELEPHONE.sample_bytes // 2
    frame = np.concatenate([np.full(half, _HUM), np.full(half, -_HUM)]).astype("<i2")
    letters = text.encode() if any(letter.isalnum() for letter in text) else b""
    wave = np.tile(frame, len(letters))
    wave[:: 2 * half] = np.frombuffer(letters, dtype=np.uint8).astype("<i2") + _LETTER_BASE
    return Audio(format=TELEPHONE, samples=wave.astype("<i2").tobytes())


class FakeRecognition:
    """Reads the words out of one call's sound."""

    def __init__(self, confidence: float) -> None:
        self._confidence = confidence
        self._letters = bytearray()
        self._closed = False

    def feed(self, samples: bytes) -> None:
        """Take sound in; noise and silence leave no words."""
        self._check_open()
        values = np.frombuffer(samples, dtype="<i2").astype(np.int32) - _LETTER_BASE
        self._letters += values[(values >= 0) & (values < 256)].astype(np.uint8).tobytes()

    def partial(self) -> str:
        """The words so far."""
        return self._text()

    async def finish(self) -> FakeRecognised:
        """The words of the utterance; the next one begins."""
        self._check_open()
        await asyncio.sleep(0)
        text = self._text()
        self._letters.clear()
        return FakeRecognised(text=text, confidence=self._confidence if text else 0.0)

    def close(self) -> None:
        """Idempotent."""
        self._closed = True

    def _check_open(self) -> None:
        if self._closed:
            raise SpeechError("this recognition is closed")

    def _text(self) -> str:
        readable = "".join(letter if letter.isalnum() or letter == "-" else " " for letter in self._decoded().lower())
        return " ".join(readable.split())

    def _decoded(self) -> str:
        return self._letters.decode(errors="ignore")  # a letter may be cut in half


class FakeRecogniser:
    """Hears what FakeSynthesiser says, with the certainty it is told to have."""

    def __init__(self, *, confidence: float = 0.95) -> None:
        self._confidence = confidence

    def open(self) -> FakeRecognition:
        """A fresh recognition."""
        return FakeRecognition(self._confidence)


class FakeVoiceDetector:
    """Takes every frame that is not nearly silent for voice."""

    def is_voice(self, frame: bytes) -> bool:
        """Whether a 20 ms frame is louder than -50 dBFS; raises ValueError for any other length."""
        if len(frame) != FRAME_BYTES:
            raise ValueError(f"a frame is {FRAME_BYTES} bytes, not {len(frame)}")
        samples = np.frombuffer(frame, dtype="<i2").astype(np.float64)
        return float(np.sqrt((samples**2).mean())) > 100


class FakePromptLibrary:
    """Renders every prompt with a FakeSynthesiser and remembers it."""

    def __init__(self) -> None:
        self._voice = FakeSynthesiser()

    @property
    def said(self) -> list[str]:
        """Every text rendered, in order."""
        return self._voice.said

    async def render(self, prompt: Prompt) -> Audio:
        """The prompt's text as fake speech."""
        return await self._voice.synthesise(prompt.text)
