"""A change under an Idempotency-Key is made once."""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from http import HTTPStatus

import pytest

from tests.application.campaigns.shop import Shop
from tests.entrypoints.desk.conftest import MovingClock
from tests.entrypoints.web.conftest import Holder, escalated
from voicebot.application.desk.api_tokens import forget_keys
from voicebot.application.desk.escalations import add_note
from voicebot.application.ports.api_tokens import COMMITTED
from voicebot.application.ports.desk_unit import OpenDeskUnit
from voicebot.domain.api_token import Scope
from voicebot.domain.user import User
from voicebot.entrypoints.web.api.application import ROUTES
from voicebot.entrypoints.web.api.keys import Api
from voicebot.entrypoints.web.api.once import Answer, Claim, Work, once
from voicebot.entrypoints.web.api.problems import Refused

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


class Died(BaseException):
    """The process is killed: nothing after this happens."""


def claimed(api: Api) -> Claim:
    return Claim(api=api, caller="token:1", key="k-1", request_hash="x")


def noting(entry: int, api: Api, *, then: BaseException | None = None) -> Work:
    """Work that writes a note and commits; `then`: what happens before it can be answered."""

    async def work(open_unit: OpenDeskUnit) -> Answer:
        by = User(id=0, login="token:1", name="CRM", roles=frozenset(), created_at=api.clock.now())
        await add_note(open_unit, entry, "раз", by=by, now=api.clock.now())
        async with api.open_unit() as unit:  # beside the work, as anybody sees it
            kept = await unit.idempotency_keys.find("token:1", "k-1")
        assert kept is not None and kept.status == COMMITTED, "the work's commit has marked its key"
        if then is not None:
            raise then
        return Answer(body={"done": True})

    return work


async def refused(doing: Awaitable[Answer]) -> str:
    with pytest.raises(Refused) as found:
        await doing
    assert found.value.status == 409
    return str(found.value)


async def test_a_process_that_dies_after_its_commit_never_doubles_the_work(
    shop: Shop, api: Api, clock: MovingClock
) -> None:
    _, entry = await escalated(shop)
    with pytest.raises(Died):
        await once(claimed(api), noting(entry, api, then=Died()), api.open_unit)
    assert "is being worked on" in await refused(once(claimed(api), noting(entry, api), api.open_unit))
    clock.time += timedelta(seconds=61)
    for _ in range(2):
        assert "may have been carried out" in await refused(once(claimed(api), noting(entry, api), api.open_unit))
    assert await shop.value("select count(*) from escalation_notes") == 1


async def test_a_process_that_dies_before_its_commit_has_done_nothing_and_the_work_is_done_again(
    shop: Shop, api: Api, clock: MovingClock
) -> None:
    _, entry = await escalated(shop)

    async def dies(open_unit: OpenDeskUnit) -> Answer:
        async with open_unit() as unit:
            await unit.escalation_queue.get(entry)
            raise Died

    with pytest.raises(Died):
        await once(claimed(api), dies, api.open_unit)
    assert (await once(claimed(api), noting(entry, api), api.open_unit)).body == {"done": True}
    assert (await once(claimed(api), noting(entry, api), api.open_unit)).replayed
    assert await shop.value("select count(*) from escalation_notes") == 1


async def test_work_that_was_given_up_for_dead_does_not_commit_after_all(
    shop: Shop, api: Api, clock: MovingClock
) -> None:
    _, entry = await escalated(shop)

    async def slow(open_unit: OpenDeskUnit) -> Answer:
        clock.time += timedelta(seconds=61)
        assert (await once(claimed(api), noting(entry, api), api.open_unit)).body == {"done": True}
        return await noting(entry, api)(open_unit)

    assert "another request with this key" in await refused(once(claimed(api), slow, api.open_unit))
    assert await shop.value("select count(*) from escalation_notes") == 1
    assert (await once(claimed(api), noting(entry, api), api.open_unit)).replayed, "the quicker one's answer stays"


async def test_what_the_handler_itself_refuses_frees_its_key_whatever_was_tidied_up(shop: Shop, api: Api) -> None:
    _, entry = await escalated(shop)
    said = Refused(HTTPStatus.CONFLICT, "one at a time")
    assert await refused(once(claimed(api), noting(entry, api, then=said), api.open_unit)) == "one at a time"
    assert (await once(claimed(api), noting(entry, api), api.open_unit)).body == {"done": True}


async def test_what_may_be_repeated_is_worked_on_again_after_a_crash(
    holder: Holder, shop: Shop, clock: MovingClock
) -> None:
    await shop.customer()
    program = await holder(Scope.ORDERS_WRITE)
    assert (await program.tell("/api/orders", ORDER, key="k-1")).status == 200
    assert await shop.value("select status from idempotency_keys") == 200
    marked = {route.name for route in ROUTES if route.once and not route.repeatable}
    assert not {"takeOrders", "takeEvent"} & marked and {"noteEscalation", "sendDraft"} <= marked


async def test_a_half_known_key_is_told_over_http(holder: Holder, shop: Shop, clock: MovingClock) -> None:
    _, entry = await escalated(shop)
    program, address = await holder(), f"/api/v1/escalations/{entry}/notes"
    assert (await program.tell(address, {"text": "раз"}, key="k-1")).status == 200
    await shop.execute(f"update idempotency_keys set status = {COMMITTED}, answer = '{{}}'")  # died before it kept it
    clock.time += timedelta(seconds=61)
    reply = await program.tell(address, {"text": "раз"}, key="k-1")
    (problem,) = (await reply.json())["problems"]
    assert (reply.status, problem["path"]) == (409, "Idempotency-Key")
    assert problem["repair"] == "look at what is there, then use a new key"
    assert await shop.value("select count(*) from escalation_notes") == 1
