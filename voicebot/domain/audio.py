"""Audio that never travels without its format."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final


@dataclass(frozen=True, kw_only=True, slots=True)
class AudioFormat:
    """Linear PCM, signed little-endian."""

    rate_hz: int
    """Samples per second and channel."""
    channels: int = 1
    """Interleaved channels."""
    sample_bytes: int = 2
    """Bytes per sample of one channel; only 2 (16 bit) is used."""

    @property
    def bytes_per_second(self) -> int:
        """Bytes one second of all channels takes."""
        return self.rate_hz * self.channels * self.sample_bytes

    def bytes_for(self, milliseconds: float) -> int:
        """Whole sample frames covering `milliseconds`, in bytes."""
        return round(self.rate_hz * milliseconds / 1000) * self.channels * self.sample_bytes


TELEPHONE: Final = AudioFormat(rate_hz=8000)
"""What a G.711 line carries: 8 kHz mono."""
FRAME_MS: Final = 20
"""Length of one frame on the line, milliseconds."""
FRAME_BYTES: Final = TELEPHONE.bytes_for(FRAME_MS)
"""Size of one frame on the line: 320 bytes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Audio:
    """A stretch of sound in one format."""

    format: AudioFormat
    samples: bytes
    """Interleaved PCM."""

    def __post_init__(self) -> None:
        if len(self.samples) % (self.format.channels * self.format.sample_bytes):
            raise ValueError(f"{len(self.samples)} bytes are not whole samples of {self.format}")

    def __add__(self, other: "Audio") -> "Audio":
        if other.format != self.format:
            raise ValueError(f"cannot join {other.format} to {self.format}: convert one first")
        return Audio(format=self.format, samples=self.samples + other.samples)

    @property
    def seconds(self) -> float:
        """Duration in seconds."""
        return len(self.samples) / self.format.bytes_per_second

    @classmethod
    def silence(cls, milliseconds: float, format: AudioFormat = TELEPHONE) -> "Audio":
        """`milliseconds` of digital silence."""
        return cls(format=format, samples=bytes(format.bytes_for(milliseconds)))

    @classmethod
    def joined(cls, parts: "list[Audio]") -> "Audio":
        """All parts after one another; at least one, all of one format."""
        for first, second in pairwise(parts):
            if first.format != second.format:
                raise ValueError(f"cannot join {second.format} to {first.format}: convert one first")
        return cls(format=parts[0].format, samples=b"".join(part.samples for part in parts))
