"""Every address of the desk, found by itself: routes that are added later are attacked too."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from voicebot.entrypoints.web.desk import application
from voicebot.entrypoints.web.desk.application import ROUTES
from voicebot.entrypoints.web.desk.routes import Route

_HOLE: Final = re.compile(r"\{(\w+)(?::((?:[^{}]|\{[^{}]*\})+))?\}")
_FIELD: Final = re.compile(r"""(?:query|asked|form)\.get(?:all)?\(\s*["']([\w-]+)["']|\bname="([\w-]+)\"""")
_ASKED: Final = re.compile(r"""(?:query|asked)(?:\.get(?:all)?\(|\[)\s*["']([\w-]+)["']""")
_DESK: Final = Path(application.__file__).parent
_ALIKE: Final = 5
"""Letters that the modules of one section begin with."""
GETS: Final = tuple(one for one in ROUTES if one.method == "GET")
POSTS: Final = tuple(one for one in ROUTES if one.method != "GET")
PRIVATE: Final = tuple(one for one in ROUTES if not one.public)
MISSING: Final = "999999"
"""Of nothing there is."""


def address_of(route: Route, known: Mapping[str, str], *, missing: bool = False, literally: str = "") -> str:
    """The route's address of a known object, of one that does not exist, or with this text where its name should be."""
    place = route.path.split("/")[1]

    def filled(hole: re.Match[str]) -> str:
        if literally:
            return literally
        name, pattern = hole[1], hole[2] or ".*"
        wished = MISSING if missing else known.get(f"{place}.{name}", "")
        fits = (one for one in (wished, "winback", "1") if one and re.fullmatch(pattern, one))
        return next(fits, pattern.strip("()?:").split("|")[0])  # else one of the few words it may be

    return _HOLE.sub(filled, route.path)


def has_holes(route: Route) -> bool:
    """Whether its address names an object."""
    return "{" in route.path


def fields_of(route: Route) -> tuple[str, ...]:
    """Every name a form or the address of the route may carry."""
    found: set[str] = set()
    for file in _files(route):
        found |= {name for pair in _FIELD.findall(file.read_text(encoding="utf-8")) for name in pair if name}
    return tuple(sorted(found - {"csrf", "viewport", "color-scheme"}))


def filters_of(route: Route) -> tuple[str, ...]:
    """Every name the address of a list may carry."""
    found = {"before", "after"}
    for file in _files(route):
        text = file.read_text(encoding="utf-8")
        if file.suffix == ".py":
            found |= set(_ASKED.findall(text))
        elif 'method="get"' in text:
            found |= {name for pair in _FIELD.findall(text) for name in pair if name}
    return tuple(sorted(found))


def _files(route: Route) -> Iterator[Path]:
    """The module of the route and its sisters, and the templates of its section."""
    module = route.handler.__module__.rpartition(".")[2]
    yield from _DESK.glob(f"{module[:_ALIKE]}*.py")
    yield from (_DESK / "templates").glob(f"{module[:_ALIKE]}*/*.html")
