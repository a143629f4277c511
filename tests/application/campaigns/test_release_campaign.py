"""Nobody is dialled by advertising before a named person has released the list."""

import pytest

from tests.application.campaigns.shop import NOON, Shop, a_line
from voicebot.application.claim_lead import claim_lead
from voicebot.application.release_campaign import (
    add_leads,
    change_campaign,
    create_campaign,
    release_campaign,
    sign_list,
)
from voicebot.domain.campaign import CampaignEvent, CampaignKind, CampaignStatus, NewCampaign
from voicebot.domain.contact_rules import Refusal, Verdict
from voicebot.domain.errors import BadInput, IllegalMove
from voicebot.domain.release import list_hash

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
    (lead_id,) = (await shop.rows("select id from leads"))[0]
    signed = list_hash(campaign_id, [(lead_id, "c1")])
    entry = await shop.rows("select actor, subject, details from audit_log where action = 'campaign.released'")
    assert entry == [("Анна Смирнова", f"campaign:{campaign_id}", {"release": 1, "leads": 1, "hash": signed})]


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


async def test_who_comes_later_waits_for_a_release_of_their_own(shop: Shop) -> None:
    campaign = await shop.campaign([await shop.customer()])
    await shop.claim()
    await add_leads(shop.open_unit, campaign.id, [await shop.customer()], by="Борис", now=NOON)
    assert await claim_lead(shop.open_unit, a_line(), NOON) is None
    again = await sign_list(shop.open_unit, campaign.id, by="Борис Юдин", now=NOON)
    assert again.release is not None
    assert (again.release.leads, again.campaign.status) == (1, CampaignStatus.RUNNING)
    assert again.campaign.released_by == "Анна Смирнова", "the first signature stays"
    assert (await shop.claim()).lead.release_id == again.release.id
    with pytest.raises(BadInput, match="no leads to release"):
        await sign_list(shop.open_unit, campaign.id, by="Борис Юдин", now=NOON)


async def test_a_release_lead_by_lead_leaves_the_others_waiting(shop: Shop) -> None:
    draft = await create_campaign(shop.open_unit, DRAFT, by="Анна", now=NOON)
    people = [await shop.customer() for _ in range(3)]
    await add_leads(shop.open_unit, draft.id, people, by="Анна", now=NOON)
    await change_campaign(shop.open_unit, draft.id, CampaignEvent.SUBMIT, by="Анна", now=NOON)
    with pytest.raises(BadInput, match=r"customer 'c9': is not on the list of 'win back'"):
        await sign_list(shop.open_unit, draft.id, by="Анна", now=NOON, only=("c2", "c9"))
    await sign_list(shop.open_unit, draft.id, by="Анна", now=NOON, only=("c2",))
    assert (await shop.claim()).customer.external_id == "c2"
    assert await claim_lead(shop.open_unit, a_line(), NOON) is None
    states = await shop.rows("select state from leads order by id")
    assert [state for (state,) in states] == ["unreleased", "claimed", "unreleased"]


async def test_a_list_that_has_grown_since_it_was_shown_is_not_signed(shop: Shop) -> None:
    campaign_id = await _submitted(shop)
    async with shop.open_unit() as unit:
        shown = list_hash(campaign_id, await unit.releases.unanswered_for(campaign_id))
    await add_leads(shop.open_unit, campaign_id, [await shop.customer()], by="Борис", now=NOON)
    with pytest.raises(BadInput, match="the list has changed since it was shown: 2 people now"):
        await sign_list(shop.open_unit, campaign_id, by="Анна", now=NOON, seen=shown[:12])
    async with shop.open_unit() as unit:
        shown = list_hash(campaign_id, await unit.releases.unanswered_for(campaign_id))
    await sign_list(shop.open_unit, campaign_id, by="Анна", now=NOON, seen=shown[:12])


async def test_the_hash_of_a_release_can_be_computed_again_and_shows_meddling(shop: Shop) -> None:
    campaign = await shop.campaign([await shop.customer() for _ in range(3)])
    async with shop.open_unit() as unit:
        (release,) = await unit.releases.of(campaign.id)
        assert release.hashed
        assert await unit.releases.recomputed_hash(release.id) == release.hash
    async with shop.engine.begin() as connection:
        await connection.exec_driver_sql("delete from release_leads where lead_id = (select min(id) from leads)")
    async with shop.open_unit() as unit:
        assert await unit.releases.recomputed_hash(release.id) != release.hash


async def test_service_is_queued_at_once_and_needs_no_signature_for_who_comes_later(shop: Shop) -> None:
    campaign = await shop.campaign([await shop.customer()], kind=CampaignKind.SERVICE)
    await shop.claim()
    await add_leads(shop.open_unit, campaign.id, [await shop.customer()], by="crm", now=NOON)
    assert (await shop.claim()).lead.release_id is None


async def test_a_finished_campaign_takes_nobody_and_its_waiting_leads_are_over(shop: Shop) -> None:
    campaign = await shop.campaign([await shop.customer(), await shop.customer()])
    await shop.claim()
    await change_campaign(shop.open_unit, campaign.id, CampaignEvent.FINISH, by="Анна", now=NOON)
    with pytest.raises(IllegalMove, match="add leads"):
        await add_leads(shop.open_unit, campaign.id, [await shop.customer()], by="Борис", now=NOON)
    with pytest.raises(IllegalMove, match="'release' is not allowed in state 'finished'"):
        await release_campaign(shop.open_unit, campaign.id, by="Анна", now=NOON)
    rows = await shop.rows("select state, ended_by, next_attempt_at is null from leads order by id")
    assert [tuple(row) for row in rows] == [("claimed", "", False), ("done", "campaign", True)]


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


async def test_a_stop_takes_the_person_off_lists_nobody_has_answered_for(shop: Shop) -> None:
    customer = await shop.customer()
    campaign = await shop.campaign([customer])
    draft = await create_campaign(shop.open_unit, DRAFT, by="Анна", now=NOON)
    await add_leads(shop.open_unit, draft.id, [customer], by="Анна", now=NOON)
    async with shop.open_unit() as unit:
        mine = await unit.leads.named(campaign.id, customer)
        verdict = Verdict(refusals=(Refusal.STOP_LIST,), checked_at=NOON)
        await unit.leads.block_others(customer, but=mine, verdict=verdict, at=NOON)
        await unit.commit()
    states = await shop.rows("select state from leads order by id")
    assert [state for (state,) in states] == ["queued", "blocked"]
    await change_campaign(shop.open_unit, draft.id, CampaignEvent.SUBMIT, by="Анна", now=NOON)
    with pytest.raises(BadInput, match="no leads to release"):
        await release_campaign(shop.open_unit, draft.id, by="Анна", now=NOON)
