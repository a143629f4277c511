"""Russian numbers as people say them."""

from collections.abc import Callable, Iterable, Sequence


def _forms(value: int, stem: str, endings: str) -> Iterable[tuple[str, int]]:
    return ((stem + ending.strip("-"), value) for ending in endings.split())


_SOFT = "ь и ью"
_ORDINAL = "ый ого ому ым ом ая ой ую ое"
_TEENS = {11: "один", 12: "две", 13: "три", 14: "четыр", 15: "пят", 16: "шест", 17: "сем", 18: "восем", 19: "девят"}

_CARDINALS: dict[str, int] = {
    **dict(_forms(0, "нол", "ь я ю ем е")),
    **dict(_forms(0, "нул", "ь я ю ем е")),
    **dict(_forms(1, "од", "ин на но ну ного ной ному ним ном")),
    **dict(_forms(2, "дв", "а е ух ум умя")),
    **dict(_forms(3, "тр", "и ех ем емя")),
    **dict(_forms(4, "четыр", "е ех ем ьмя")),
    **dict(_forms(5, "пят", _SOFT)),
    **dict(_forms(6, "шест", _SOFT)),
    **dict(_forms(7, "сем", _SOFT)),
    **dict(_forms(8, "вос", "емь ьми емью ьмью")),
    **dict(_forms(9, "девят", _SOFT)),
    **dict(_forms(10, "десят", _SOFT)),
    **{f: v for n, stem in _TEENS.items() for f, v in _forms(n, stem + "надцат", _SOFT)},
    **dict(_forms(20, "двадцат", _SOFT)),
    **dict(_forms(30, "тридцат", _SOFT)),
    **dict(_forms(40, "сорок", "- а")),
    **dict(_forms(50, "пят", "ьдесят идесяти")),
    **dict(_forms(100, "ст", "о а")),
}
_ORDINALS: dict[str, int] = {
    **dict(_forms(0, "нулев", "ой ого ая")),
    **dict(_forms(1, "перв", _ORDINAL)),
    **dict(_forms(2, "втор", "ой ого ому ым ом ая ую ое")),
    **dict(_forms(3, "трет", "ий ьего ьему ьим ьем ья ьей ью ье")),
    **dict(_forms(4, "четверт", _ORDINAL)),
    **dict(_forms(5, "пят", _ORDINAL)),
    **dict(_forms(6, "шест", "ой ого ому ым ом ая ую ое")),
    **dict(_forms(7, "седьм", "ой ого ому ым ом ая ую ое")),
    **dict(_forms(8, "восьм", "ой ого ому ым ом ая ую ое")),
    **dict(_forms(9, "девят", _ORDINAL)),
    **dict(_forms(10, "десят", _ORDINAL)),
    **{f: v for n, stem in _TEENS.items() for f, v in _forms(n, stem + "надцат", _ORDINAL)},
    **dict(_forms(20, "двадцат", _ORDINAL)),
    **dict(_forms(30, "тридцат", _ORDINAL)),
}


def cardinal(form: str) -> int | None:
    """The value of one number word or of digits, in any case."""
    return int(form) if form.isdigit() and len(form) < 7 else _CARDINALS.get(form)


def read_cardinal(words: Sequence[str], at: int) -> tuple[int, int] | None:
    """A number that begins at word `at` («двадцать пять») with the position after it."""
    return _read(words, at, last=cardinal)


def read_ordinal(words: Sequence[str], at: int) -> tuple[int, int] | None:
    """An ordinal that begins at word `at` («двадцать пятого») with the position after it."""
    return _read(words, at, last=_ORDINALS.get)


def _read(words: Sequence[str], at: int, last: Callable[[str], int | None]) -> tuple[int, int] | None:
    if at >= len(words):
        return None
    value = cardinal(words[at])
    if value in (20, 30, 40, 50) and at + 1 < len(words):
        unit = last(words[at + 1])
        if unit is not None and 0 < unit < 10:
            return value + unit, at + 2
    value = last(words[at])
    return None if value is None else (value, at + 1)
