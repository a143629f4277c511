"""One transaction writes everything that came of a call."""

import asyncio
import re
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from tests.application.campaigns.shop import (
    NOON,
    TURNS,
    Shop,
    a_line,
    answered,
    outcome,
    unanswered_report,
)
from voicebot.application.claim_lead import claim_lead
from voicebot.application.record_outcome import OutcomeRules, record_outcome
from voicebot.domain.attempt import CallFilter
from voicebot.domain.call import Cause
from voicebot.domain.errors import NotFound, StoreError
from voicebot.domain.escalation import EscalationKind
from voicebot.domain.offer import PromoCode
from voicebot.domain.outcome import ActionKind, Discount, Disposition, FollowUp, Group, Outcome, unanswered
from voicebot.domain.redial import MAX_ATTEMPTS, MAX_CALLBACKS

PROMO = FollowUp(kind=ActionKind.PROMO, offer="better")
SMS = FollowUp(kind=ActionKind.SMS, template="promo")
ACCEPTED = outcome(
    Disposition.ACCEPTED, SMS, PROMO, group=Group.INTERESTED, tags=("price",), answers={"reason": "дорого"}
)
JOBS = "select args from procrastinate_jobs where task_name = 'deliver_message'"


async def test_an_acceptance_leaves_a_code_a_message_its_job_tags_and_the_whole_transcript(
    shop: Shop, rules: OutcomeRules
) -> None:
    await shop.campaign([await shop.customer(spent=10_000, margin=4_000)])
    claimed = await shop.claim()
    assert await record_outcome(shop.open_unit, claimed.call.id, answered(turns=TURNS), ACCEPTED, rules)
    async with shop.open_unit() as unit:
        record = await unit.call_log.show(claimed.call.id)
    assert record.turns == TURNS
    assert record.summary.tags == ("price",)
    assert (record.summary.group, record.summary.disposition) == (Group.INTERESTED, Disposition.ACCEPTED)
    assert record.summary.talk_seconds == 40
    assert record.answers == {"reason": "дорого"}
    assert record.actions == ({"kind": "sms", "template": "promo"}, {"kind": "promo", "offer": "better"})
    assert record.verdict["allowed"] is True
    assert record.promo is not None
    assert record.promo.discount.percent == claimed.offers.better.percent
    (message,) = record.messages
    assert re.fullmatch(
        rf"Иван, ваш промокод {record.promo.code}: скидка \d+ % до 27\.11\. Пример\. https://example\.ru/promo",
        message.text,
    )
    assert await shop.rows(JOBS) == [({"message_id": message.id},)]
    assert await shop.rows("select state, disposition, outcome_group, lease_until from leads") == [
        ("done", "accepted", "interested", None)
    ]
    assert await shop.rows("select tag from customer_tags") == [("price",)]


async def test_recording_the_same_call_twice_changes_nothing(shop: Shop, rules: OutcomeRules) -> None:
    await shop.campaign([await shop.customer()])
    claimed = await shop.claim()
    recorded = await asyncio.gather(
        *(record_outcome(shop.open_unit, claimed.call.id, answered(turns=TURNS), ACCEPTED, rules) for _ in range(3))
    )
    assert sorted(recorded) == [False, False, True]
    other = outcome(Disposition.STOP, FollowUp(kind=ActionKind.STOP))
    assert not await record_outcome(shop.open_unit, claimed.call.id, answered(), other, rules)
    counts = "select (select count(*) from turns), (select count(*) from messages), (select count(*) from promo_codes)"
    assert await shop.rows(counts) == [(3, 1, 1)]
    assert len(await shop.rows(JOBS)) == 1
    assert await shop.value("select count(*) from stop_list") == 0


async def test_a_transaction_that_fails_leaves_neither_outcome_nor_message_nor_job(
    shop: Shop, rules: OutcomeRules
) -> None:
    await shop.campaign([await shop.customer()])
    claimed = await shop.claim()
    with pytest.raises(RuntimeError, match="power cut"):
        async with shop.open_unit() as unit:
            await record_outcome(lambda: _Uncommitted(unit), claimed.call.id, answered(turns=TURNS), ACCEPTED, rules)
            raise RuntimeError("power cut")
    empty = "select (select count(*) from turns), (select count(*) from messages), (select count(*) from promo_codes)"
    assert await shop.rows(empty) == [(0, 0, 0)]
    assert await shop.rows(JOBS) == []
    assert await shop.value("select state from leads") == "claimed"


async def test_one_code_per_person_and_campaign_however_often_asked_at_once(shop: Shop) -> None:
    customer_id = await shop.customer()
    campaign = await shop.campaign([customer_id])

    async def ask(letters: str, percent: int) -> PromoCode | None:
        async with shop.open_unit() as unit:
            wanted = PromoCode(
                code=letters,
                customer_id=customer_id,
                campaign_id=campaign.id,
                discount=Discount(percent=Decimal(percent), days=3),
                issued_at=NOON,
                valid_until=NOON + timedelta(days=3),
            )
            issued = await unit.promo_codes.issue(wanted)
            await unit.commit()
        return issued

    issued = await asyncio.gather(*(ask(f"DFGL478{digit}", 10) for digit in "4789D"))
    assert len({code.code for code in issued if code}) == 1
    raised = await ask("ZZZZZZZZ", 15)
    assert raised is not None
    assert raised.code == issued[0].code  # type: ignore[union-attr]  # asserted above
    assert raised.discount.percent == 15
    assert (await ask("ZZZZZZZZ", 5)).discount.percent == 15  # type: ignore[union-attr]  # the greater one was promised
    assert await shop.value("select count(*) from promo_codes") == 1


async def test_letters_that_belong_to_somebody_else_are_drawn_again(shop: Shop, rules: OutcomeRules) -> None:
    await shop.campaign([await shop.customer(), await shop.customer()])
    draws = iter([7, 7, 8])
    rules = replace(rules, draw=lambda _: next(draws))
    for _ in range(2):
        claimed = await shop.claim()
        await record_outcome(shop.open_unit, claimed.call.id, answered(), ACCEPTED, rules)
    assert await shop.value("select count(distinct code) from promo_codes") == 2
    stuck = replace(rules, draw=lambda _: 7)
    await shop.campaign([await shop.customer()])
    claimed = await shop.claim()
    with pytest.raises(StoreError, match="promo code"):
        await record_outcome(shop.open_unit, claimed.call.id, answered(), ACCEPTED, stuck)


async def test_without_a_consent_to_sms_the_message_is_kept_back_with_its_reason(
    shop: Shop, rules: OutcomeRules
) -> None:
    await shop.campaign([await shop.customer(consented=(("call", "advertising"),))])
    claimed = await shop.claim()
    await record_outcome(shop.open_unit, claimed.call.id, answered(), ACCEPTED, rules)
    assert await shop.rows("select state, error from messages") == [("blocked", "no_sms_consent")]
    assert await shop.rows(JOBS) == []
    ((kind, urgent, reason),) = await shop.rows("select kind, urgent, reason from escalations")
    assert (kind, urgent) == ("manager", False)
    assert "согласия на СМС нет" in reason  # the bot has promised a message: a person keeps its word


async def test_a_message_that_cannot_be_written_is_seen_to_have_failed(shop: Shop, rules: OutcomeRules) -> None:
    await shop.campaign([await shop.customer(), await shop.customer()])
    unknown = outcome(Disposition.INFORMED, FollowUp(kind=ActionKind.SMS, template="birthday"))
    no_code = outcome(Disposition.INFORMED, SMS)
    for case in (unknown, no_code):
        await record_outcome(shop.open_unit, (await shop.claim()).call.id, answered(), case, rules)
    errors = [row.error for row in await shop.rows("select error from messages where state = 'failed' order by id")]
    assert errors == ["no message template 'birthday'", "template 'promo' needs a promo code and none was issued"]


async def test_a_stop_reaches_every_campaign_and_channel(shop: Shop, rules: OutcomeRules) -> None:
    customer_id = await shop.customer(phones=["+79161112233", "+79162223344"])
    await shop.campaign([customer_id])
    await shop.campaign([customer_id])
    housemate = await shop.customer(phones=["+79161112233"])
    await shop.campaign([housemate])
    claimed = await shop.claim()
    stop = outcome(Disposition.STOP, FollowUp(kind=ActionKind.STOP, reason="не звоните"), group=Group.NEGATIVE)
    await record_outcome(shop.open_unit, claimed.call.id, answered(), stop, rules)
    assert await claim_lead(shop.open_unit, a_line(), NOON + timedelta(days=2)) is None
    assert await shop.rows("select state, count(*) from leads group by state") == [("blocked", 3)]
    assert {row.reason for row in await shop.rows("select reason from stop_list")} == {"не звоните"}
    assert await shop.value("select count(*) from stop_list where phone is not null") == 2
    assert (
        await shop.value("select details ->> 'leads_blocked' from audit_log where action = 'customer.stopped'") == "1"
    )


async def test_a_wrong_number_is_never_dialled_for_that_person_again(shop: Shop, rules: OutcomeRules) -> None:
    customer_id = await shop.customer(phones=["+79161112233", "+79162223344"])
    await shop.campaign([customer_id])
    await shop.campaign([customer_id])
    wrong = outcome(Disposition.WRONG_PERSON, FollowUp(kind=ActionKind.WRONG_NUMBER), tags=("wrong_person",))
    await record_outcome(shop.open_unit, (await shop.claim()).call.id, answered(), wrong, rules)
    other = await shop.claim()
    assert other.phone.e164 == "+79162223344"


async def test_escalations_carry_the_customers_words(shop: Shop, rules: OutcomeRules) -> None:
    await shop.campaign([await shop.customer(), await shop.customer(), await shop.customer()])
    complaint = outcome(Disposition.COMPLAINT, FollowUp(kind=ActionKind.ESCALATE, urgent=True, reason="привезли битое"))
    review = outcome(Disposition.DECLINED, FollowUp(kind=ActionKind.REVIEW, reason="я на луне живу"))
    refused = outcome(
        Disposition.WANTS_HUMAN, FollowUp(kind=ActionKind.TRANSFER, connected=False, reason="позовите человека")
    )
    for case in (review, refused, complaint):
        await record_outcome(shop.open_unit, (await shop.claim()).call.id, answered(), case, rules)
    async with shop.open_unit() as unit:
        queue = await unit.escalations.open()
    assert [(one.kind, one.urgent, one.reason) for one in queue] == [
        (EscalationKind.MANAGER, True, "привезли битое"),
        (EscalationKind.REVIEW, False, "я на луне живу"),
        (EscalationKind.MANAGER, False, "позовите человека"),
    ]


async def test_a_transfer_that_connected_leaves_nothing_to_do(shop: Shop, rules: OutcomeRules) -> None:
    await shop.campaign([await shop.customer()])
    connected = outcome(Disposition.WANTS_HUMAN, FollowUp(kind=ActionKind.TRANSFER, connected=True))
    await record_outcome(shop.open_unit, (await shop.claim()).call.id, answered(), connected, rules)
    assert await shop.value("select count(*) from escalations") == 0


async def test_the_second_hang_up_of_a_person_is_negative(shop: Shop, rules: OutcomeRules) -> None:
    customer_id = await shop.customer()
    await shop.campaign([customer_id], quiet_days=0)
    await shop.campaign([customer_id], quiet_days=0)
    hung_up = outcome(Disposition.HUNG_UP, hangup_state="offer", tags=("hung_up_at:offer",))
    for _ in range(2):
        await record_outcome(shop.open_unit, (await shop.claim()).call.id, answered(), hung_up, rules)
    groups = [row.outcome_group for row in await shop.rows("select outcome_group from calls order by id")]
    assert groups == ["neutral", "negative"]
    assert await shop.value("select count(*) from customer_tags") == 1


@pytest.mark.parametrize(
    ("cause", "wait"),
    [
        (Cause.BUSY, timedelta(minutes=15)),
        (Cause.UNREACHABLE, timedelta(hours=4)),
        (Cause.FAILED, timedelta(minutes=5)),
        (Cause.REJECTED, timedelta(days=1)),
    ],
)
async def test_an_attempt_that_reached_nobody_is_repeated_by_the_table(
    shop: Shop, rules: OutcomeRules, cause: Cause, wait: timedelta
) -> None:
    await shop.campaign([await shop.customer()])
    report = unanswered_report(cause)
    await record_outcome(shop.open_unit, (await shop.claim()).call.id, report, unanswered(cause), rules)
    (row,) = await shop.rows("select state, next_attempt_at from leads")
    assert row == ("scheduled", report.ended_at + wait)


async def test_who_did_not_answer_is_called_in_another_part_of_the_day(shop: Shop, rules: OutcomeRules) -> None:
    await shop.campaign([await shop.customer(zone="Europe/Moscow")])
    report = unanswered_report(Cause.NO_ANSWER)  # at noon there
    await record_outcome(shop.open_unit, (await shop.claim()).call.id, report, unanswered(Cause.NO_ANSWER), rules)
    evening = NOON + timedelta(hours=5)
    assert evening <= await shop.value("select next_attempt_at from leads") < evening + timedelta(hours=2)


async def test_a_number_is_given_up_when_it_is_said_again_not_to_exist(shop: Shop, rules: OutcomeRules) -> None:
    await shop.campaign([await shop.customer()])
    for now, state in ((NOON, "scheduled"), (NOON + timedelta(days=1, hours=3), "done")):
        claimed = await shop.claim(now=now)
        assert await shop.value("select wrong_number_at from customer_phones") is None
        report = unanswered_report(Cause.UNALLOCATED, now)
        await record_outcome(shop.open_unit, claimed.call.id, report, unanswered(Cause.UNALLOCATED), rules)
        assert await shop.rows("select state, disposition from leads") == [(state, "unallocated")]
    assert await shop.value("select wrong_number_at from customer_phones") is not None


async def test_mixed_causes_share_one_budget(shop: Shop, rules: OutcomeRules) -> None:
    await shop.campaign([await shop.customer()])
    now, attempts = NOON, 0
    causes = [Cause.BUSY, Cause.NO_ANSWER, Cause.FAILED, Cause.UNREACHABLE, Cause.BUSY]
    while (claimed := await claim_lead(shop.open_unit, a_line(), now)) is not None:
        cause = causes[attempts]
        attempts += 1
        await record_outcome(shop.open_unit, claimed.call.id, unanswered_report(cause, now), unanswered(cause), rules)
        now += timedelta(days=2)
    assert attempts == MAX_ATTEMPTS
    assert await shop.rows("select state, disposition from leads") == [("done", "unreachable")]


async def test_one_cause_ends_before_the_budget_does(shop: Shop, rules: OutcomeRules) -> None:
    await shop.campaign([await shop.customer()])
    now, attempts = NOON, 0
    while (claimed := await claim_lead(shop.open_unit, a_line(), now)) is not None:
        attempts += 1
        report = unanswered_report(Cause.REJECTED, now)
        await record_outcome(shop.open_unit, claimed.call.id, report, unanswered(Cause.REJECTED), rules)
        now += timedelta(days=2)
    assert attempts == 2


async def test_a_call_back_is_scheduled_for_exactly_the_named_moment(shop: Shop, rules: OutcomeRules) -> None:
    await shop.campaign([await shop.customer()])
    at = NOON + timedelta(days=1, hours=3, minutes=7)
    later = outcome(Disposition.CALLBACK, FollowUp(kind=ActionKind.CALLBACK, at=at))
    await record_outcome(shop.open_unit, (await shop.claim()).call.id, answered(), later, rules)
    assert await shop.rows("select state, next_attempt_at, callback from leads") == [("scheduled", at, True)]


async def test_calls_at_times_the_customer_named_burn_no_budget(shop: Shop, rules: OutcomeRules) -> None:
    await shop.campaign([await shop.customer()])
    claimed = await shop.claim()
    await record_outcome(shop.open_unit, claimed.call.id, answered(), named_for(NOON + timedelta(days=1)), rules)
    wanted = await shop.claim(now=NOON + timedelta(days=1))
    assert wanted.call.wanted
    now = NOON + timedelta(days=1)
    report = unanswered_report(Cause.BUSY, now)
    await record_outcome(shop.open_unit, wanted.call.id, report, unanswered(Cause.BUSY), rules)
    attempts = 0
    while (again := await claim_lead(shop.open_unit, a_line(), now := now + timedelta(days=2))) is not None:
        attempts += 1
        report = unanswered_report(Cause.NO_ANSWER, now)
        await record_outcome(shop.open_unit, again.call.id, report, unanswered(Cause.NO_ANSWER), rules)
    assert attempts == MAX_ATTEMPTS - 1  # the first call of all, and these
    assert [row.wanted for row in await shop.rows("select wanted from calls order by id")] == [
        False,
        True,
        *[False] * attempts,
    ]


async def test_after_many_call_backs_in_a_row_a_person_keeps_the_promise(shop: Shop, rules: OutcomeRules) -> None:
    await shop.campaign([await shop.customer()])
    now = NOON
    for _ in range(MAX_CALLBACKS + 1):
        claimed = await shop.claim(now=now)
        now += timedelta(days=1)
        report = answered(now - timedelta(hours=1))
        await record_outcome(shop.open_unit, claimed.call.id, report, named_for(now), rules)
    async with shop.open_unit() as unit:
        (asked,) = await unit.escalations.open()
    assert asked.kind is EscalationKind.CALLBACK
    assert "30.11 в 12:00" in asked.reason
    assert await shop.value("select state from leads") == "done"


def named_for(moment: datetime) -> Outcome:
    return outcome(Disposition.CALLBACK, FollowUp(kind=ActionKind.CALLBACK, at=moment))


async def test_calls_are_found_by_what_came_of_them(shop: Shop, rules: OutcomeRules) -> None:
    campaign = await shop.campaign([await shop.customer(), await shop.customer()])
    first, second = await shop.claim(), await shop.claim(a_line("line-2"))
    await record_outcome(shop.open_unit, first.call.id, answered(turns=TURNS), ACCEPTED, rules)
    async with shop.open_unit() as unit:
        log = unit.call_log
        assert [one.id for one in await log.find(CallFilter())] == [second.call.id, first.call.id]
        for wanted in (
            CallFilter(group=Group.INTERESTED),
            CallFilter(disposition=Disposition.ACCEPTED),
            CallFilter(tag="price"),
            CallFilter(customer_id=first.customer.id),
            CallFilter(finished_only=True),
            CallFilter(limit=1, campaign_id=campaign.id, finished_only=True),
        ):
            assert [one.id for one in await log.find(wanted)] == [first.call.id]
        assert await log.find(CallFilter(since=NOON + timedelta(days=1))) == ()
        progress = await unit.campaigns.progress(campaign.id)
        with pytest.raises(NotFound, match="999"):
            await log.show(999)
    assert (progress.leads, progress.attempts, progress.finished) == (2, 2, False)
    assert dict(progress.by_state) == {"done": 1, "claimed": 1}
    assert dict(progress.by_group) == {"interested": 1}


class _Uncommitted:
    """A unit whose commit is taken away: what is done in it dies with the real one."""

    def __init__(self, unit: object) -> None:
        self._unit = unit

    async def __aenter__(self) -> "_Uncommitted":
        return self

    async def __aexit__(self, *_: object) -> None:
        return None

    def __getattr__(self, name: str) -> object:
        return getattr(self._unit, name)

    async def commit(self) -> None:
        """Does nothing."""
