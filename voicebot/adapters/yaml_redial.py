"""The redial table of a dialplan file."""

import re
from datetime import timedelta
from typing import Final

import yaml

from voicebot.adapters.yaml_nodes import Entry, YamlFile
from voicebot.domain.redial import MAX_ATTEMPTS, MAX_CALLBACKS, NEVER_AGAIN, RedialCause, RedialPolicy, RedialRule

_WAIT: Final = re.compile(r"(\d+)\s*(s|min|h|d)")
_UNITS: Final = {"s": "seconds", "min": "minutes", "h": "hours", "d": "days"}


def read_redial(file: YamlFile, entry: Entry | None) -> RedialPolicy:
    """`attempts`, `callbacks` and `after`: a table by cause that replaces the default one as a whole."""
    if entry is None:
        return RedialPolicy()
    keys = file.entries(entry.node, "redial", ("attempts", "callbacks", "after"))
    attempts = int(file.number(keys.get("attempts"), "redial", default=MAX_ATTEMPTS, least=1, most=20))
    callbacks = int(file.number(keys.get("callbacks"), "redial", default=MAX_CALLBACKS, least=1, most=20))
    if "after" not in keys:
        return RedialPolicy(max_attempts=attempts, max_callbacks=callbacks)
    rules = _rules(file, keys["after"])
    return RedialPolicy(rules=rules, max_attempts=attempts, max_callbacks=callbacks)


def _rules(file: YamlFile, entry: Entry) -> dict[RedialCause, RedialRule]:
    never = tuple(disposition.value for disposition in NEVER_AGAIN)
    rules = {}
    for name, rule in file.entries(entry.node, "redial", (*RedialCause, *never)).items():
        if name in never:
            why = "the operator refuses such calls"
            file.note(rule.line, "redial", f"'{name}' is never dialled again: {why}", "take it out")
        else:
            rules[RedialCause(name)] = _rule(file, rule)
    return rules


def _rule(file: YamlFile, entry: Entry) -> RedialRule:
    owner = f"redial after {entry.key}"
    if isinstance(entry.node, yaml.ScalarNode):
        file.note(entry.line, owner, "keys with values are expected here", "write {wait: 2 h, times: 2}")
        return RedialRule(wait=timedelta(), times=1)
    keys = file.entries(entry.node, owner, ("wait", "times", "other_part"))
    file.require(keys, ("wait",), entry.line, owner)
    written = file.text(keys.get("wait"), owner)
    match = _WAIT.fullmatch(written)
    if written and match is None:
        file.note(keys["wait"].line, owner, f"'{written}' is no length of time", "write 30 s, 15 min, 3 h or 1 d")
    return RedialRule(
        wait=timedelta(**{_UNITS[match[2]]: int(match[1])}) if match else timedelta(),
        times=int(file.number(keys.get("times"), owner, default=3, least=1, most=20)),
        other_part=file.flag(keys.get("other_part"), owner),
    )
