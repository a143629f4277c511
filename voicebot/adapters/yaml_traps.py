"""YAML of strangers: a few lines of it fill the memory, or the stack."""

from collections.abc import Iterator
from typing import Final

import yaml

_Loader: Final[type] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DEEPEST: Final = 30
"""Levels of lists and mappings; ours have six."""


def traps(text: str) -> Iterator[tuple[int, int, str]]:
    """Line, column, what must not reach a loader; at most one."""
    depth = 0
    try:
        for event in yaml.parse(text, Loader=_Loader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            trap = "references (*name) are not used here" if isinstance(event, yaml.AliasEvent) else ""
            trap = f"is nested deeper than {_DEEPEST} levels" if depth > _DEEPEST else trap
            if trap and event.start_mark:
                yield event.start_mark.line + 1, event.start_mark.column + 1, trap
                return
    except yaml.YAMLError:
        return  # the loaders say it better
