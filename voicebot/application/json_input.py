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
    """Whether PostgreSQL takes it as JSON: no NUL and no half of a surrogate pair in any text."""
    match value:
        case str():
            return "\0" not in value and not any("\ud800" <= letter <= "\udfff" for letter in value)
        case Mapping():
            return all(storable(name) and storable(one) for name, one in value.items())
        case list():
            return all(storable(one) for one in value)
    return True
