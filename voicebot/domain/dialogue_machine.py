"""How an answering machine's greeting is waited out."""

from dataclasses import replace
from typing import Final

from voicebot.domain.dialogue_actions import Listen
from voicebot.domain.intent import Intent, Understanding

LONGEST_GREETING_S: Final = 20.0
"""A machine that has not beeped for so long is spoken to all the same, seconds."""
_ENDS_AFTER_S: Final = 3.0
"""Silence after which a greeting has ended without a beep, seconds."""
_SENTENCE_PAUSE_MS: Final = 600
"""Silence that ends one sentence of a greeting, milliseconds."""


def until_greeting_ends(question: Listen) -> Listen:
    """Listen to a machine where `question` was asked: a person who turns up may still answer it."""
    return replace(
        question,
        end_silence_ms=_SENTENCE_PAUSE_MS,
        longest_speech_s=LONGEST_GREETING_S,
        patience_s=_ENDS_AFTER_S,
    )


def is_person(understanding: Understanding) -> bool:
    """Whether words heard where a machine was expected are a living person's; in doubt they are the machine's."""
    machines = (Intent.VOICEMAIL, Intent.UNKNOWN)
    return understanding.intent not in machines and Intent.VOICEMAIL not in understanding.also
