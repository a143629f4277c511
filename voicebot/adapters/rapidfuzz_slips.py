"""Which known word a misheard one was meant to be (rapidfuzz)."""

import re
from collections.abc import Collection

from rapidfuzz import process
from rapidfuzz.distance import Indel

from voicebot.domain.heard_words import Nearest

_SHORTEST = 4
"""Letters; shorter words have too many neighbours."""
_LIKE_ENOUGH = 0.8
_SOUNDS = (
    (re.compile(r"тьс?я$|тс"), "ца"),
    (re.compile(r"[ьъ]"), ""),
    (re.compile(r"о"), "а"),
    (re.compile(r"[еяэы]"), "и"),
    (re.compile(r"(.)\1"), r"\1"),
    (re.compile(r"б(?![аиую])"), "п"),
    (re.compile(r"в(?![аиуюлрн])"), "ф"),
    (re.compile(r"г(?![аиуюлрн])"), "к"),
    (re.compile(r"д(?![аиуюлрнв])"), "т"),
    (re.compile(r"ж(?![аиую])"), "ш"),
    (re.compile(r"з(?![аиуюлрнв])"), "с"),
)
"""Spellings a recogniser cannot tell apart by ear: unstressed vowels, final devoicing, soft signs."""


def sound_of(form: str) -> str:
    """A rough phonetic key of `form`."""
    for spelling, sound in _SOUNDS:
        form = spelling.sub(sound, form)
    return form


def rapidfuzz_slips(known: Collection[str]) -> Nearest:
    """Finds the nearest of `known` words by sound."""
    by_sound: dict[str, str] = {}
    for word in sorted(known):
        if len(word) >= _SHORTEST:
            by_sound.setdefault(sound_of(word), word)
    sounds = list(by_sound)

    def nearest(form: str) -> tuple[str, float] | None:
        if len(form) < _SHORTEST:
            return None
        cutoff = _LIKE_ENOUGH if len(form) > _SHORTEST else 0.85
        found = process.extractOne(
            sound_of(form), sounds, scorer=Indel.normalized_similarity, score_cutoff=cutoff, processor=None
        )
        return (by_sound[found[0]], float(found[1])) if found else None

    return nearest
