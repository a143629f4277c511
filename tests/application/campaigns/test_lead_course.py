"""What follows a call: reminders, the end of a series, a season, and what the network itself said."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.application.campaigns.shop import NOON, TURNS, Shop, a_line, answered, outcome, unanswered_report
from voicebot.application.claim_lead import Assignment, claim_lead
from voicebot.application.record_outcome import OutcomeRules, record_outcome
from voicebot.application.start_season import start_season
from voicebot.domain.call import Cause
from voicebot.domain.campaign import CampaignKind, NewCampaign
from voicebot.domain.campaign_plan import Budget, Reminder
from voicebot.domain.contact_hours import DEFAULT_HOURS
from voicebot.domain.errors import BadInput
from voicebot.domain.intent import Intent
from voicebot.domain.outcome import ActionKind, Disposition, FollowUp, Group, Outcome, unanswered
from voicebot.domain.redial import RedialCause, RedialRule

DAY = timedelta(days=1)
PROMO = FollowUp(kind=ActionKind.PROMO, offer="first")
ACCEPTED = outcome(Disposition.ACCEPTED, PROMO, group=Group.INTERESTED)
HUNG_UP = outcome(Disposition.HUNG_UP, hangup_state="greeting")
REMIND = Reminder(script="reminder", days=2)
LEAD = "select state, errand, next_attempt_at, disposition, ended_by from leads order by id"


async def tell(
    shop: Shop, claimed: Assignment, told: Outcome | Cause, rules: OutcomeRules, at: datetime = NOON
) -> None:
    if isinstance(told, Cause):
        await record_outcome(shop.open_unit, claimed.call.id, unanswered_report(told, at), unanswered(told), rules)
    else:
        await record_outcome(shop.open_unit, claimed.call.id, answered(at), told, rules)


async def test_an_accepted_code_is_reminded_of_before_it_ends(shop: Shop, rules: OutcomeRules) -> None:
    await shop.campaign([await shop.customer()], reminder=REMIND)
    await tell(shop, await shop.claim(), ACCEPTED, rules)
    (row,) = await shop.rows(LEAD)
    due = NOON + 2 * DAY + timedelta(seconds=45)  # at the time of day the code was issued
    assert row == ("scheduled", "reminder", due, "accepted", "")
    reminder = await shop.claim(now=due)
    assert reminder.campaign.script_for(reminder.lead) == "reminder"
    assert reminder.facts(company="Пример").promo is not None
    await tell(shop, reminder, outcome(Disposition.INFORMED), rules, due)
    assert [row[:4] for row in await shop.rows(LEAD)] == [("done", "reminder", None, "accepted")]
    assert await shop.rows("select errand, script from calls order by id") == [
        ("offer", "winback"),
        ("reminder", "reminder"),
    ]


async def test_a_reminder_that_is_missed_is_redialled_in_the_same_budget(shop: Shop, rules: OutcomeRules) -> None:
    await shop.campaign([await shop.customer()], reminder=REMIND)
    await tell(shop, await shop.claim(), ACCEPTED, rules)
    now, attempts = NOON + 2 * DAY + timedelta(minutes=1), 1
    while (claimed := await claim_lead(shop.open_unit, a_line(), now)) is not None:
        attempts += 1
        await tell(shop, claimed, Cause.BUSY, rules, now)
        now += timedelta(minutes=30)
    assert attempts == rules.policy.redial.max_attempts
    assert [row[:4] for row in await shop.rows(LEAD)] == [("done", "reminder", None, "accepted")]


async def test_an_order_or_the_end_of_the_code_leaves_nothing_to_remind_of(shop: Shop, rules: OutcomeRules) -> None:
    await shop.campaign([await shop.customer()], reminder=REMIND)
    await tell(shop, await shop.claim(), ACCEPTED, rules)
    assert await claim_lead(shop.open_unit, a_line(), NOON + 9 * DAY) is None
    assert [row[:4] for row in await shop.rows(LEAD)] == [("done", "reminder", None, "accepted")]
    assert await shop.value("select verdict -> 'refusals' from leads") == ["nothing_to_remind"]
    assert await shop.value("select count(*) from audit_log where action = 'lead.closed'") == 1


@pytest.mark.parametrize("reminder", [None, REMIND])
async def test_no_reminder_without_a_code_or_a_wish_for_one(
    shop: Shop, rules: OutcomeRules, reminder: Reminder | None
) -> None:
    await shop.campaign([await shop.customer()], reminder=reminder)
    told = ACCEPTED if reminder is None else outcome(Disposition.ACCEPTED, group=Group.INTERESTED)
    await tell(shop, await shop.claim(), told, rules)
    assert [row[:3] for row in await shop.rows(LEAD)] == [("done", "offer", None)]


async def test_the_last_attempt_leaves_none_for_a_reminder(shop: Shop, rules: OutcomeRules) -> None:
    await shop.campaign([await shop.customer()], reminder=REMIND)
    once = replace(rules, policy=replace(rules.policy, redial=replace(rules.policy.redial, max_attempts=1)))
    await tell(shop, await shop.claim(), ACCEPTED, once)
    assert [row[:2] for row in await shop.rows(LEAD)] == [("done", "offer")]


@pytest.mark.parametrize(
    ("told", "reason"),
    [(outcome(Disposition.DECLINED), "declined"), (outcome(Disposition.CALLBACK), None), (HUNG_UP, None)],
)
async def test_a_refusal_puts_the_person_on_the_seasonal_list(
    shop: Shop, rules: OutcomeRules, told: Outcome, reason: str | None
) -> None:
    await shop.campaign([await shop.customer()])
    await tell(shop, await shop.claim(), told, rules)
    assert await shop.rows("select reason from seasonal_list") == ([(reason,)] if reason else [])


async def test_the_reason_they_gave_is_kept_and_their_other_leads_end(shop: Shop, rules: OutcomeRules) -> None:
    customer_id = await shop.customer()
    for _ in range(2):
        await shop.campaign([customer_id], quiet_days=0)
    await shop.campaign([customer_id], kind=CampaignKind.SERVICE, quiet_days=0)
    claimed = await shop.claim()
    bought_elsewhere = (*TURNS, replace(TURNS[1], intent=Intent.COMPETITOR))
    report = answered(turns=bought_elsewhere)
    await record_outcome(shop.open_unit, claimed.call.id, report, outcome(Disposition.DECLINED), rules)
    assert await shop.rows("select reason, call_id from seasonal_list") == [("competitor", claimed.call.id)]
    assert [(row.state, row.ended_by) for row in await shop.rows(LEAD)] == [
        ("done", ""),
        ("done", "series"),
        ("queued", ""),  # a service call offers nothing
    ]
    await shop.campaign([customer_id], quiet_days=0, name="the next one")
    await shop.execute(
        "update leads set state = 'done', next_attempt_at = null where ended_by = '' and state = 'queued'"
        " and campaign_id <> (select max(id) from campaigns)"
    )
    assert await claim_lead(shop.open_unit, a_line(), NOON) is None
    assert await shop.value("select verdict -> 'refusals' from leads order by id desc limit 1") == ["series_over"]


async def test_hanging_up_twice_ends_the_series_though_another_attempt_was_left(
    shop: Shop, rules: OutcomeRules
) -> None:
    patient = RedialRule(wait=DAY, times=3)
    redial = replace(rules.policy.redial, rules={RedialCause.HUNG_UP_EARLY: patient})
    rules = replace(rules, policy=replace(rules.policy, redial=redial))
    await shop.campaign([await shop.customer()])
    await tell(shop, await shop.claim(), HUNG_UP, rules)
    (row,) = await shop.rows(LEAD)
    assert row.state == "scheduled"  # before the offer: worth one more try
    await tell(shop, await shop.claim(now=row.next_attempt_at), HUNG_UP, rules, row.next_attempt_at)
    assert [(row.state, row.ended_by) for row in await shop.rows(LEAD)] == [("done", "series")]
    assert await shop.rows("select reason from seasonal_list") == [("hang_ups",)]
    assert await shop.value("select count(*) from audit_log where action = 'customer.left_alone'") == 1


async def test_two_campaigns_that_reached_nobody_end_the_series(shop: Shop, rules: OutcomeRules) -> None:
    customer_id, now = await shop.customer(), NOON
    for _ in range(2):
        await shop.campaign([customer_id])
        while (claimed := await claim_lead(shop.open_unit, a_line(), now)) is not None:
            await tell(shop, claimed, Cause.NO_ANSWER, rules, now)
            now += 2 * DAY
    assert await shop.rows("select reason from seasonal_list") == [("unanswered",)]


async def test_a_season_calls_the_lost_and_whoever_accepts_is_lost_no_longer(shop: Shop, rules: OutcomeRules) -> None:
    people = [await shop.customer() for _ in range(3)]
    await shop.campaign(people)
    for _ in people:
        await tell(shop, await shop.claim(), outcome(Disposition.DECLINED), rules)
    wanted = NewCampaign(name="Весна", kind=CampaignKind.ADVERTISING, script="winback", season="Весна")
    with pytest.raises(BadInput, match="nobody on the seasonal list"):
        await start_season(shop.open_unit, wanted, by="Анна", now=NOON + DAY)  # they have just been called
    later = NOON + 30 * DAY
    season = await start_season(shop.open_unit, wanted, by="Анна", now=later)
    assert (season.added, season.controls) == (3, 0)
    assert await claim_lead(shop.open_unit, a_line(), later) is None  # nobody has answered for the list
    await shop.release(season.campaign.id, later)
    claimed = await shop.claim(now=later)
    await tell(shop, claimed, ACCEPTED, rules, later)
    assert await shop.value("select count(*) from seasonal_list") == 2
    await tell(shop, await shop.claim(now=later), outcome(Disposition.STOP, FollowUp(kind=ActionKind.STOP)), rules)
    assert await shop.value("select count(*) from seasonal_list") == 1


async def test_an_operators_refusal_ends_all_calls_and_no_messages(shop: Shop, rules: OutcomeRules) -> None:
    customer_id = await shop.customer()
    for _ in range(2):
        await shop.campaign([customer_id])
    await tell(shop, await shop.claim(), Cause.REFUSED, rules)
    assert {row.state for row in await shop.rows(LEAD)} == {"blocked"}
    assert {row.source for row in await shop.rows("select source from stop_list")} == {"operator"}
    async with shop.open_unit() as unit:
        assert await unit.stop_list.since(customer_id) is None


async def test_a_number_said_twice_not_to_exist_is_dialled_by_no_campaign(shop: Shop, rules: OutcomeRules) -> None:
    customer_id, again = await shop.customer(), NOON + 2 * DAY
    for _ in range(2):
        await shop.campaign([customer_id])
    for at in (NOON, NOON, again):  # an outage of one day is not believed, whoever met it
        await tell(shop, await shop.claim(now=at), Cause.UNALLOCATED, rules, at)
    assert await claim_lead(shop.open_unit, a_line(), again) is None
    assert [row.state for row in await shop.rows(LEAD)] == ["done", "blocked"]
    assert await shop.value("select verdict -> 'refusals' from leads order by id desc limit 1") == ["wrong_number"]


async def test_a_stop_in_one_campaign_blocks_the_next_second_in_all(shop: Shop, rules: OutcomeRules) -> None:
    customer_id = await shop.customer()
    for _ in range(3):
        await shop.campaign([customer_id], quiet_days=0)
    claimed = await shop.claim()
    stop = outcome(Disposition.STOP, FollowUp(kind=ActionKind.STOP, reason="больше не звоните"))
    await tell(shop, claimed, stop, rules)
    assert {row.state for row in await shop.rows(LEAD)} == {"blocked"}
    await shop.campaign([customer_id], quiet_days=0)  # and in those that come later
    assert await claim_lead(shop.open_unit, a_line(), NOON + timedelta(seconds=1)) is None
    assert await shop.value("select verdict -> 'refusals' from leads order by id desc limit 1") == ["stop_list"]


async def test_a_stop_heard_while_the_talk_goes_on_holds_at_once(shop: Shop) -> None:
    customer_id = await shop.customer()
    for _ in range(2):
        await shop.campaign([customer_id], quiet_days=0)
    await shop.claim()
    async with shop.open_unit() as unit:
        await unit.stop_list.add(customer_id, at=NOON, reason="said so", source="call:1")
        await unit.commit()
    await shop.execute("update calls set ended_at = dialled_at, cause = 'interrupted'")
    await shop.execute("update leads set state = 'done', lease_until = null where state = 'claimed'")
    assert await claim_lead(shop.open_unit, a_line("line-2"), NOON + timedelta(seconds=1)) is None
    assert await shop.value("select verdict -> 'refusals' from leads order by id desc limit 1") == ["stop_list"]


async def test_the_budget_of_a_campaign_is_not_overdrawn(shop: Shop) -> None:
    await shop.campaign([await shop.customer() for _ in range(5)], budget=Budget(max_calls=3))
    claims = 0
    while await claim_lead(shop.open_unit, a_line(f"line-{claims}"), NOON) is not None:
        claims += 1
    assert claims == 3
    waiting = await shop.rows("select verdict -> 'refusals', next_attempt_at from leads where state = 'scheduled'")
    assert waiting == [(["campaign_budget"], NOON + timedelta(hours=1))] * 2


async def test_lines_that_claim_at_once_do_not_overdraw_it_either(shop: Shop) -> None:
    await shop.campaign([await shop.customer() for _ in range(8)], budget=Budget(max_calls=3))
    claims = await asyncio.gather(*(claim_lead(shop.open_unit, a_line(f"line-{one}"), NOON) for one in range(8)))
    assert sum(claimed is not None for claimed in claims) == 3


async def test_the_verdict_of_an_attempt_tells_what_was_looked_at(shop: Shop) -> None:
    await shop.campaign([await shop.customer(zone="Europe/Samara")])
    claimed = await shop.claim(a_line(hours=DEFAULT_HOURS), NOON.replace(hour=7) + DAY)
    async with shop.open_unit() as unit:
        verdict = (await unit.call_log.show(claimed.call.id)).verdict
    facts = verdict["facts"]
    assert isinstance(facts, dict)
    assert (facts["zone"], facts["attempts"], facts["consent"]["source"]) == ("Europe/Samara", [0, 4], "till")
    assert datetime.fromisoformat(str(verdict["checked_at"])).astimezone(ZoneInfo("Europe/Samara")).hour == 11
