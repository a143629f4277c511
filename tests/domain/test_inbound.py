"""A customer rings us: who it is, what they are talked to about, what becomes of their lead."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from voicebot.domain.campaign import Campaign, CampaignKind, CampaignStatus
from voicebot.domain.campaign_plan import Reminder
from voicebot.domain.consent import Consent, ConsentKind, ConsentScope
from voicebot.domain.contact_rules import Refusal
from voicebot.domain.dialplan import Dialplan, Trunk
from voicebot.domain.inbound import (
    HIDDEN_NUMBERS,
    CodeInHand,
    Continue,
    InboundErrand,
    InboundFacts,
    LeadOnFile,
    ServiceTalk,
    caller_phone,
    claimed_by_caller,
    hidden_phone,
    inbound_errand,
    is_ours,
    lead_after_inbound,
    returned_by_caller,
)
from voicebot.domain.lead import Lead, LeadEnd, LeadErrand, LeadState
from voicebot.domain.outcome import Disposition, Group, Outcome
from voicebot.domain.phone import Phone, parse_phone

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=2)
CONSENTS = (
    Consent(
        scope=ConsentScope.CALL,
        kind=ConsentKind.ADVERTISING,
        source="till",
        wording="1",
        given_at=NOW - timedelta(days=400),
    ),
)
CAMPAIGN = Campaign(id=7, name="Осень", kind=CampaignKind.ADVERTISING, script="winback", status=CampaignStatus.RUNNING)
WAITS = Lead(
    id=3,
    campaign_id=7,
    customer_id=5,
    state=LeadState.SCHEDULED,
    attempts=1,
    next_attempt_at=LATER,
    callback=False,
    lease_owner="",
    lease_until=None,
    disposition=Disposition.NO_ANSWER,
    group=Group.NONE,
    release_id=1,
)
ACCEPTED = replace(
    WAITS, state=LeadState.DONE, next_attempt_at=None, disposition=Disposition.ACCEPTED, group=Group.INTERESTED
)


def on_file(lead: Lead = WAITS, **rest: Any) -> LeadOnFile:
    return LeadOnFile(**{"lead": lead, "campaign": CAMPAIGN, **rest})


def asked(*leads: LeadOnFile, **rest: Any) -> InboundErrand:
    return inbound_errand(
        InboundFacts(**{"now": NOW, "owners": 1, "stopped": False, "consents": CONSENTS, "leads": leads, **rest})
    )


def test_somebody_we_wanted_is_told_what_we_wanted() -> None:
    assert asked(on_file()) == Continue(on=on_file())


def test_the_call_they_missed_last_comes_before_older_wishes() -> None:
    newest, older = on_file(), on_file(replace(WAITS, id=2))
    assert asked(newest, older) == Continue(on=newest)
    assert asked(on_file(ACCEPTED), older) == Continue(on=older)


@pytest.mark.parametrize(
    "refusal", [Refusal.OUT_OF_HOURS, Refusal.DAY_CAP, Refusal.TOO_SOON, Refusal.BUDGET_USED, Refusal.NO_CALL_LABEL]
)
def test_limits_of_our_own_calling_do_not_silence_an_answer(refusal: Refusal) -> None:
    assert asked(on_file(refusals=(refusal,))) == Continue(on=on_file(refusals=(refusal,)))


@pytest.mark.parametrize(
    "refusal",
    [
        Refusal.NOT_RELEASED,
        Refusal.NOT_RUNNING,
        Refusal.NO_ADVERTISING_CONSENT,
        Refusal.NO_CALL_CONSENT,
        Refusal.CAMPAIGN_BUDGET,
        Refusal.CONTROL_GROUP,
        Refusal.SERIES_OVER,
        Refusal.ALREADY_ACCEPTED,
    ],
)
def test_what_may_not_be_offered_is_not_offered_to_callers_either(refusal: Refusal) -> None:
    assert asked(on_file(refusals=(Refusal.OUT_OF_HOURS, refusal))) == ServiceTalk()


@pytest.mark.parametrize("state", [LeadState.UNRELEASED, LeadState.CLAIMED, LeadState.BLOCKED])
def test_only_leads_that_wait_are_continued(state: LeadState) -> None:
    assert asked(on_file(replace(WAITS, state=state))) == ServiceTalk()


def test_a_reminder_that_is_due_is_given_at_once() -> None:
    reminded = replace(WAITS, errand=LeadErrand.REMINDER, disposition=Disposition.ACCEPTED)
    with_script = replace(CAMPAIGN, reminder=Reminder(script="reminder", days=2))
    assert isinstance(asked(on_file(reminded, campaign=with_script)), Continue)
    assert asked(on_file(reminded)) == ServiceTalk()


def test_somebody_with_a_code_is_told_of_the_code() -> None:
    assert asked(on_file(ACCEPTED, code_until=LATER)) == CodeInHand(on=on_file(ACCEPTED, code_until=LATER))
    assert asked(on_file(ACCEPTED, code_until=NOW)) == ServiceTalk()
    assert asked(on_file(replace(ACCEPTED, ended_by=LeadEnd.ORDER), code_until=LATER)) == ServiceTalk()


def test_a_code_is_not_mentioned_to_who_takes_advertising_no_more() -> None:
    withdrawn = tuple(replace(one, withdrawn_at=NOW - timedelta(days=1)) for one in CONSENTS)
    assert asked(on_file(ACCEPTED, code_until=LATER), consents=withdrawn) == ServiceTalk()


def test_nothing_is_offered_to_who_said_stop() -> None:
    assert asked(on_file(), on_file(ACCEPTED, code_until=LATER), stopped=True) == ServiceTalk(stopped=True)


@pytest.mark.parametrize("owners", [0, 2, 5])
def test_nothing_is_offered_at_a_number_of_nobody_or_of_several(owners: int) -> None:
    assert asked(on_file(), owners=owners) == ServiceTalk()


def claimed(lead: Lead) -> Lead:
    return claimed_by_caller(lead, owner="door", until=NOW + timedelta(seconds=30))


def came_to(disposition: Disposition, **rest: Any) -> Outcome:
    return Outcome(group=Group.NEUTRAL, disposition=disposition, **rest)


@pytest.mark.parametrize("lead", [WAITS, ACCEPTED, replace(ACCEPTED, state=LeadState.BLOCKED)])
def test_a_caller_takes_the_lead_and_no_attempt(lead: Lead) -> None:
    taken = claimed(lead)
    assert (taken.state, taken.lease_owner, taken.attempts) == (LeadState.CLAIMED, "door", lead.attempts)
    assert (taken.next_attempt_at, taken.disposition) == (lead.next_attempt_at, lead.disposition)


@pytest.mark.parametrize("lead", [WAITS, ACCEPTED])
def test_who_gave_up_before_the_answer_changed_nothing(lead: Lead) -> None:
    assert returned_by_caller(claimed(lead), to=lead) == lead


@pytest.mark.parametrize(
    "disposition",
    [Disposition.ACCEPTED, Disposition.DECLINED, Disposition.CALLBACK, Disposition.COMPLAINT, Disposition.WRONG_PERSON],
)
def test_a_talk_settles_the_lead_like_any_other(disposition: Disposition) -> None:
    assert lead_after_inbound(claimed(WAITS), came_to(disposition), NOW) is None


@pytest.mark.parametrize("disposition", [Disposition.SILENT, Disposition.HUNG_UP, Disposition.INTERRUPTED])
def test_a_call_that_came_to_nothing_leaves_the_lead_as_it_stood(disposition: Disposition) -> None:
    assert lead_after_inbound(claimed(WAITS), came_to(disposition), NOW) == WAITS


def test_hanging_up_on_the_offer_is_an_answer() -> None:
    assert lead_after_inbound(claimed(WAITS), came_to(Disposition.HUNG_UP, offer_heard=True), NOW) is None


def test_nobody_is_rung_up_right_after_they_have_rung_off() -> None:
    due = replace(WAITS, next_attempt_at=NOW - timedelta(minutes=1))
    kept = lead_after_inbound(claimed(due), came_to(Disposition.HUNG_UP), NOW)
    assert kept is not None
    assert kept.next_attempt_at == NOW + timedelta(hours=2)


def test_a_time_they_had_named_is_kept() -> None:
    promised = replace(WAITS, callback=True, next_attempt_at=NOW + timedelta(minutes=10))
    assert lead_after_inbound(claimed(promised), came_to(Disposition.SILENT), NOW) == promised


def test_what_was_accepted_stays_accepted() -> None:
    assert lead_after_inbound(claimed(ACCEPTED), came_to(Disposition.INFORMED), NOW) == ACCEPTED


def test_a_stop_ends_everything() -> None:
    assert lead_after_inbound(claimed(ACCEPTED), came_to(Disposition.STOP), NOW) is None
    assert lead_after_inbound(claimed(WAITS), came_to(Disposition.STOP), NOW) is None


def test_a_late_word_of_a_line_given_up_for_dead_moves_no_lead() -> None:
    assert lead_after_inbound(WAITS, came_to(Disposition.SILENT), NOW) == WAITS


@pytest.mark.parametrize(
    "shown", ["+79161234567", "89161234567", "79161234567", "9161234567", "%2B79161234567", "8-916-123-45-67"]
)
def test_a_number_is_known_however_the_carrier_writes_it(shown: str) -> None:
    assert caller_phone(shown) == Phone("+79161234567")


@pytest.mark.parametrize("shown", ["anonymous", "", "100", "Anonymous", "restricted", "+7000", "manager"])
def test_hidden_numbers_and_extensions_are_no_numbers(shown: str) -> None:
    assert caller_phone(shown) is None


@pytest.mark.parametrize("number", [0, 1, HIDDEN_NUMBERS - 1])
def test_the_stand_in_of_a_hidden_number_is_nobodys(number: int) -> None:
    stand_in = hidden_phone(number)
    assert len(stand_in.e164) == 12
    with pytest.raises(ValueError, match="number"):
        parse_phone(stand_in.e164)


def test_only_our_own_numbers_and_accounts_are_answered() -> None:
    trunk = Trunk(name="out", host="carrier", username="account", caller_ids=(Phone("+74951234567"),))
    plan = Dialplan(name="plan", trunks=(trunk,), routes=())
    for called in ("+74951234567", "84951234567", "4951234567", "account"):
        assert is_ours(plan, called)
    for called in ("+74951234568", "100", "", "admin", "voicebot"):
        assert not is_ours(plan, called)
