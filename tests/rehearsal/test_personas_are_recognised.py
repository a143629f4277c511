"""Every line a persona speaks comes through the line and the shipped recogniser well enough."""

import difflib
from collections.abc import Iterator
from pathlib import Path

import pytest

from voicebot.adapters.vosk_recogniser import VoskRecogniser, load_model
from voicebot.config import PROJECT
from voicebot.domain.audio import Audio
from voicebot.rehearsal.composition import speak_lines
from voicebot.rehearsal.persona_files import read_personas
from voicebot.testing.line_conditions import through_alaw

PAUSE = Audio.silence(300)


@pytest.fixture(scope="module")
def recogniser() -> Iterator[VoskRecogniser]:
    ears = VoskRecogniser(load_model(PROJECT / "models" / "vosk-model-tiny-ru-tel-0.1"))
    yield ears
    ears.close()


def likeness(spoken: str, heard: str) -> float:
    """0..1 over letters: a joined negation or a wrong ending is no harm, a wrong word is."""
    plain = [text.replace(" ", "").replace("-", "").replace("ё", "е") for text in (spoken, heard)]
    return difflib.SequenceMatcher(None, *plain, autojunk=False).ratio()


async def test_every_line_is_heard_as_it_was_said(recogniser: VoskRecogniser, tmp_path: Path) -> None:
    personas = read_personas()
    actors = await speak_lines(personas, cache=tmp_path)
    ears = recogniser.open()
    heard: dict[str, tuple[str, float]] = {}
    for actor in actors.values():
        for text, audio in actor.lines.items():
            ears.feed(through_alaw(PAUSE + audio + PAUSE).samples)
            result = (await ears.finish()).text
            heard[f"{actor.persona.name}: {text}"] = result, likeness(text, result)
    ears.close()
    assert len(heard) > 50
    # What `unclear` mumbles is not meant to be understood.
    wrong = {line: got for line, got in heard.items() if got[1] < 0.9 and not line.startswith("unclear")}
    assert wrong == {}


async def test_spoken_lines_are_kept_between_rehearsals(tmp_path: Path) -> None:
    personas = [persona for persona in read_personas() if persona.name == "stop"]
    first = await speak_lines(personas, cache=tmp_path)
    files = {file: file.stat().st_mtime_ns for file in tmp_path.rglob("*.wav")}  # noqa: ASYNC240  # nothing else runs
    again = await speak_lines(personas, cache=tmp_path)
    assert again == first
    assert files
    assert files == {file: file.stat().st_mtime_ns for file in tmp_path.rglob("*.wav")}  # noqa: ASYNC240  # nothing else runs
