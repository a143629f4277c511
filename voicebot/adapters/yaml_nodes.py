"""YAML read with its line numbers, every problem collected."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Final, TypeVar

import yaml

from voicebot.adapters.shelf import FILES, Shelf
from voicebot.domain.errors import Problem
from voicebot.domain.script import Place

_T = TypeVar("_T")
_QUICK: Final[type] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TRUE, _FALSE = ("yes", "true", "on"), ("no", "false", "off")


def compose_text(text: str) -> yaml.Node | None:
    """The text as nodes that know their places, by libyaml where it is there: ten times as fast.

    Raises yaml.YAMLError in the words of the loader in Python, which say what was found and what should be there.
    """
    try:
        return yaml.compose(text, Loader=_QUICK)
    except yaml.YAMLError:
        return yaml.compose(text, Loader=yaml.SafeLoader)


def meant(written: str, known: Iterable[str]) -> str:
    """A repair for a misspelt name: the close one, else all there are."""
    names = sorted(known)
    close = get_close_matches(written, names, n=1, cutoff=0.6)
    return f"did you mean '{close[0]}'?" if close else f"known: {', '.join(names)}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One key of a mapping with its value."""

    key: str
    line: int
    """Of the key, 1-based."""
    node: yaml.Node


@dataclass(kw_only=True, slots=True)
class YamlFile:
    """A file under examination."""

    path: Path
    shelf: Shelf = FILES
    """Where its text is."""
    problems: list[Problem] = field(default_factory=list)

    def compose(self) -> yaml.MappingNode | None:
        """The root mapping; None (with a problem noted) when there is none."""
        try:
            root = compose_text(self.shelf.read(self.path))
        except OSError as error:
            self.note(0, "", f"cannot be read: {error.strerror}", "check the path")
            return None
        except UnicodeDecodeError:
            self.note(0, "", "is not UTF-8 text", "save it as UTF-8")
            return None
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            message = getattr(error, "problem", None) or str(error)
            line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
            self.note(line, "", f"not YAML: {message}", "check indents, colons and quotes", column=column)
            return None
        if not isinstance(root, yaml.MappingNode):
            self.note(1, "", "holds no keys", "start with the keys of the format")
            return None
        return root

    def note(self, line: int, owner: str, message: str, repair: str = "", *, column: int = 0) -> None:
        """Note a problem; `owner` is the state or section it is in, empty for the file."""
        text = f"{owner}: {message}" if owner else message
        self.problems.append(
            Problem(source=str(self.path), where=str(line or ""), message=text, repair=repair, column=column)
        )

    def place(self, node: yaml.Node) -> Place:
        """Where a node stands."""
        return Place(source=str(self.path), line=node.start_mark.line + 1)

    def entries(self, node: yaml.Node, owner: str, known: Iterable[str] | None = None) -> dict[str, Entry]:
        """The keys of a mapping; unknown (when `known` is given) and repeated ones are noted and left out."""
        if not isinstance(node, yaml.MappingNode):
            self.note(self.place(node).line, owner, "keys with values are expected here", "write `key: value` lines")
            return {}
        found: dict[str, Entry] = {}
        allowed = set(known) if known is not None else None
        for key_node, value in node.value:
            key, line = str(key_node.value), key_node.start_mark.line + 1
            if key in found:
                self.note(line, owner, f"'{key}' is written twice, first in line {found[key].line}", "keep one")
            elif allowed is not None and key not in allowed:
                self.note(line, owner, f"unknown key '{key}'", meant(key, allowed))
            else:
                found[key] = Entry(key=key, line=line, node=value)
        return found

    def require(self, entries: dict[str, Entry], keys: Iterable[str], line: int, owner: str) -> None:
        """Note the keys that are missing."""
        for key in keys:
            if key not in entries:
                self.note(line, owner, f"'{key}' is missing", f"add `{key}:`")

    def text(self, entry: Entry | None, owner: str) -> str:
        """A non-empty scalar as one line; empty (with a problem noted) for anything else."""
        if entry is None:
            return ""
        if isinstance(entry.node, yaml.ScalarNode) and str(entry.node.value).strip():
            return " ".join(str(entry.node.value).split())
        self.note(entry.line, owner, f"'{entry.key}' must be text", "write the words after the colon")
        return ""

    def texts(self, entry: Entry | None, owner: str) -> tuple[str, ...]:
        """One text or a list of them."""
        if entry is None:
            return ()
        if not isinstance(entry.node, yaml.SequenceNode):
            text = self.text(entry, owner)
            return (text,) if text else ()
        items = (Entry(key=entry.key, line=self.place(node).line, node=node) for node in entry.node.value)
        return tuple(text for text in (self.text(item, owner) for item in items) if text)

    def flag(self, entry: Entry | None, owner: str, *, default: bool = False) -> bool:
        """yes or no."""
        if entry is None:
            return default
        written = str(entry.node.value).lower() if isinstance(entry.node, yaml.ScalarNode) else ""
        if written not in _TRUE + _FALSE:
            self.note(entry.line, owner, f"'{entry.key}' must be yes or no", "write yes or no")
        return written in _TRUE

    def number(self, entry: Entry | None, owner: str, *, default: float, least: float, most: float) -> float:
        """A number within bounds."""
        if entry is None:
            return default
        try:
            value = float(entry.node.value) if isinstance(entry.node, yaml.ScalarNode) else float("nan")
        except ValueError:
            value = float("nan")
        if least <= value <= most:
            return value
        self.note(entry.line, owner, f"'{entry.key}' must be a number", f"from {least:g} to {most:g}")
        return default

    def one_of(self, entry: Entry | None, owner: str, values: dict[str, _T], what: str) -> _T | None:
        """One of named values; None (with a problem noted) for anything else."""
        written = self.text(entry, owner)
        if not written or entry is None:
            return None
        if written not in values:
            self.note(entry.line, owner, f"unknown {what} '{written}'", meant(written, values))
        return values.get(written)
