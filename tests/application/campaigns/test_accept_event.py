"""An event of the CRM brings its customer to the front, once; a bad one is said and counted."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from tests.application.campaigns.shop import NOON, Shop, outcome, unanswered_report
from voicebot.adapters.postgres_listener import EVENTS_CHANNEL, PostgresListener
from voicebot.application.accept_event import accept_event, read_event
from voicebot.application.hear_events import EventInbox
from voicebot.application.record_outcome import OutcomeRules, record_outcome
from voicebot.application.release_campaign import change_campaign, create_campaign, release_campaign
from voicebot.domain.call import Cause
from voicebot.domain.campaign import CampaignEvent, CampaignKind, NewCampaign
from voicebot.domain.crm_event import AcceptedEvent, CrmEvent, EventLead
from voicebot.domain.errors import BadInput
from voicebot.domain.outcome import Disposition, unanswered
from voicebot.testing.stopped_clock import StoppedClock

CART = CrmEvent(key="e-1", customer="c1", kind="abandoned_cart", at=NOON, details={"sum": 1290.5})
TRIGGERED = {"triggers": ("abandoned_cart", "idle_30")}
DOCUMENT = {"key": "e-1", "customer": "c1", "kind": "abandoned_cart", "at": "2026-11-24T12:00:00+03:00"}


async def _accept(shop: Shop, event: CrmEvent = CART) -> AcceptedEvent:
    return await accept_event(shop.open_unit, event, NOON)


async def _stranger(shop: Shop) -> list[int]:
    """Somebody else to fill a list with."""
    return [await shop.customer()]


async def test_a_service_lead_is_queued_in_front_and_the_lines_are_woken(shop: Shop, database_url: str) -> None:
    await shop.customer(consented=[("call", "service")])
    await shop.campaign(await _stranger(shop), name="заказы", kind=CampaignKind.SERVICE, **TRIGGERED)
    with psycopg.connect(database_url, autocommit=True) as listening:
        listening.execute("listen voicebot_leads")
        accepted = await _accept(shop)
        rung = list(listening.notifies(timeout=5, stop_after=1))
    assert accepted == AcceptedEvent(known=False, leads={"заказы": EventLead.QUEUED})
    assert len(rung) == 1
    assert (await shop.claim()).lead.customer_id == 1  # before the stranger, who waits longer
    assert await shop.rows("select key, kind, at, details from crm_events") == [
        ("e-1", "abandoned_cart", NOON, {"sum": 1290.5})
    ]


async def test_an_advertising_lead_waits_for_a_person_in_front_of_the_list(shop: Shop) -> None:
    await shop.customer()
    await shop.campaign(await _stranger(shop), name="весна", **TRIGGERED)
    accepted = await _accept(shop)
    assert accepted.leads == {"весна": EventLead.AWAITS_RELEASE}
    assert await shop.rows("select state, front, release_id from leads where customer_id = 1") == [
        ("unreleased", True, None)
    ]
    assert await shop.rows("select details->>'result' from audit_log where action = 'lead.brought_forward'") == [
        ("awaits_release",)
    ]


@pytest.mark.parametrize("kind", CampaignKind)
async def test_a_campaign_of_events_alone_gets_its_first_people_before_it_is_released(
    shop: Shop, kind: CampaignKind
) -> None:
    await shop.customer()
    plan = NewCampaign(name="корзины", kind=kind, script="winback", control_share=Decimal(0), **TRIGGERED)
    draft = await create_campaign(shop.open_unit, plan, by="Анна", now=NOON)
    await change_campaign(shop.open_unit, draft.id, CampaignEvent.SUBMIT, by="Анна", now=NOON)
    assert (await _accept(shop)).leads == {"корзины": EventLead.AWAITS_RELEASE}
    await release_campaign(shop.open_unit, draft.id, by="Анна Смирнова", now=NOON)
    assert await shop.rows("select state, front from leads") == [("queued", True)]


async def test_who_is_on_the_list_already_moves_to_its_front(shop: Shop, rules: OutcomeRules) -> None:
    first, second = await shop.customer(), await shop.customer()
    await shop.campaign([first, second], name="весна", **TRIGGERED)
    call_id = (await shop.claim()).call.id
    await record_outcome(shop.open_unit, call_id, unanswered_report(Cause.BUSY), unanswered(Cause.BUSY), rules)
    assert (await _accept(shop)).leads == {"весна": EventLead.MOVED}
    assert await shop.rows("select front, next_attempt_at, attempts from leads where customer_id = 1") == [
        (True, NOON, 1)
    ]
    assert await shop.value("select count(*) from leads") == 2


async def test_an_event_is_worth_one_call_in_front(shop: Shop, rules: OutcomeRules) -> None:
    await shop.campaign([await shop.customer()], **TRIGGERED)
    await _accept(shop)
    call_id = (await shop.claim()).call.id
    await record_outcome(shop.open_unit, call_id, unanswered_report(Cause.BUSY), unanswered(Cause.BUSY), rules)
    assert await shop.rows("select state, front from leads") == [("scheduled", False)]


async def test_a_moment_the_customer_named_is_kept(shop: Shop) -> None:
    await shop.campaign([await shop.customer()], name="весна", **TRIGGERED)
    tomorrow = NOON + timedelta(days=1)
    async with shop.open_unit() as unit:
        await unit.leads.save(replace(await unit.leads.lock(1), callback=True, next_attempt_at=tomorrow), at=NOON)
        await unit.commit()
    assert (await _accept(shop)).leads == {"весна": EventLead.KEPT}
    assert await shop.value("select next_attempt_at from leads") == tomorrow


async def test_who_is_done_with_is_not_called_again(shop: Shop, rules: OutcomeRules) -> None:
    await shop.campaign([await shop.customer()], name="весна", **TRIGGERED)
    call_id = (await shop.claim()).call.id
    assert (await _accept(shop)).leads == {"весна": EventLead.OVER}  # in the call
    await record_outcome(shop.open_unit, call_id, unanswered_report(Cause.REFUSED), outcome(Disposition.REFUSED), rules)
    assert (await _accept(shop, replace(CART, key="e-2"))).leads == {"весна": EventLead.OVER}


async def test_the_control_group_is_left_alone(shop: Shop) -> None:
    await shop.customer()
    campaign = await shop.campaign(await _stranger(shop), name="весна", **TRIGGERED)
    async with shop.engine.begin() as connection:
        await connection.exec_driver_sql(f"update campaigns set control_share = {Decimal('0.9999')}")
    assert (await _accept(shop)).leads == {"весна": EventLead.CONTROL}
    assert await shop.rows("select campaign_id, customer_id from campaign_controls") == [(campaign.id, 1)]
    assert await shop.value("select count(*) from leads where customer_id = 1") == 0


async def test_an_event_told_again_or_at_once_does_nothing_more(shop: Shop) -> None:
    await shop.customer()
    await shop.campaign(await _stranger(shop), **TRIGGERED)
    told = await asyncio.gather(*(_accept(shop) for _ in range(4)))
    assert sorted(one.known for one in told) == [False, True, True, True]
    assert await shop.value("select count(*) from crm_events") == 1


@pytest.mark.parametrize(
    "event",
    [replace(CART, kind="birthday"), replace(CART, at=NOON - timedelta(days=2))],
    ids=["no campaign waits for it", "long ago"],
)
async def test_other_events_are_written_down_and_call_nobody(shop: Shop, event: CrmEvent) -> None:
    await shop.customer()
    await shop.campaign(await _stranger(shop), **TRIGGERED)
    assert await _accept(shop, event) == AcceptedEvent(known=False, leads={})
    assert await shop.value("select count(*) from crm_events") == 1
    assert await shop.value("select count(*) from leads") == 1


async def test_a_sign_of_interest_counts_for_the_segments(shop: Shop) -> None:
    await shop.customer()
    await _accept(shop, replace(CART, kind="price_request"))
    assert await shop.rows("select customer_id, kind, at from customer_events") == [(1, "price_request", NOON)]


def test_a_document_is_read() -> None:
    event = read_event({**DOCUMENT, "details": {"sum": 1290.5}}, NOON)
    assert event == CART


@pytest.mark.parametrize(
    ("document", "problems"),
    [
        ([], [("", "an event is an object")]),
        (
            {"kind": "a b", "at": "soon", "who": 1},
            [
                ("who", "unknown field"),
                ("key", "is missing"),
                ("customer", "is missing"),
                ("kind", "must be one word of up to 100 letters, such as abandoned_cart"),
                ("at", "not a date: write 2026-03-31, 2026-03-31 18:05 or 31.03.2026 18:05"),
            ],
        ),
        ({**DOCUMENT, "at": "2026-12-24"}, [("at", "lies in the future")]),
        ({**DOCUMENT, "key": 7}, [("key", "must be text")]),
        ({**DOCUMENT, "details": ["x"]}, [("details", "must be an object whose texts hold no zero characters")]),
        (
            {**DOCUMENT, "details": {"a": [{"b": "\0"}]}},
            [("details", "must be an object whose texts hold no zero characters")],
        ),
        (
            {**DOCUMENT, "details": {"\ud800": 1}},
            [("details", "must be an object whose texts hold no zero characters")],
        ),
        ({**DOCUMENT, "customer": "\ud800"}, [("customer", "holds a line break or another control character")]),
    ],
)
def test_every_problem_of_a_document_is_said(document: object, problems: list[tuple[str, str]]) -> None:
    with pytest.raises(BadInput) as caught:
        read_event(document, NOON)
    assert [(one.where, one.message) for one in caught.value.problems] == problems


async def test_an_unknown_customer_is_a_problem_of_its_field(shop: Shop) -> None:
    with pytest.raises(BadInput) as caught:
        await _accept(shop)
    assert [one.where for one in caught.value.problems] == ["customer"]
    assert "c1" not in str(caught.value)


async def test_the_database_itself_may_tell_events(
    shop: Shop, database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    await shop.customer()
    inbox = EventInbox(open_unit=shop.open_unit, clock=StoppedClock(NOON))
    async with _listening(database_url, inbox), asyncio.timeout(10):
        with psycopg.connect(database_url, autocommit=True) as connection:
            for payload in (
                "{",
                json.dumps({**DOCUMENT, "customer": "Иван"}),
                json.dumps(DOCUMENT),
                json.dumps(DOCUMENT),
            ):
                connection.execute("select pg_notify('voicebot_events', %s)", (payload,))
        while inbox.accepted < 2:  # noqa: ASYNC110  # the inbox tells nobody
            await asyncio.sleep(0.02)
    assert (inbox.accepted, inbox.refused) == (2, 2)
    assert await shop.value("select count(*) from crm_events") == 1
    assert "payload: no JSON: line 1, column 2" in caplog.text
    assert "customer: no such customer" in caplog.text
    assert "Иван" not in caplog.text


@asynccontextmanager
async def _listening(url: str, inbox: EventInbox) -> AsyncIterator[None]:
    ready = asyncio.Event()
    listener = PostgresListener(url, EVENTS_CHANNEL, deaf="deaf")
    tasks: list[asyncio.Task[Any]] = [
        asyncio.create_task(listener.listen(inbox.hear, connected=ready.set)),
        asyncio.create_task(inbox.work()),
    ]
    await asyncio.wait_for(ready.wait(), 10)
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
