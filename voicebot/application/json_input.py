"""JSON that somebody else wrote: every problem with the path of its field.

Messages never repeat a value: it may be personal.
"""

import difflib
import json
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Final

from voicebot.domain.errors import BadInput, Problem

SOURCE: Final = "body"
"""What problems of a JSON document are reported against."""
DEEPEST: Final = 64
"""Objects and lists within each other that are kept."""
Fields = Mapping[str, object]


def read_json(text: str | bytes, *, exact: bool = False) -> object:
    """The document; with `exact` fractions are Decimal. Raises BadInput for what is no JSON."""

    def refuse(_: str) -> object:
        raise ValueError("NaN and Infinity are no JSON")

    try:
        return json.loads(text, parse_float=Decimal if exact else None, parse_constant=refuse)
    except json.JSONDecodeError as error:
        found = problem("", f"no JSON: line {error.lineno}, column {error.colno}")
    except UnicodeDecodeError:
        found = problem("", "no JSON: not UTF-8")
    except (ValueError, RecursionError):
        found = problem("", "no JSON: a number or a nesting beyond reason")
    raise BadInput([found])


def problem(path: str, message: str, repair: str = "") -> Problem:
    """One thing wrong at `path`; an empty path is the document."""
    return Problem(source=SOURCE, where=path, message=message, repair=repair)


def inside(path: str, name: str) -> str:
    """The path of a field."""
    return f"{path}.{name}" if path else name


def unknown_fields(found: Fields, known: Collection[str], path: str) -> list[Problem]:
    """A field nobody reads is a misspelt one."""
    problems = []
    for name in found:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            repair = f"did you mean '{near[0]}'?" if near else f"known are {', '.join(known)}"
            problems.append(problem(inside(path, name[:40]), "unknown field", repair))
    return problems


def storable(value: object) -> bool:
    """Whether PostgreSQL takes it as JSON: no NUL, no half of a surrogate pair, no nesting beyond reason."""
    waiting = [(value, 0)]
    while waiting:
        found, depth = waiting.pop()
        if depth > DEEPEST:
            return False
        match found:
            case str():
                if "\0" in found or any("\ud800" <= letter <= "\udfff" for letter in found):
                    return False
            case Mapping():
                waiting += [(one, depth + 1) for pair in found.items() for one in pair]
            case list():
                waiting += [(one, depth + 1) for one in found]
    return True
