"""Reads phrase books from a folder of YAML files."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from voicebot.adapters.shelf import FILES, Shelf
from voicebot.domain.errors import BadInput, Problem
from voicebot.domain.intent import Intent, ListenKind
from voicebot.domain.phrase_book import Context, Order, Phrase, PhraseSource, Written

_NOTHING = "nothing"
_INTENTS: dict[str, Intent] = {str(intent): intent for intent in Intent if intent is not Intent.UNKNOWN}
_Loader: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_phrase_books(folder: Path, shelf: Shelf = FILES) -> PhraseSource:
    """Everything written in `folder`/*.yaml; raises BadInput with every problem of every file.

    Phrases themselves are checked later, by PhraseBook.
    """
    files = shelf.files(folder)
    if not files:
        raise BadInput.one(str(folder), "no phrase books here", repair="point at a folder with *.yaml phrase books")
    reading = _Reading()
    for file in files:
        _read_file(file, reading, shelf)
    if reading.contexts:
        _check_contexts(reading)
    if reading.order is None and not reading.problems:
        reading.problems.append(
            Problem(source=str(folder), where="", message="no file has order:", repair="copy it from the shipped books")
        )
    if reading.problems or reading.order is None:
        raise BadInput(reading.problems)
    return PhraseSource(
        classes=reading.classes,
        phrases=reading.phrases,
        slips=reading.slips,
        fallbacks=reading.fallbacks,
        contexts=reading.contexts,
        order=reading.order,
    )


@dataclass(slots=True)
class _Reading:
    """What has been read so far."""

    problems: list[Problem] = field(default_factory=list)
    classes: dict[str, list[Written]] = field(default_factory=dict)
    phrases: list[Phrase] = field(default_factory=list)
    slips: dict[str, str] = field(default_factory=dict)
    fallbacks: dict[ListenKind, str] = field(default_factory=dict)
    contexts: dict[str, Context] = field(default_factory=dict)
    order: Order | None = None
    context_names: list[Written] = field(default_factory=list)


@dataclass(slots=True)
class _File:
    """One file being read."""

    name: str
    reading: _Reading

    def wrong(self, node: yaml.Node, message: str, repair: str = "") -> None:
        self.reading.problems.append(
            Problem(source=self.name, where=str(node.start_mark.line + 1), message=message, repair=repair)
        )

    def written(self, node: yaml.Node) -> Written:
        return Written(text=str(node.value), source=self.name, line=node.start_mark.line + 1)

    def pairs(self, node: yaml.Node, what: str) -> Iterator[tuple[yaml.Node, yaml.Node]]:
        """Keys and values of a mapping; anything else and double keys are problems."""
        if not isinstance(node, yaml.MappingNode):
            self.wrong(node, f"{what} must be 'name: value' pairs")
            return
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                self.wrong(key, f"'{key.value}' is written twice", "join the two or rename one")
            seen.add(key.value)
            yield key, value

    def texts(self, node: yaml.Node, what: str) -> list[Written]:
        """A list of words or phrases; one word alone is a list of one."""
        if isinstance(node, yaml.ScalarNode):
            return [self.written(node)]
        if not isinstance(node, yaml.SequenceNode):
            self.wrong(node, f"{what} must be a list")
            return []
        for item in node.value:
            if not isinstance(item, yaml.ScalarNode) or not item.value.strip():
                self.wrong(item, f"{what}: every item must be a phrase", 'put a phrase with signs in quotes: "..."')
        return [self.written(item) for item in node.value if isinstance(item, yaml.ScalarNode) and item.value.strip()]


def _read_file(path: Path, reading: _Reading, shelf: Shelf) -> None:
    file = _File(str(path), reading)
    try:
        root = yaml.compose(shelf.read(path), Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        reading.problems.append(
            Problem(
                source=file.name,
                where=str(mark.line + 1 if mark else 1),
                message=f"not YAML: {error.problem}",
                repair="check quotes, colons and indents",
                column=mark.column + 1 if mark else 0,
            )
        )
        return
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        reading.problems.append(
            Problem(source=file.name, where="1", message=f"cannot be read: {error}", repair="save it as UTF-8")
        )
        return
    if root is None:
        return
    for key, value in file.pairs(root, "a phrase book"):
        section = _SECTIONS.get(key.value)
        if section:
            section(file, value)
        else:
            file.wrong(key, f"no section '{key.value}'", "sections are " + ", ".join(_SECTIONS))


def _read_classes(file: _File, node: yaml.Node) -> None:
    for key, value in file.pairs(node, "classes:"):
        if key.value in file.reading.classes:
            file.wrong(key, f"class '{key.value}' is defined in another file too", "join the two or rename one")
        file.reading.classes[key.value] = file.texts(value, f"class '{key.value}'")


def _read_slips(file: _File, node: yaml.Node) -> None:
    for key, value in file.pairs(node, "slips:"):
        if not isinstance(value, yaml.ScalarNode) or len(value.value.split()) != 1 or len(key.value.split()) != 1:
            file.wrong(key, f"slip '{key.value}' must be one word for one word", "write a longer one as a phrase")
        else:
            file.reading.slips[key.value] = value.value


def _read_phrases(file: _File, node: yaml.Node) -> None:
    for key, value in file.pairs(node, "phrases:"):
        if key.value not in _INTENTS and key.value != _NOTHING:
            file.wrong(key, f"no intent '{key.value}'", "use one of " + ", ".join([*_INTENTS, _NOTHING]))
            continue
        if not isinstance(value, yaml.SequenceNode):
            file.wrong(value, f"phrases of '{key.value}' must be a list", 'start every phrase with "- "')
            continue
        for item in value.value:
            _read_item(file, item, _INTENTS.get(key.value))


def _read_item(file: _File, node: yaml.Node, intent: Intent | None) -> None:
    """A phrase, or a block of phrases with conditions."""
    if isinstance(node, yaml.ScalarNode):
        file.reading.phrases.append(Phrase(written=file.written(node), intent=intent))
        return
    said: list[Written] = []
    only: list[Written] = []
    never: list[Written] = []
    weak = False
    for key, value in file.pairs(node, "a block"):
        if key.value == "say":
            said = file.texts(value, "say:")
        elif key.value == "in":
            only = file.texts(value, "in:")
        elif key.value == "not_in":
            never = file.texts(value, "not_in:")
        elif key.value == "weak":
            weak = value.value == "true"
        else:
            file.wrong(key, f"a block has no '{key.value}'", "use say, in, not_in, weak")
    if not said:
        file.wrong(node, "a block without phrases", "add say: [...]")
    file.reading.context_names += [*only, *never]
    names, barred = frozenset(w.text for w in only), frozenset(w.text for w in never)
    file.reading.phrases += [Phrase(written=w, intent=intent, only=names, never=barred, weak=weak) for w in said]


def _read_contexts(file: _File, node: yaml.Node) -> None:
    kinds = {str(kind): kind for kind in ListenKind}
    for key, value in file.pairs(node, "contexts:"):
        kind, first = ListenKind.YES_NO, list[Intent]()
        for name, setting in file.pairs(value, f"context '{key.value}'"):
            if name.value == "kind" and str(setting.value) in kinds:
                kind = kinds[setting.value]
            elif name.value == "kind":
                file.wrong(setting, f"no kind '{setting.value}'", "use one of " + ", ".join(kinds))
            elif name.value == "first":
                first = _intents(file, setting)
            else:
                file.wrong(name, f"a context has no '{name.value}'", "use kind, first")
        file.reading.contexts[key.value] = Context(kind=kind, first=tuple(first))


def _read_fallbacks(file: _File, node: yaml.Node) -> None:
    kinds = {str(kind): kind for kind in ListenKind}
    for key, value in file.pairs(node, "fallbacks:"):
        if key.value not in kinds:
            file.wrong(key, f"no kind '{key.value}'", "use one of " + ", ".join(kinds))
            continue
        file.reading.context_names.append(file.written(value))
        file.reading.fallbacks[kinds[key.value]] = str(value.value)


def _read_order(file: _File, node: yaml.Node) -> None:
    ranks: list[tuple[Intent, ...]] = []
    soft: list[Intent] = []
    for key, value in file.pairs(node, "order:"):
        if key.value == "ranks" and isinstance(value, yaml.SequenceNode):
            ranks = [tuple(_intents(file, item)) for item in value.value]
        elif key.value == "soft":
            soft = _intents(file, value)
        else:
            file.wrong(key, f"order: cannot use '{key.value}'", "write ranks: (a list) and soft: (a list)")
    ranked = [intent for rank in ranks for intent in rank]
    missing = [name for name, intent in _INTENTS.items() if intent not in ranked]
    if missing:
        file.wrong(node, "ranks: leaves out " + ", ".join(missing), "give every intent a place")
    if len(set(ranked)) < len(ranked):
        file.wrong(node, "ranks: names an intent twice", "keep one place for each")
    file.reading.order = Order(ranks=tuple(ranks), soft=frozenset(soft))


def _intents(file: _File, node: yaml.Node) -> list[Intent]:
    found: list[Intent] = []
    for written in file.texts(node, "a list of intents"):
        if written.text in _INTENTS:
            found.append(_INTENTS[written.text])
        else:
            file.reading.problems.append(
                written.problem(f"no intent '{written.text}'", "use one of " + ", ".join(_INTENTS))
            )
    return found


def _check_contexts(reading: _Reading) -> None:
    reading.problems += [
        name.problem(f"no context '{name.text}'", "define it in contexts: or correct the name")
        for name in reading.context_names
        if name.text not in reading.contexts
    ]


_SECTIONS: dict[str, Callable[[_File, yaml.Node], None]] = {
    "classes": _read_classes,
    "slips": _read_slips,
    "phrases": _read_phrases,
    "contexts": _read_contexts,
    "fallbacks": _read_fallbacks,
    "order": _read_order,
}
