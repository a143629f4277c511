"""Nobody is dialled by advertising before a named person has released the list."""

import pytest

from tests.application.campaigns.shop import NOON, Shop, a_line
from voicebot.application.claim_lead import claim_lead
from voicebot.application.release_campaign import (
    add_leads,
    change_campaign,
    create_campaign,
    release_campaign,
)
from voicebot.domain.campaign import CampaignEvent, CampaignKind, CampaignStatus, NewCampaign
from voicebot.domain.errors import BadInput, IllegalMove

DRAFT = NewCampaign(name="win back", kind=CampaignKind.ADVERTISING, script="winback")


async def _submitted(shop: Shop) -> int:
    draft = await create_campaign(shop.open_unit, DRAFT, by="Анна", now=NOON)
    await add_leads(shop.open_unit, draft.id, [await shop.customer()], by="Анна", now=NOON)
    await change_campaign(shop.open_unit, draft.id, CampaignEvent.SUBMIT, by="Анна", now=NOON)
    return draft.id


async def test_an_unreleased_campaign_dials_nobody(shop: Shop) -> None:
    campaign_id = await _submitted(shop)
    assert await claim_lead(shop.open_unit, a_line(), NOON) is None
    await release_campaign(shop.open_unit, campaign_id, by="Анна Смирнова", now=NOON)
    assert await claim_lead(shop.open_unit, a_line(), NOON) is not None


async def test_the_release_is_signed_in_the_audit_log(shop: Shop) -> None:
    campaign_id = await _submitted(shop)
    released = await release_campaign(shop.open_unit, campaign_id, by=" Анна Смирнова ", now=NOON)
    assert released.released_by == "Анна Смирнова"
    assert released.released_at == NOON
    entry = await shop.rows("select actor, subject, details from audit_log where action = 'campaign.released'")
    assert entry == [(" Анна Смирнова ", f"campaign:{campaign_id}", {"leads": 1})]


async def test_a_release_needs_a_name_and_a_list(shop: Shop) -> None:
    campaign_id = await _submitted(shop)
    with pytest.raises(BadInput, match="nobody is named"):
        await release_campaign(shop.open_unit, campaign_id, by="  ", now=NOON)
    empty = await create_campaign(
        shop.open_unit, NewCampaign(name="empty", kind=CampaignKind.SERVICE, script="quality"), by="Анна", now=NOON
    )
    await change_campaign(shop.open_unit, empty.id, CampaignEvent.SUBMIT, by="Анна", now=NOON)
    with pytest.raises(BadInput, match="no leads"):
        await release_campaign(shop.open_unit, empty.id, by="Анна", now=NOON)
    assert await claim_lead(shop.open_unit, a_line(), NOON) is None


async def test_a_released_advertising_list_cannot_grow_behind_the_name(shop: Shop) -> None:
    campaign = await shop.campaign([await shop.customer()])
    with pytest.raises(IllegalMove, match="add leads"):
        await add_leads(shop.open_unit, campaign.id, [await shop.customer()], by="Борис", now=NOON)


async def test_a_paused_campaign_dials_nobody_and_goes_on_when_resumed(shop: Shop) -> None:
    campaign = await shop.campaign([await shop.customer()])
    await change_campaign(shop.open_unit, campaign.id, CampaignEvent.PAUSE, by="Анна", now=NOON)
    assert await claim_lead(shop.open_unit, a_line(), NOON) is None
    resumed = await change_campaign(shop.open_unit, campaign.id, CampaignEvent.RESUME, by="Анна", now=NOON)
    assert resumed.status is CampaignStatus.RUNNING
    assert await claim_lead(shop.open_unit, a_line(), NOON) is not None


async def test_a_person_is_one_lead_of_a_campaign(shop: Shop) -> None:
    draft = await create_campaign(shop.open_unit, DRAFT, by="Анна", now=NOON)
    people = [await shop.customer() for _ in range(3)]
    assert await add_leads(shop.open_unit, draft.id, people, by="Анна", now=NOON) == 3
    assert await add_leads(shop.open_unit, draft.id, people, by="Анна", now=NOON) == 0


async def test_two_campaigns_cannot_share_a_name(shop: Shop) -> None:
    await create_campaign(shop.open_unit, DRAFT, by="Анна", now=NOON)
    with pytest.raises(BadInput, match="win back"):
        await create_campaign(shop.open_unit, DRAFT, by="Анна", now=NOON)
