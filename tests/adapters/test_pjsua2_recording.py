"""Stereo recordings on disk."""

import logging
import threading
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest

from voicebot.adapters.pjsua2_recording import RecordingWriter, StereoRecording
from voicebot.domain.audio import FRAME_BYTES
from voicebot.domain.errors import TelephonyError

LEFT, RIGHT = b"\1\0" * 160, b"\2\0" * 160


@pytest.fixture
def writer() -> Iterator[RecordingWriter]:
    with RecordingWriter() as writer:
        yield writer


def close(recording: StereoRecording) -> None:
    closed = threading.Event()
    recording.close(then=closed.set)
    assert closed.wait(5)


def frames(path: Path) -> tuple[int, bytes]:
    with wave.open(str(path)) as file:
        return file.getnframes(), file.readframes(file.getnframes())


def test_our_side_is_left_and_the_far_end_right(writer: RecordingWriter, tmp_path: Path) -> None:
    recording = writer.open(tmp_path / "new" / "call.wav")
    for _ in range(60):
        recording.add(LEFT, RIGHT)
    close(recording)
    count, samples = frames(tmp_path / "new" / "call.wav")
    assert count == 60 * 160
    assert samples == b"\1\0\2\0" * count


def test_a_recording_nobody_closed_is_a_valid_file_up_to_its_last_second(
    writer: RecordingWriter, tmp_path: Path
) -> None:
    recording = writer.open(tmp_path / "call.wav")
    for _ in range(130):
        recording.add(LEFT, RIGHT)
    written = threading.Event()
    writer.do(written.set)
    assert written.wait(5)
    count, samples = frames(tmp_path / "call.wav")
    assert count == 100 * 160
    assert len(samples) == 100 * FRAME_BYTES * 2
    close(recording)


def test_a_call_of_no_frames_leaves_an_empty_recording(writer: RecordingWriter, tmp_path: Path) -> None:
    close(writer.open(tmp_path / "call.wav"))
    assert frames(tmp_path / "call.wav") == (0, b"")


def test_a_straggling_frame_does_not_spoil_a_finished_file(writer: RecordingWriter, tmp_path: Path) -> None:
    recording = writer.open(tmp_path / "call.wav")
    recording.add(LEFT, RIGHT)
    close(recording)
    for _ in range(60):
        recording.add(LEFT, RIGHT)
    close(recording)
    assert frames(tmp_path / "call.wav")[0] == 160


def test_a_folder_that_cannot_be_made_is_named_before_the_call(writer: RecordingWriter, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(TelephonyError, match=r"recordings cannot be written.*VOICEBOT_RECORDINGS"):
        writer.open(tmp_path / "file" / "calls" / "call.wav")


def test_a_recording_that_cannot_be_written_is_logged_and_the_call_goes_on(
    writer: RecordingWriter, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "call.wav").mkdir()
    recording = writer.open(tmp_path / "call.wav")
    with caplog.at_level(logging.ERROR):
        recording.add(LEFT, RIGHT)
        close(recording)
    assert [record.message for record in caplog.records] == ["recording lost: Is a directory"]
