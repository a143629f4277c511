"""The process that owns a pyttsx3 engine: lines of JSON in, telephone PCM out.

An engine belongs to the thread that made it, prints to stdout and is known to hang; in a process of its own it can
be killed. Protocol: after one byte `R` (ready) each request line `{"text", "voice", "rate", "pitch"}` is answered by a
header of one status byte (`A` audio, `E` error) and the length of the body as 4 bytes, little-endian, then the body.
"""

import ctypes
import io
import json
import os
import signal
import struct
import sys
from pathlib import Path
from typing import Any, BinaryIO, Final

import espeakng_loader

from voicebot.adapters.telephone_sound import to_telephone
from voicebot.adapters.wav_files import parse_wav

_TRIES: Final = 2
"""A sentence that came back without a single sample is asked for once more."""


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer requests until the input ends."""
    engine = _engine()
    failures: list[Exception] = []
    engine.connect("error", lambda name, exception: failures.append(exception))
    answers.write(b"R")
    answers.flush()
    for line in requests:
        failures.clear()
        status, body = _answer(engine, json.loads(line), failures)
        answers.write(struct.pack("<cI", status, len(body)) + body)
        answers.flush()


def _engine() -> Any:
    """pyttsx3's espeak driver on the espeak-ng out of the wheel: once loaded, the driver finds it by its soname."""
    ctypes.CDLL(espeakng_loader.get_library_path(), mode=ctypes.RTLD_GLOBAL)
    os.environ["ESPEAK_DATA_PATH"] = str(Path(espeakng_loader.get_data_path()).parent)
    import pyttsx3  # after the library is in the process

    engine = pyttsx3.init("espeak")
    # A new engine keeps every command for its first loop, whose beginning cancels whatever espeak-ng has not done yet:
    # one first sentence in 100 was then spoken at another speed (measured). Not busy, it sets a property at once.
    engine.proxy.setBusy(False)
    _settle()
    return engine


def _answer(engine: Any, request: dict[str, Any], failures: list[Exception]) -> tuple[bytes, bytes]:
    for _ in range(_TRIES):
        for name in ("voice", "rate", "pitch"):
            engine.setProperty(name, request[name])
            _settle()  # a voice brings a speed of its own, set by the thread when it gets round to it
        spoken = io.BytesIO()  # the driver passes it on to wave.open, which takes files as well as names
        engine.save_to_file(request["text"], spoken)
        engine.runAndWait()
        _settle()
        if failures:
            return b"E", str(failures[0]).encode()
        try:
            return b"A", to_telephone(parse_wav(spoken.getvalue())).samples
        except ValueError as error:
            reason = error
    return b"E", f"the engine wrote no sound: {reason}".encode()


def _settle() -> None:
    """Wait until espeak-ng's own thread has nothing left to do.

    pyttsx3 2.99 takes a busy thread for a sentence to be cancelled and then returns before its own is spoken; a voice
    set at such a moment frees the dictionary the thread is reading (segmentation faults on a busy machine, measured).
    """
    from pyttsx3.drivers import _espeak

    _espeak.Synchronize()


def main() -> None:
    """Keep the real stdout for answers; whatever the engine prints goes to stderr."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's business: it ends this process by its stdin
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
