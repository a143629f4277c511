"""A campaign's plan as its columns hold it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import time
from decimal import Decimal
from typing import Any

from sqlalchemy import Row

from voicebot.domain.campaign import Campaign, CampaignKind, CampaignPlan, CampaignStatus
from voicebot.domain.campaign_plan import Budget, Reminder, Variant, Window
from voicebot.domain.contact_hours import ContactHours
from voicebot.domain.customer import InterestSignal, ValueClass
from voicebot.domain.offer import OfferPolicy
from voicebot.domain.schedule import Schedule
from voicebot.domain.segment import LAPSE_KINDS, Interested, LapseRule, Segment, Shrunk, Silent


def plan_columns(plan: CampaignPlan) -> dict[str, object]:
    """Values of every column the plan fills."""
    offer, window, budget = plan.offer, plan.window, plan.budget
    return {
        "kind": plan.kind,
        "script": plan.script,
        "dialplan": plan.dialplan,
        "standard_percent": offer.standard_percent,
        "offer_days": offer.days,
        "floor_percent": offer.floor_percent,
        "ceiling_percent": offer.ceiling_percent,
        "min_margin_percent": offer.min_margin_percent,
        "acquisition_cost": offer.acquisition_cost,
        "segment": segment_json(plan.segment) if plan.segment else None,
        "schedule": plan.schedule.cron if plan.schedule else "",
        "starts_on": window.starts_on,
        "ends_on": window.ends_on,
        "hours": hours_json(window.hours) if window.hours else None,
        "max_calls": budget.max_calls,
        "max_money": budget.max_money,
        "max_codes": budget.max_codes,
        "priority": plan.priority,
        "weight": plan.weight,
        "control_share": plan.control_share,
        "quiet_days": plan.quiet_days,
        "variants": [_variant_json(one) for one in plan.variants],
        "reminder_script": plan.reminder.script if plan.reminder else "",
        "reminder_days": plan.reminder.days if plan.reminder else None,
        "triggers": list(plan.triggers),
        "season": plan.season,
    }


def campaign_of(row: Row[*tuple[Any, ...]]) -> Campaign:
    """The campaign of one row."""
    return Campaign(
        id=row.id,
        name=row.name,
        kind=CampaignKind(row.kind),
        script=row.script,
        dialplan=row.dialplan,
        offer=OfferPolicy(
            standard_percent=row.standard_percent,
            days=row.offer_days,
            floor_percent=row.floor_percent,
            ceiling_percent=row.ceiling_percent,
            min_margin_percent=row.min_margin_percent,
            acquisition_cost=row.acquisition_cost,
        ),
        segment=segment_of(row.segment) if row.segment else None,
        schedule=Schedule(cron=row.schedule) if row.schedule else None,
        window=Window(
            starts_on=row.starts_on, ends_on=row.ends_on, hours=hours_of(row.hours) if row.hours is not None else None
        ),
        budget=Budget(max_calls=row.max_calls, max_money=row.max_money, max_codes=row.max_codes),
        priority=row.priority,
        weight=row.weight,
        control_share=row.control_share,
        quiet_days=row.quiet_days,
        variants=tuple(_variant_of(one) for one in row.variants),
        reminder=Reminder(script=row.reminder_script, days=row.reminder_days) if row.reminder_days else None,
        triggers=tuple(row.triggers),
        season=row.season,
        status=CampaignStatus(row.status),
        released_by=row.released_by,
        released_at=row.released_at,
        selected_at=row.selected_at,
        created_at=row.created_at,
    )


def segment_json(segment: Segment) -> dict[str, object]:
    """`{"name", "rule": {"kind", ...}, bounds}`; amounts as text, exact."""
    stored = asdict(segment)
    kind = next(name for name, rule in LAPSE_KINDS.items() if isinstance(segment.rule, rule))
    return {name: _plain(value) for name, value in stored.items()} | {"rule": {"kind": kind} | _plain(stored["rule"])}


def segment_of(stored: Mapping[str, Any]) -> Segment:
    """What `segment_json` wrote."""
    return Segment(
        name=stored["name"],
        rule=_rule_of(stored["rule"]),
        min_orders=stored["min_orders"],
        max_orders=stored["max_orders"],
        min_spent=_amount(stored["min_spent"]),
        max_spent=_amount(stored["max_spent"]),
        last_order_within_months=stored["last_order_within_months"],
        categories=tuple(stored["categories"]),
        value_classes=tuple(ValueClass(one) for one in stored["value_classes"]),
        no_reaction_to_last=stored["no_reaction_to_last"],
    )


def hours_json(hours: ContactHours) -> list[list[list[str]]]:
    """Seven days, Monday first, each a list of `[from, until]`."""
    return [[[start.isoformat(), end.isoformat()] for start, end in day] for day in hours.by_weekday]


def hours_of(stored: Sequence[Sequence[Sequence[str]]]) -> ContactHours:
    """What `hours_json` wrote; whether holidays are days like any other is the dialplan's business."""
    return ContactHours(
        by_weekday=tuple(
            tuple((time.fromisoformat(start), time.fromisoformat(end)) for start, end in day) for day in stored
        ),
        on_holidays=True,
    )


def _rule_of(stored: Mapping[str, Any]) -> LapseRule:
    months = stored["months"]
    if stored["kind"] == "interested":
        signals = tuple(InterestSignal(one) for one in stored["signals"])
        return Interested(months=months, signals=signals, min_signals=stored["min_signals"])
    if stored["kind"] == "shrunk":
        return Shrunk(months=months, share=Decimal(stored["share"]), former_months=stored["former_months"])
    return Silent(months=months)


def _variant_json(variant: Variant) -> dict[str, object]:
    percent = variant.standard_percent
    return {
        "name": variant.name,
        "share": str(variant.share),
        "script": variant.script,
        "percent": None if percent is None else str(percent),
    }


def _variant_of(stored: Mapping[str, Any]) -> Variant:
    return Variant(
        name=stored["name"],
        share=Decimal(stored["share"]),
        script=stored["script"],
        standard_percent=_amount(stored["percent"]),
    )


def _amount(stored: str | None) -> Decimal | None:
    return None if stored is None else Decimal(stored)


def _plain(value: Any) -> Any:
    """Amounts as text, everything in mappings and lists likewise."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, (list, tuple)) else value
