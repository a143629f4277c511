"""The outline of a recording, as a page draws it."""

import json
import os
from pathlib import Path
from typing import Any, Final

import numpy as np

from voicebot.adapters.wav_files import read_wav

_POINTS: Final = 1200
"""Columns of the drawing: a few pixels each on the widest page."""
_FULL: Final = 32768


def read_peaks(recording: Path, cache: Path) -> dict[str, Any]:
    """`{"seconds", "channels": [[0..100, ...], ...]}`, left (the bot) first; worked out once for each recording.

    Blocking: call it in a thread. Raises BadInput when the file cannot be read or is no sound.
    """
    state = recording.stat()
    kept = cache / f"{recording.stem}-{state.st_size}-{state.st_mtime_ns}.json"
    if kept.exists():
        found: dict[str, Any] = json.loads(kept.read_text(encoding="ascii"))
        return found
    peaks = _peaks(recording)
    cache.mkdir(parents=True, exist_ok=True)
    written = kept.with_suffix(f".{os.getpid()}")
    written.write_text(json.dumps(peaks, separators=(",", ":")), encoding="ascii")
    written.replace(kept)
    return peaks


def _peaks(recording: Path) -> dict[str, Any]:
    audio = read_wav(recording)
    channels = audio.format.channels
    samples = np.abs(np.frombuffer(audio.samples, dtype="<i2").astype(np.int32)).reshape(-1, channels)
    edges = np.linspace(0, len(samples), min(_POINTS, len(samples)) + 1).astype(int)[:-1]
    highest = np.maximum.reduceat(samples, edges, axis=0)
    return {
        "seconds": round(len(samples) / audio.format.rate_hz, 3),
        "channels": [[int(value) for value in highest[:, one] * 100 // _FULL] for one in range(channels)],
    }
