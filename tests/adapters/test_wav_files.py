"""WAV files of every habit become telephone sound; broken ones are named."""

import struct
import threading
import wave
from pathlib import Path

import numpy as np
import pytest

from voicebot.adapters.telephone_sound import (
    FULL_SCALE,
    resampled,
    speech_rms,
    spliced,
    to_signal,
    to_telephone,
    trimmed,
)
from voicebot.adapters.wav_files import read_telephone_wav, read_wav, wav_bytes, write_wav
from voicebot.domain.audio import TELEPHONE, Audio, AudioFormat
from voicebot.domain.errors import BadInput


def _sine(frequency_hz: float, rate_hz: int, seconds: float = 0.5) -> np.ndarray:
    return 0.5 * np.sin(2 * np.pi * frequency_hz * np.arange(round(rate_hz * seconds)) / rate_hz)


def _file(path: Path, *, tag: int, channels: int, rate_hz: int, bits: int, data: bytes, extra: bytes = b"") -> Path:
    block = channels * bits // 8
    body = struct.pack("<HHIIHH", tag, channels, rate_hz, rate_hz * block, block, bits) + extra
    chunks = b"LIST" + struct.pack("<I", 3) + b"abc\0"  # an odd chunk, padded, before the format
    chunks += b"fmt " + struct.pack("<I", len(body)) + body + b"data" + struct.pack("<I", len(data)) + data
    path.write_bytes(b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks)
    return path


def _encoded(wave_form: np.ndarray, tag: int, bits: int) -> bytes:
    if tag == 3:
        return wave_form.astype(f"<f{bits // 8}").tobytes()
    if bits == 8:
        return (wave_form * 127 + 128).astype(np.uint8).tobytes()
    if bits == 24:
        return (wave_form * (2**31 - 1)).astype("<i4").view(np.uint8).reshape(-1, 4)[:, 1:].tobytes()
    return (wave_form * (2 ** (bits - 1) - 1)).astype(f"<i{bits // 8}").tobytes()


@pytest.mark.parametrize(("tag", "bits"), [(1, 8), (1, 16), (1, 24), (1, 32), (3, 32), (3, 64)])
@pytest.mark.parametrize("rate_hz", [8000, 22050, 44100, 48000])
def test_any_encoding_and_rate_becomes_the_same_telephone_tone(
    tmp_path: Path, tag: int, bits: int, rate_hz: int
) -> None:
    data = _encoded(_sine(1000, rate_hz), tag, bits)
    ready = read_telephone_wav(_file(tmp_path / "a.wav", tag=tag, channels=1, rate_hz=rate_hz, bits=bits, data=data))
    signal = to_signal(ready)
    spectrum = np.abs(np.fft.rfft(signal * np.hanning(signal.size)))
    assert ready.format == TELEPHONE
    assert ready.seconds == pytest.approx(0.5, abs=0.03)
    assert spectrum.argmax() * 8000 / signal.size == pytest.approx(1000, abs=5)
    assert 20 * np.log10(speech_rms(signal) / FULL_SCALE) == pytest.approx(-20, abs=0.5)


def test_stereo_and_extensible_headers_are_understood(tmp_path: Path) -> None:
    left_right = np.repeat(_encoded_pairs(), 1)
    extra = struct.pack("<HHIH", 22, 16, 3, 1) + bytes(14)
    path = _file(
        tmp_path / "a.wav", tag=0xFFFE, channels=2, rate_hz=48000, bits=16, data=left_right.tobytes(), extra=extra
    )
    audio = read_wav(path)
    assert audio.format == AudioFormat(rate_hz=48000, channels=2)
    assert np.abs(to_signal(audio)).max() < 2, "opposite channels cancel when mixed"


def _encoded_pairs() -> np.ndarray:
    one = (_sine(500, 48000, 0.1) * 32767).astype("<i2")
    return np.stack([one, -one], axis=1).reshape(-1)


def test_what_is_above_the_telephone_band_does_not_fold_back_into_it() -> None:
    hiss = resampled(_sine(5000, 22050) * FULL_SCALE, 22050, 8000)
    voice = resampled(_sine(3000, 22050) * FULL_SCALE, 22050, 8000)
    middle = slice(400, -400)  # a tone's hard beginning and end are clicks of their own
    assert np.abs(hiss[middle]).max() < 0.01 * np.abs(voice[middle]).max()
    assert np.abs(voice[middle]).max() == pytest.approx(0.5 * FULL_SCALE, rel=0.02)


def test_trimming_leaves_a_few_milliseconds_and_silence_alone() -> None:
    padded = np.concatenate([np.zeros(4000), _sine(400, 8000) * 10000, np.zeros(8000)])
    cut = trimmed(padded)
    assert cut.size == pytest.approx(0.5 * 8000, abs=0.03 * 8000)
    assert trimmed(np.zeros(800)).size == 800


def test_spliced_pieces_are_as_long_as_themselves_and_short_breaths() -> None:
    tone = to_telephone(Audio(format=TELEPHONE, samples=(_sine(400, 8000) * 9000).astype("<i2").tobytes()))
    assert spliced([tone, tone, tone]).seconds == pytest.approx(3 * tone.seconds + 0.08, abs=0.001)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"not a wave", "no RIFF/WAVE header"),
        (wav_bytes(Audio.silence(20))[:40], "the sound itself is missing"),
        (wav_bytes(Audio(format=TELEPHONE, samples=b"")), "it is empty"),
        (wav_bytes(Audio.silence(20)).replace(struct.pack("<HH", 1, 1), struct.pack("<HH", 85, 1), 1), "encoding 85"),
        (wav_bytes(Audio.silence(20, AudioFormat(rate_hz=4000))), "4000 Hz"),
    ],
)
def test_a_broken_file_is_named_with_what_is_wrong_and_the_repair(
    tmp_path: Path, content: bytes, complaint: str
) -> None:
    path = tmp_path / "winback.greeting.wav"
    path.write_bytes(content)
    with pytest.raises(BadInput) as caught:
        read_wav(path)
    assert str(path) in str(caught.value)
    assert complaint in str(caught.value)
    assert "16-bit PCM" in str(caught.value)


def test_a_missing_file_and_a_silent_one_are_bad_input(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        read_wav(tmp_path / "nowhere.wav")
    write_wav(tmp_path / "silent.wav", Audio.silence(500))
    with pytest.raises(BadInput, match="holds no sound"):
        read_telephone_wav(tmp_path / "silent.wav")


def test_what_is_written_is_plain_wave_and_reads_back(tmp_path: Path) -> None:
    audio = Audio(format=AudioFormat(rate_hz=8000, channels=2), samples=bytes(range(200)) * 4)
    write_wav(tmp_path / "deep" / "a.wav", audio)
    with wave.open(str(tmp_path / "deep" / "a.wav")) as file:
        assert (file.getnchannels(), file.getframerate(), file.getnframes()) == (2, 8000, 200)
    assert read_wav(tmp_path / "deep" / "a.wav") == audio


def test_a_file_many_write_at_once_is_always_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    audios = [Audio(format=TELEPHONE, samples=bytes([number]) * 20000) for number in range(4)]
    write_wav(path, audios[0])
    writers = [threading.Thread(target=lambda a=audio: [write_wav(path, a) for _ in range(20)]) for audio in audios]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        assert read_wav(path) in audios
    assert [file.name for file in tmp_path.iterdir()] == ["a.wav"]
