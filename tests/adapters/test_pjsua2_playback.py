"""What a call plays, frame by frame."""

import pytest

from voicebot.adapters.pjsua2_playback import PlaybackQueue
from voicebot.domain.audio import FRAME_BYTES, TELEPHONE, Audio, AudioFormat

SILENCE = bytes(FRAME_BYTES)


def sound(byte: int, size: int) -> Audio:
    return Audio(format=TELEPHONE, samples=bytes([byte]) * size)


def test_nothing_to_play_is_silence() -> None:
    assert PlaybackQueue().take() == (SILENCE, ())


def test_a_sound_ends_in_the_frame_that_holds_its_last_sample() -> None:
    queue = PlaybackQueue()
    number = queue.add(sound(1, 2 * FRAME_BYTES))
    assert queue.take() == (b"\1" * FRAME_BYTES, ())
    assert queue.take() == (b"\1" * FRAME_BYTES, (number,))
    assert queue.take() == (SILENCE, ())


def test_a_broken_last_frame_is_filled_with_silence() -> None:
    queue = PlaybackQueue()
    number = queue.add(sound(1, 100))
    assert queue.take() == (b"\1" * 100 + bytes(220), (number,))


def test_the_next_sound_follows_inside_the_same_frame() -> None:
    queue = PlaybackQueue()
    first, second = queue.add(sound(1, 300)), queue.add(sound(2, 340))
    assert queue.take() == (b"\1" * 300 + b"\2" * 20, (first,))
    assert queue.take() == (b"\2" * 320, (second,))


def test_many_short_sounds_may_end_in_one_frame() -> None:
    queue = PlaybackQueue()
    numbers = [queue.add(sound(byte, 50)) for byte in (1, 2, 3)]
    samples, ended = queue.take()
    assert samples == b"\1" * 50 + b"\2" * 50 + b"\3" * 50 + bytes(170)
    assert list(ended) == numbers


def test_an_empty_sound_ends_at_once() -> None:
    queue = PlaybackQueue()
    number = queue.add(sound(0, 0))
    assert queue.take() == (SILENCE, (number,))


def test_what_was_cleared_neither_sounds_nor_ends() -> None:
    queue = PlaybackQueue()
    queue.add(sound(1, 1000))
    queue.add(sound(2, 1000))
    queue.take()
    queue.clear()
    assert queue.take() == (SILENCE, ())
    after = queue.add(sound(3, FRAME_BYTES))
    assert queue.take() == (b"\3" * FRAME_BYTES, (after,))


def test_only_telephone_audio_is_taken() -> None:
    with pytest.raises(ValueError, match="convert it first"):
        PlaybackQueue().add(Audio(format=AudioFormat(rate_hz=16000), samples=b""))
