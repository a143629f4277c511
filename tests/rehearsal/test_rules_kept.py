"""The judge of a simulated year sees every breach, planted one by one."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from voicebot.rehearsal.year.evidence import CallConsent, DialledCall, Evidence, Stop
from voicebot.rehearsal.year.rules_kept import Rules, broken_rules

TUESDAY = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
"""11:00 in Moscow."""
RULES = Rules(
    stretches=((time(10), time(12)), (time(15), time(19))),
    unknown_zone=(time(9), time(21)),
    budget=2,
    per_day=2,
    per_week=1,
    per_month=2,
)
CALL = DialledCall(
    id=1,
    lead_id=1,
    campaign_id=1,
    advertising=True,
    season="",
    customer_id=1,
    phone="+79000000001",
    time_zone="Europe/Moscow",
    dialled_at=TUESDAY,
    answered_at=None,
    ended_at=TUESDAY + timedelta(seconds=30),
    cause="no_answer",
    disposition="no_answer",
    group="none",
    wanted=False,
    errand="offer",
    released_at=TUESDAY - timedelta(days=1),
)
CONSENT = CallConsent(customer_id=1, advertising=True, given_at=TUESDAY - timedelta(days=900), withdrawn_at=None)
CLEAN = Evidence(
    calls=(CALL,),
    stops=(),
    consents=(CONSENT,),
    controls=frozenset(),
    orders={},
    codes=(),
    messages=(),
    leads=((1, 1, "done"),),
)


def later(number: int, after: timedelta, **changes: object) -> DialledCall:
    at = TUESDAY + after
    moved = replace(CALL, id=number, dialled_at=at, ended_at=at + timedelta(seconds=30))
    return replace(moved, **changes)  # type: ignore[arg-type]  # fields by name


def answered(number: int, after: timedelta, **changes: object) -> DialledCall:
    return later(number, after, answered_at=TUESDAY + after, cause="answered", **changes)


DAY = timedelta(days=1)
BREACHES: dict[str, Callable[[Evidence], Evidence]] = {
    "budget of a person in a campaign": lambda e: replace(e, calls=(CALL, later(2, DAY), later(3, 2 * DAY))),
    "touches of a person in a day": lambda e: replace(
        e, calls=(CALL, later(2, timedelta(minutes=9)), later(3, timedelta(minutes=20), lead_id=2))
    ),
    "talks of a person in a week": lambda e: replace(e, calls=(answered(1, 0 * DAY), answered(2, DAY))),
    "talks of a person in a month": lambda e: replace(
        e, calls=tuple(answered(n, 7 * n * DAY, lead_id=n) for n in (0, 1, 2))
    ),
    "hours, weekdays and holidays of the customer": lambda e: replace(e, calls=(later(1, timedelta(hours=2)),)),
    "nobody is called after a stop": lambda e: replace(
        e, stops=(Stop(customer_id=None, phone=CALL.phone, since=TUESDAY - timedelta(seconds=1)),)
    ),
    "advertising only after a release": lambda e: replace(e, calls=(replace(CALL, released_at=None),)),
    "only with a consent that holds": lambda e: replace(e, consents=(replace(CONSENT, withdrawn_at=TUESDAY),)),
    "no two calls to one person at once": lambda e: replace(
        e, calls=(CALL, later(2, timedelta(seconds=29), phone="+79000000002"))
    ),
    "no two calls to one number at once": lambda e: replace(
        e,
        calls=(CALL, later(2, timedelta(seconds=29), customer_id=2)),
        consents=(CONSENT, replace(CONSENT, customer_id=2)),
    ),
    "a number that does not exist is never dialled again": lambda e: replace(
        e, calls=(replace(CALL, cause="unallocated"), later(2, DAY, cause="unallocated"), later(3, 2 * DAY))
    ),
    "the control group is left alone": lambda e: replace(e, controls=frozenset({(1, 1)})),
    "one promo code per person and campaign": lambda e: replace(e, codes=((1, 1), (1, 1))),
    "one message per call and template": lambda e: replace(e, messages=((1, "promo"), (1, "promo"))),
    "a reminder is not made after the order": lambda e: replace(
        e,
        calls=(answered(1, 0 * DAY, disposition="accepted"), later(2, 8 * DAY, errand="reminder")),
        orders={1: (TUESDAY + DAY,)},
    ),
    "every lead is where the table of states allows": lambda e: replace(e, leads=((1, 1, "claimed"),)),
}


def test_a_clean_run_breaks_no_rule_and_every_rule_is_named() -> None:
    assert broken_rules(CLEAN, RULES) == {name: [] for name in BREACHES}


@pytest.mark.parametrize("rule", BREACHES)
def test_a_planted_breach_is_found_under_its_name(rule: str) -> None:
    broken = {name for name, found in broken_rules(BREACHES[rule](CLEAN), RULES).items() if found}
    assert rule in broken
    assert broken <= {rule, "touches of a person in a day", "budget of a person in a campaign"}


@pytest.mark.parametrize(
    ("moment", "zone"),
    [
        ("2026-11-21T08:00+00:00", "Europe/Moscow"),  # a Saturday
        ("2026-11-04T08:00+00:00", "Europe/Moscow"),  # Unity Day, a Wednesday
        ("2026-11-24T08:00+00:00", "Asia/Vladivostok"),  # six in the evening there, before seven: open; see below
        ("2026-11-24T05:00+00:00", ""),  # seven in the morning in Kaliningrad
    ],
)
def test_the_customer_s_own_calendar_counts(moment: str, zone: str) -> None:
    at = datetime.fromisoformat(moment)
    call = replace(CALL, dialled_at=at, ended_at=at, time_zone=zone)
    found = broken_rules(replace(CLEAN, calls=(call,)), RULES)["hours, weekdays and holidays of the customer"]
    assert bool(found) is (zone != "Asia/Vladivostok")
