"""A call-back by a click: real SIP, real sound both ways, a real database and the real line process."""

import asyncio
import signal
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.application.campaigns.shop import NOON, TURNS, Shop, a_line, answered, outcome
from tests.entrypoints.street import telephones
from tests.entrypoints.terminal import terminal_in
from voicebot.application.record_outcome import OutcomeRules, record_outcome
from voicebot.domain.click_call import NewClickCall
from voicebot.domain.contact_hours import AROUND_THE_CLOCK
from voicebot.domain.contact_policy import ContactPolicy
from voicebot.domain.message import Sender
from voicebot.domain.outcome import ActionKind, Disposition, FollowUp, Group
from voicebot.rehearsal.persona import Answers, Expectation, HangUp, KeepSilent, Persona, Role, Say, WaitBot
from voicebot.rehearsal.witness import CallWitness, read_witnesses

MANAGER, CUSTOMER = "+74950000001", "+79160000001"
ANNA = Persona(
    name="anna",
    description="менеджер: слышит, что её соединяют, слышит клиента, отвечает ему и кладёт трубку",
    role=Role.MANAGER,
    line=Answers(after_ms=300),
    script=(
        WaitBot(silence_ms=500),
        WaitBot(silence_ms=500),
        Say(text="здравствуйте это менеджер"),
        KeepSilent(length_ms=500),
        HangUp(),
    ),
)
WAITED = Persona(
    name="waited",
    description="клиент, который ждал звонка и не кладёт трубку сам",
    line=Answers(after_ms=1500),
    script=(KeepSilent(length_ms=700), Say(text="алло слушаю вас"), WaitBot(), KeepSilent(length_ms=60_000)),
    expect=Expectation(group=Group.NEGATIVE, disposition=Disposition.COMPLAINT),
)
RULES = OutcomeRules(
    policy=ContactPolicy(hours=AROUND_THE_CLOCK),
    templates={},
    sender=Sender(company="Пример", rules_url="https://example.ru/promo"),
    draw=lambda below: 7 % below,
)


@pytest.fixture
def shop(engine: AsyncEngine) -> Shop:
    return Shop(engine)


async def escalated(shop: Shop) -> int:
    await shop.campaign([await shop.customer(phones=(CUSTOMER,))], dialplan="street")
    call = (await shop.claim(a_line("earlier"))).call
    wish = FollowUp(kind=ActionKind.ESCALATE, urgent=True, reason="курьер нагрубил")
    complaint = outcome(Disposition.COMPLAINT, wish, group=Group.NEGATIVE)
    await record_outcome(shop.open_unit, call.id, answered(NOON, TURNS), complaint, RULES)
    return int(await shop.value("select id from escalations"))


async def click(shop: Shop, escalation: int) -> None:
    wanted = NewClickCall(
        escalation_id=escalation,
        customer_id=await shop.value("select customer_id from escalations"),
        requested_by="anna",
        manager_address=MANAGER,
        requested_at=datetime.now(UTC),
    )
    async with shop.open_unit() as unit:
        await unit.click_calls.request(wanted)
        await unit.wake.lines()
        await unit.commit()


def of(persona: str, folder: Path) -> CallWitness:
    (one,) = (one for one in read_witnesses(folder / "callees") if one.persona == persona)
    return one


async def test_a_manager_and_a_customer_hear_each_other(tmp_path: Path, database_url: str, shop: Shop) -> None:
    escalation = await escalated(shop)
    async with telephones({MANAGER: ANNA, CUSTOMER: WAITED}, tmp_path) as (_, dialplan):
        terminal = terminal_in(tmp_path, database_url).with_(dialplan=str(dialplan))
        process = await terminal.start("dial", "--lines", "1")
        try:
            async with asyncio.timeout(90):
                while not await shop.value("select count(*) from processes"):  # noqa: ASYNC110  # another process
                    await asyncio.sleep(0.2)
                await click(shop, escalation)
                while await shop.value("select result from click_calls") is None:  # noqa: ASYNC110  # another process
                    await asyncio.sleep(0.2)
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(40):
                _, told = await process.communicate()
            assert process.returncode == 0, told.decode()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    (row,) = await shop.rows("select result, manager_answered_at < customer_answered_at from click_calls")
    assert tuple(row) == ("talked", True)
    manager, customer = of("anna", tmp_path), of("waited", tmp_path)
    assert len(manager.bot_began) >= 2, "«соединяю», then the customer"
    assert len(customer.bot_began) == 1, "the manager, and nothing of what the manager was told"
    assert manager.left_by_itself
    assert not customer.left_by_itself, "who is left alone is hung up on"
    assert customer.caller.lstrip("+") == "74951234567"
    assert await shop.value("select count(*) from calls") == 1, "it is no attempt of the campaign"
