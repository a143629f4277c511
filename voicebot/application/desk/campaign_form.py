"""The plan of a campaign out of the forms of the wizard."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import time
from decimal import Decimal
from typing import Final

from voicebot.application.desk.campaign_fields import Typed, Wrong, readable
from voicebot.domain.campaign import CampaignKind, NewCampaign
from voicebot.domain.campaign_checks import Finding
from voicebot.domain.campaign_plan import Budget, Reminder, Variant, Window
from voicebot.domain.contact_hours import ContactHours
from voicebot.domain.customer import InterestSignal, ValueClass
from voicebot.domain.errors import BadInput
from voicebot.domain.offer import OfferPolicy
from voicebot.domain.schedule import Schedule, parse_schedule
from voicebot.domain.segment import Interested, LapseRule, Segment, Shrunk, Silent, contradictions

STEPS: Final = ("whom", "say", "when", "offer", "control", "check")
"""The pages of the wizard, in order."""
MOST_VARIANTS: Final = 5
DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
PEOPLE: Final = ("silent", "interested", "shrunk", "season", "events")
"""Whom a campaign is about."""
FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "whom": (
        *("name", "people", "months", "share", "former_months", "signals", "min_signals", "min_orders", "max_orders"),
        *("min_spent", "max_spent", "last_order_within_months", "categories", "value_classes", "no_reaction_to_last"),
        *("quiet_days", "season", "triggers"),
    ),
    "say": (
        *("kind", "script", "dialplan", "split"),
        *(
            f"variant_{n}_{part}"
            for n in range(1, MOST_VARIANTS + 1)
            for part in ("name", "share", "script", "percent")
        ),
    ),
    "when": (
        *("when", "days", "at", "cron", "starts_on", "ends_on", "own_hours", "priority", "weight"),
        *(f"hours_{n}" for n in range(1, 8)),
    ),
    "offer": (
        *("percent", "offer_days", "floor", "ceiling", "margin", "acquisition_cost"),
        *("remind", "reminder_days", "reminder_script", "max_calls", "max_money", "max_codes"),
    ),
    "control": ("control_share",),
    "check": (),
}
"""The fields of each step."""
LISTS: Final = frozenset({"signals", "value_classes", "days"})
"""Fields of several boxes; their values are kept with commas between."""
STEP_OF: Final = {name: step for step, names in FIELDS.items() for name in names}
_PLACES: Final = {
    "script": "script",
    "dialplan": "dialplan",
    "segment": "people",
    "schedule": "when",
    "window": "starts_on",
    "control_share": "control_share",
    "variants": "variant_1_share",
    "reminder": "reminder_days",
}
"""Where the checks of `domain.campaign_checks` are shown."""
_HUNDRED: Final = Decimal(100)
_PART: Final = Decimal("0.0001")
"""As exactly as parts of the people are kept."""
_USUAL: Final = OfferPolicy()


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadForm:
    """What the forms come to."""

    plan: NewCampaign
    """Defaults stand where something could not be read."""
    wrong: tuple[Wrong, ...]

    def of_step(self, step: str) -> tuple[Wrong, ...]:
        """What is wrong on one page."""
        return tuple(one for one in self.wrong if STEP_OF.get(one.field) == step)

    @property
    def fatal(self) -> tuple[Wrong, ...]:
        """What must be mended before it can be sent."""
        return tuple(one for one in self.wrong if one.fatal)


def typed_in(step: str, form: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """The fields of one page as they were sent; boxes nobody ticked are empty."""
    return {name: readable(",".join(form.get(name, ())))[:LONGEST_FIELD] for name in FIELDS[step]}


LONGEST_FIELD: Final = 4000
"""Characters of one field that are kept."""


def read_form(
    fields: Mapping[str, str], *, scripts: Iterable[str], dialplans: Iterable[str], dialplan: str
) -> ReadForm:
    """The plan the fields describe; `dialplan`: where none is named."""
    typed = Typed(fields=fields)
    name = typed.says("name")
    if not name:
        typed.complain("name", "name")
    elif len(name) > 100:
        typed.complain("name", "too_long", most="100")
    kind = CampaignKind(typed.one_of("kind", [one.value for one in CampaignKind], CampaignKind.ADVERTISING))
    offer = _offer(typed)
    plan = NewCampaign(
        name=name,
        kind=kind,
        script=typed.one_of("script", scripts, "winback"),
        dialplan=typed.one_of("dialplan", dialplans, dialplan),
        offer=offer,
        segment=_segment(typed, name),
        schedule=_schedule(typed),
        window=_window(typed),
        budget=Budget(
            max_calls=typed.maybe("max_calls", least=1),
            max_money=_decimal(typed.maybe("max_money", least=1)),
            max_codes=typed.maybe("max_codes", least=1),
        ),
        priority=typed.whole("priority", 0, least=-1000, most=1000),
        weight=typed.whole("weight", 1, least=1, most=1000),
        control_share=_control_share(typed),
        quiet_days=typed.whole("quiet_days", 14, most=365),
        variants=_variants(typed, scripts),
        reminder=_reminder(typed, scripts),
        triggers=_triggers(typed),
        season=typed.says("season"),
    )
    return ReadForm(plan=plan, wrong=tuple(typed.wrong))


def with_findings(read: ReadForm, findings: Iterable[Finding]) -> ReadForm:
    """The same with what the checks of the whole plan found; a field that could not be read is not judged twice."""
    told = {one.field for one in read.wrong}
    more = [
        Wrong(field=_PLACES[one.key], code=one.code, facts=one.facts, fatal=one.fatal)
        for one in findings
        if _PLACES[one.key] not in told
    ]
    return ReadForm(plan=read.plan, wrong=(*read.wrong, *more))


def _segment(typed: Typed, name: str) -> Segment | None:
    people = typed.one_of("people", PEOPLE, "silent")
    if people == "season" and not typed.says("season"):
        typed.complain("season", "season")
    if people == "events" and not typed.several("triggers"):
        typed.complain("triggers", "no_triggers")
    if people in ("season", "events"):
        return None
    classes = {one.value for one in ValueClass}
    segment = Segment(
        name=name or people,
        rule=_rule(typed, people),
        min_orders=typed.whole("min_orders", 0 if people == "interested" else 1),
        max_orders=typed.maybe("max_orders", least=1),
        min_spent=typed.amount("min_spent"),
        max_spent=typed.amount("max_spent"),
        last_order_within_months=typed.maybe("last_order_within_months", least=1, most=600),
        categories=typed.several("categories"),
        value_classes=tuple(ValueClass(one) for one in typed.several("value_classes") if one in classes),
        no_reaction_to_last=typed.whole("no_reaction_to_last", 0, most=100),
    )
    for place, _ in contradictions(segment):
        typed.complain(place, f"contradiction_{place}")
    return segment


def _rule(typed: Typed, people: str) -> LapseRule:
    months = typed.whole("months", 3, least=1, most=600)
    if people == "interested":
        known = {one.value: one for one in InterestSignal}
        signals = tuple(known[one] for one in typed.several("signals") if one in known)
        least = typed.whole("min_signals", 1, least=1, most=1000)
        return Interested(months=months, signals=signals or tuple(InterestSignal), min_signals=least)
    if people == "shrunk":
        share = typed.amount("share", most=_HUNDRED)
        former = typed.whole("former_months", Shrunk().former_months, least=1, most=600)
        left = Shrunk().share if share is None else share / _HUNDRED
        return Shrunk(months=months, share=left, former_months=former)
    return Silent(months=months)


def _schedule(typed: Typed) -> Schedule | None:
    when = typed.one_of("when", ("once", "days", "cron"), "once")
    if when == "once" or typed.says("people") in ("season", "events"):
        return None
    if when == "cron":
        return _cron(typed)
    days = [str((at + 1) % 7) for at, day in enumerate(DAYS) if day in typed.several("days")]
    at = typed.clock("at", time(9))
    if not days:
        typed.complain("days", "no_days")
        return None
    week = {"1,2,3,4,5": "1-5", "6,0": "0,6", "1,2,3,4,5,6,0": "*"}.get(",".join(days), ",".join(sorted(days)))
    return parse_schedule(f"{at.minute} {at.hour} * * {week}")


def _cron(typed: Typed) -> Schedule | None:
    try:
        return parse_schedule(typed.says("cron"))
    except BadInput as error:
        never = "never fires" in str(error)
        typed.complain("cron", "cron_never" if never else "cron")
        return None


def _window(typed: Typed) -> Window:
    hours = None
    if typed.ticked("own_hours"):
        week = tuple(typed.stretches(f"hours_{n}") for n in range(1, 8))
        if not any(week):
            typed.complain("hours_1", "no_hours")
        # Whether holidays are days like any other is the dialplan's business.
        hours = ContactHours(by_weekday=week, on_holidays=True)
    return Window(starts_on=typed.day("starts_on"), ends_on=typed.day("ends_on"), hours=hours)


def _offer(typed: Typed) -> OfferPolicy:
    def percent(name: str, usual: Decimal) -> Decimal:
        return Decimal(typed.whole(name, int(usual), most=100))

    standard, floor = percent("percent", _USUAL.standard_percent), percent("floor", _USUAL.floor_percent)
    ceiling, margin = percent("ceiling", _USUAL.ceiling_percent), percent("margin", _USUAL.min_margin_percent)
    cost = typed.whole("acquisition_cost", int(_USUAL.acquisition_cost))
    days = typed.whole("offer_days", _USUAL.days, least=1, most=365)
    if floor > standard:
        typed.complain("floor", "floor_above")
    if ceiling < standard:
        typed.complain("ceiling", "ceiling_below")
    if margin == _HUNDRED:
        typed.complain("margin", "margin_whole")
    if any(one.field in ("percent", "floor", "ceiling", "margin") for one in typed.wrong):
        return _USUAL
    return OfferPolicy(
        standard_percent=standard,
        days=days,
        floor_percent=floor,
        ceiling_percent=ceiling,
        min_margin_percent=margin,
        acquisition_cost=Decimal(cost),
    )


def _variants(typed: Typed, scripts: Iterable[str]) -> tuple[Variant, ...]:
    if not typed.ticked("split"):
        return ()
    found, known = [], tuple(scripts)
    for n in range(1, MOST_VARIANTS + 1):
        name, share = typed.says(f"variant_{n}_name"), typed.amount(f"variant_{n}_share", most=_HUNDRED)
        script = typed.one_of(f"variant_{n}_script", known, "")
        percent = _decimal(typed.maybe(f"variant_{n}_percent", most=100))
        if n > 2 and not (name or share or script or percent):
            continue
        if not name:
            typed.complain(f"variant_{n}_name", "variant_name")
        if not share:
            typed.complain(f"variant_{n}_share", "variant_share")
        if n > 1 and not script and percent is None:
            typed.complain(f"variant_{n}_script", "variant_same")
        part = ((share or Decimal(0)) / _HUNDRED).quantize(_PART).normalize()
        found.append(Variant(name=name, share=part, script=script, standard_percent=percent))
    return tuple(found)


def _reminder(typed: Typed, scripts: Iterable[str]) -> Reminder | None:
    if not typed.ticked("remind"):
        return None
    days = typed.maybe("reminder_days", least=1, most=365)
    if days is None:
        typed.complain("reminder_days", "reminder_days")
    return Reminder(script=typed.one_of("reminder_script", scripts, "reminder"), days=days or 1)


def _triggers(typed: Typed) -> tuple[str, ...]:
    kinds = typed.several("triggers")
    for kind in kinds:
        if not (
            kind[:1].isascii() and kind[:1].islower() and all(c.isascii() and (c.isalnum() or c == "_") for c in kind)
        ):
            typed.complain("triggers", "trigger", kind=kind)
    return kinds if not any(one.field == "triggers" for one in typed.wrong) else ()


def _control_share(typed: Typed) -> Decimal:
    share = typed.amount("control_share", most=Decimal(50))
    return Decimal("0.05") if share is None else (share / _HUNDRED).quantize(_PART)


def _decimal(whole: int | None) -> Decimal | None:
    return None if whole is None else Decimal(whole)
