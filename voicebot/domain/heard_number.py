"""The score 0-10 somebody named."""

import re
from collections.abc import Sequence

from voicebot.domain.number_words import cardinal, read_cardinal

_NAMES = (
    (0, r"нул(ик|евк)|нолик"),
    (1, r"единиц|единичк|кол(а|ик|ом)?$|однерк"),
    (2, r"двойк|двоечк|двойбан|двое$"),
    (3, r"троечк|тройк|тройбан|трояк|трое$"),
    (4, r"четверк|четверочк|четвертак"),
    (5, r"пятерк|пятерочк|пятак"),
    (6, r"шестерк|шестерочк"),
    (7, r"семерк|семерочк|сем$"),
    (8, r"восьмерк|восьмерочк"),
    (9, r"девятк|девяточк|девит[ьи]$"),
    (10, r"десятк|десяточк|десятюн|десит[ьи]$"),
)
"""How scores are called in talk («на восьмёрочку»)."""
_BY_NAME = [(value, re.compile(pattern)) for value, pattern in _NAMES]
_HIGHEST = re.compile(r"максимум$|максимальн|наивысш|высш|высок(ий|ую|ая)$")
_LOWEST = re.compile(r"минимум$|минимальн|наименьш|низк(ий|ую|ая)$|худш(ий|ую|ая)$")
_CORRECTION = frozenset({"нет", "ой", "но", "точнее", "вернее", "лучше", "хотя", "пусть", "скорее"})
_NOT_A_SCORE = re.compile(
    r"раз(а|ов|ок)?$|минут|час|дн(я|ей)|день|недел|месяц|лет$|год|рубл|тысяч|процент|человек|звонк"
)
"""A number followed by one of these counts something else."""
_ONE_AS_PRONOUN = re.compile(r"^од(н[аоуи]|н(ого|ой|ому|им|ом|их))$")
_TOP = 10


def heard_score(words: Sequence[str]) -> tuple[int, tuple[int, ...]] | None:
    """The score with the words that said it; None when no score is named.

    «десять из десяти», «пять из пяти» (as 10), «семь-восемь» (the lower), «семь, нет, восемь» (the corrected).
    """
    parts = [(part, at) for at, word in enumerate(words) for part in _parts(word)]
    forms = [part for part, _ in parts]
    found: tuple[int, tuple[int, ...]] | None = None
    corrected = False
    at = 0
    while at < len(forms):
        corrected = corrected or forms[at] in _CORRECTION
        read = _score_at(forms, at)
        if read is None:
            at += 1
            continue
        value, after = read
        if found is None or corrected:
            found = value, tuple(sorted({parts[i][1] for i in range(at, after)}))
            corrected = False
        at = after
    return found


def _parts(word: str) -> list[str]:
    pieces = word.split("-")
    return pieces if len(pieces) > 1 and all(_is_score_word(piece) for piece in pieces) else [word]


def _is_score_word(form: str) -> bool:
    return cardinal(form) is not None or any(pattern.match(form) for _, pattern in _BY_NAME)


def _score_at(forms: Sequence[str], at: int) -> tuple[int, int] | None:
    """The score said at `at` and the position after it."""
    if forms[at] == "из":
        return _share_first(forms, at)
    following = forms[at + 1] if at + 1 < len(forms) else ""
    if forms[at] in ("ни", "не") and following in ("одного", "одной"):
        return 0, at + 2
    if forms[at] == "минус" and following:
        value, after = _plain(forms, at + 1)
        return None if value is None else (0, after)
    value, after = _plain(forms, at)
    if value is None:
        return None
    if after < len(forms) and forms[after] == "из" and (whole := read_cardinal(forms, after + 1)):
        scale, end = whole
        return (_scaled(value, scale), end) if scale else None
    if after < len(forms) and _NOT_A_SCORE.match(forms[after]):
        return None
    return (value, after) if value <= _TOP else (_TOP, after) if value <= 2 * _TOP or value == 100 else None


def _share_first(forms: Sequence[str], at: int) -> tuple[int, int] | None:
    """«из десяти — восемь»."""
    whole = read_cardinal(forms, at + 1)
    if whole is None or whole[1] >= len(forms):
        return None
    value, after = _plain(forms, whole[1])
    return None if value is None else (_scaled(value, whole[0]), after)


def _scaled(value: int, scale: int) -> int:
    return min(_TOP, round(value * _TOP / scale)) if scale not in (0, _TOP) else min(value, _TOP)


def _plain(forms: Sequence[str], at: int) -> tuple[int | None, int]:
    form = forms[at]
    for value, pattern in _BY_NAME:
        if pattern.match(form):
            return value, at + 1
    if _HIGHEST.match(form):
        return _TOP, at + 1
    if _LOWEST.match(form):
        return 0, at + 1
    alone = len(forms) == 1 or (at + 1 < len(forms) and forms[at + 1].startswith(("балл", "из")))
    if _ONE_AS_PRONOUN.match(form) and not alone:
        return None, at
    read = read_cardinal(forms, at)
    return (None, at) if read is None else read
