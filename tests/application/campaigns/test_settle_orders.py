"""An order redeems its owner's code, takes its customer off the lists, and is told to the CRM, once."""

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.application.campaigns.shop import NOON, Shop, answered, outcome
from voicebot.adapters.table_files import open_table
from voicebot.application.accept_order import MOST_ORDERS, accept_orders
from voicebot.application.import_columns import CrmTable
from voicebot.application.import_crm import ImportReport, import_table
from voicebot.application.record_outcome import OutcomeRules, record_outcome
from voicebot.application.release_campaign import change_campaign
from voicebot.domain.campaign import CampaignEvent
from voicebot.domain.crm_news import lead_closed_news
from voicebot.domain.errors import BadInput
from voicebot.domain.outcome import ActionKind, Disposition, FollowUp, Group
from voicebot.domain.redemption import Redemption
from voicebot.testing.stopped_clock import StoppedClock

LATER = NOON + timedelta(hours=3)


async def _code(shop: Shop, rules: OutcomeRules) -> str:
    """The code of a new customer c<n> who accepted an offer at noon."""
    await shop.campaign([await shop.customer()])
    accepted = outcome(Disposition.ACCEPTED, FollowUp(kind=ActionKind.PROMO), group=Group.INTERESTED)
    await record_outcome(shop.open_unit, (await shop.claim()).call.id, answered(), accepted, rules)
    return str(await shop.value("select code from promo_codes order by id desc limit 1"))


def order(external_id: str = "O-1", customer: str = "c1", **rest: Any) -> dict[str, Any]:
    placed = rest.pop("placed_at", "2026-11-24T14:00:00+03:00")
    lines = rest.pop("lines", [{"what": "Кофе", "price": "1290.50", "quantity": 2}])
    return {"external_id": external_id, "customer": customer, "placed_at": placed, "lines": lines, **rest}


async def _accept(shop: Shop, document: object, now: datetime = LATER) -> ImportReport:
    return await accept_orders(shop.open_unit, document, StoppedClock(now))


async def test_an_order_is_stored_and_redeems_the_code_of_its_customer(shop: Shop, rules: OutcomeRules) -> None:
    code = await _code(shop, rules)
    report = await _accept(shop, order(promo_code=f" {code[:4]}-{code[4:].lower()} "))
    assert [(one.order, one.code, one.result) for one in report.settled.codes] == [("O-1", code, Redemption.REDEEMED)]
    assert await shop.rows("select total, promo_code from orders") == [(Decimal("2581.00"), code)]
    assert await shop.rows("select redeemed_at, external_id from promo_codes join orders on orders.id = order_id") == [
        (LATER, "O-1")
    ]
    (news,) = [row.payload for row in await shop.rows("select payload from crm_updates where kind = 'promo_redeemed'")]
    assert news["customer"] == "c1"
    assert news["promo"]["code"] == code
    assert news["order"] == {"external_id": "O-1", "total": "2581.00"}


async def test_the_same_order_again_changes_nothing(shop: Shop, rules: OutcomeRules) -> None:
    code = await _code(shop, rules)
    await _accept(shop, order(promo_code=code))
    report = await _accept(shop, order(promo_code=code), LATER + timedelta(days=1))
    assert (report.counts.added, report.counts.updated) == (0, 1)
    assert [one.result for one in report.settled.codes] == [Redemption.REPEATED]
    assert report.settled.refused == ()
    assert await shop.value("select redeemed_at from promo_codes") == LATER
    assert await shop.value("select count(*) from crm_updates where kind = 'promo_redeemed'") == 1


@pytest.mark.parametrize(
    ("change", "result"),
    [
        ({"placed_at": "2026-11-28T00:00:00+03:00"}, Redemption.EXPIRED),
        ({"placed_at": "2026-11-20"}, Redemption.EARLY),
        ({"promo_code": "NOTACODE"}, Redemption.UNKNOWN),
        ({"customer": "c3"}, Redemption.FOREIGN),
    ],
)
async def test_a_code_that_is_not_valid_for_the_order_is_said_and_kept_on_it(
    shop: Shop, rules: OutcomeRules, change: dict[str, str], result: Redemption
) -> None:
    code = await _code(shop, rules)  # campaign 2 of c1
    await shop.customer()  # c3
    report = await _accept(shop, order(**{"promo_code": code, **change}), NOON + timedelta(days=5))
    assert [one.result for one in report.settled.refused] == [result]
    assert await shop.value("select promo_code from orders") == change.get("promo_code", code)
    assert await shop.value("select redeemed_at from promo_codes") is None


async def test_a_code_is_redeemed_by_the_first_of_two_orders(shop: Shop, rules: OutcomeRules) -> None:
    code = await _code(shop, rules)
    late = order("O-2", promo_code=code, placed_at="2026-11-25T10:00:00+03:00")
    report = await _accept(shop, [late, order("O-1", promo_code=code)], NOON + timedelta(days=1))
    assert [(one.order, one.result) for one in report.settled.codes] == [
        ("O-1", Redemption.REDEEMED),
        ("O-2", Redemption.USED),
    ]


async def test_midnight_of_the_day_of_issue_is_early_enough(shop: Shop, rules: OutcomeRules) -> None:
    code = await _code(shop, rules)
    report = await _accept(shop, order(promo_code=code, placed_at="2026-11-24"))
    assert report.settled.redeemed == 1


async def test_an_order_takes_its_customer_off_the_lists_and_an_old_one_does_not(shop: Shop) -> None:
    await shop.campaign([await shop.customer(), await shop.customer()])
    report = await _accept(shop, [order("O-1", "c1"), order("O-2", "c2", placed_at="2025-01-05")])
    assert report.settled.leads_closed == 1
    assert await shop.rows("select customer_id, state, ended_by from leads order by id") == [
        (1, "done", "order"),
        (2, "queued", ""),
    ]


async def test_an_import_settles_its_orders_too(shop: Shop, rules: OutcomeRules, tmp_path: Path) -> None:
    code = await _code(shop, rules)
    file = tmp_path / "orders.csv"
    head = "external_id,customer,placed_at,what,price,promo_code"
    row = f"O-1,c1,24.11.2026 14:00,Кофе,100,{code.lower()}"
    file.write_text(f"{head}\n{row}\n{row}\nO-2,c1,2026-11-24 15:00,Чай,100,\n", encoding="utf-8")
    report = await import_table(CrmTable.ORDERS, open_table(file), open_unit=shop.open_unit, clock=StoppedClock(LATER))
    assert (report.counts.added, report.settled.redeemed) == (2, 1)
    file.write_text(f"{head}\n{row}\n{row}X\n", encoding="utf-8")
    with pytest.raises(BadInput, match="promo code than in row 2"):
        await import_table(CrmTable.ORDERS, open_table(file), open_unit=shop.open_unit, clock=StoppedClock(LATER))


async def test_every_problem_is_said_with_the_path_of_its_field_and_nothing_is_stored(shop: Shop) -> None:
    await shop.customer()
    document = [
        order("O-1", "c1"),
        order("O-2", "nobody", placed_at="yesterday", lines=[{"what": "x", "price": -1}, {"what": "", "price": "1"}]),
        order("O-3", placed_at="2030-01-01"),
    ]
    with pytest.raises(BadInput) as caught:
        await _accept(shop, document)
    assert [(one.where, one.message) for one in caught.value.problems] == [
        ("[1].placed_at", "not a date: write 2026-03-31, 2026-03-31 18:05 or 31.03.2026 18:05"),
        ("[1].lines[0].price", "a price is not negative"),
        ("[1].lines[1].what", "empty"),
        ("[2].placed_at", "lies in the future"),
    ]
    assert await shop.value("select count(*) from orders") == 0
    with pytest.raises(BadInput) as caught:
        await _accept(shop, order(customer="nobody"))
    assert [str(one) for one in caught.value.problems] == ["body:customer: no such customer (import customers first)"]


@pytest.mark.parametrize(
    ("document", "where", "message"),
    [
        ([], "", "a request carries 1 to 1000 orders"),
        ([{}] * (MOST_ORDERS + 1), "", "a request carries 1 to 1000 orders"),
        ("O-1", "", "an order is an object"),
        ([order(), 7], "[1]", "an order is an object"),
        ([order(), order()], "[1].external_id", "the same as in [0]"),
        (order(lines=[]), "lines", "an order has a list of one line or more"),
        (order(lines=["x"]), "lines[0]", "a line is an object"),
        (order(external_id=5), "external_id", "must be text"),
        (order(promocode="X"), "promocode", "unknown field"),
        (order(lines=[{"what": "x", "price": True}]), "lines[0].price", "must be a number"),
        (order(customer="c1\0"), "customer", "holds a line break or another control character"),
    ],
)
async def test_what_is_no_order_is_said(shop: Shop, document: object, where: str, message: str) -> None:
    with pytest.raises(BadInput) as caught:
        await _accept(shop, document)
    assert (where, message) in [(one.where, one.message) for one in caught.value.problems]


async def test_a_lead_an_order_closed_is_told_as_any_other_closed_lead(shop: Shop) -> None:
    await shop.campaign([await shop.customer()], name="весна")
    await _accept(shop, order())
    async with shop.open_unit() as unit:
        lead, customer = await unit.leads.lock(1), await unit.customers.named("c1")
    (row,) = await shop.rows("select key, customer_id, kind, payload, state, created_at from crm_updates")
    expected = lead_closed_news(lead, customer=customer, campaign="весна", at=LATER)
    assert (row.key, row.customer_id, row.kind, row.payload, row.created_at) == (
        expected.key,
        expected.customer_id,
        expected.kind,
        expected.payload,
        expected.created_at,
    )
    assert await shop.rows("select args, lock, priority, status from procrastinate_jobs") == [
        ({"update_id": 1}, "crm:1", -1, "todo")
    ]


async def test_a_finished_campaign_tells_of_everybody_it_left(shop: Shop) -> None:
    campaign = await shop.campaign([await shop.customer() for _ in range(3)])
    await change_campaign(shop.open_unit, campaign.id, CampaignEvent.FINISH, by="Анна", now=LATER)
    rows = await shop.rows("select payload->'lead'->>'ended_by' as end, count(*) from crm_updates group by 1")
    assert rows == [("campaign", 3)]
    assert await shop.value("select count(*) from procrastinate_jobs where task_name = 'update_crm'") == 3
