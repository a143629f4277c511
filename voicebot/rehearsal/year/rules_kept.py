"""Whether a run has kept the rules of contact, judged from its traces alone.

Nothing here asks the gate: hours, caps and budgets are worked out anew, in the plainest way, so that a mistake of the
engine cannot hide in its own arithmetic.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import holidays

from voicebot.rehearsal.year.evidence import DialledCall, Evidence

_RANG: Final = frozenset({"answered", "busy", "no_answer", "rejected", "refused"})
"""Causes after which a telephone had rung at the customer's."""
_RUSSIAN_ZONES: Final = (
    *("Europe/Kaliningrad", "Europe/Moscow", "Europe/Samara", "Asia/Yekaterinburg", "Asia/Omsk", "Asia/Krasnoyarsk"),
    *("Asia/Irkutsk", "Asia/Yakutsk", "Asia/Vladivostok", "Asia/Magadan", "Asia/Kamchatka"),
)
"""One of each of the eleven time zones of Russia."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """What was promised, in plain numbers."""

    stretches: tuple[tuple[time, time], ...]
    """When a weekday is open, local to the customer; weekends and public holidays are closed."""
    unknown_zone: tuple[time, time]
    """When somebody of unknown zone may be called: local in every zone of Russia at once."""
    budget: int
    """Attempts per person and campaign, those the customer asked for aside."""
    per_day: int
    """Attempts that rang, per person and 24 hours, all campaigns together."""
    per_week: int
    """Answered calls per person and 7 days, all campaigns together."""
    per_month: int
    """Likewise in 30 days."""


def broken_rules(evidence: Evidence, rules: Rules) -> dict[str, list[str]]:
    """Every breach by the name of its rule; every rule is named, also those that were kept."""
    checks: Mapping[str, Callable[[], Iterable[str]]] = {
        "budget of a person in a campaign": lambda: _budget(evidence, rules),
        "touches of a person in a day": lambda: _caps(evidence, timedelta(days=1), rules.per_day, _has_rung),
        "talks of a person in a week": lambda: _caps(evidence, timedelta(days=7), rules.per_week, _was_answered),
        "talks of a person in a month": lambda: _caps(evidence, timedelta(days=30), rules.per_month, _was_answered),
        "hours, weekdays and holidays of the customer": lambda: _hours(evidence, rules),
        "nobody is called after a stop": lambda: _stops(evidence),
        "advertising only after a release": lambda: _releases(evidence),
        "only with a consent that holds": lambda: _consents(evidence),
        "no two calls to one person at once": lambda: _overlaps(evidence, lambda call: call.customer_id),
        "no two calls to one number at once": lambda: _overlaps(evidence, lambda call: call.phone),
        "a number that does not exist is never dialled again": lambda: _dead_numbers(evidence),
        "the control group is left alone": lambda: _controls(evidence),
        "one promo code per person and campaign": lambda: _twice(evidence.codes),
        "one message per call and template": lambda: _twice(evidence.messages),
        "a reminder is not made after the order": lambda: _reminders(evidence),
        "every lead is where the table of states allows": lambda: _stuck(evidence),
    }
    return {name: list(check()) for name, check in checks.items()}


def _has_rung(call: DialledCall) -> bool:
    return call.cause in _RANG and not call.wanted


def _was_answered(call: DialledCall) -> bool:
    return call.answered_at is not None and not call.wanted


def _budget(evidence: Evidence, rules: Rules) -> Iterator[str]:
    used = Counter(call.lead_id for call in evidence.calls if not call.wanted)
    yield from (f"lead {lead}: {count} attempts" for lead, count in used.items() if count > rules.budget)


def _caps(evidence: Evidence, period: timedelta, most: int, counts: Callable[[DialledCall], bool]) -> Iterator[str]:
    """A call that counts may have at most `most` - 1 others in the period before it."""
    seen: dict[int, list[datetime]] = defaultdict(list)
    for call in evidence.calls:
        earlier = seen[call.customer_id]
        within = len(earlier) - bisect_left(earlier, call.dialled_at - period + timedelta(seconds=1))
        if not call.wanted and within >= most:
            yield f"call {call.id}: {within} before it within {period.days} days"
        if counts(call):
            earlier.append(call.dialled_at)


def _hours(evidence: Evidence, rules: Rules) -> Iterator[str]:
    off = holidays.country_holidays("RU")
    for call in evidence.calls:
        zones = [call.time_zone] if call.time_zone else _RUSSIAN_ZONES
        stretches = rules.stretches if call.time_zone else (rules.unknown_zone,)
        for zone in zones:
            local = call.dialled_at.astimezone(ZoneInfo(zone))
            open_now = any(start <= local.time() < end for start, end in stretches)
            if not open_now or local.weekday() >= 5 or local.date() in off:
                yield f"call {call.id}: {local:%a %Y-%m-%d %H:%M} in {zone}"
                break


def _stops(evidence: Evidence) -> Iterator[str]:
    people = {stop.customer_id: stop.since for stop in evidence.stops if stop.customer_id is not None}
    numbers = {stop.phone: stop.since for stop in evidence.stops if stop.phone is not None}
    for call in evidence.calls:
        since = [moment for moment in (people.get(call.customer_id), numbers.get(call.phone)) if moment is not None]
        if since and call.dialled_at > min(since):
            yield f"call {call.id}: stopped since {min(since):%Y-%m-%d %H:%M}"


def _releases(evidence: Evidence) -> Iterator[str]:
    for call in evidence.calls:
        if call.advertising and (call.released_at is None or call.released_at > call.dialled_at):
            yield f"call {call.id}: nobody had answered for it"


def _consents(evidence: Evidence) -> Iterator[str]:
    given = defaultdict(list)
    for consent in evidence.consents:
        given[consent.customer_id].append(consent)
    for call in evidence.calls:
        holds = any(
            (consent.advertising or not call.advertising)
            and consent.given_at <= call.dialled_at
            and (consent.withdrawn_at is None or call.dialled_at < consent.withdrawn_at)
            for consent in given[call.customer_id]
        )
        if not holds:
            yield f"call {call.id}: no consent"


def _overlaps(evidence: Evidence, whose: Callable[[DialledCall], object]) -> Iterator[str]:
    last: dict[object, DialledCall] = {}
    for call in evidence.calls:
        before = last.get(whose(call))
        if before is not None and (before.ended_at is None or before.ended_at > call.dialled_at):
            yield f"calls {before.id} and {call.id}"
        last[whose(call)] = call


def _dead_numbers(evidence: Evidence) -> Iterator[str]:
    """Said of a number on two days, with no ringing between them."""
    said: dict[str, datetime] = {}
    dead: set[str] = set()
    for call in evidence.calls:
        if call.phone in dead:
            yield f"call {call.id}"
        if call.cause in _RANG:
            said.pop(call.phone, None)
        elif call.cause == "unallocated":
            since = call.dialled_at - said.setdefault(call.phone, call.dialled_at)
            dead |= {call.phone} if since >= timedelta(hours=12) else set()


def _controls(evidence: Evidence) -> Iterator[str]:
    for call in evidence.calls:
        if call.advertising and (call.campaign_id, call.customer_id) in evidence.controls:
            yield f"call {call.id}"


def _reminders(evidence: Evidence) -> Iterator[str]:
    accepted: dict[int, datetime] = {}
    for call in evidence.calls:
        if call.errand == "reminder":
            bought = [at for at in evidence.orders.get(call.customer_id, ()) if at > accepted.get(call.lead_id, at)]
            # The orders feed closes leads within minutes; a call just being dialled may cross it.
            if any(at < call.dialled_at - timedelta(hours=1) for at in bought):
                yield f"call {call.id}: ordered before"
        if call.disposition == "accepted" and call.ended_at is not None:
            accepted[call.lead_id] = call.ended_at


def _stuck(evidence: Evidence) -> Iterator[str]:
    yield from (
        f"campaign {campaign}, customer {customer}: {state}"
        for campaign, customer, state in evidence.leads
        if state == "claimed"
    )


def _twice(keys: Iterable[object]) -> Iterator[str]:
    yield from (f"{key}: {count}" for key, count in Counter(keys).items() if count > 1)
