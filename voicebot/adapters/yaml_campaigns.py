"""Campaigns out of YAML files."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Final

import yaml

from voicebot.adapters.shelf import Shelf
from voicebot.adapters.yaml_hours import read_hours
from voicebot.adapters.yaml_nodes import Entry, YamlFile
from voicebot.adapters.yaml_segments import load_segment, read_segment
from voicebot.adapters.yaml_traps import traps
from voicebot.domain.campaign import CampaignKind, CampaignPlan
from voicebot.domain.campaign_checks import Finding
from voicebot.domain.campaign_plan import Budget, Reminder, Variant, Window
from voicebot.domain.contact_hours import ContactHours
from voicebot.domain.errors import BadInput, Problem
from voicebot.domain.offer import OfferPolicy
from voicebot.domain.schedule import Schedule, parse_schedule
from voicebot.domain.segment import Segment

_KEYS: Final = (
    "kind",
    "script",
    "dialplan",
    "segment",
    "schedule",
    "window",
    "budget",
    "priority",
    "weight",
    "control_share",
    "quiet_days",
    "offer",
    "variants",
    "reminder",
    "triggers",
    "season",
)
_OFFER: Final = ("percent", "days", "floor", "ceiling", "margin", "acquisition_cost")
_TRIGGER: Final = re.compile(r"[a-z][a-z0-9_]*")
_MOST: Final = 10**9
_SENT: Final = Path("<sent>")
"""A text that comes from no file."""
_DEFAULTS: Final = CampaignPlan(kind=CampaignKind.ADVERTISING, script="winback")


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignFile:
    """A file as it was read, with all that is wrong with it so far."""

    plan: CampaignPlan
    """What could be read; defaults stand where something could not."""
    problems: tuple[Problem, ...]
    lines: Mapping[str, int]
    """Where each key of the file stands."""
    path: Path

    def complaint(self, finding: Finding) -> Problem:
        """A finding with its place in the file."""
        line = self.lines.get(finding.key, 1)
        return Problem(
            source=str(self.path),
            where=str(line),
            message=f"{finding.key}: {finding.message}",
            repair=finding.repair,
        )

    def refuse(self, findings: Iterable[Finding]) -> None:
        """Raises BadInput with everything wrong, by line, unless nothing is; warnings are not wrong."""
        unread = "segment" in self.lines and self.plan.segment is None  # that is said already
        fatal = [one for one in findings if one.fatal and not (unread and one.key == "segment")]
        problems = [*self.problems, *(self.complaint(one) for one in fatal)]
        if problems:
            raise BadInput(sorted(problems, key=lambda one: (one.source != str(self.path), int(one.where or 0))))


def read_campaign(path: Path, *, dialplan: str) -> CampaignFile:
    """Everything the file says, and everything wrong with how it says it; `dialplan` is used where it names none.

    Raises BadInput only when nothing can be read at all.
    """
    return _read(YamlFile(path=path), dialplan)


def read_campaign_text(text: str, *, dialplan: str) -> CampaignFile:
    """The same of a text that somebody sent: it can name no file."""
    file = YamlFile(path=_SENT, shelf=Shelf({_SENT: text}))
    for line, column, message in traps(text):
        file.note(line, "", message, "write it out, or put it in quotes", column=column)
    if file.problems:
        raise BadInput(file.problems)
    return _read(file, dialplan)


def _read(file: YamlFile, dialplan: str) -> CampaignFile:
    root = file.compose()
    if root is None:
        raise BadInput(file.problems)
    keys = file.entries(root, "", _KEYS)
    plan = _plan(file, keys, dialplan)
    lines = {key: entry.line for key, entry in keys.items()}
    return CampaignFile(plan=plan, problems=tuple(file.problems), lines=lines, path=file.path)


def _plan(file: YamlFile, keys: dict[str, Entry], dialplan: str) -> CampaignPlan:
    kinds = {str(kind): kind for kind in CampaignKind}
    return CampaignPlan(
        kind=file.one_of(keys.get("kind"), "", kinds, "kind") or _DEFAULTS.kind,
        script=file.text(keys.get("script"), "") or _DEFAULTS.script,
        dialplan=file.text(keys.get("dialplan"), "") or dialplan,
        offer=_offer(file, keys.get("offer")),
        segment=_segment(file, keys.get("segment")),
        schedule=_schedule(file, keys.get("schedule")),
        window=_window(file, keys.get("window")),
        budget=_budget(file, keys.get("budget")),
        priority=_whole(file, keys.get("priority"), "", default=_DEFAULTS.priority, least=-1000, most=1000),
        weight=_whole(file, keys.get("weight"), "", default=_DEFAULTS.weight, most=1000),
        control_share=_share(file, keys.get("control_share"), "", default=_DEFAULTS.control_share, most=Decimal("0.5")),
        quiet_days=_whole(file, keys.get("quiet_days"), "", default=_DEFAULTS.quiet_days, least=0, most=365),
        variants=_variants(file, keys.get("variants")),
        reminder=_reminder(file, keys.get("reminder")),
        triggers=_triggers(file, keys.get("triggers")),
        season=file.text(keys.get("season"), ""),
    )


def _segment(file: YamlFile, entry: Entry | None) -> Segment | None:
    if entry is None:
        return None
    if isinstance(entry.node, yaml.MappingNode):
        return read_segment(file, entry.node)
    written = file.text(entry, "")
    if not written:
        return None
    if file.path == _SENT:
        file.note(entry.line, "segment", "a file cannot be named here", "write the segment itself: name, kind, ...")
        return None
    path = file.path.parent / written
    if not path.is_file():
        file.note(entry.line, "segment", f"there is no file '{written}'", f"paths begin in {file.path.parent}")
        return None
    try:
        return load_segment(path)
    except BadInput as error:
        file.problems += error.problems
        return None


def _schedule(file: YamlFile, entry: Entry | None) -> Schedule | None:
    written = file.text(entry, "")
    if not written or entry is None:
        return None
    try:
        return parse_schedule(written)
    except BadInput as error:
        for problem in error.problems:
            file.note(entry.line, "schedule", problem.message, problem.repair)
        return None


def _window(file: YamlFile, entry: Entry | None) -> Window:
    if entry is None:
        return Window()
    keys = file.entries(entry.node, "window", ("from", "until", "hours"))
    return Window(
        starts_on=_day(file, keys.get("from")), ends_on=_day(file, keys.get("until")), hours=_hours(file, keys)
    )


def _hours(file: YamlFile, keys: dict[str, Entry]) -> ContactHours | None:
    entry = keys.get("hours")
    if entry is None:
        return None
    read = read_hours(file, entry, None)
    if read.unknown is not None:
        file.note(entry.line, "window", "'unknown_zone' belongs into the dialplan", "leave it out here")
    # Whether holidays are days like any other is the dialplan's business.
    return replace(read.known, on_holidays=True)


def _day(file: YamlFile, entry: Entry | None) -> date | None:
    written = file.text(entry, "window")
    if not written or entry is None:
        return None
    try:
        return date.fromisoformat(written)
    except ValueError:
        file.note(entry.line, "window", f"'{written}' is no day", "write 2026-12-31")
        return None


def _budget(file: YamlFile, entry: Entry | None) -> Budget:
    if entry is None:
        return Budget()
    keys = file.entries(entry.node, "budget", ("calls", "money", "codes"))
    bounds = {key: _whole(file, keys[key], "budget", default=1, most=_MOST) for key in keys}
    money = bounds.get("money")
    return Budget(
        max_calls=bounds.get("calls"),
        max_money=None if money is None else Decimal(money),
        max_codes=bounds.get("codes"),
    )


def _offer(file: YamlFile, entry: Entry | None) -> OfferPolicy:
    usual = _DEFAULTS.offer
    if entry is None:
        return usual
    keys = file.entries(entry.node, "offer", _OFFER)

    def percent(key: str, default: Decimal) -> Decimal:
        return Decimal(_whole(file, keys.get(key), "offer", default=int(default), least=0, most=100))

    try:
        return OfferPolicy(
            standard_percent=percent("percent", usual.standard_percent),
            days=_whole(file, keys.get("days"), "offer", default=usual.days, most=365),
            floor_percent=percent("floor", usual.floor_percent),
            ceiling_percent=percent("ceiling", usual.ceiling_percent),
            min_margin_percent=percent("margin", usual.min_margin_percent),
            acquisition_cost=Decimal(
                _whole(file, keys.get("acquisition_cost"), "offer", default=int(usual.acquisition_cost), least=0)
            ),
        )
    except BadInput as error:
        for problem in error.problems:
            file.note(entry.line, "offer", f"{problem.where} {problem.message}", "change one of them")
        return usual


def _variants(file: YamlFile, entry: Entry | None) -> tuple[Variant, ...]:
    if entry is None:
        return ()
    if not isinstance(entry.node, yaml.SequenceNode) or not entry.node.value:
        file.note(entry.line, "variants", "a list is expected here", "write `- {name: ten, share: 0.5, percent: 10}`")
        return ()
    return tuple(_variant(file, node, number) for number, node in enumerate(entry.node.value, start=1))


def _variant(file: YamlFile, node: yaml.Node, number: int) -> Variant:
    owner, line = f"variant {number}", file.place(node).line
    keys = file.entries(node, owner, ("name", "share", "script", "percent"))
    file.require(keys, ("name", "share"), line, owner)
    if keys and "script" not in keys and "percent" not in keys and number > 1:
        file.note(line, owner, "it differs in nothing", "give it a `script` or a `percent`")
    percent = keys.get("percent")
    return Variant(
        name=file.text(keys.get("name"), owner),
        share=_share(file, keys.get("share"), owner, default=Decimal(1), most=Decimal(1)),
        script=file.text(keys.get("script"), owner),
        standard_percent=None if percent is None else Decimal(_whole(file, percent, owner, default=10, most=100)),
    )


def _reminder(file: YamlFile, entry: Entry | None) -> Reminder | None:
    if entry is None:
        return None
    keys = file.entries(entry.node, "reminder", ("script", "days"))
    file.require(keys, ("days",), entry.line, "reminder")
    return Reminder(
        script=file.text(keys.get("script"), "reminder") or "reminder",
        days=_whole(file, keys.get("days"), "reminder", default=1, most=365),
    )


def _triggers(file: YamlFile, entry: Entry | None) -> tuple[str, ...]:
    kinds = file.texts(entry, "")
    for kind in kinds:
        if entry is not None and not _TRIGGER.fullmatch(kind):
            file.note(entry.line, "triggers", f"'{kind}' is no kind of event", "small Latin letters, digits and _")
    return kinds


def _whole(file: YamlFile, entry: Entry | None, owner: str, *, default: int, least: int = 1, most: int = _MOST) -> int:
    if entry is None:
        return default
    written = str(entry.node.value)
    if re.fullmatch(r"-?\d{1,12}", written) and least <= int(written) <= most:
        return int(written)
    file.note(entry.line, owner, f"'{entry.key}' must be a whole number", f"from {least} to {most}")
    return default


def _share(file: YamlFile, entry: Entry | None, owner: str, *, default: Decimal, most: Decimal) -> Decimal:
    if entry is None:
        return default
    written = str(entry.node.value)
    least = Decimal(0) if entry.key == "control_share" else Decimal("0.0001")
    if re.fullmatch(r"\d?\.?\d{1,4}", written) and least <= Decimal(written) <= most:
        return Decimal(written)
    file.note(entry.line, owner, f"'{entry.key}' must be a part of one", f"from {least} to {most}, e.g. 0.05")
    return default
