"""Changing a campaign that is there: what was typed over what it is."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Final

from voicebot.application.desk.campaign_bench import Around, Workbench, read_campaign
from voicebot.application.desk.campaign_fields import Wrong
from voicebot.application.desk.campaign_fill import fields_of
from voicebot.application.desk.campaign_form import FIELDS
from voicebot.domain.campaign import Campaign, CampaignPlan
from voicebot.domain.segment import Interested, Segment

_PARTS: Final[Mapping[str, Collection[str]]] = {
    "schedule": ("when", "days", "at", "cron", "people"),  # who come by events or a season are not looked for
    "window": ("starts_on", "ends_on", "own_hours", *(f"hours_{n}" for n in range(1, 8))),
    "offer": ("percent", "offer_days", "floor", "ceiling", "margin", "acquisition_cost"),
    "reminder": ("remind", "reminder_days", "reminder_script"),
    "budget": ("max_calls", "max_money", "max_codes"),
    "variants": ("split", *(one for one in FIELDS["say"] if one.startswith("variant_"))),
    "segment": tuple(one for one in FIELDS["whom"] if one not in ("name", "quiet_days", "season", "triggers")),
}
"""Fields of the forms by what of the plan they make; all others are called as they are in the plan."""
_NAMES: Final = tuple(one.name for one in fields(CampaignPlan))


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """What was typed, read."""

    fields: Mapping[str, str]
    """All of the campaign as it would be typed, with what was."""
    plan: CampaignPlan
    """The campaign's own where nothing was typed."""
    names: tuple[str, ...]
    """What of the plan was typed."""
    wrong: tuple[Wrong, ...]
    """What must be mended of what was typed."""
    wrong_anew: tuple[Wrong, ...]
    """Of that, what was typed otherwise than it was."""


def read_change(bench: Workbench, around: Around, campaign: Campaign, typed: Mapping[str, str]) -> Change:
    """The campaign with these fields of the forms."""
    before = fields_of(campaign, around.hours)
    now = {**before, **typed}
    read = read_campaign(bench, around, now)
    names = plan_names(typed)
    wanted = {name: getattr(read.plan, name) for name in names}
    if "segment" in wanted:
        wanted["segment"] = _same_where_same(campaign.segment, read.plan.segment)
    kept = {name: getattr(campaign, name) for name in _NAMES}
    wrong = tuple(one for one in read.fatal if one.field in typed)
    plan = CampaignPlan(**(kept | wanted))
    changed = {name for name in names if getattr(plan, name) != kept[name]}
    wrong_anew = tuple(
        one for one in wrong if typed[one.field] != before.get(one.field, "") or changed & set(plan_names([one.field]))
    )
    return Change(fields=now, plan=plan, names=names, wrong=wrong, wrong_anew=wrong_anew)


def plan_names(typed: Iterable[str]) -> tuple[str, ...]:
    """What of the plan these fields of the forms make."""
    given = set(typed)
    return tuple(name for name in _NAMES if given & set(_PARTS.get(name, (name,))))


def _same_where_same(before: Segment | None, typed: Segment | None) -> Segment | None:
    """The segment with its name, and itself where the form says the same in another order."""
    if before is None or typed is None:
        return typed
    named = replace(typed, name=before.name)
    return before if _sorted(named) == _sorted(before) else named


def _sorted(segment: Segment) -> Segment:
    rule = segment.rule
    if isinstance(rule, Interested):
        rule = replace(rule, signals=tuple(sorted(rule.signals)))
    return replace(segment, rule=rule, value_classes=tuple(sorted(segment.value_classes)))
