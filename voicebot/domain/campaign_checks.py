"""What is wrong with a campaign before anybody is called."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from voicebot.domain.campaign import CampaignKind, CampaignPlan
from voicebot.domain.dialplan import Dialplan
from voicebot.domain.segment import SegmentPreview
from voicebot.domain.time_zones import RUSSIAN_ZONES, CustomerZone

_WHOLE: Final = Decimal(1)
USUAL_CONTROL: Final = (Decimal("0.05"), Decimal("0.07"))
"""Part of the people that is left alone, by practice (DOMAIN.md, Measures managers look at)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing wrong with a plan."""

    key: str
    """What it is about: script, dialplan, segment, schedule, window, control_share, variants, reminder."""
    message: str
    repair: str
    fatal: bool = True
    """False for a warning: the campaign works, and somebody should know."""
    code: str = ""
    """A stable word for what is wrong: pages say it in their own language."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """What such a sentence needs, by name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Surroundings:
    """What a plan is checked against."""

    now: datetime
    zone: ZoneInfo
    """Where the company's clock hangs."""
    scripts: Collection[str]
    """Names of the conversation scripts."""
    dialplan: Dialplan | None
    """The plan's own; None when there is none of that name."""


def check_plan(plan: CampaignPlan, around: Surroundings) -> tuple[Finding, ...]:
    """Everything that keeps the campaign from doing what it is meant to, and warnings."""
    return (
        *_check_names(plan, around),
        *_check_people(plan),
        *_check_window(plan, around),
        *_check_schedule(plan, around),
        *_check_hours(plan, around),
        *_check_label(plan, around),
        *_check_control(plan),
        *_check_variants(plan),
        *_check_reminder(plan),
    )


def check_preview(preview: SegmentPreview) -> tuple[Finding, ...]:
    """Whether a segment holds anybody who may be called."""
    if preview.allowed:
        return ()
    if not preview.matched:
        message, repair = "nobody belongs to the segment now", "import customers and orders, or widen the segment"
    else:
        why = ", ".join(f"{one.reason.value.replace('_', ' ')}: {one.count}" for one in preview.exclusions)
        message = f"{preview.matched} belong to the segment and nobody of them may be called now ({why})"
        repair = "voicebot segment preview shows who they are"
    code = "nobody_allowed" if preview.matched else "empty_segment"
    return (Finding(key="segment", message=message, repair=repair, code=code, facts={"people": f"{preview.matched}"}),)


def _check_names(plan: CampaignPlan, around: Surroundings) -> Iterator[Finding]:
    known = ", ".join(sorted(around.scripts))
    spoken = [("script", plan.script)]
    spoken += [("variants", one.script) for one in plan.variants if one.script]
    spoken += [("reminder", plan.reminder.script)] if plan.reminder else []
    for key, script in spoken:
        if script not in around.scripts:
            facts = {"script": script}
            message = f"no script '{script}'"
            yield Finding(key=key, message=message, repair=f"known: {known}", code="no_script", facts=facts)
    if around.dialplan is None:
        message = f"no dialplan '{plan.dialplan}'"
        repair = "name a file beside the one of VOICEBOT_DIALPLAN, without its ending"
        yield Finding(
            key="dialplan", message=message, repair=repair, code="no_dialplan", facts={"dialplan": plan.dialplan}
        )


def _check_people(plan: CampaignPlan) -> Iterator[Finding]:
    if plan.segment is None and not plan.triggers and not plan.season:
        repair = "add `segment:` or `triggers:`"
        yield Finding(key="segment", message="nobody would ever be called", repair=repair, code="nobody")
    if plan.segment is None and plan.schedule is not None:
        repair = "add `segment:`, or leave it out"
        yield Finding(key="schedule", message="there is nothing to select", repair=repair, code="nothing_to_select")


def _check_window(plan: CampaignPlan, around: Surroundings) -> Iterator[Finding]:
    starts_on, ends_on = plan.window.starts_on, plan.window.ends_on
    if starts_on and ends_on and ends_on < starts_on:
        message, repair = f"it ends on {ends_on}, before it starts", "swap `from` and `until`"
        yield Finding(key="window", message=message, repair=repair, code="window_reversed")
    elif plan.window.has_ended(around.now):
        message, repair = f"it ended on {ends_on}, in the past", "name a later `until`"
        yield Finding(key="window", message=message, repair=repair, code="window_over")


def _check_schedule(plan: CampaignPlan, around: Surroundings) -> Iterator[Finding]:
    if plan.schedule is None or _dates_are_wrong(plan, around):
        return
    starts_on, ends_on = plan.window.starts_on, plan.window.ends_on
    begins = around.now
    if starts_on is not None:
        begins = max(begins, datetime(starts_on.year, starts_on.month, starts_on.day, tzinfo=around.zone))
    firing = plan.schedule.next_after(begins, around.zone)
    if firing is None:
        message, repair = f"'{plan.schedule}' never fires", "name a day its month has"
        yield Finding(key="schedule", message=message, repair=repair, code="schedule_never")
    elif ends_on is not None and firing.astimezone(around.zone).date() > ends_on:
        fires = f"{firing.astimezone(around.zone):%Y-%m-%d}"
        message = f"'{plan.schedule}' fires next on {fires}, after the window"
        repair = "let it fire earlier, or name a later `until`"
        yield Finding(
            key="schedule", message=message, repair=repair, code="schedule_after_window", facts={"day": fires}
        )


def _check_hours(plan: CampaignPlan, around: Surroundings) -> Iterator[Finding]:
    if around.dialplan is None or _dates_are_wrong(plan, around):
        return
    contact, now = around.dialplan.contact, around.now
    zones = [CustomerZone(spoken=ZoneInfo(name)) for name in RUSSIAN_ZONES]
    closed = [zone.name for zone in zones if contact.calendar(zone, plan.window).next_open(now) is None]
    hours = f"the hours of dialplan '{around.dialplan.name}'"
    repair = f"widen it, or {hours}; public holidays are closed unless that says `holidays: call`"
    if closed:
        where = "any zone" if len(closed) == len(zones) else ", ".join(closed)
        message, facts = f"it never opens in {where}", {"zones": ", ".join(closed)}
        yield Finding(key="window", message=message, repair=repair, code="never_opens", facts=facts)
        return
    nowhere = CustomerZone(spoken=ZoneInfo(RUSSIAN_ZONES[0]), known=False)
    if contact.calendar(nowhere, plan.window).next_open(now) is None:
        message = "it never opens for people of unknown time zone: their hours must suit all of Russia at once"
        repair = "import their time zones, or let one stretch of its hours last more than 10 hours"
        yield Finding(key="window", message=message, repair=repair, fatal=False, code="never_opens_unknown")


def _check_label(plan: CampaignPlan, around: Surroundings) -> Iterator[Finding]:
    if plan.kind is not CampaignKind.ADVERTISING or around.dialplan is None:
        return
    used = {name for rule in around.dialplan.routes for name in rule.trunks}
    bare = sorted(name for name in used if around.dialplan.trunk(name).label is None)
    if bare:
        trunks = ", ".join(f"'{name}'" for name in bare)
        message = f"advertising over a trunk without contract and label of mass calls (126-FZ art. 44.1): {trunks}"
        repair = f"add `label: {{contract, name, category}}` to it in dialplan '{around.dialplan.name}'"
        facts = {"trunks": trunks, "dialplan": around.dialplan.name}
        yield Finding(key="dialplan", message=message, repair=repair, code="no_label", facts=facts)


def _check_control(plan: CampaignPlan) -> Iterator[Finding]:
    least, most = USUAL_CONTROL
    if plan.kind is not CampaignKind.ADVERTISING or plan.control_share == 0 or least <= plan.control_share <= most:
        return  # none at all is a decision, a few are a mistake
    message = f"{plan.control_share * 100:.3g} % of the people are left alone"
    repair = f"{least * 100:.0f} to {most * 100:.0f} % is the practice: fewer prove nothing, more are missed sales"
    yield Finding(key="control_share", message=message, repair=repair, fatal=False, code="control_unusual")


def _check_variants(plan: CampaignPlan) -> Iterator[Finding]:
    if not plan.variants:
        return
    shares = sum((one.share for one in plan.variants), Decimal(0))
    names = [one.name for one in plan.variants]
    if shares != _WHOLE:
        message = f"the shares add up to {shares.normalize():f}"
        facts = {"sum": f"{(shares * 100).normalize():f}"}
        repair = "let them add up to 1"
        yield Finding(key="variants", message=message, repair=repair, code="shares_sum", facts=facts)
    if len(names) < 2:
        message = "one variant is no test"
        yield Finding(key="variants", message=message, repair="add another one", code="one_variant")
    for name in sorted({name for name in names if names.count(name) > 1}):
        message, repair = f"'{name}' is there twice", "give each a name of its own"
        yield Finding(key="variants", message=message, repair=repair, code="variant_twice", facts={"name": name})
    for one in plan.variants:
        percent, offer = one.standard_percent, plan.offer
        if percent is not None and not offer.floor_percent <= percent <= offer.ceiling_percent:
            message = f"'{one.name}' gives {percent} %, outside floor and ceiling of the offer"
            low, high = offer.floor_percent, offer.ceiling_percent
            facts = {"name": one.name, "low": f"{low}", "high": f"{high}"}
            repair = f"stay within {low} to {high}"
            yield Finding(key="variants", message=message, repair=repair, code="variant_outside", facts=facts)


def _check_reminder(plan: CampaignPlan) -> Iterator[Finding]:
    if plan.reminder is not None and plan.reminder.days > plan.offer.days:
        message = f"after {plan.reminder.days} days, and the code holds for {plan.offer.days}"
        repair = "remind earlier, or let the code hold longer"
        facts = {"days": f"{plan.offer.days}"}
        yield Finding(key="reminder", message=message, repair=repair, code="reminder_late", facts=facts)


def _dates_are_wrong(plan: CampaignPlan, around: Surroundings) -> bool:
    """Then everything else about time would only repeat it."""
    return any(_check_window(plan, around))
