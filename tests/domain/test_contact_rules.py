"""The gate names every reason not to call, and when to ask again."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from voicebot.domain.call import Cause, Direction
from voicebot.domain.campaign import Campaign, CampaignKind, CampaignStatus
from voicebot.domain.campaign_plan import Budget, Spending, Window
from voicebot.domain.consent import Consent, ConsentKind, ConsentScope
from voicebot.domain.contact_hours import same_every_day
from voicebot.domain.contact_policy import ContactPolicy
from voicebot.domain.contact_rules import REFUSALS, ContactFacts, ContactRecord, Refusal, check_contact
from voicebot.domain.customer import Customer, CustomerPhone, PersonName
from voicebot.domain.lead import Lead, LeadErrand, LeadState
from voicebot.domain.outcome import Disposition
from voicebot.domain.past_calls import PastCall
from voicebot.domain.phone import Phone
from voicebot.domain.segment import in_control_group

MOSCOW = ZoneInfo("Europe/Moscow")
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=MOSCOW)  # a Tuesday
DAY, WEEK, MONTH = timedelta(days=1), timedelta(days=7), timedelta(days=30)
CONTROL = next(number for number in range(1, 100) if in_control_group(number, Decimal("0.05")))


def consent(
    kind: ConsentKind, scope: ConsentScope = ConsentScope.CALL, *, withdrawn_at: datetime | None = None
) -> Consent:
    given = datetime(2026, 1, 1, tzinfo=UTC)
    return Consent(scope=scope, kind=kind, source="till", wording="1", given_at=given, withdrawn_at=withdrawn_at)


def lead(**rest: object) -> Lead:
    plain = Lead(
        id=7,
        campaign_id=1,
        customer_id=1,
        state=LeadState.QUEUED,
        attempts=0,
        next_attempt_at=NOON,
        callback=False,
        lease_owner="",
        lease_until=None,
        disposition=None,
        group=None,
        release_id=3,
    )
    return replace(plain, **rest)  # type: ignore[arg-type]  # fields by name


def customer(*phones: CustomerPhone, number: int = 1, zone: str = "Europe/Moscow") -> Customer:
    known = phones or (CustomerPhone(phone=Phone("+79161234567"), primary=True),)
    return Customer(id=number, external_id="C-1", name=PersonName(first="Анна"), phones=known, time_zone=zone)


def campaign(**rest: object) -> Campaign:
    running = Campaign(
        id=1, name="win back", kind=CampaignKind.ADVERTISING, script="winback", status=CampaignStatus.RUNNING
    )
    return replace(running, **rest)  # type: ignore[arg-type]  # fields by name


def past(ago: timedelta, cause: Cause = Cause.NO_ANSWER, **rest: object) -> PastCall:
    """A call of another campaign unless said otherwise."""
    at = NOON - ago
    answered_at = at if cause is Cause.ANSWERED else None
    call = PastCall(lead_id=99, campaign_id=9, dialled_at=at, answered_at=answered_at, cause=cause)
    return replace(call, **rest)  # type: ignore[arg-type]  # fields by name


GOOD = ContactFacts(
    now=NOON,
    campaign=campaign(),
    lead=lead(),
    customer=customer(),
    consents=(consent(ConsentKind.ADVERTISING),),
    policy=ContactPolicy(hours=same_every_day((time(10), time(19)))),
)
WRONG = CustomerPhone(phone=Phone("+79161234567"), primary=True, wrong_number_at=NOON)
TALKS = tuple(past(ago * DAY, Cause.ANSWERED) for ago in (20, 21, 22, 23))
ATTEMPTS = tuple(past(ago * DAY, lead_id=7, campaign_id=1) for ago in (2, 4, 6, 8))
REMINDER = lead(errand=LeadErrand.REMINDER, disposition=Disposition.ACCEPTED)


def record(**rest: object) -> ContactRecord:
    return ContactRecord(**rest)  # type: ignore[arg-type]  # fields by name


def test_a_consented_released_contact_in_good_hours_is_allowed() -> None:
    verdict = check_contact(GOOD)
    assert verdict.allowed
    assert not verdict.for_good
    assert (verdict.checked_at, verdict.again_at) == (NOON, None)
    assert verdict.facts == {
        "zone": "Europe/Moscow",
        "errand": "offer",
        "attempts": [0, 4],
        "rung_in_a_day": 0,
        "answered_in_a_week": 0,
        "answered_in_a_month": 0,
        "release": 3,
        "consent": {
            "kind": "advertising",
            "source": "till",
            "wording": "1",
            "given_at": "2026-01-01T00:00:00+00:00",
        },
    }


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"lead": lead(release_id=None)}, Refusal.NOT_RELEASED),
        ({"campaign": campaign(status=CampaignStatus.PAUSED)}, Refusal.NOT_RUNNING),
        ({"customer": replace(customer(), phones=())}, Refusal.NO_PHONE),
        ({"consents": ()}, Refusal.NO_CALL_CONSENT),
        ({"consents": (consent(ConsentKind.ADVERTISING, ConsentScope.SMS),)}, Refusal.NO_CALL_CONSENT),
        ({"consents": (consent(ConsentKind.ADVERTISING, withdrawn_at=NOON),)}, Refusal.NO_CALL_CONSENT),
        ({"consents": (consent(ConsentKind.SERVICE),)}, Refusal.NO_ADVERTISING_CONSENT),
        ({"record": record(stopped=True)}, Refusal.STOP_LIST),
        ({"record": record(operator_refused=True)}, Refusal.OPERATOR_REFUSAL),
        ({"customer": customer(WRONG)}, Refusal.WRONG_NUMBER),
        ({"lead": lead(disposition=Disposition.ACCEPTED)}, Refusal.ALREADY_ACCEPTED),
        ({"lead": REMINDER}, Refusal.NOTHING_TO_REMIND),
        ({"lead": REMINDER, "record": record(promo_until=NOON)}, Refusal.NOTHING_TO_REMIND),
        ({"customer": customer(number=CONTROL)}, Refusal.CONTROL_GROUP),
        ({"record": record(seasonal=True)}, Refusal.SERIES_OVER),
        ({"policy": replace(GOOD.policy, labelled=False)}, Refusal.NO_CALL_LABEL),
        ({"record": record(in_call=True)}, Refusal.IN_A_CALL),
        ({"now": NOON.replace(hour=22)}, Refusal.OUT_OF_HOURS),
        ({"now": datetime(2026, 11, 4, 12, 0, tzinfo=MOSCOW)}, Refusal.OUT_OF_HOURS),
        ({"campaign": campaign(window=Window(starts_on=date(2026, 11, 25)))}, Refusal.OUT_OF_WINDOW),
        ({"campaign": campaign(window=Window(ends_on=date(2026, 11, 23)))}, Refusal.OUT_OF_WINDOW),
        ({"record": record(calls=tuple(past(timedelta(hours=ago)) for ago in (1, 2, 23)))}, Refusal.DAY_CAP),
        ({"record": record(calls=TALKS)}, Refusal.MONTH_CAP),
        ({"record": record(calls=(past(13 * DAY, Cause.ANSWERED),))}, Refusal.TOO_SOON),
        (
            {"campaign": campaign(budget=Budget(max_calls=5)), "spent": Spending(calls=5)},
            Refusal.CAMPAIGN_BUDGET,
        ),
        ({"record": record(calls=ATTEMPTS)}, Refusal.BUDGET_USED),
    ],
)
def test_each_rule_refuses_alone(change: dict[str, object], refusal: Refusal) -> None:
    verdict = check_contact(replace(GOOD, **change))  # type: ignore[arg-type]  # fields by name
    assert verdict.refusals == (refusal,)


def test_two_talks_within_a_week_are_enough_in_any_campaign() -> None:
    calls = tuple(past(ago * DAY, Cause.ANSWERED, lead_id=7, campaign_id=1) for ago in (1, 6))
    verdict = check_contact(replace(GOOD, record=record(calls=calls)))
    assert verdict.refusals == (Refusal.WEEK_CAP,)
    assert verdict.again_at is not None
    assert verdict.again_at == NOON + DAY  # the older of the two is a week past


def test_all_reasons_are_named_at_once() -> None:
    facts = replace(
        GOOD,
        lead=lead(release_id=None),
        consents=(),
        record=record(stopped=True, calls=TALKS),
        now=NOON.replace(hour=3),
    )
    verdict = check_contact(facts)
    assert verdict.refusals == (
        Refusal.NOT_RELEASED,
        Refusal.NO_CALL_CONSENT,
        Refusal.STOP_LIST,
        Refusal.OUT_OF_HOURS,
        Refusal.MONTH_CAP,
    )
    assert verdict.for_good
    assert not verdict.over


def test_a_service_call_needs_neither_release_nor_label_nor_consent_to_advertising() -> None:
    facts = replace(
        GOOD,
        campaign=campaign(kind=CampaignKind.SERVICE),
        lead=lead(release_id=None),
        customer=customer(number=CONTROL),
        consents=(consent(ConsentKind.SERVICE),),
        record=record(seasonal=True),
        policy=replace(GOOD.policy, labelled=False),
    )
    assert check_contact(facts).allowed


def test_a_season_calls_those_who_were_lost() -> None:
    assert check_contact(replace(GOOD, campaign=campaign(season="Весна"), record=record(seasonal=True))).allowed


def test_a_call_the_customer_asked_for_is_held_back_by_no_cap_and_no_budget() -> None:
    lately = tuple(past(timedelta(hours=ago), Cause.ANSWERED) for ago in (1, 2, 3, 4, 5))
    facts = replace(GOOD, lead=lead(callback=True), record=record(calls=(*ATTEMPTS, *lately)))
    assert check_contact(facts).allowed
    assert check_contact(facts).facts["asked_for"] is True
    late = check_contact(replace(facts, now=NOON.replace(hour=22)))
    assert late.refusals == (Refusal.OUT_OF_HOURS,)
    assert late.again_at == datetime(2026, 11, 25, 10, 0, tzinfo=MOSCOW)  # exactly when the hours open


@pytest.mark.parametrize(
    "harmless",
    [
        {"wanted": True},
        {"direction": Direction.IN},
        {"cause": Cause.UNREACHABLE},
        {"cause": Cause.FAILED},
    ],
)
def test_what_did_not_ring_or_was_asked_for_is_no_touch(harmless: dict[str, object]) -> None:
    calls = tuple(past(timedelta(hours=ago), **harmless) for ago in (1, 2, 3, 4))  # type: ignore[arg-type]  # by name
    assert check_contact(replace(GOOD, record=record(calls=calls))).allowed


def test_the_talk_of_another_campaign_spaces_only_the_first_attempt() -> None:
    begun = past(20 * DAY, lead_id=7, campaign_id=1)
    talked = past(10 * DAY, Cause.ANSWERED)
    assert check_contact(replace(GOOD, record=record(calls=(begun, talked)))).allowed
    first = check_contact(replace(GOOD, record=record(calls=(talked,))))
    assert first.again_at == NOON + 4 * DAY


def test_the_reminder_of_a_code_that_holds_is_allowed_after_the_acceptance() -> None:
    facts = replace(GOOD, lead=REMINDER, record=record(promo_until=NOON + DAY))
    assert check_contact(facts).allowed
    over = check_contact(replace(facts, record=record()))
    assert over.for_good
    assert over.over  # nothing is left to call about: the lead is done, nobody is blocked


def test_the_zone_of_a_city_number_counts_where_the_crm_names_none() -> None:
    novosibirsk = CustomerPhone(phone=Phone("+73832345678"), primary=True)
    facts = replace(GOOD, customer=customer(novosibirsk, zone=""), now=NOON.replace(hour=14))
    assert check_contact(facts).allowed  # 18:00 there
    assert not check_contact(replace(facts, now=NOON.replace(hour=16))).allowed


def test_somebody_of_unknown_zone_is_called_when_it_suits_all_of_russia() -> None:
    facts = replace(GOOD, customer=customer(zone=""))
    assert check_contact(replace(facts, now=NOON.replace(hour=11))).allowed
    verdict = check_contact(facts)
    assert verdict.refusals == (Refusal.OUT_OF_HOURS,)
    assert verdict.facts["zone"] == "unknown"
    assert verdict.again_at is not None
    assert datetime(2026, 11, 25, 10, 0, tzinfo=MOSCOW) <= verdict.again_at < datetime(2026, 11, 25, 11, tzinfo=MOSCOW)


@pytest.mark.parametrize(
    ("change", "wait"),
    [
        ({"record": record(in_call=True)}, timedelta(minutes=1)),
        ({"campaign": campaign(status=CampaignStatus.PAUSED)}, timedelta(minutes=15)),
        ({"campaign": campaign(budget=Budget(max_calls=0))}, timedelta(hours=1)),
        ({"record": record(calls=tuple(past(timedelta(hours=ago)) for ago in (1, 2, 22)))}, timedelta(hours=2)),
        ({"record": record(calls=tuple(past(timedelta(hours=ago)) for ago in (1, 2, 21, 22)))}, timedelta(hours=3)),
    ],
)
def test_a_passing_reason_says_when_to_ask_again(change: dict[str, object], wait: timedelta) -> None:
    verdict = check_contact(replace(GOOD, **change))  # type: ignore[arg-type]  # fields by name
    assert not verdict.for_good
    assert verdict.again_at == NOON + wait


def test_the_longest_of_several_passing_reasons_counts_and_the_hours_are_kept() -> None:
    calls = tuple(past(timedelta(hours=ago)) for ago in (1, 2, 13))  # the cap frees at 23:00
    verdict = check_contact(replace(GOOD, record=record(calls=calls, in_call=True)))
    assert verdict.again_at is not None
    assert verdict.again_at.date() == date(2026, 11, 25)
    assert 10 <= verdict.again_at.hour < 12


def test_a_calendar_that_never_opens_is_looked_at_once_a_day() -> None:
    closed = campaign(window=Window(ends_on=date(2026, 11, 1)))
    assert check_contact(replace(GOOD, campaign=closed)).again_at == NOON + DAY


def test_every_refusal_says_how_long_it_holds() -> None:
    assert set(REFUSALS) == set(Refusal)
