"""Campaigns and leads move by their tables only."""

from itertools import product

import pytest

from voicebot.domain.campaign import CAMPAIGN_MOVES, CampaignEvent, CampaignStatus, move_campaign
from voicebot.domain.errors import IllegalMove
from voicebot.domain.lead import LEAD_MOVES, LeadEvent, LeadState, move_lead


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
