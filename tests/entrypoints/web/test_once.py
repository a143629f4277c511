"""A change under an Idempotency-Key is made once."""

import asyncio
from datetime import timedelta

from tests.application.campaigns.shop import Shop
from tests.entrypoints.desk.conftest import MovingClock
from tests.entrypoints.web.conftest import Holder, escalated
from voicebot.application.desk.api_tokens import forget_keys
from voicebot.domain.api_token import Scope
from voicebot.entrypoints.web.api.keys import Api

ORDER = {
    "external_id": "O-1",
    "customer": "c1",
    "placed_at": "2026-11-24T11:00:00+03:00",
    "lines": [{"what": "Кофе", "price": 1290.10, "quantity": 3}],
}


async def test_the_same_key_gets_the_same_answer_and_does_nothing(holder: Holder, shop: Shop) -> None:
    await shop.customer()
    program = await holder(Scope.ORDERS_WRITE)
    first = await program.tell("/api/orders", ORDER, key="k-1")
    again = await program.tell("/api/orders", ORDER, key="k-1")
    assert await first.json() == await again.json() == {"added": 1, "updated": 0, "leads_closed": 0, "promo_codes": []}
    assert ("Idempotent-Replayed" in first.headers, again.headers["Idempotent-Replayed"]) == (False, "true")
    assert await shop.value("select count(*) from audit_log where action = 'orders.imported'") == 1
    other = await program.tell("/api/orders", ORDER, key="k-2")
    assert (await other.json())["updated"] == 1


async def test_a_key_with_another_request_is_refused(holder: Holder, shop: Shop) -> None:
    await shop.customer()
    program = await holder(Scope.ORDERS_WRITE)
    assert (await program.tell("/api/orders", ORDER, key="k-1")).status == 200
    other = await program.tell("/api/orders", {**ORDER, "external_id": "O-2"}, key="k-1")
    assert (other.status, (await other.json())["problems"][0]["path"]) == (422, "Idempotency-Key")
    assert await shop.value("select count(*) from orders") == 1


async def test_keys_of_different_tokens_do_not_meet(holder: Holder, shop: Shop) -> None:
    await shop.customer()
    for _ in range(2):
        program = await holder(Scope.ORDERS_WRITE)
        reply = await program.tell("/api/orders", ORDER, key="k-1")
        assert "Idempotent-Replayed" not in reply.headers


async def test_of_many_at_once_with_one_key_one_is_executed(holder: Holder, shop: Shop) -> None:
    _, entry = await escalated(shop)
    program = await holder()
    address = f"/api/v1/escalations/{entry}/notes"
    replies = await asyncio.gather(*(program.tell(address, {"text": "раз"}, key="k-1") for _ in range(12)))
    statuses = [one.status for one in replies]
    assert set(statuses) <= {200, 409}
    assert {one.headers.get("Retry-After") for one in replies if one.status == 409} <= {"1"}
    assert await shop.value("select count(*) from escalation_notes") == 1
    assert (await program.tell(address, {"text": "раз"}, key="k-1")).headers["Idempotent-Replayed"] == "true"


async def test_a_request_that_failed_may_come_again_under_its_key(holder: Holder, shop: Shop) -> None:
    program = await holder(Scope.ORDERS_WRITE)
    assert (await program.tell("/api/orders", ORDER, key="k-1")).status == 422  # no such customer
    await shop.customer()
    assert (await program.tell("/api/orders", ORDER, key="k-1")).status == 200


async def test_the_claim_of_a_process_that_died_is_taken_over(holder: Holder, shop: Shop, clock: MovingClock) -> None:
    await shop.customer()
    program = await holder(Scope.ORDERS_WRITE)
    assert (await program.tell("/api/orders", ORDER, key="k-1")).status == 200
    await shop.execute("update idempotency_keys set status = 0, answer = '{}'")
    assert (await program.tell("/api/orders", ORDER, key="k-1")).status == 409
    clock.time += timedelta(seconds=61)
    assert (await program.tell("/api/orders", ORDER, key="k-1")).status == 200


async def test_keys_are_forgotten_after_two_days_and_not_before_one(
    holder: Holder, shop: Shop, clock: MovingClock, api: Api
) -> None:
    await shop.customer()
    program = await holder(Scope.ORDERS_WRITE)
    await program.tell("/api/orders", ORDER, key="k-1")
    for hours, kept in ((25, 1), (24, 0)):
        clock.time += timedelta(hours=hours)
        await forget_keys(api.open_unit, clock.now())
        assert await shop.value("select count(*) from idempotency_keys") == kept


async def test_no_answer_that_is_kept_holds_anything_of_a_person(holder: Holder, shop: Shop) -> None:
    _, entry = await escalated(shop)
    program = await holder()
    customer = await shop.value("select id from customers")
    await program.tell(f"/api/v1/escalations/{entry}/take", key="k-1")
    await program.tell(f"/api/v1/customers/{customer}/stop", key="k-2")
    kept = str(await shop.rows("select answer from idempotency_keys"))
    assert "token:1" in kept
    assert not [one for one in ("Иван", "+7916", "курьер") if one in kept]
