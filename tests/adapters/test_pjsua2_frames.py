"""Frames in and out of pjsua2's vectors."""

from types import SimpleNamespace

import pjsua2 as pj
import pytest

from voicebot.adapters.pjsua2_frames import (
    FrameReader,
    choose_reader,
    read_by_element,
    read_by_pointer,
    write_samples,
)

SAMPLES = bytes(range(256)) + bytes(range(64))


@pytest.mark.parametrize("read", [read_by_pointer, read_by_element])
def test_both_readers_give_back_what_was_written(read: FrameReader) -> None:
    frame = pj.MediaFrame()
    write_samples(frame, SAMPLES)
    assert read(frame) == SAMPLES
    assert (frame.type, frame.size) == (pj.PJMEDIA_FRAME_TYPE_AUDIO, 320)


@pytest.mark.parametrize("read", [read_by_pointer, read_by_element])
def test_an_empty_frame_is_no_bytes(read: FrameReader) -> None:
    assert read(pj.MediaFrame()) == b""


def test_this_build_is_read_fast() -> None:
    assert choose_reader() is read_by_pointer


@pytest.mark.parametrize(("begin", "end"), [(0, 0), (1000, 1320), (2000, 1000)])
def test_a_build_with_another_layout_is_read_slowly_without_touching_its_memory(begin: int, end: int) -> None:
    layout = SimpleNamespace(begin=begin, end=end)
    touched: list[object] = []

    def forbidden(frame: object) -> bytes:
        touched.append(frame)
        return b""

    assert choose_reader(look=lambda frame: layout, fast=forbidden) is read_by_element
    assert touched == []


def test_a_fast_reader_that_reads_something_else_is_not_chosen() -> None:
    assert choose_reader(fast=lambda frame: b"x" * 512) is read_by_element
