"""What was said, for those who may not know who said it."""

import re
from functools import lru_cache
from typing import Final

from voicebot.domain.customer import PersonName

_WORD: Final = re.compile(r"[^\W\d_]{2,}")
_LONG: Final = 5
"""Letters; shorter names are looked for as they stand, endings of longer ones may be any."""
_ENDING: Final = 2


def hide_name(text: str, name: PersonName) -> str:
    """The text with last name and patronymic, in any case, cut to their first letters: as lists show names.

    The first name stays, as it does there: alone it names nobody.
    """
    pattern = _pattern(name.last, name.patronymic)
    return pattern.sub(lambda found: f"{found[0][0]}.", text) if pattern else text


@lru_cache(maxsize=1024)
def _pattern(last: str, patronymic: str) -> re.Pattern[str] | None:
    forms = [_form(word) for part in (last, patronymic) for word in _WORD.findall(part)]
    return re.compile(rf"\b(?:{'|'.join(forms)})\b", re.IGNORECASE) if forms else None


def _form(word: str) -> str:
    stem = word[:-_ENDING] if len(word) >= _LONG else word
    letters = "".join("[её]" if one in "её" else re.escape(one) for one in stem.lower())
    return rf"{letters}\w{{0,4}}" if len(word) >= _LONG else letters
