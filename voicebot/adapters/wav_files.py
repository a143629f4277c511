"""Sound files: read whatever studios deliver, write plain PCM."""

import os
import struct
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from voicebot.adapters.telephone_sound import FULL_SCALE, to_telephone
from voicebot.domain.audio import Audio, AudioFormat
from voicebot.domain.errors import BadInput

_PCM: Final = 1
_FLOAT: Final = 3
_EXTENSIBLE: Final = 0xFFFE
_REPAIR: Final = "save it as 16-bit PCM WAV, mono, any rate from 8000 Hz"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Encoding:
    """What a `fmt ` chunk says."""

    tag: int
    channels: int
    rate_hz: int
    bits: int


def read_wav(path: Path) -> Audio:
    """The sound of a WAV file as 16-bit PCM at the file's own rate and channels.

    Understands PCM of 8, 16, 24 and 32 bits and floats. Raises BadInput naming the file.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadInput.one(str(path), f"cannot be read: {error.strerror}") from error
    try:
        return parse_wav(content)
    except ValueError as error:
        raise BadInput.one(str(path), f"is not a usable WAV file: {error}", repair=_REPAIR) from error


def parse_wav(content: bytes) -> Audio:
    """The sound in a WAV file's content; raises ValueError saying what is wrong with it."""
    encoding, samples = _chunks(content)
    format = AudioFormat(rate_hz=encoding.rate_hz, channels=encoding.channels)
    return Audio(format=format, samples=_sixteen_bits(encoding, samples))


def read_telephone_wav(path: Path) -> Audio:
    """A recording made ready for the line: mono, 8 kHz, trimmed, levelled. Raises BadInput naming the file."""
    audio = read_wav(path)
    ready = to_telephone(audio)
    if not np.frombuffer(ready.samples, dtype="<i2").any():
        raise BadInput.one(str(path), "holds no sound", repair="record it again")
    return ready


def write_wav(path: Path, audio: Audio) -> None:
    """Write a file that appears whole or not at all, whatever other processes write at the same time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(wav_bytes(audio))
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def wav_bytes(audio: Audio) -> bytes:
    """The file's content."""
    format = audio.format
    header = struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF",
        36 + len(audio.samples),
        b"WAVE",
        b"fmt ",
        16,
        _PCM,
        format.channels,
        format.rate_hz,
        format.bytes_per_second,
        format.channels * format.sample_bytes,
        8 * format.sample_bytes,
        b"data",
        len(audio.samples),
    )
    return header + audio.samples


def _chunks(content: bytes) -> tuple[_Encoding, bytes]:
    if len(content) < 12 or content[:4] != b"RIFF" or content[8:12] != b"WAVE":
        raise ValueError("no RIFF/WAVE header")
    encoding: _Encoding | None = None
    offset = 12
    while offset + 8 <= len(content):
        name, size = struct.unpack_from("<4sI", content, offset)
        body = content[offset + 8 : offset + 8 + size]
        if name == b"fmt ":
            encoding = _encoding(body)
        elif name == b"data":
            if encoding is None:
                raise ValueError("sound comes before its format")
            return encoding, body
        offset += 8 + size + size % 2
    raise ValueError("the sound itself is missing (cut short?)")


def _encoding(body: bytes) -> _Encoding:
    if len(body) < 16:
        raise ValueError("the format is cut short")
    tag, channels, rate_hz, _, _, bits = struct.unpack_from("<HHIIHH", body)
    if tag == _EXTENSIBLE and len(body) >= 26:
        (tag,) = struct.unpack_from("<H", body, 24)
    if (tag, bits) not in {(_PCM, 8), (_PCM, 16), (_PCM, 24), (_PCM, 32), (_FLOAT, 32), (_FLOAT, 64)}:
        raise ValueError(f"encoding {tag} with {bits} bits is not supported")
    if not 1 <= channels <= 8:
        raise ValueError(f"{channels} channels")
    if not 8000 <= rate_hz <= 192_000:
        raise ValueError(f"{rate_hz} Hz is too low or too high a rate")
    return _Encoding(tag=tag, channels=channels, rate_hz=rate_hz, bits=bits)


def _sixteen_bits(encoding: _Encoding, data: bytes) -> bytes:
    whole = encoding.channels * encoding.bits // 8
    data = data[: len(data) - len(data) % whole]
    if not data:
        raise ValueError("it is empty")
    if (encoding.tag, encoding.bits) == (_PCM, 16):
        return data
    if encoding.tag == _FLOAT:
        values = np.nan_to_num(np.frombuffer(data, dtype=f"<f{encoding.bits // 8}").astype(np.float64)) * FULL_SCALE
    elif encoding.bits == 8:
        values = (np.frombuffer(data, dtype=np.uint8).astype(np.float64) - 128) * 256
    elif encoding.bits == 24:
        padded = np.zeros((len(data) // 3, 4), dtype=np.uint8)
        padded[:, 1:] = np.frombuffer(data, dtype=np.uint8).reshape(-1, 3)
        values = padded.view("<i4").reshape(-1) / 65536.0
    else:
        values = np.frombuffer(data, dtype="<i4") / 65536.0
    return np.clip(np.rint(values), -32768, 32767).astype("<i2").tobytes()
