"""The rehearsal's own composition root: callees are programs beside the bot, and stay small."""

from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import Final

from voicebot.adapters.pjsua2_endpoint import SipSettings
from voicebot.adapters.pjsua2_telephone import Pjsua2Telephone
from voicebot.adapters.prompt_library import DiskPromptLibrary
from voicebot.adapters.pyttsx3_synthesiser import Pyttsx3Synthesiser
from voicebot.rehearsal.callee import Actor, rehearsed
from voicebot.rehearsal.persona import Persona

HOST: Final = "127.0.0.1"
"""Rehearsals never leave the machine."""


def callee_telephone(port: int) -> Pjsua2Telephone:
    """A telephone on loopback; port 0 lets the system choose."""
    return Pjsua2Telephone(settings=SipSettings(bind_address=HOST, port=port, user_agent="voicebot-rehearsal"))


async def speak_lines(personas: Iterable[Persona], *, cache: Path) -> dict[str, Actor]:
    """Every persona with the sound of its lines, by name; what `cache` holds is not spoken again."""
    actors: dict[str, Actor] = {}
    by_voice = sorted(personas, key=lambda persona: str(persona.voice))
    for voice, group in groupby(by_voice, key=lambda persona: persona.voice):
        synthesiser = Pyttsx3Synthesiser(voice.name, rate=voice.rate, pitch=voice.pitch)
        library = DiskPromptLibrary(synthesiser, cache=cache, recordings=cache / "spoken-by-a-person")
        try:
            for persona in group:
                actors[persona.name] = await rehearsed(persona, library)
        finally:
            await synthesiser.close()
    return actors
