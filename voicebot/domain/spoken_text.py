"""Codes, digits and texts of the CRM made fit to be spoken."""

import re
from decimal import Decimal
from typing import Final

from voicebot.domain.spoken import PERCENT, ROUBLE, Case, Gender, Noun, cardinal, counted, decimal

_LETTERS: Final = {
    "а": "а", "б": "бэ", "в": "вэ", "г": "гэ", "д": "дэ", "е": "е", "ё": "ё", "ж": "жэ", "з": "зэ", "и": "и",
    "й": "и краткое", "к": "ка", "л": "эль", "м": "эм", "н": "эн", "о": "о", "п": "пэ", "р": "эр", "с": "эс",
    "т": "тэ", "у": "у", "ф": "эф", "х": "ха", "ц": "цэ", "ч": "чэ", "ш": "ша", "щ": "ща", "ъ": "твёрдый знак",
    "ы": "ы", "ь": "мягкий знак", "э": "э", "ю": "ю", "я": "я",
    "a": "эй", "b": "би", "c": "си", "d": "ди", "e": "и", "f": "эф", "g": "джи", "h": "эйч", "i": "ай", "j": "джей",
    "k": "кей", "l": "эл", "m": "эм", "n": "эн", "o": "оу", "p": "пи", "q": "кью", "r": "ар", "s": "эс", "t": "ти",
    "u": "ю", "v": "ви", "w": "дабл ю", "x": "икс", "y": "уай", "z": "зэт",
    "-": "дефис", "_": "подчёркивание",
}  # fmt: skip
_SOUNDS: Final = (
    ("sch", "ш"), ("sh", "ш"), ("ch", "ч"), ("zh", "ж"), ("kh", "х"), ("ph", "ф"), ("th", "т"), ("ck", "к"),
    ("ee", "и"), ("oo", "у"), ("ya", "я"), ("yu", "ю"),
    ("a", "а"), ("b", "б"), ("c", "к"), ("d", "д"), ("e", "е"), ("f", "ф"), ("g", "г"), ("h", "х"), ("i", "и"),
    ("j", "дж"), ("k", "к"), ("l", "л"), ("m", "м"), ("n", "н"), ("o", "о"), ("p", "п"), ("q", "к"), ("r", "р"),
    ("s", "с"), ("t", "т"), ("u", "у"), ("v", "в"), ("w", "в"), ("x", "кс"), ("y", "и"), ("z", "з"),
)  # fmt: skip
_M, _F = Gender.MASCULINE, Gender.FEMININE


def _regular(stem: str) -> Noun:
    """«литр», «грамм»: masculine, hard stem, genitive plural in -ов."""
    return Noun(
        f"{stem} {stem}а {stem}у {stem} {stem}ом {stem}е", f"{stem}ы {stem}ов {stem}ам {stem}ы {stem}ами {stem}ах", _M
    )


_UNITS: Final = {
    "кг": _regular("килограмм"), "г": _regular("грамм"), "гр": _regular("грамм"), "л": _regular("литр"),
    "мл": _regular("миллилитр"), "м": _regular("метр"), "см": _regular("сантиметр"), "мм": _regular("миллиметр"),
    "шт": Noun("штука штуки штуке штуку штукой штуке", "штуки штук штукам штуки штуками штуках", _F),
    "%": PERCENT, "руб": ROUBLE, "₽": ROUBLE, "р": ROUBLE,
}  # fmt: skip
_MEASURE: Final = re.compile(r"(\d+(?:[.,]\d{1,2})?)\s*(" + "|".join(_UNITS) + r")(?![А-Яа-яё])\.?")
_MODEL: Final = re.compile(r"\b(?=[A-Za-z\d-]*[A-Za-z])(?=[A-Za-z\d-]*\d)[A-Za-z\d-]{4,}\b")
_FRACTION: Final = re.compile(r"\d+[.,]\d{1,2}(?!\d)")
_WORDS: Final = {"шт": "штук", "уп": "упаковка", "арт": "артикул", "гр": "грамм"}
_SIGNS: Final = {"№": " номер ", "%": " процентов ", "+": " плюс ", "&": " и ", "×": " на "}
_LONGEST_NUMBER = 6


def spelled(code: str) -> str:
    """A promo code letter by letter, digits one by one, with pauses: «эс, а, семь, ноль»."""
    return ", ".join(_LETTERS.get(sign, sign) if not sign.isdigit() else cardinal(int(sign)) for sign in code.lower())


def digits(number: str) -> str:
    """A phone number the way people dictate it: three, three, two and two digits; the sign + is left out.

    «восемь, девятьсот шестнадцать, сто двадцать три, сорок пять, шестьдесят семь»; a leading zero is said.
    """
    only = re.sub(r"\D", "", number)
    if len(only) == 11 and only[0] in "78":
        groups = ["8", only[1:4], only[4:7], only[7:9], only[9:]]
    else:
        head = len(only) % 2
        groups = [only[:head]] if head else []
        groups += [only[index : index + 2] for index in range(head, len(only), 2)]
    return ", ".join(_group(group) for group in groups)


def _group(group: str) -> str:
    bare = group.lstrip("0")
    zeros = [cardinal(0)] * (len(group) - len(bare))
    return " ".join([*zeros, cardinal(int(bare))] if bare else zeros)


def speakable(text: str, *, longest: int = 0) -> str:
    """A name or goods out of a CRM as words a Russian voice can say: no digits, signs or Latin letters.

    Model codes («EC685») are left out: nobody wants to hear them.
    `longest` > 0 cuts at a word, in characters of the result.
    """
    text = _MODEL.sub(" ", text)
    text = _MEASURE.sub(lambda found: f" {_measure(found[1], _UNITS[found[2]])} ", text)
    text = _FRACTION.sub(lambda found: f" {_measure(found[0])} ", text)
    for sign, words in _SIGNS.items():
        text = text.replace(sign, words)
    text = re.sub(r"\d+", lambda found: f" {_number(found[0])} ", text)
    text = re.sub(r"[A-Za-z]+", lambda found: _latin(found[0]), text)
    text = re.sub(r"[а-яё]+\.?", lambda found: _abbreviation(found[0]), text)
    text = re.sub(r"[^А-Яа-яЁё ,.-]", " ", text)
    text = re.sub(r"\s+([,.])", r"\1", " ".join(text.split())).strip(" ,.-")
    return _cut(text, longest) if longest else text


def _number(found: str) -> str:
    return cardinal(int(found)) if len(found) <= _LONGEST_NUMBER and found[0] != "0" else digits(found)


def _measure(written: str, noun: Noun | None = None) -> str:
    number = Decimal(written.replace(",", "."))
    if number == int(number):
        return counted(int(number), noun) if noun else cardinal(int(number))
    words = "полтора" if number == Decimal("1.5") and noun and noun.gender is _M else decimal(number)
    return f"{words} {noun.singular[Case.GENITIVE]}" if noun else words


def _abbreviation(word: str) -> str:
    return _WORDS.get(word.rstrip("."), word)


def _latin(word: str) -> str:
    if len(word) > 1 and word.isupper() and not re.search(r"[AEIOUY]", word):
        return " ".join(_LETTERS[letter] for letter in word.lower())
    sound = word.lower()
    for latin, russian in _SOUNDS:
        sound = sound.replace(latin, russian)
    return sound.capitalize() if word[0].isupper() else sound


def _cut(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    kept = text[: longest + 1].rsplit(" ", 1)[0].strip(" ,.-")
    return re.sub(r"[ ,]+(и|с|со|в|во|на|для|из|от|по|к|без|номер)$", "", kept)
