"""Recordings win, synthesis is kept, variables are spliced in."""

from pathlib import Path

import numpy as np
import pytest

from voicebot.adapters.prompt_library import DiskPromptLibrary
from voicebot.adapters.telephone_sound import JOIN_MS, to_signal
from voicebot.adapters.wav_files import read_telephone_wav, write_wav
from voicebot.domain.audio import TELEPHONE, Audio, AudioFormat
from voicebot.domain.errors import BadInput, SpeechError
from voicebot.domain.prompt import Piece, Prompt
from voicebot.testing.fake_speech import FakeSynthesiser, spoken

PLAIN = Prompt(key="winback.greeting", pieces=(Piece(text="удобно ли вам говорить?"),))
PERSONAL = Prompt(
    key="winback.hello",
    pieces=(
        Piece(text="Здравствуйте, "),
        Piece(text="Анна Петровна", variable="имя"),
        Piece(text="! Это компания "),
        Piece(text="Пример", variable="компания"),
        Piece(text="."),
    ),
)


def _record(folder: Path, name: str, frequency_hz: float = 500, seconds: float = 0.6) -> Audio:
    """A studio recording: 44.1 kHz stereo with silence around."""
    moments = np.arange(round(44100 * seconds)) / 44100
    sound = np.concatenate([np.zeros(9000), 9000 * np.sin(2 * np.pi * frequency_hz * moments), np.zeros(9000)])
    stereo = np.repeat(sound.astype("<i2"), 2).tobytes()
    write_wav(folder / f"{name}.wav", Audio(format=AudioFormat(rate_hz=44100, channels=2), samples=stereo))
    return read_telephone_wav(folder / f"{name}.wav")


class _Shelf:
    """A library on fresh folders, and new ones on the same folders: other processes."""

    def __init__(self, folder: Path) -> None:
        self.cache, self.recordings = folder / "cache", folder / "prompts"

    def open(self, voice: FakeSynthesiser | None = None, memory_bytes: int = 1_000_000) -> DiskPromptLibrary:
        self.voice = voice or FakeSynthesiser()
        return DiskPromptLibrary(self.voice, cache=self.cache, recordings=self.recordings, memory_bytes=memory_bytes)

    def files(self) -> list[Path]:
        return sorted(self.cache.rglob("*.wav"))


@pytest.fixture
def shelf(tmp_path: Path) -> _Shelf:
    return _Shelf(tmp_path)


async def test_a_prompt_is_spoken_whole_and_only_once_for_all_processes(shelf: _Shelf) -> None:
    first = await shelf.open().render(PLAIN)
    assert first == spoken(PLAIN.text)
    library = shelf.open()
    assert await library.render(PLAIN) == first
    assert await library.render(PLAIN) == first
    assert shelf.voice.said == [], "the second process found it on disk"
    assert len(shelf.files()) == 1


async def test_another_voice_has_a_cache_of_its_own(shelf: _Shelf) -> None:
    class Deep(FakeSynthesiser):
        @property
        def voice(self) -> str:
            return "deep"

    await shelf.open().render(PLAIN)
    await shelf.open(Deep()).render(PLAIN)
    assert shelf.voice.said == [PLAIN.text]
    assert len(shelf.files()) == 2


async def test_names_are_never_kept_on_disk(shelf: _Shelf) -> None:
    library = shelf.open()
    assert await library.render(PERSONAL) == spoken(PERSONAL.text)
    assert await library.render(PERSONAL) == spoken(PERSONAL.text)
    assert shelf.voice.said == ["Здравствуйте, Анна Петровна! Это компания Пример."], "one sentence, one melody"
    assert shelf.files() == []


async def test_a_recording_wins_and_is_made_ready_for_the_line(shelf: _Shelf) -> None:
    recorded = _record(shelf.recordings, PLAIN.key)
    heard = await shelf.open().render(PLAIN)
    assert heard == recorded
    assert heard.format == TELEPHONE
    assert heard.seconds == pytest.approx(0.6, abs=0.05)
    assert shelf.voice.said == []


async def test_a_new_recording_is_taken_up_without_a_restart(shelf: _Shelf) -> None:
    library = shelf.open()
    await library.render(PLAIN)
    first = _record(shelf.recordings, PLAIN.key)
    assert await library.render(PLAIN) == first
    second = _record(shelf.recordings, PLAIN.key, seconds=0.9)
    assert await library.render(PLAIN) == second


async def test_variables_are_spliced_into_recorded_pieces(shelf: _Shelf) -> None:
    hello, this_is = _record(shelf.recordings, "winback.hello.1"), _record(shelf.recordings, "winback.hello.2", 700)
    heard = await shelf.open().render(PERSONAL)
    breath = Audio.silence(JOIN_MS)
    expected = [hello, breath, spoken("Анна Петровна"), breath, this_is, breath, spoken("Пример")]
    assert heard == Audio.joined(expected)
    assert shelf.voice.said == ["Анна Петровна", "Пример"], "the lone full stop is no piece"


async def test_without_all_pieces_the_whole_sentence_is_spoken(shelf: _Shelf) -> None:
    _record(shelf.recordings, "winback.hello.1")
    assert await shelf.open().render(PERSONAL) == spoken(PERSONAL.text)


async def test_recorded_and_spoken_pieces_are_equally_loud(shelf: _Shelf) -> None:
    first, second = _record(shelf.recordings, "a.1"), _record(shelf.recordings, "a.2", 900)
    levels = [float(np.sqrt((to_signal(audio)[400:-400] ** 2).mean())) for audio in (first, second)]
    assert levels[0] == pytest.approx(levels[1], rel=0.05)


async def test_a_broken_recording_is_named_not_skipped(shelf: _Shelf) -> None:
    shelf.recordings.mkdir()
    (shelf.recordings / f"{PLAIN.key}.wav").write_bytes(b"MP3 in disguise")
    with pytest.raises(BadInput, match=r"winback\.greeting\.wav"):
        await shelf.open().render(PLAIN)


async def test_a_damaged_cache_file_is_written_anew(shelf: _Shelf) -> None:
    audio = await shelf.open().render(PLAIN)
    shelf.files()[0].write_bytes(b"RIFF")
    assert await shelf.open().render(PLAIN) == audio
    assert await shelf.open().render(PLAIN) == audio
    assert shelf.voice.said == []


async def test_a_voice_that_fails_leaves_nothing_behind(shelf: _Shelf) -> None:
    library = shelf.open(FakeSynthesiser(failures=1))
    with pytest.raises(SpeechError):
        await library.render(PLAIN)
    assert shelf.files() == []
    assert await library.render(PLAIN) == spoken(PLAIN.text)


async def test_memory_is_bounded_and_the_oldest_goes_first(shelf: _Shelf) -> None:
    prompts = [Prompt(key=f"s.{name}", pieces=(Piece(text=name, variable="v"),)) for name in ("один", "два", "три")]
    library = shelf.open(memory_bytes=len(spoken("один").samples) + len(spoken("два").samples))
    for prompt in prompts:
        await library.render(prompt)
    await library.render(prompts[2])
    await library.render(prompts[0])
    assert shelf.voice.said == ["один", "два", "три", "один"]


async def test_a_key_that_leads_out_of_the_folder_is_refused(shelf: _Shelf) -> None:
    with pytest.raises(BadInput, match="no name for a recording"):
        await shelf.open().render(Prompt(key="../secret", pieces=(Piece(text="да"),)))
