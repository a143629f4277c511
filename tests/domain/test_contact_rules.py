"""The gate names every reason not to call."""

from dataclasses import replace
from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest

from voicebot.domain.campaign import CampaignKind, CampaignStatus
from voicebot.domain.consent import Consent, ConsentKind, ConsentScope
from voicebot.domain.contact_hours import same_every_day
from voicebot.domain.contact_rules import REFUSALS, ContactFacts, Refusal, check_facts
from voicebot.domain.phone import Phone

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=ZoneInfo("Europe/Moscow"))


def consent(kind: ConsentKind, scope: ConsentScope = ConsentScope.CALL, **rest: datetime) -> Consent:
    given = datetime(2026, 1, 1, tzinfo=ZoneInfo("UTC"))
    return Consent(scope=scope, kind=kind, source="till", wording="1", given_at=given, **rest)


GOOD = ContactFacts(
    kind=CampaignKind.ADVERTISING,
    status=CampaignStatus.RUNNING,
    released=True,
    phone=Phone("+79161234567"),
    consents=(consent(ConsentKind.ADVERTISING),),
    stopped=False,
    wrong_number=False,
    accepted=False,
    attempts=0,
    max_attempts=4,
    local_now=NOON,
    hours=same_every_day((time(10), time(19))),
)


def test_a_consented_released_contact_in_good_hours_is_allowed() -> None:
    verdict = check_facts(GOOD)
    assert verdict.allowed
    assert not verdict.for_good
    assert verdict.checked_at == NOON


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"released": False}, Refusal.NOT_RELEASED),
        ({"status": CampaignStatus.PAUSED}, Refusal.NOT_RUNNING),
        ({"phone": None}, Refusal.NO_PHONE),
        ({"consents": ()}, Refusal.NO_CALL_CONSENT),
        ({"consents": (consent(ConsentKind.ADVERTISING, ConsentScope.SMS),)}, Refusal.NO_CALL_CONSENT),
        ({"consents": (consent(ConsentKind.ADVERTISING, withdrawn_at=NOON),)}, Refusal.NO_CALL_CONSENT),
        ({"consents": (consent(ConsentKind.SERVICE),)}, Refusal.NO_ADVERTISING_CONSENT),
        ({"stopped": True}, Refusal.STOP_LIST),
        ({"wrong_number": True, "phone": None}, Refusal.WRONG_NUMBER),
        ({"accepted": True}, Refusal.ALREADY_ACCEPTED),
        ({"labelled": False}, Refusal.NO_CALL_LABEL),
        ({"local_now": NOON.replace(hour=22)}, Refusal.OUT_OF_HOURS),
        ({"attempts": 4}, Refusal.BUDGET_USED),
    ],
)
def test_each_rule_refuses_alone(change: dict[str, object], refusal: Refusal) -> None:
    verdict = check_facts(replace(GOOD, **change))  # type: ignore[arg-type]  # fields by name
    assert verdict.refusals == (refusal,)


def test_all_reasons_are_named_at_once() -> None:
    facts = replace(GOOD, released=False, consents=(), stopped=True, local_now=NOON.replace(hour=3))
    verdict = check_facts(facts)
    assert verdict.refusals == (
        Refusal.NOT_RELEASED,
        Refusal.NO_CALL_CONSENT,
        Refusal.STOP_LIST,
        Refusal.OUT_OF_HOURS,
    )
    assert verdict.for_good


def test_a_service_call_needs_neither_a_release_nor_a_consent_to_advertising() -> None:
    facts = replace(GOOD, kind=CampaignKind.SERVICE, released=False, consents=(consent(ConsentKind.SERVICE),))
    assert check_facts(facts).allowed


def test_every_refusal_says_how_long_it_holds() -> None:
    assert set(REFUSALS) == set(Refusal)


def test_a_service_call_needs_no_label_of_mass_calls() -> None:
    assert check_facts(replace(GOOD, kind=CampaignKind.SERVICE, labelled=False)).allowed
