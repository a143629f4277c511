"""The forms of the wizard filled with what a campaign is, or with what is usual."""

from datetime import time
from decimal import Decimal
from typing import Final

from voicebot.application.desk.campaign_form import DAYS
from voicebot.domain.campaign import Campaign, CampaignPlan
from voicebot.domain.contact_hours import ContactHours
from voicebot.domain.offer import OfferPolicy
from voicebot.domain.schedule import Schedule
from voicebot.domain.segment import Interested, Segment, Shrunk

_CRON_DAYS: Final = {"*": "1,2,3,4,5,6,0", "1-5": "1,2,3,4,5"}


def usual_fields(dialplan: str, hours: ContactHours) -> dict[str, str]:
    """A new draft; `hours`: those of the dialplan, to begin with when a campaign wants its own."""
    return {
        "people": "silent",
        "months": "3",
        "min_orders": "1",
        "quiet_days": "14",
        "kind": "advertising",
        "script": "winback",
        "dialplan": dialplan,
        "variant_1_name": "A",
        "variant_1_share": "50",
        "variant_2_name": "B",
        "variant_2_share": "50",
        "when": "days",
        "days": ",".join(DAYS[:5]),
        "at": "09:00",
        "priority": "0",
        "weight": "1",
        "control_share": "5",
        "reminder_days": "2",
        "reminder_script": "reminder",
        **_offer_fields(OfferPolicy()),
        **hours_fields(hours),
    }


def fields_of(campaign: CampaignPlan, hours: ContactHours) -> dict[str, str]:
    """What would be typed to get this very campaign; `hours`: shown where it has none of its own."""
    window, budget, reminder = campaign.window, campaign.budget, campaign.reminder
    found = {
        "name": campaign.name if isinstance(campaign, Campaign) else "",
        "people": "season" if campaign.season else "events",
        "season": campaign.season,
        "triggers": ", ".join(campaign.triggers),
        "quiet_days": str(campaign.quiet_days),
        "kind": campaign.kind.value,
        "script": campaign.script,
        "dialplan": campaign.dialplan,
        "starts_on": window.starts_on.isoformat() if window.starts_on else "",
        "ends_on": window.ends_on.isoformat() if window.ends_on else "",
        "own_hours": "yes" if window.hours else "",
        "priority": str(campaign.priority),
        "weight": str(campaign.weight),
        "control_share": plain(campaign.control_share * 100),
        "remind": "yes" if reminder else "",
        "reminder_days": str(reminder.days) if reminder else "2",
        "reminder_script": reminder.script if reminder else "reminder",
        "max_calls": _maybe(budget.max_calls),
        "max_money": _maybe(budget.max_money),
        "max_codes": _maybe(budget.max_codes),
        **_offer_fields(campaign.offer),
        **hours_fields(window.hours or hours),
        **schedule_fields(campaign.schedule),
        **_variant_fields(campaign),
    }
    return found | (_segment_fields(campaign.segment) if campaign.segment else {})


def plain(number: Decimal) -> str:
    """A number as people type it."""
    return f"{number.normalize():f}"


def _segment_fields(segment: Segment) -> dict[str, str]:
    rule = segment.rule
    found = {
        "people": "interested" if isinstance(rule, Interested) else "shrunk" if isinstance(rule, Shrunk) else "silent",
        "months": str(rule.months),
        "min_orders": str(segment.min_orders),
        "max_orders": _maybe(segment.max_orders),
        "min_spent": _maybe(segment.min_spent),
        "max_spent": _maybe(segment.max_spent),
        "last_order_within_months": _maybe(segment.last_order_within_months),
        "categories": ", ".join(segment.categories),
        "value_classes": ",".join(segment.value_classes),
        "no_reaction_to_last": str(segment.no_reaction_to_last or ""),
    }
    if isinstance(rule, Interested):
        found |= {"signals": ",".join(rule.signals), "min_signals": str(rule.min_signals)}
    if isinstance(rule, Shrunk):
        found |= {"share": plain(rule.share * 100), "former_months": str(rule.former_months)}
    return found


def schedule_fields(schedule: Schedule | None) -> dict[str, str]:
    """When new people are looked for, as it is typed."""
    if schedule is None:
        return {"when": "once", "days": ",".join(DAYS[:5]), "at": "09:00"}
    minute, hour, *rest, week = schedule.cron.split()
    days = _CRON_DAYS.get(week, week).split(",")
    simple = minute.isdecimal() and hour.isdecimal() and rest == ["*", "*"] and all(one in "0123456" for one in days)
    if not simple:
        return {"when": "cron", "cron": schedule.cron, "days": ",".join(DAYS[:5]), "at": "09:00"}
    named = [DAYS[(int(one) - 1) % 7] for one in days]
    return {"when": "days", "days": ",".join(named), "at": f"{int(hour):02}:{int(minute):02}"}


def _variant_fields(campaign: CampaignPlan) -> dict[str, str]:
    if not campaign.variants:
        return {"variant_1_name": "A", "variant_1_share": "50", "variant_2_name": "B", "variant_2_share": "50"}
    found = {"split": "yes"}
    for n, one in enumerate(campaign.variants, start=1):
        found |= {
            f"variant_{n}_name": one.name,
            f"variant_{n}_share": plain(one.share * 100),
            f"variant_{n}_script": one.script,
            f"variant_{n}_percent": _maybe(one.standard_percent),
        }
    return found


def _offer_fields(offer: OfferPolicy) -> dict[str, str]:
    return {
        "percent": plain(offer.standard_percent),
        "offer_days": str(offer.days),
        "floor": plain(offer.floor_percent),
        "ceiling": plain(offer.ceiling_percent),
        "margin": plain(offer.min_margin_percent),
        "acquisition_cost": plain(offer.acquisition_cost),
    }


def hours_fields(hours: ContactHours) -> dict[str, str]:
    """Stretches of each day, as they are typed."""
    return {
        f"hours_{n}": ", ".join(f"{_clock(start)}-{_clock(end)}" for start, end in day)
        for n, day in enumerate(hours.by_weekday, start=1)
    }


def _clock(moment: time) -> str:
    return "24:00" if moment == time.max else f"{moment:%H:%M}"


def _maybe(value: Decimal | int | None) -> str:
    if value is None:
        return ""
    return plain(value) if isinstance(value, Decimal) else str(value)
