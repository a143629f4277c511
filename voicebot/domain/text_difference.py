"""What is different between two texts, line by line."""

import difflib
from dataclasses import dataclass
from typing import Final

_AROUND: Final = 3
"""Unchanged lines shown beside a change."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """One line of a comparison."""

    kind: str
    """`added`, `removed`, `same`, or `gap` where unchanged lines are left out."""
    text: str = ""
    before: int | None = None
    """Its number in the earlier text."""
    after: int | None = None
    """Its number in the later one."""


def difference(before: str, after: str) -> tuple[Difference, ...]:
    """Changed lines with those around them; empty when nothing has changed."""
    old, new = before.splitlines(), after.splitlines()
    found: list[Difference] = []
    for group in difflib.SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(_AROUND):
        if found or group[0][1] > 0:
            found.append(Difference(kind="gap"))
        for kind, first, last, into, until in group:
            if kind == "equal":
                found += [
                    Difference(kind="same", text=old[at], before=at + 1, after=into + at - first + 1)
                    for at in range(first, last)
                ]
                continue
            found += [Difference(kind="removed", text=old[at], before=at + 1) for at in range(first, last)]
            found += [Difference(kind="added", text=new[at], after=at + 1) for at in range(into, until)]
    return tuple(found)
