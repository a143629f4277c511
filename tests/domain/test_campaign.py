"""Campaigns and leads move by their tables only."""

from datetime import UTC, datetime, time, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest

from voicebot.domain.campaign import CAMPAIGN_MOVES, CampaignEvent, CampaignStatus, move_campaign
from voicebot.domain.contact_hours import AROUND_THE_CLOCK, same_every_day
from voicebot.domain.errors import IllegalMove
from voicebot.domain.lead import LEAD_MOVES, Ending, LeadEvent, LeadState, RedialPolicy, move_lead, next_attempt
from voicebot.domain.outcome import Disposition

MOSCOW = ZoneInfo("Europe/Moscow")
NOON = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(("status", "event"), list(product(CampaignStatus, CampaignEvent)))
def test_whatever_the_campaign_table_does_not_name_is_refused(status: CampaignStatus, event: CampaignEvent) -> None:
    if (status, event) in CAMPAIGN_MOVES:
        assert move_campaign(status, event) in CampaignStatus
        return
    with pytest.raises(IllegalMove, match=f"'{event}' is not allowed in state '{status}'"):
        move_campaign(status, event)


@pytest.mark.parametrize(("state", "event"), list(product(LeadState, LeadEvent)))
def test_whatever_the_lead_table_does_not_name_is_refused(state: LeadState, event: LeadEvent) -> None:
    if (state, event) in LEAD_MOVES:
        assert move_lead(state, event) in LeadState
        return
    with pytest.raises(IllegalMove, match="lead"):
        move_lead(state, event)


def test_a_person_may_ask_for_one_more_call_unless_one_is_under_way() -> None:
    approved = {state: to for (state, event), to in LEAD_MOVES.items() if event is LeadEvent.APPROVE}
    assert set(approved) == set(LeadState) - {LeadState.CLAIMED}
    assert set(approved.values()) == {LeadState.QUEUED}


def test_only_a_release_starts_a_campaign() -> None:
    moves = CAMPAIGN_MOVES.items()
    starts = {(status, event) for (status, event), to in moves if status is not to is CampaignStatus.RUNNING}
    assert starts == {
        (CampaignStatus.AWAITING_RELEASE, CampaignEvent.RELEASE),
        (CampaignStatus.PAUSED, CampaignEvent.RESUME),
    }


def ending(disposition: Disposition, *, attempts: int = 1, alike: int = 1, **rest: datetime) -> Ending:
    return Ending(disposition=disposition, at=NOON, attempts=attempts, alike=alike, **rest)


def test_a_conversation_that_settled_something_is_final() -> None:
    for disposition in (Disposition.ACCEPTED, Disposition.DECLINED, Disposition.STOP, Disposition.UNALLOCATED):
        assert next_attempt(ending(disposition), RedialPolicy(), AROUND_THE_CLOCK, MOSCOW) is None


def test_the_next_attempt_waits_for_the_customers_hours() -> None:
    mornings = same_every_day((time(10), time(12)))
    busy_at_noon = next_attempt(ending(Disposition.BUSY), RedialPolicy(), mornings, MOSCOW)
    assert busy_at_noon is not None
    assert busy_at_noon.isoformat() == "2026-11-25T10:00:00+03:00"


def test_one_kind_of_ending_may_be_used_up_before_the_budget() -> None:
    policy = RedialPolicy()
    assert next_attempt(ending(Disposition.VOICEMAIL, attempts=2, alike=2), policy, AROUND_THE_CLOCK, MOSCOW)
    assert not next_attempt(ending(Disposition.VOICEMAIL, attempts=3, alike=3), policy, AROUND_THE_CLOCK, MOSCOW)


def test_the_budget_ends_everything_even_a_call_back() -> None:
    named = ending(Disposition.CALLBACK, attempts=4, callback_at=NOON + timedelta(hours=1))
    assert next_attempt(named, RedialPolicy(), AROUND_THE_CLOCK, MOSCOW) is None


def test_a_call_back_named_for_the_past_is_due_at_once() -> None:
    named = ending(Disposition.CALLBACK, callback_at=NOON - timedelta(hours=1))
    assert next_attempt(named, RedialPolicy(), AROUND_THE_CLOCK, MOSCOW) == NOON
