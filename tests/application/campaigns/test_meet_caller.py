"""Who rings us is recognised in the database, and what was wanted of them is claimed."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import cast

import pytest

from tests.application.campaigns.shop import NOON, TURNS, Shop, a_line, answered, outcome, unanswered_report
from voicebot.adapters.yaml_scripts import load_scripts
from voicebot.application.claim_lead import claim_lead
from voicebot.application.meet_caller import Meeting, Reception, meet_caller, part_with_caller
from voicebot.application.record_outcome import OutcomeRules, reap_expired_leases, record_outcome
from voicebot.application.release_campaign import add_leads, create_campaign
from voicebot.config import PROJECT
from voicebot.domain.call import Cause
from voicebot.domain.campaign import CampaignKind, NewCampaign
from voicebot.domain.dialplan import Dialplan
from voicebot.domain.outcome import ActionKind, Disposition, FollowUp, Group, unanswered
from voicebot.domain.phone import Phone
from voicebot.domain.script import Script

FIRST = Phone("+79160000001")
SCRIPTS: Mapping[str, Script] = load_scripts(PROJECT / "scripts")
SOON = NOON + timedelta(minutes=1)
TAKES_IT = (FollowUp(kind=ActionKind.PROMO, offer="first"), FollowUp(kind=ActionKind.SMS, template="promo"))


def reception(shop: Shop, scripts: Mapping[str, Script] = SCRIPTS) -> Reception:
    return Reception(
        open_unit=shop.open_unit,
        line=a_line("door"),
        dialplan=Dialplan(name="default", trunks=(), routes=()),
        scripts=scripts,
        draw=lambda below: next(shop.numbers) % below,
    )


async def rings(shop: Shop, phone: Phone | None = FIRST) -> Meeting:
    met = await meet_caller(reception(shop), phone, SOON)
    assert met is not None
    return met


async def missed(shop: Shop, rules: OutcomeRules) -> int:
    """A customer whom we called in vain; returns the lead's id."""
    claimed = await shop.claim()
    await record_outcome(
        shop.open_unit,
        claimed.call.id,
        unanswered_report(Cause.NO_ANSWER),
        unanswered(Cause.NO_ANSWER),
        rules,
    )
    return claimed.lead.id


async def lead_row(shop: Shop, lead_id: int) -> tuple[object, ...]:
    query = f"select state, attempts, disposition, next_attempt_at, callback from leads where id = {lead_id}"
    return tuple((await shop.rows(query))[0])


async def test_a_missed_call_is_continued_and_settles_the_lead_with_one_code_and_one_message(
    shop: Shop, rules: OutcomeRules
) -> None:
    await shop.campaign([await shop.customer()])
    lead_id = await missed(shop, rules)
    met = await rings(shop)
    assert (met.assignment.lead.id, met.script.name, met.script.start) == (lead_id, "winback", "greeting_inbound")
    assert met.assignment.customer.name.address == "Иван Петрович"
    late = NOON + timedelta(days=1)
    assert await claim_lead(shop.open_unit, a_line(), late) is None, "nobody calls them meanwhile"
    accepted = outcome(Disposition.ACCEPTED, *TAKES_IT, group=Group.INTERESTED, offer_heard=True)
    assert await record_outcome(shop.open_unit, met.assignment.call.id, answered(SOON, TURNS), accepted, rules)
    assert await lead_row(shop, lead_id) == ("done", 1, "accepted", None, False)
    assert await claim_lead(shop.open_unit, a_line(), late) is None, "and nobody calls them again"
    assert await shop.rows("select direction, attempt from calls order by id") == [("out", 1), ("in", 1)]
    assert await shop.value("select count(*) from promo_codes") == 1
    assert await shop.value("select count(*) from messages where state = 'queued'") == 1


async def test_hanging_up_on_us_leaves_the_call_we_owe(shop: Shop, rules: OutcomeRules) -> None:
    await shop.campaign([await shop.customer()])
    lead_id = await missed(shop, rules)
    before = await lead_row(shop, lead_id)
    met = await rings(shop)
    await record_outcome(shop.open_unit, met.assignment.call.id, answered(SOON), outcome(Disposition.HUNG_UP), rules)
    after = await lead_row(shop, lead_id)
    assert after[:3] == before[:3] == ("scheduled", 1, "no_answer")
    assert cast(datetime, after[3]) >= cast(datetime, before[3])


async def test_ringing_back_twice_makes_two_calls_and_no_attempt(shop: Shop, rules: OutcomeRules) -> None:
    await shop.campaign([await shop.customer()])
    lead_id = await missed(shop, rules)
    for _ in range(2):
        met = await rings(shop)
        await record_outcome(shop.open_unit, met.assignment.call.id, answered(SOON), outcome(Disposition.SILENT), rules)
    assert await shop.value(f"select attempts from leads where id = {lead_id}") == 1
    assert await shop.value("select count(*) from calls where direction = 'in'") == 2


async def test_who_holds_a_code_hears_of_it_and_may_have_it_sent_again_unchanged(
    shop: Shop, rules: OutcomeRules
) -> None:
    await shop.campaign([await shop.customer()])
    claimed = await shop.claim()
    accepted = outcome(Disposition.ACCEPTED, *TAKES_IT, group=Group.INTERESTED, offer_heard=True)
    await record_outcome(shop.open_unit, claimed.call.id, answered(), accepted, rules)
    codes = await shop.rows("select code, percent, valid_until from promo_codes")
    met = await rings(shop)
    assert (met.script.name, met.script.start, met.assignment.lead.id) == (
        "reminder",
        "greeting_inbound",
        claimed.lead.id,
    )
    assert met.assignment.promo is not None
    again = outcome(Disposition.ACCEPTED, TAKES_IT[1], group=Group.INTERESTED)
    await record_outcome(shop.open_unit, met.assignment.call.id, answered(SOON), again, rules)
    assert await shop.rows("select code, percent, valid_until from promo_codes") == codes
    assert await shop.value("select count(*) from messages where state = 'queued'") == 2
    assert await lead_row(shop, claimed.lead.id) == ("done", 1, "accepted", None, False)


async def test_somebody_on_the_stop_list_is_told_that_nobody_calls_them(shop: Shop) -> None:
    customer_id = await shop.customer()
    await shop.campaign([customer_id])
    async with shop.open_unit() as unit:
        await unit.stop_list.add(customer_id, at=NOON, reason="said so", source="test")
        await unit.commit()
    met = await rings(shop)
    assert (met.script.name, met.script.start) == ("inbound", "greeting_stopped")
    assert met.assignment.campaign.kind is CampaignKind.SERVICE


async def test_advertising_nobody_answered_for_is_not_spoken_of(shop: Shop) -> None:
    wanted = NewCampaign(name="Зима", kind=CampaignKind.ADVERTISING, script="winback")
    draft = await create_campaign(shop.open_unit, wanted, by="Анна", now=NOON)
    await add_leads(shop.open_unit, draft.id, [await shop.customer()], by="Анна", now=NOON)
    met = await rings(shop)
    assert (met.script.name, met.script.start) == ("inbound", "greeting")
    assert met.assignment.customer.name.first == "Иван"
    assert await shop.value("select state from leads order by id limit 1") == "unreleased"


async def test_whoever_takes_no_advertising_gets_service(shop: Shop) -> None:
    await shop.campaign([await shop.customer(consented=(("call", "service"),))])
    assert (await rings(shop)).script.name == "inbound"
    assert await shop.value("select state from leads order by id limit 1") == "queued"


async def test_a_number_of_two_people_is_a_strangers(shop: Shop) -> None:
    await shop.campaign([await shop.customer(phones=(FIRST.e164,)), await shop.customer(phones=(FIRST.e164,))])
    met = await rings(shop)
    assert met.script.name == "inbound"
    assert met.assignment.customer.name.address == ""
    assert met.assignment.customer.external_id == f"phone:{FIRST.e164}"


async def test_a_stranger_is_known_by_the_number_alone_and_is_never_called(shop: Shop, rules: OutcomeRules) -> None:
    for _ in range(2):
        met = await rings(shop)
        wants = outcome(Disposition.WANTS_HUMAN, FollowUp(kind=ActionKind.ESCALATE, reason="где мой заказ"))
        await record_outcome(shop.open_unit, met.assignment.call.id, answered(SOON), wants, rules)
    assert await shop.rows("select external_id, first_name from customers") == [(f"phone:{FIRST.e164}", "")]
    assert await shop.rows("select phone, is_primary from customer_phones") == [(FIRST.e164, True)]
    assert await shop.value("select count(*) from consents") == 0
    assert await shop.rows("select state, next_attempt_at, disposition from leads") == [("done", None, "wants_human")]
    assert await shop.rows("select reason from escalations") == [("где мой заказ",), ("где мой заказ",)]


async def test_a_customer_who_is_imported_later_is_no_stranger_any_more(shop: Shop, rules: OutcomeRules) -> None:
    met = await rings(shop)
    await record_outcome(shop.open_unit, met.assignment.call.id, answered(SOON), outcome(Disposition.INFORMED), rules)
    await shop.customer(phones=(FIRST.e164,))
    assert (await rings(shop)).assignment.customer.external_id == "c1"


async def test_two_who_hide_their_numbers_are_two_strangers(shop: Shop) -> None:
    first, second = await rings(shop, None), await rings(shop, None)
    assert first.assignment.customer.id != second.assignment.customer.id
    assert await shop.value("select count(*) from customer_phones") == 0


async def test_somebody_in_a_call_of_ours_meets_nobody(shop: Shop) -> None:
    await shop.campaign([await shop.customer()])
    await shop.claim()
    assert await meet_caller(reception(shop), FIRST, SOON) is None
    assert await shop.value("select count(*) from calls") == 1


async def test_a_second_process_that_rings_too_is_told_that_the_first_one_has_the_caller(shop: Shop) -> None:
    await rings(shop)
    assert await meet_caller(reception(shop), FIRST, SOON) is None


@pytest.mark.parametrize("wanted", [True, False])
async def test_who_gives_up_before_the_answer_leaves_no_trace(shop: Shop, rules: OutcomeRules, wanted: bool) -> None:
    if wanted:
        await shop.campaign([await shop.customer()])
        await missed(shop, rules)
    before = await shop.rows("select state, attempts, next_attempt_at, lease_owner from leads")
    met = await rings(shop)
    await part_with_caller(shop.open_unit, met, SOON)
    assert await shop.value("select count(*) from calls where direction = 'in'") == 0
    after = await shop.rows("select state, attempts, next_attempt_at, lease_owner from leads order by id")
    assert after == (before or [("done", 0, None, "")])


async def test_a_process_that_dies_in_the_talk_loses_neither_call_nor_lead(shop: Shop, rules: OutcomeRules) -> None:
    await shop.campaign([await shop.customer()])
    lead_id = await missed(shop, rules)
    before = await lead_row(shop, lead_id)
    met = await rings(shop)
    assert await reap_expired_leases(shop.open_unit, rules, SOON + timedelta(minutes=2)) == 1
    assert await lead_row(shop, lead_id) == before
    assert await shop.value(f"select cause from calls where id = {met.assignment.call.id}") == "interrupted"
    assert await rings(shop), "the number is free again"


async def test_a_campaign_whose_script_this_machine_lacks_gets_service(shop: Shop, rules: OutcomeRules) -> None:
    await shop.campaign([await shop.customer()])
    await missed(shop, rules)
    without = {name: script for name, script in SCRIPTS.items() if name != "winback"}
    met = await meet_caller(reception(shop, without), FIRST, SOON)
    assert met is not None
    assert met.script.name == "inbound"
