"""A lead is taken by one line at a time, and never lost."""

import asyncio
from datetime import UTC, datetime, time, timedelta

import pytest

from tests.application.campaigns.shop import NOON, Shop, a_line, answered, outcome, unanswered_report
from voicebot.application.claim_lead import (
    Assignment,
    claim_lead,
    claim_within,
    keep_lease,
    return_lead,
)
from voicebot.application.record_outcome import (
    OutcomeRules,
    close_interrupted,
    reap_expired_leases,
    record_outcome,
)
from voicebot.domain.call import Cause
from voicebot.domain.campaign import CampaignKind
from voicebot.domain.contact_hours import same_every_day
from voicebot.domain.contact_rules import Refusal, Verdict
from voicebot.domain.errors import NotFound
from voicebot.domain.outcome import ActionKind, Disposition, FollowUp, unanswered

LEASE = a_line().lease


async def test_lines_that_claim_at_once_never_get_the_same_lead(shop: Shop) -> None:
    people = [await shop.customer() for _ in range(12)]
    await shop.campaign(people)

    async def take_all(owner: str) -> list[int]:
        taken = []
        while (claimed := await claim_lead(shop.open_unit, a_line(owner), NOON)) is not None:
            taken.append(claimed.lead.id)
        return taken

    taken = await asyncio.gather(*(take_all(f"line-{number}") for number in range(4)))
    leads = [lead for of_line in taken for lead in of_line]
    assert len(leads) == 12
    assert len(set(leads)) == 12


async def test_a_claim_brings_everything_the_call_needs(shop: Shop) -> None:
    customer_id = await shop.customer(spent=10_000, margin=4_000, zone="Asia/Omsk")
    campaign = await shop.campaign([customer_id])
    claimed = await shop.claim()
    assert claimed.campaign == campaign
    assert claimed.customer.id == customer_id
    assert claimed.phone == claimed.customer.dialable
    assert claimed.zone.key == "Asia/Omsk"
    assert claimed.history.orders == 1
    assert claimed.offers.better.percent > claimed.offers.first.percent == 10
    assert claimed.call.attempt == 1
    assert claimed.promo is None
    facts = claimed.facts(company="Пример")
    assert facts.last_goods == "Кофе"
    assert facts.today.isoformat() == "2026-11-24"


async def test_a_person_in_a_live_call_is_not_called_by_another_campaign(shop: Shop) -> None:
    customer_id = await shop.customer()
    await shop.campaign([customer_id])
    await shop.campaign([customer_id])
    await shop.claim()
    assert await claim_lead(shop.open_unit, a_line("line-2"), NOON) is None


async def test_lines_that_claim_one_person_of_many_campaigns_at_once_get_one_call(shop: Shop) -> None:
    customer_id = await shop.customer()
    for _ in range(4):
        await shop.campaign([customer_id])
    claims = await asyncio.gather(*(claim_lead(shop.open_unit, a_line(f"line-{number}"), NOON) for number in range(4)))
    assert sum(claimed is not None for claimed in claims) == 1


async def test_a_number_two_people_share_rings_once(shop: Shop, rules: OutcomeRules) -> None:
    shared = "+79161112233"
    await shop.campaign([await shop.customer(phones=[shared]), await shop.customer(phones=[shared])])
    claims = await asyncio.gather(*(claim_lead(shop.open_unit, a_line(f"line-{number}"), NOON) for number in range(2)))
    assert sum(claimed is not None for claimed in claims) == 1
    assert await claim_lead(shop.open_unit, a_line("line-3"), NOON) is None
    later = NOON + timedelta(minutes=2)
    live = next(claimed for claimed in claims if claimed is not None)
    await record_outcome(
        shop.open_unit, live.call.id, unanswered_report(Cause.UNALLOCATED), unanswered(Cause.UNALLOCATED), rules
    )
    assert await claim_lead(shop.open_unit, a_line("line-3"), later) is not None


async def test_a_call_back_the_customer_asked_for_goes_first(shop: Shop, rules: OutcomeRules) -> None:
    asked = await shop.customer()
    others = [await shop.customer() for _ in range(3)]
    await shop.campaign([asked, *others])
    claimed = await shop.claim()
    at = NOON + timedelta(hours=3)
    await record_outcome(
        shop.open_unit,
        claimed.call.id,
        answered(),
        outcome(Disposition.CALLBACK, FollowUp(kind=ActionKind.CALLBACK, at=at)),
        rules,
    )
    assert (await shop.claim(now=NOON + timedelta(hours=2))).customer.id != asked
    again = await shop.claim(now=at)
    assert again.customer.id == asked
    assert again.call.attempt == 2


async def test_a_lease_without_a_heartbeat_ends_the_attempt_as_interrupted(shop: Shop, rules: OutcomeRules) -> None:
    await shop.campaign([await shop.customer()])
    claimed = await shop.claim()
    assert await reap_expired_leases(shop.open_unit, rules, NOON + LEASE) == 0
    died = NOON + LEASE + timedelta(seconds=1)
    assert await reap_expired_leases(shop.open_unit, rules, died) == 1
    assert await shop.rows("select cause, disposition from calls") == [("interrupted", "interrupted")]
    assert not await keep_lease(shop.open_unit, claimed, a_line(), died)
    assert await claim_lead(shop.open_unit, a_line("line-2"), died) is None
    again = await shop.claim(a_line("line-2"), died + timedelta(minutes=5))
    assert again.lead.id == claimed.lead.id
    assert again.call.attempt == 2


async def test_a_heartbeat_keeps_the_lease(shop: Shop, rules: OutcomeRules) -> None:
    await shop.campaign([await shop.customer()])
    claimed = await shop.claim()
    for beat in range(1, 5):
        assert await keep_lease(shop.open_unit, claimed, a_line(), NOON + beat * LEASE / 2)
    assert await reap_expired_leases(shop.open_unit, rules, NOON + 2 * LEASE) == 0
    assert not await keep_lease(shop.open_unit, claimed, a_line("line-2"), NOON)


async def test_reapers_at_once_close_an_attempt_once(shop: Shop, rules: OutcomeRules) -> None:
    await shop.campaign([await shop.customer() for _ in range(3)])
    for _ in range(3):
        await shop.claim()
    died = NOON + LEASE * 2
    reaped = await asyncio.gather(*(reap_expired_leases(shop.open_unit, rules, died) for _ in range(3)))
    assert sum(reaped) == 3
    assert await shop.value("select count(*) from audit_log where action = 'call.recorded'") == 3


async def test_a_line_given_up_for_dead_may_still_tell_what_it_heard(shop: Shop, rules: OutcomeRules) -> None:
    await shop.campaign([await shop.customer()])
    claimed = await shop.claim()
    await reap_expired_leases(shop.open_unit, rules, NOON + LEASE * 2)
    stop = outcome(Disposition.STOP, FollowUp(kind=ActionKind.STOP, reason="больше не звоните"))
    assert await record_outcome(shop.open_unit, claimed.call.id, answered(), stop, rules)
    assert await shop.rows("select cause, disposition from calls") == [("answered", "stop")]
    assert await shop.value("select state from leads") == "blocked"


async def test_a_late_word_leaves_a_newer_attempt_alone(shop: Shop, rules: OutcomeRules) -> None:
    await shop.campaign([await shop.customer()])
    first = await shop.claim()
    await reap_expired_leases(shop.open_unit, rules, NOON + LEASE * 2)
    second = await shop.claim(a_line("line-2"), NOON + timedelta(minutes=10))
    assert await record_outcome(shop.open_unit, first.call.id, answered(), outcome(Disposition.DECLINED), rules)
    assert await shop.rows("select state, lease_owner, attempts from leads") == [("claimed", "line-2", 2)]
    assert await shop.value(f"select disposition from calls where id = {first.call.id}") == "declined"
    assert await keep_lease(shop.open_unit, second, a_line("line-2"), NOON)


async def test_a_lead_given_back_undialled_has_no_attempt(shop: Shop) -> None:
    await shop.campaign([await shop.customer()])
    claimed = await shop.claim()
    await return_lead(shop.open_unit, claimed, NOON)
    assert await shop.value("select count(*) from calls") == 0
    again = await shop.claim()
    assert (again.lead.id, again.call.attempt) == (claimed.lead.id, 1)


async def test_a_call_cut_by_a_shutdown_counts_and_comes_back(shop: Shop, rules: OutcomeRules) -> None:
    await shop.campaign([await shop.customer()])
    claimed = await shop.claim()
    assert await close_interrupted(shop.open_unit, claimed.call.id, rules, NOON)
    assert not await close_interrupted(shop.open_unit, claimed.call.id, rules, NOON)
    assert (await shop.claim(now=NOON + timedelta(minutes=5))).call.attempt == 2


async def test_out_of_hours_waits_for_the_opening_in_the_customers_zone(shop: Shop) -> None:
    hours = same_every_day((time(10), time(12)))
    east = await shop.customer(zone="Asia/Omsk")  # 15:00 there when it is noon in Moscow
    await shop.campaign([east])
    assert await claim_lead(shop.open_unit, a_line(hours=hours), NOON) is None
    state, next_at, verdict = (await shop.rows("select state, next_attempt_at, verdict from leads"))[0]
    assert (state, verdict["refusals"]) == ("scheduled", ["out_of_hours"])
    opening = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
    assert opening <= next_at < opening + timedelta(hours=1)  # spread over the first half of the stretch
    assert (await shop.claim(a_line(hours=hours), next_at)).customer.id == east


async def claimed_by_name(shop: Shop, lead_id: int) -> Assignment | Verdict | None:
    async with shop.open_unit() as unit:
        weighed = await claim_within(unit, a_line(), lead_id, NOON)
        await unit.commit()
    return weighed


@pytest.mark.parametrize(
    ("consented", "kind", "refusals"),
    [
        ((), CampaignKind.ADVERTISING, (Refusal.NO_CALL_CONSENT,)),
        ((("sms", "advertising"),), CampaignKind.ADVERTISING, (Refusal.NO_CALL_CONSENT,)),
        ((("call", "service"),), CampaignKind.ADVERTISING, (Refusal.NO_ADVERTISING_CONSENT,)),
        ((("call", "service"),), CampaignKind.SERVICE, ()),
    ],
)
async def test_no_record_of_consent_is_no_call(
    shop: Shop, consented: tuple[tuple[str, str], ...], kind: CampaignKind, refusals: tuple[Refusal, ...]
) -> None:
    customer_id = await shop.customer(consented=consented)
    campaign = await shop.campaign([customer_id], kind=kind)
    async with shop.open_unit() as unit:
        lead_id = await unit.leads.named(campaign.id, customer_id)
    result = await claimed_by_name(shop, lead_id)
    if not refusals:
        assert isinstance(result, Assignment)
        assert await shop.value("select verdict ->> 'allowed' from calls") == "true"
        return
    assert isinstance(result, Verdict)
    assert result.refusals == refusals
    assert await shop.value("select state from leads") == "blocked"
    assert await shop.value("select details ->> 'refusals' from audit_log where action = 'lead.blocked'") is not None
    with pytest.raises(NotFound, match="not waiting"):
        await claimed_by_name(shop, lead_id)


async def test_refused_leads_do_not_hold_up_the_next_one(shop: Shop) -> None:
    silent = [await shop.customer(consented=()) for _ in range(5)]
    willing = await shop.customer()
    await shop.campaign([*silent, willing])
    assert (await shop.claim()).customer.id == willing
