"""What a telephone key says in place of words."""

from typing import Final

from voicebot.domain.intent import Intent, ListenKind, Understanding

_MEANINGS: Final = {"1": Intent.YES, "2": Intent.NO, "0": Intent.HUMAN, "9": Intent.STOP}


def meaning_of_key(digit: str, kind: ListenKind | None) -> Understanding:
    """1 yes, 2 no, 0 a person, 9 stop; where a score is asked, the digit is the score; other keys mean nothing."""
    text = f"клавиша {digit}"
    if kind is ListenKind.NUMBER and digit.isdigit():
        return Understanding(text=text, intent=Intent.NUMBER, value=int(digit), score=1.0, matched=digit)
    intent = _MEANINGS.get(digit, Intent.UNKNOWN)
    score = 0.0 if intent is Intent.UNKNOWN else 1.0
    return Understanding(text=text, intent=intent, score=score, matched=digit if score else "")
