"""Dialplans out of YAML files, refused with all their problems at once."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import yaml

from voicebot.adapters.shelf import FILES, Shelf
from voicebot.adapters.yaml_environment import fill_variables
from voicebot.adapters.yaml_hours import read_hours
from voicebot.adapters.yaml_nodes import Entry, YamlFile, meant
from voicebot.adapters.yaml_redial import read_redial
from voicebot.adapters.yaml_trunks import TrunkReader
from voicebot.domain.dialplan import AnsweringMachineRule, Dialplan, InboundRule, RouteRule, TransferTarget, Trunk
from voicebot.domain.errors import BadInput, ConfigurationError, Problem
from voicebot.domain.past_calls import TouchCaps

_FILE: Final = (
    *("trunks", "routes", "hours", "holidays", "caps"),
    *("longest_call_s", "answering_machine", "transfer", "redial", "inbound"),
)
_ROUTE: Final = ("match", "trunks", "strip", "prepend")
_PATTERN: Final = re.compile(r"\*|\+[0-9X]{0,15}\*?")
_NUMBER_PART: Final = re.compile(r"\+?[0-9]*")
_TARGET: Final = re.compile(r"sips?:[^@\s]+@[^@\s]+", re.IGNORECASE)


def load_dialplan(path: Path, environment: Mapping[str, str] | None = None, shelf: Shelf = FILES) -> Dialplan:
    """The checked dialplan; secrets and other `${NAME}` come from `environment` (the process's own by default).

    Raises BadInput with every problem of the file; ConfigurationError when a variable is among them.
    """
    file = YamlFile(path=path, shelf=shelf)
    root = file.compose()
    if root is None:
        raise BadInput(file.problems)
    filled = fill_variables(root, str(path), os.environ if environment is None else environment)
    if filled.problems:
        # Values that are missing would be reported a second time as empty ones: their own message is enough.
        _read(file, root, filled.lines)
        others = [problem for problem in file.problems if int(problem.where or 0) not in filled.lines]
        raise ConfigurationError(_in_order([*filled.problems, *others]))
    dialplan = _read(file, root, filled.lines)
    if file.problems:
        raise BadInput(_in_order(file.problems))
    return dialplan


def _in_order(problems: list[Problem]) -> list[Problem]:
    return sorted(problems, key=lambda problem: int(problem.where or 0))


def _read(file: YamlFile, root: yaml.MappingNode, from_environment: frozenset[int]) -> Dialplan:
    keys = file.entries(root, "", _FILE)
    file.require(keys, ("trunks", "routes"), 1, "")
    trunks = TrunkReader(file=file, from_environment=from_environment).trunks(keys.get("trunks"))
    machine = keys.get("answering_machine")
    rules = {str(rule): rule for rule in AnsweringMachineRule}
    hours = read_hours(file, keys.get("hours"), keys.get("holidays"))
    return Dialplan(
        name=file.path.stem,
        trunks=trunks,
        routes=_routes(file, keys.get("routes"), trunks),
        hours=hours.known,
        unknown_zone=hours.unknown,
        caps=_caps(file, keys.get("caps")),
        longest_call_s=file.number(keys.get("longest_call_s"), "", default=300, least=10, most=3600),
        answering_machine=file.one_of(machine, "", rules, "rule") or AnsweringMachineRule.HANG_UP,
        transfer=_transfer(file, keys.get("transfer")),
        redial=read_redial(file, keys.get("redial")),
        inbound=_inbound(file, keys.get("inbound")),
    )


def _routes(file: YamlFile, entry: Entry | None, trunks: tuple[Trunk, ...]) -> tuple[RouteRule, ...]:
    if entry is None:
        return ()
    if not isinstance(entry.node, yaml.SequenceNode) or not entry.node.value:
        file.note(entry.line, "routes", "a list of routes is expected here", 'write `- {match: "+7*", trunks: [name]}`')
        return ()
    names = [trunk.name for trunk in trunks]
    rules: list[RouteRule] = []
    for number, node in enumerate(entry.node.value, start=1):
        rule = _route(file, node, f"route {number}", names)
        hidden = next((earlier.pattern for earlier in rules if earlier.pattern in ("*", "+*", rule.pattern)), None)
        if hidden and rule.pattern:
            file.note(file.place(node).line, f"route {number}", f"'{hidden}' above takes all its numbers", "move it up")
        rules.append(rule)
    return tuple(rules)


def _route(file: YamlFile, node: yaml.Node, owner: str, names: list[str]) -> RouteRule:
    line = file.place(node).line
    keys = file.entries(node, owner, _ROUTE)
    file.require(keys, ("match", "trunks"), line, owner)
    pattern = file.text(keys.get("match"), owner)
    if pattern and not _PATTERN.fullmatch(pattern):
        file.note(keys["match"].line, owner, f"'{pattern}' is no pattern", "'+', digits, X for any digit, * at the end")
    trunks = file.texts(keys.get("trunks"), owner)
    for name in trunks:
        if name not in names:
            file.note(keys["trunks"].line, owner, f"unknown trunk '{name}'", meant(name, names))
    strip, prepend = file.text(keys.get("strip"), owner), file.text(keys.get("prepend"), owner)
    for key, written in (("strip", strip), ("prepend", prepend)):
        if not _NUMBER_PART.fullmatch(written):
            file.note(keys[key].line, owner, f"'{key}' is '{written}'", "use digits, with or without a leading +")
    if strip and not pattern.startswith(strip):
        file.note(keys["strip"].line, owner, f"not every number of '{pattern}' begins with '{strip}'", "narrow `match`")
    return RouteRule(pattern=pattern, trunks=trunks, strip=strip, prepend=prepend)


def _inbound(file: YamlFile, entry: Entry | None) -> InboundRule:
    usual = InboundRule()
    if entry is None:
        return usual
    keys = file.entries(entry.node, "inbound", ("answer", "script", "ring_s"))
    return InboundRule(
        answer=file.flag(keys.get("answer"), "inbound", default=True),
        script=file.text(keys.get("script"), "inbound") or usual.script,
        ring_s=file.number(keys.get("ring_s"), "inbound", default=usual.ring_s, least=0, most=30),
    )


def _transfer(file: YamlFile, entry: Entry | None) -> tuple[TransferTarget, ...]:
    if entry is None:
        return ()
    targets = []
    for name, target in file.entries(entry.node, "transfer").items():
        uri = file.text(target, "transfer")
        if uri and not _TARGET.fullmatch(uri):
            file.note(target.line, f"transfer '{name}'", "is not a SIP address", "write sip:user@host:port")
        targets.append(TransferTarget(name=name, uri=uri))
    return tuple(targets)


def _caps(file: YamlFile, entry: Entry | None) -> TouchCaps:
    if entry is None:
        return TouchCaps()
    keys = file.entries(entry.node, "caps", ("day", "week", "month"))
    usual = TouchCaps()

    def cap(name: str, default: int) -> int:
        return int(file.number(keys.get(name), "caps", default=default, least=1, most=1000))

    return TouchCaps(day=cap("day", usual.day), week=cap("week", usual.week), month=cap("month", usual.month))
