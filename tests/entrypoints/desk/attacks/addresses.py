"""Every address of the desk, found by itself: routes that are added later are attacked too."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from voicebot.entrypoints.web.desk import application, pages
from voicebot.entrypoints.web.desk.application import ROUTES
from voicebot.entrypoints.web.desk.routes import Route

_HOLE: Final = re.compile(r"\{(\w+)(?::((?:[^{}]|\{[^{}]*\})+))?\}")
_FIELD: Final = re.compile(r"""(?:query|asked|form)\.get(?:all)?\(\s*["']([\w-]+)["']|\bname="([\w-]+)\"""")
_DESK: Final = Path(application.__file__).parent
GETS: Final = tuple(one for one in ROUTES if one.method == "GET")
POSTS: Final = tuple(one for one in ROUTES if one.method != "GET")
PRIVATE: Final = tuple(one for one in ROUTES if not one.public)
MISSING: Final = "999999"
"""Of nothing there is."""


def address_of(route: Route, known: Mapping[str, str], *, missing: bool = False) -> str:
    """The route's address of a known object, or of one that does not exist."""
    place = route.path.split("/")[1]

    def filled(hole: re.Match[str]) -> str:
        name, pattern = hole[1], hole[2] or ""
        if missing:
            return MISSING if r"\d" in pattern else "no-such-thing"
        return known.get(f"{place}.{name}", "1" if r"\d" in pattern else "winback")

    return _HOLE.sub(filled, route.path)


def has_holes(route: Route) -> bool:
    """Whether its address names an object."""
    return "{" in route.path


def fields() -> tuple[str, ...]:
    """Every name a form or an address of the desk may carry."""
    found: set[str] = set()
    for file in _files():
        found |= {name for pair in _FIELD.findall(file.read_text(encoding="utf-8")) for name in pair if name}
    return tuple(sorted(found - {"csrf", "viewport", "color-scheme"}))


def _files() -> Iterator[Path]:
    yield from _DESK.glob("*.py")
    yield from (Path(pages.__file__).parent / "templates").rglob("*.html")
