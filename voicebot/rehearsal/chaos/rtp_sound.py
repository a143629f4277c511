"""Sound and keys in RTP, as little as a callee needs."""

import struct
from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voicebot.rehearsal.chaos.sip_words import PCMA

_HEADER: Final = struct.Struct("!BBHII")
_EVENT: Final = struct.Struct("!BBH")
_SAMPLES: Final = 160
"""A packet carries 20 ms at 8 kHz."""
_EVENTS: Final = {**{str(digit): digit for digit in range(10)}, "*": 10, "#": 11}
_VOLUME: Final = 10
_END: Final = 0x80
_MARKER: Final = 0x80
_LOUD: Final = 1000
"""A packet whose peak is above this is speech; silence in A-law peaks at 8."""


def _decoded(byte: int) -> int:
    byte ^= 0x55
    exponent, mantissa = (byte >> 4) & 7, byte & 15
    magnitude = (mantissa << 4) + 8 if exponent == 0 else ((mantissa << 4) + 0x108) << (exponent - 1)
    return magnitude if byte & 0x80 else -magnitude


_LINEAR: Final[NDArray[np.int16]] = np.array([_decoded(byte) for byte in range(256)], dtype=np.int16)


def encode_alaw(samples: bytes) -> bytes:
    """G.711 A-law of little-endian 16-bit samples: each the nearest of the 256 levels."""
    order = np.argsort(_LINEAR, kind="stable")
    levels = _LINEAR[order].astype(np.int32)
    wanted = np.frombuffer(samples, dtype="<i2").astype(np.int32)
    middles = (levels[1:] + levels[:-1]) // 2
    return order[np.searchsorted(middles, wanted)].astype(np.uint8).tobytes()


def is_speech(packet: bytes) -> bool:
    """Whether an RTP packet holds more than silence."""
    if len(packet) <= _HEADER.size or packet[1] & 0x7F != PCMA:
        return False
    heard = _LINEAR[np.frombuffer(packet, dtype=np.uint8, offset=_HEADER.size)]
    return bool(np.abs(heard.astype(np.int32)).max() > _LOUD)


class RtpStream:
    """Numbers the packets of one call."""

    def __init__(self, source: int) -> None:
        """`source`: the SSRC."""
        self._source = source
        self._sequence = 0
        self._at = 0

    def sound(self, alaw: bytes) -> Iterator[bytes]:
        """Packets of 20 ms; the caller paces them."""
        for first in range(0, len(alaw), _SAMPLES):
            payload = alaw[first : first + _SAMPLES].ljust(_SAMPLES, b"\xd5")
            yield self._packet(PCMA, payload, marker=first == 0)
            self._at += _SAMPLES

    def key(self, digit: str, payload_type: int) -> Iterator[bytes]:
        """A key held for 100 ms (RFC 4733); the caller paces the packets by 20 ms."""
        lengths = [_SAMPLES * step for step in range(1, 6)]
        for step, length in enumerate([*lengths, lengths[-1], lengths[-1]]):
            end = _END if step >= len(lengths) - 1 else 0
            payload = _EVENT.pack(_EVENTS[digit], end | _VOLUME, length)
            yield self._packet(payload_type, payload, marker=step == 0)
        self._at += lengths[-1]

    def _packet(self, payload_type: int, payload: bytes, *, marker: bool) -> bytes:
        self._sequence += 1
        kind = payload_type | (_MARKER if marker else 0)
        return _HEADER.pack(0x80, kind, self._sequence & 0xFFFF, self._at, self._source) + payload
