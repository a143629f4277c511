"""A message is handed over once, and its fate is stored."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.application.campaigns.shop import NOON, Shop, answered, outcome
from voicebot.adapters.procrastinate_worker import Periodic, ProcrastinateWorker
from voicebot.adapters.sms_file import FileSmsGateway
from voicebot.adapters.sms_smpp import SmppSmsGateway
from voicebot.adapters.system_clock import SystemClock
from voicebot.application.deliver_message import deliver_message, record_delivery
from voicebot.application.do_jobs import JobDesk
from voicebot.application.ports.jobs import Task
from voicebot.application.ports.messages import DeliveryReport, DeliveryState, SmsGateway
from voicebot.application.record_outcome import OutcomeRules, record_outcome
from voicebot.domain.errors import GatewayError, StoreError
from voicebot.domain.outcome import ActionKind, Disposition, FollowUp, Group
from voicebot.testing.fake_crm import FakeCrm
from voicebot.testing.fake_sms_gateway import FakeSmsGateway
from voicebot.testing.smpp_server import SmppServer

ACCEPTED = outcome(
    Disposition.ACCEPTED,
    FollowUp(kind=ActionKind.PROMO),
    FollowUp(kind=ActionKind.SMS, template="promo"),
    group=Group.INTERESTED,
)
AWAY = GatewayError("the gateway is away", retryable=True)
REFUSED = GatewayError("the gateway refused", retryable=False)


async def _queued(shop: Shop, rules: OutcomeRules, people: int = 1) -> int:
    """Id of the first of `people` messages waiting to be sent."""
    await shop.campaign([await shop.customer() for _ in range(people)])
    for _ in range(people):
        await record_outcome(shop.open_unit, (await shop.claim()).call.id, answered(), ACCEPTED, rules)
    return int(await shop.value("select min(id) from messages"))


def _worker(shop: Shop, rules: OutcomeRules, gateway: SmsGateway, *periodic: Periodic) -> ProcrastinateWorker:
    desk = JobDesk(open_unit=shop.open_unit, gateway=gateway, crm=FakeCrm(), rules=rules, clock=SystemClock())
    url = shop.engine.url.render_as_string(hide_password=False)
    return ProcrastinateWorker(url, handlers={Task.DELIVER_MESSAGE: desk.deliver}, periodic=periodic, first_pause_s=0)


async def test_a_doubled_job_sends_once(shop: Shop, rules: OutcomeRules) -> None:
    message_id, gateway = await _queued(shop, rules), FakeSmsGateway()
    states = await asyncio.gather(
        *(deliver_message(shop.open_unit, message_id, gateway, NOON, last_try=False) for _ in range(4))
    )
    assert states == [DeliveryState.SENT] * 4
    assert gateway.handed_over == 1


async def test_a_passing_failure_is_raised_for_another_try(shop: Shop, rules: OutcomeRules) -> None:
    message_id, gateway = await _queued(shop, rules), FakeSmsGateway([AWAY])
    with pytest.raises(GatewayError, match="away"):
        await deliver_message(shop.open_unit, message_id, gateway, NOON, last_try=False)
    assert await shop.rows("select state, attempts, error from messages") == [("queued", 1, "the gateway is away")]
    await deliver_message(shop.open_unit, message_id, gateway, NOON, last_try=False)
    assert await shop.rows("select state, attempts, error from messages") == [("sent", 2, "")]


@pytest.mark.parametrize(("failure", "last_try"), [(REFUSED, False), (AWAY, True)])
async def test_a_final_failure_is_stored(
    shop: Shop, rules: OutcomeRules, failure: GatewayError, last_try: bool
) -> None:
    message_id, gateway = await _queued(shop, rules), FakeSmsGateway([failure])
    state = await deliver_message(shop.open_unit, message_id, gateway, NOON, last_try=last_try)
    assert state is DeliveryState.FAILED
    assert await shop.rows("select state, error from messages") == [("failed", str(failure))]


async def test_a_stop_after_the_call_keeps_the_message_back(shop: Shop, rules: OutcomeRules) -> None:
    message_id, gateway = await _queued(shop, rules), FakeSmsGateway()
    async with shop.open_unit() as unit:
        message = await unit.outbox.lock(message_id)
        await unit.stop_list.add(message.customer_id, at=NOON, reason="", source="test")
        await unit.commit()
    state = await deliver_message(shop.open_unit, message_id, gateway, NOON, last_try=False)
    assert state is DeliveryState.BLOCKED
    assert gateway.handed_over == 0
    assert await shop.value("select error from messages") == "stop_list"


async def test_reports_change_a_sent_message_and_never_undo_a_delivery(shop: Shop, rules: OutcomeRules) -> None:
    message_id, gateway = await _queued(shop, rules), FakeSmsGateway()
    report = DeliveryReport(gateway_id="fake-none", state=DeliveryState.DELIVERED)
    assert not await record_delivery(shop.open_unit, report, NOON)
    await deliver_message(shop.open_unit, message_id, gateway, NOON, last_try=False)
    report = replace(report, gateway_id=f"fake-{await shop.value('select key from messages')}")
    assert await record_delivery(shop.open_unit, report, NOON)
    assert await record_delivery(shop.open_unit, replace(report, state=DeliveryState.FAILED), NOON)
    assert await shop.rows("select state, reported_at from messages") == [("delivered", NOON)]


async def test_the_worker_writes_every_message_into_the_file_once(
    shop: Shop, rules: OutcomeRules, tmp_path: Path
) -> None:
    await _queued(shop, rules, people=3)
    file = tmp_path / "sms.jsonl"
    for _ in range(2):
        await _worker(shop, rules, FileSmsGateway(file)).run(asyncio.Event(), until_empty=True)
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert len(lines) == 3
    assert {row.text for row in await shop.rows("select text from messages where state = 'sent'")} == {
        line["text"] for line in lines
    }


async def test_the_worker_tries_again_and_gives_up_in_the_end(shop: Shop, rules: OutcomeRules) -> None:
    await _queued(shop, rules)
    patient = FakeSmsGateway([AWAY, AWAY])
    worker = _worker(shop, rules, patient)
    await _run_until(worker, shop, "select count(*) from messages where state = 'sent'", 1)
    assert patient.handed_over == 3
    await _queued(shop, rules)
    hopeless = FakeSmsGateway([AWAY] * 100)
    await _run_until(_worker(shop, rules, hopeless), shop, "select count(*) from messages where state = 'failed'", 1)
    assert hopeless.handed_over == 6


async def test_a_worker_stops_when_told_and_finishes_what_it_does(shop: Shop, rules: OutcomeRules) -> None:
    begun, stop = asyncio.Event(), asyncio.Event()

    class Slow(FakeSmsGateway):
        async def send(self, message):  # type: ignore[no-untyped-def]  # as the fake's
            begun.set()
            await asyncio.sleep(0.2)
            return await super().send(message)

    await _queued(shop, rules)
    running = asyncio.create_task(_worker(shop, rules, Slow()).run(stop))
    await asyncio.wait_for(begun.wait(), 10)
    stop.set()
    await asyncio.wait_for(running, 10)
    assert await shop.value("select state from messages") == "sent"


async def test_periodic_work_comes_by_the_clock(shop: Shop, rules: OutcomeRules) -> None:
    came, stop = asyncio.Event(), asyncio.Event()

    async def reap() -> None:
        came.set()

    periodic = Periodic(task=Task.REAP_LEASES, cron="* * * * * */1", do=reap)
    running = asyncio.create_task(_worker(shop, rules, FakeSmsGateway(), periodic).run(stop))
    await asyncio.wait_for(came.wait(), 10)
    stop.set()
    await asyncio.wait_for(running, 10)


async def test_jobs_of_a_worker_that_died_begin_again(shop: Shop, rules: OutcomeRules) -> None:
    await _queued(shop, rules)
    async with shop.engine.begin() as connection:
        await connection.exec_driver_sql(
            "insert into procrastinate_workers (last_heartbeat) values (now() - interval '5 minutes')"
        )
        await connection.exec_driver_sql(
            "update procrastinate_jobs set status = 'doing', worker_id = (select id from procrastinate_workers)"
            " where task_name = 'deliver_message'"
        )
    gateway = FakeSmsGateway()
    await _worker(shop, rules, gateway).run(asyncio.Event(), until_empty=True)
    assert gateway.handed_over == 1


async def test_a_database_that_goes_away_ends_the_worker_with_its_reason(shop: Shop, rules: OutcomeRules) -> None:
    running = asyncio.create_task(_worker(shop, rules, FakeSmsGateway()).run(asyncio.Event()))
    await _until(shop, "select count(*) > 0 from procrastinate_workers")
    async with shop.engine.begin() as connection:
        await connection.exec_driver_sql("drop function procrastinate_fetch_job_v2")
    await _queued(shop, rules)  # wakes the worker
    with pytest.raises(StoreError, match="job queue"):
        await asyncio.wait_for(running, 30)


async def test_receipts_of_the_network_reach_the_message(shop: Shop, rules: OutcomeRules) -> None:
    message_id = await _queued(shop, rules)
    async with SmppServer() as server:
        gateway = SmppSmsGateway(host="127.0.0.1", port=server.port, system_id="a", password="b", sender="Primer")
        desk = JobDesk(open_unit=shop.open_unit, gateway=gateway, crm=FakeCrm(), rules=rules, clock=SystemClock())
        reading = asyncio.create_task(desk.read_reports())
        await desk.deliver({"message_id": message_id}, False)
        await server.deliver_receipt(server.messages[0], "DELIVRD")
        await _until(shop, "select state = 'delivered' from messages")
        await gateway.close()
        await reading


async def _run_until(worker: ProcrastinateWorker, shop: Shop, query: str, wanted: int) -> None:
    async with asyncio.timeout(20):
        while await shop.value(query) != wanted:
            await worker.run(asyncio.Event(), until_empty=True)


async def _until(shop: Shop, query: str) -> None:
    """Wait for what other tasks write."""
    async with asyncio.timeout(10):
        while not await shop.value(query):  # noqa: ASYNC110  # the database tells nobody
            await asyncio.sleep(0.05)


LOST = GatewayError("the gateway did not answer in time", retryable=True, uncertain=True)
LATER = NOON + timedelta(minutes=2)


async def _is_unknown(shop: Shop) -> bool:
    """Whether the message waits for a person, who was told."""
    told = await shop.rows("select kind, reason from escalations")
    return await shop.value("select state from messages") == "unknown" and [one.kind for one in told] == ["manager"]


async def test_a_lost_answer_is_never_sent_again_by_a_gateway_without_keys(shop: Shop, rules: OutcomeRules) -> None:
    message_id, gateway = await _queued(shop, rules), FakeSmsGateway([LOST], idempotent=False)
    for _ in range(2):
        state = await deliver_message(shop.open_unit, message_id, gateway, NOON, last_try=False)
        assert state is DeliveryState.UNKNOWN
    assert gateway.handed_over == 1
    assert await _is_unknown(shop)
    assert await shop.value("select count(*) from crm_updates where kind = 'escalation'") == 1


async def test_a_lost_answer_is_asked_for_again_where_the_gateway_knows_the_key(
    shop: Shop, rules: OutcomeRules
) -> None:
    message_id, gateway = await _queued(shop, rules), FakeSmsGateway([LOST])
    with pytest.raises(GatewayError, match="in time"):
        await deliver_message(shop.open_unit, message_id, gateway, NOON, last_try=False)
    assert await deliver_message(shop.open_unit, message_id, gateway, NOON, last_try=False) is DeliveryState.SENT


async def test_a_crash_while_sending_leaves_the_message_to_a_person(shop: Shop, rules: OutcomeRules) -> None:
    message_id = await _queued(shop, rules)

    class Killed(FakeSmsGateway):
        async def send(self, message):  # type: ignore[no-untyped-def]  # as its parent's
            await super().send(message)
            raise KeyboardInterrupt  # nothing after this is done

    killed, gateway = Killed(idempotent=False), FakeSmsGateway(idempotent=False)
    with pytest.raises(KeyboardInterrupt):
        await deliver_message(shop.open_unit, message_id, killed, NOON, last_try=False)
    with pytest.raises(GatewayError, match="being sent already"):  # the other process may be alive
        await deliver_message(shop.open_unit, message_id, gateway, NOON, last_try=False)
    state = await deliver_message(shop.open_unit, message_id, gateway, LATER, last_try=False)
    assert (state, gateway.handed_over) == (DeliveryState.UNKNOWN, 0)
    assert await _is_unknown(shop)


async def test_a_failure_that_is_certain_is_tried_again_by_a_gateway_without_keys(
    shop: Shop, rules: OutcomeRules
) -> None:
    message_id, gateway = await _queued(shop, rules), FakeSmsGateway([AWAY], idempotent=False)
    with pytest.raises(GatewayError, match="away"):
        await deliver_message(shop.open_unit, message_id, gateway, NOON, last_try=False)
    assert await deliver_message(shop.open_unit, message_id, gateway, NOON, last_try=False) is DeliveryState.SENT
    assert await shop.value("select handed_at from messages") is None


async def test_a_doubled_job_sends_once_through_a_gateway_without_keys(shop: Shop, rules: OutcomeRules) -> None:
    message_id, gateway = await _queued(shop, rules), FakeSmsGateway(idempotent=False)
    results = await asyncio.gather(
        *(deliver_message(shop.open_unit, message_id, gateway, NOON, last_try=False) for _ in range(4)),
        return_exceptions=True,
    )
    assert gateway.handed_over == 1
    assert set(map(str, results)) <= {"sent", "the message is being sent already"}
    assert await shop.value("select state from messages") == "sent"
