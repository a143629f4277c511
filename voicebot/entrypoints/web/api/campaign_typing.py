"""The parts of a campaign as the fields of the desk's wizard, and back: both keep the same drafts."""

from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal
from typing import Final

from voicebot.application.desk.campaign_fields import LONGEST
from voicebot.application.desk.campaign_fill import hours_fields, plain, schedule_fields
from voicebot.application.desk.campaign_form import MOST_VARIANTS
from voicebot.application.json_input import problem
from voicebot.domain.campaign import CampaignPlan
from voicebot.domain.contact_hours import ContactHours
from voicebot.domain.errors import BadInput, Problem
from voicebot.domain.schedule import parse_schedule
from voicebot.domain.segment import Interested, Segment, Shrunk
from voicebot.entrypoints.web.api.campaign_parts import (
    CampaignBudget,
    CampaignControl,
    CampaignHours,
    CampaignOffer,
    CampaignParts,
    CampaignReminder,
    CampaignSay,
    CampaignVariant,
    CampaignWhen,
    CampaignWhom,
    DraftWanted,
    People,
    PlanWanted,
)

_HUNDRED: Final = Decimal(100)
_DAYS: Final = tuple(one.name for one in fields(CampaignHours))
PATHS: Final[Mapping[str, str]] = {
    "name": "name",
    **{
        name: f"whom.{name}"
        for name in (
            *("people", "months", "share", "former_months", "signals", "min_signals", "min_orders", "max_orders"),
            *("min_spent", "max_spent", "last_order_within_months", "categories", "value_classes"),
            *("no_reaction_to_last", "quiet_days", "season", "triggers"),
        )
    },
    **{name: f"say.{name}" for name in ("kind", "script", "dialplan")},
    "split": "say.variants",
    **{
        f"variant_{n}_{part}": f"say.variants[{n - 1}].{part}"
        for n in range(1, MOST_VARIANTS + 1)
        for part in ("name", "share", "script", "percent")
    },
    **dict.fromkeys(("when", "days", "at", "cron"), "when.schedule"),
    **{name: f"when.{name}" for name in ("starts_on", "ends_on", "priority", "weight")},
    "own_hours": "when.hours",
    **{f"hours_{n}": f"when.hours.{day}" for n, day in enumerate(_DAYS, start=1)},
    **{name: f"offer.{name}" for name in ("percent", "floor", "ceiling", "margin", "acquisition_cost")},
    "offer_days": "offer.days",
    "remind": "offer.reminder",
    "reminder_days": "offer.reminder.days",
    "reminder_script": "offer.reminder.script",
    **{name: f"budget.{name}" for name in ("max_calls", "max_money", "max_codes")},
    "control_share": "control.share",
}
"""Where each field of the wizard stands in the parts."""


def typed(wanted: DraftWanted | PlanWanted, *, dialplan: str) -> dict[str, str]:
    """The fields of the parts that are given; raises BadInput for what no field holds."""
    found: dict[str, str] = {}
    if wanted.whom is not None:
        found |= _whom(wanted.whom)
    if wanted.say is not None:
        found |= _say(wanted.say, dialplan)
    if wanted.when is not None:
        found |= _when(wanted.when)
    if wanted.offer is not None:
        found |= _offer(wanted.offer)
    if wanted.budget is not None:
        found |= {one.name: _maybe(getattr(wanted.budget, one.name)) for one in fields(CampaignBudget)}
    if wanted.control is not None:
        found["control_share"] = plain(wanted.control.share * _HUNDRED)
    problems = [problem(PATHS[name], "is too long") for name, text in found.items() if len(text) > LONGEST]
    problems += _too_many(wanted.say)
    if problems:
        raise BadInput(problems)
    return found


def parts_of(plan: CampaignPlan) -> CampaignParts:
    """A plan as one would send it."""
    budget, reminder = plan.budget, plan.reminder
    return CampaignParts(
        whom=_people(plan, plan.segment),
        say=CampaignSay(
            kind=plan.kind,
            script=plan.script,
            dialplan=plan.dialplan,
            variants=tuple(
                CampaignVariant(name=one.name, share=one.share, script=one.script, percent=_whole(one.standard_percent))
                for one in plan.variants
            ),
        ),
        when=CampaignWhen(
            schedule=plan.schedule.cron if plan.schedule else "",
            starts_on=plan.window.starts_on,
            ends_on=plan.window.ends_on,
            hours=_week(plan.window.hours),
            priority=plan.priority,
            weight=plan.weight,
        ),
        offer=CampaignOffer(
            percent=int(plan.offer.standard_percent),
            days=plan.offer.days,
            floor=int(plan.offer.floor_percent),
            ceiling=int(plan.offer.ceiling_percent),
            margin=int(plan.offer.min_margin_percent),
            acquisition_cost=int(plan.offer.acquisition_cost),
            reminder=CampaignReminder(days=reminder.days, script=reminder.script) if reminder else None,
        ),
        budget=CampaignBudget(
            max_calls=budget.max_calls, max_money=_whole(budget.max_money), max_codes=budget.max_codes
        ),
        control=CampaignControl(share=plan.control_share),
    )


def _whom(whom: CampaignWhom) -> dict[str, str]:
    found = {
        name: _maybe(getattr(whom, name))
        for name in ("months", "former_months", "min_signals", "min_orders", "max_orders", "min_spent", "max_spent")
    }
    found |= {name: _maybe(getattr(whom, name)) for name in ("last_order_within_months", "quiet_days", "season")}
    found |= {
        "people": whom.people,
        "share": "" if whom.share is None else plain(whom.share * _HUNDRED),
        "no_reaction_to_last": str(whom.no_reaction_to_last or ""),
    }
    return found | {
        name: ",".join(getattr(whom, name)) for name in ("signals", "categories", "value_classes", "triggers")
    }


def _say(say: CampaignSay, dialplan: str) -> dict[str, str]:
    found = {"kind": say.kind.value, "script": say.script, "dialplan": say.dialplan or dialplan}
    found["split"] = "yes" if say.variants else ""
    for n in range(1, MOST_VARIANTS + 1):
        one = say.variants[n - 1] if n <= len(say.variants) else None
        found |= {
            f"variant_{n}_name": one.name if one else "",
            f"variant_{n}_share": plain(one.share * _HUNDRED) if one else "",
            f"variant_{n}_script": one.script if one else "",
            f"variant_{n}_percent": _maybe(one.percent) if one else "",
        }
    return found


def _too_many(say: CampaignSay | None) -> list[Problem]:
    if say is None or len(say.variants) in (0, *range(2, MOST_VARIANTS + 1)):
        return []
    return [problem("say.variants", f"a split test has 2 to {MOST_VARIANTS} variants", "leave it out for none")]


def _when(when: CampaignWhen) -> dict[str, str]:
    found = {
        **_schedule(when.schedule),
        "starts_on": when.starts_on.isoformat() if when.starts_on else "",
        "ends_on": when.ends_on.isoformat() if when.ends_on else "",
        "own_hours": "yes" if when.hours else "",
        "priority": str(when.priority),
        "weight": str(when.weight),
    }
    if when.hours is not None:
        found |= {f"hours_{n}": ", ".join(getattr(when.hours, day)) for n, day in enumerate(_DAYS, start=1)}
    return found


def _schedule(written: str) -> dict[str, str]:
    """Boxes and a time of day where the wizard has such, else what was written, right or wrong."""
    if not written.strip():
        return schedule_fields(None)
    try:
        return {"cron": "", **schedule_fields(parse_schedule(written))}
    except BadInput:
        return {"when": "cron", "cron": written}


def _offer(offer: CampaignOffer) -> dict[str, str]:
    found = {name: str(getattr(offer, name)) for name in ("percent", "floor", "ceiling", "margin", "acquisition_cost")}
    found |= {"offer_days": str(offer.days), "remind": "yes" if offer.reminder else ""}
    if offer.reminder is not None:
        found |= {"reminder_days": str(offer.reminder.days), "reminder_script": offer.reminder.script}
    return found


def _people(plan: CampaignPlan, segment: Segment | None) -> CampaignWhom:
    if segment is None:
        people = People.SEASON if plan.season else People.EVENTS
        return CampaignWhom(people=people, quiet_days=plan.quiet_days, season=plan.season, triggers=plan.triggers)
    rule = segment.rule
    shrunk, interested = isinstance(rule, Shrunk), isinstance(rule, Interested)
    return CampaignWhom(
        people=People.INTERESTED if interested else People.SHRUNK if shrunk else People.SILENT,
        months=rule.months,
        share=rule.share if isinstance(rule, Shrunk) else None,
        former_months=rule.former_months if isinstance(rule, Shrunk) else None,
        signals=rule.signals if isinstance(rule, Interested) else (),
        min_signals=rule.min_signals if isinstance(rule, Interested) else 1,
        min_orders=segment.min_orders,
        max_orders=segment.max_orders,
        min_spent=segment.min_spent,
        max_spent=segment.max_spent,
        last_order_within_months=segment.last_order_within_months,
        categories=segment.categories,
        value_classes=segment.value_classes,
        no_reaction_to_last=segment.no_reaction_to_last,
        quiet_days=plan.quiet_days,
        season=plan.season,
        triggers=plan.triggers,
    )


def _week(hours: ContactHours | None) -> CampaignHours | None:
    if hours is None:
        return None
    typed_hours = hours_fields(hours)
    return CampaignHours(
        **{
            day: tuple(one for one in typed_hours[f"hours_{n}"].split(", ") if one)
            for n, day in enumerate(_DAYS, start=1)
        }
    )


def _maybe(value: object) -> str:
    if value is None:
        return ""
    return plain(value) if isinstance(value, Decimal) else str(value)


def _whole(value: Decimal | None) -> int | None:
    return None if value is None else int(value)
