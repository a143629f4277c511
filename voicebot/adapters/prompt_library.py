"""The sound of prompts: recordings, cached synthesis, splicing."""

import asyncio
import hashlib
from collections import OrderedDict
from pathlib import Path

from voicebot.adapters.telephone_sound import spliced
from voicebot.adapters.wav_files import read_telephone_wav, read_wav, write_wav
from voicebot.application.ports.speech import SpeechSynthesiser
from voicebot.domain.audio import TELEPHONE, Audio
from voicebot.domain.errors import BadInput, Problem
from voicebot.domain.prompt import Piece, Prompt


class DiskPromptLibrary:
    """A person's recording where there is one; elsewhere the synthetic voice, spoken once and kept.

    Fixed words are kept on disk, by voice and text, for all processes. What holds a variable is kept in memory only:
    it may be a name, and personal data must not gather in a cache nobody erases. Belongs to one event loop.
    """

    def __init__(
        self, synthesiser: SpeechSynthesiser, *, cache: Path, recordings: Path, memory_bytes: int = 32_000_000
    ) -> None:
        """`cache` and `recordings` need not exist; `memory_bytes` is about half an hour of telephone sound."""
        self._synthesiser = synthesiser
        self._cache = cache
        self._recordings = recordings
        self._memory = _Memory(memory_bytes)
        self._turn = asyncio.Lock()

    async def render(self, prompt: Prompt) -> Audio:
        """Telephone audio of the prompt. Raises BadInput for a broken recording, SpeechError when the voice fails."""
        if not prompt.key or Path(prompt.key).name != prompt.key:
            raise BadInput.one("prompt", f"'{prompt.key}' is no name for a recording", repair="use <script>.<state>")
        whole = await self._recorded(prompt.key)
        if whole:
            return whole
        woven = await self._spliced(prompt)
        if woven:
            return woven
        personal = any(piece.variable for piece in prompt.pieces)
        return await self._spoken(prompt.text, keep_on_disk=not personal)

    async def _spliced(self, prompt: Prompt) -> Audio | None:
        """Recorded pieces with synthesised variables between them; None unless every piece is recorded."""
        fixed = [piece for piece in prompt.pieces if not piece.variable and _is_speakable(piece)]
        if not fixed or len(fixed) == len(prompt.pieces):
            return None
        recorded: list[Audio] = []
        for number in range(1, len(fixed) + 1):
            audio = await self._recorded(f"{prompt.key}.{number}")
            if audio is None:
                return None  # half a sentence in another voice is worse than none
            recorded.append(audio)
        parts: list[Audio] = []
        for piece in filter(_is_speakable, prompt.pieces):
            parts.append(
                await self._spoken(piece.text, keep_on_disk=False) if piece.variable else recorded.pop(0),
            )
        return spliced(parts)

    async def _recorded(self, name: str) -> Audio | None:
        path = self._recordings / f"{name}.wav"
        try:
            written = await asyncio.to_thread(path.stat)
        except OSError:
            return None
        key = f"recording/{path}/{written.st_mtime_ns}/{written.st_size}"
        audio = self._memory.get(key)
        if audio is None:
            audio = await asyncio.to_thread(read_telephone_wav, path)
            self._memory.put(key, audio)
        return audio

    async def _spoken(self, text: str, *, keep_on_disk: bool) -> Audio:
        key = hashlib.sha256(f"{self._synthesiser.voice}\n{text}".encode()).hexdigest()
        audio = self._memory.get(key)
        if audio:
            return audio
        async with self._turn:  # two calls wanting the same words: the second finds the first one's
            audio = self._memory.get(key)
            if audio is None:
                audio = await self._from_disk_or_voice(text, self._cache / key[:2] / f"{key}.wav", keep_on_disk)
                self._memory.put(key, audio)
        return audio

    async def _from_disk_or_voice(self, text: str, path: Path, keep_on_disk: bool) -> Audio:
        if keep_on_disk:
            cached = await asyncio.to_thread(_read_cached, path)
            if cached:
                return cached
        audio = await self._synthesiser.synthesise(text)
        if keep_on_disk and audio.samples:
            await asyncio.to_thread(write_wav, path, audio)
        return audio


def _is_speakable(piece: Piece) -> bool:
    """Whether there is a word in it: pieces of punctuation are neither recorded nor counted."""
    return any(letter.isalnum() for letter in piece.text)


def _read_cached(path: Path) -> Audio | None:
    """A cache file; None when there is none or it is no telephone sound (it will be written anew)."""
    try:
        audio = read_wav(path)
    except BadInput:
        return None
    return audio if audio.format == TELEPHONE else None


class _Memory:
    """The prompts used last, up to a number of bytes."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._held = 0
        self._audios: OrderedDict[str, Audio] = OrderedDict()

    def get(self, key: str) -> Audio | None:
        audio = self._audios.get(key)
        if audio is not None:
            self._audios.move_to_end(key)
        return audio

    def put(self, key: str, audio: Audio) -> None:
        self._held += len(audio.samples) - len(self._audios[key].samples if key in self._audios else b"")
        self._audios[key] = audio
        while self._held > self._limit and len(self._audios) > 1:
            _, oldest = self._audios.popitem(last=False)
            self._held -= len(oldest.samples)


def check_recordings(folder: Path) -> tuple[str, ...]:
    """Names of the prompts somebody recorded; raises BadInput naming every file that is no usable sound."""
    problems: list[Problem] = []
    files = sorted(folder.glob("*.wav"))
    for file in files:
        try:
            read_telephone_wav(file)
        except BadInput as error:
            problems += error.problems
    if problems:
        raise BadInput(problems)
    return tuple(file.stem for file in files)
