"""Conversation scripts out of YAML files, refused with all their problems at once."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import yaml

from voicebot.adapters.shelf import FILES, Shelf
from voicebot.adapters.yaml_nodes import Entry, YamlFile, compose_text
from voicebot.adapters.yaml_script_states import StateReader
from voicebot.domain.errors import BadInput, Problem
from voicebot.domain.intent import Intent
from voicebot.domain.script import Entrance, Place, Purpose, Route, Script, State
from voicebot.domain.script_checks import check_script

_SCRIPT: Final = ("title", "purpose", "start", "entrances", "time_up", "include", "interrupts", "states")
_SHARED: Final = ("interrupts", "states")
_ONLY_IN_SCRIPTS: Final = {"title", "start", "time_up"}
MESSAGES: Final = "messages.yaml"


def load_script(path: Path) -> Script:
    """The checked script; raises BadInput with every problem of the file and of what it includes."""
    script, problems = examine_script(path)
    if problems or script is None:
        raise BadInput(problems)
    return script


def load_scripts(folder: Path, shelf: Shelf = FILES) -> dict[str, Script]:
    """Every script of a folder by name; raises BadInput with the problems of them all."""
    scripts, problems = dict[str, Script](), list[Problem]()
    for path in script_files(folder, shelf):
        script, found = examine_script(path, shelf)
        problems.extend(problem for problem in found if problem not in problems)
        if script:
            scripts[script.name] = script
    if problems:
        raise BadInput(problems)
    return scripts


def script_files(folder: Path, shelf: Shelf = FILES) -> list[Path]:
    """The YAML files of a folder that are conversations, by name."""
    if not folder.is_dir():
        raise BadInput.one(str(folder), "no such folder", repair="set VOICEBOT_SCRIPTS")
    return [path for path in shelf.files(folder) if _may_be_script(path, shelf)]


def find_script(name: str, folder: Path) -> Path:
    """The file of a script named as `winback` or as a path; raises BadInput."""
    given = Path(name)
    if given.suffix in (".yaml", ".yml"):
        return given
    found = folder / f"{name}.yaml"
    if not found.is_file():
        names = ", ".join(path.stem for path in script_files(folder))
        raise BadInput.one(str(found), f"no script '{name}'", repair=f"known: {names}" if names else "give its path")
    return found


def examine_script(path: Path, shelf: Shelf = FILES) -> tuple[Script | None, list[Problem]]:
    """What could be read of the script, and everything wrong with it."""
    file = YamlFile(path=path, shelf=shelf)
    root = file.compose()
    if root is None:
        return None, file.problems
    parts = file.entries(root, "", _SCRIPT)
    file.require(parts, ("title", "purpose", "start", "time_up", "states"), 1, "")
    gathered = _Gathered()
    for included in file.texts(parts.get("include"), "include"):
        _include(path.parent / included, gathered, file, parts["include"].line)
    _gather(file, parts, gathered, shared=False)
    purposes = {purpose.value: purpose for purpose in Purpose}
    script = Script(
        name=path.stem,
        title=file.text(parts.get("title"), ""),
        purpose=file.one_of(parts.get("purpose"), "", purposes, "purpose") or Purpose.ADVERTISING,
        start=file.text(parts.get("start"), ""),
        time_up=file.text(parts.get("time_up"), ""),
        interrupts=gathered.interrupts,
        states=gathered.states,
        entrances=_entrances(file, parts.get("entrances")),
        place=Place(source=str(path), line=1),
    )
    script = script.without(gathered.shared - script.reachable())
    problems = [*file.problems, *gathered.problems]
    problems.extend(check_script(script, messages=_templates(path.parent / MESSAGES)))
    return script, sorted(set_in_order(problems), key=_by_place)


def includes(path: Path, part: Path, shelf: Shelf = FILES) -> bool:
    """Whether the script at `path` names the shared file."""
    file = YamlFile(path=path, shelf=shelf)
    root = file.compose()
    if root is None:
        return False
    named = file.texts(file.entries(root, "", _SCRIPT).get("include"), "include")
    return os.path.normpath(part) in {os.path.normpath(path.parent / one) for one in named}


def _entrances(file: YamlFile, entry: Entry | None) -> dict[Entrance, str]:
    if entry is None:
        return {}
    named = file.entries(entry.node, "entrances", tuple(Entrance))
    return {Entrance(name): file.text(state, "entrances") for name, state in named.items()}


def set_in_order(problems: Sequence[Problem]) -> list[Problem]:
    """The problems without repeats."""
    return list(dict.fromkeys(problems))


def _by_place(problem: Problem) -> tuple[str, int]:
    return problem.source, int(problem.where or 0)


@dataclass(kw_only=True, slots=True)
class _Gathered:
    """States and interrupts of all files of a script; the script's own win over included ones."""

    interrupts: dict[Intent, Route] = field(default_factory=dict)
    states: dict[str, State] = field(default_factory=dict)
    shared: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)


def _include(path: Path, gathered: _Gathered, into: YamlFile, line: int) -> None:
    if not Path(os.path.normpath(path)).is_relative_to(os.path.normpath(into.path.parent)):
        into.note(line, "include", f"'{path}' is outside the folder of the script", "keep shared files below it")
        return
    if not into.shelf.holds(path):
        into.note(line, "include", f"no file '{path}'", "paths are relative to the script")
        return
    file = YamlFile(path=path, shelf=into.shelf)
    root = file.compose()
    if root is not None:
        _gather(file, file.entries(root, "", _SHARED), gathered, shared=True)
    gathered.problems.extend(file.problems)


def _gather(file: YamlFile, parts: dict[str, Entry], gathered: _Gathered, *, shared: bool) -> None:
    reader = StateReader(file=file)
    gathered.interrupts.update(reader.routes(parts.get("interrupts"), "interrupts", file.path.stem))
    if "states" not in parts:
        return
    for name, entry in file.entries(parts["states"].node, "states").items():
        gathered.states[name] = reader.state(entry)
        (gathered.shared.add if shared else gathered.shared.discard)(name)


def _may_be_script(path: Path, shelf: Shelf) -> bool:
    try:
        root = compose_text(shelf.read(path))
    except (yaml.YAMLError, UnicodeDecodeError):
        return path.name != MESSAGES
    keys = {str(key.value) for key, _ in root.value} if isinstance(root, yaml.MappingNode) else set[str]()
    return bool(keys & _ONLY_IN_SCRIPTS)


def _templates(path: Path) -> set[str] | None:
    """Names of the message templates beside the scripts; None when there is no such file."""
    if not path.is_file():
        return None
    try:
        root = compose_text(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError):
        return None
    return {str(key.value) for key, _ in root.value} if isinstance(root, yaml.MappingNode) else None
