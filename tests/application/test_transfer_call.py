"""A transfer waits a moment for the slot that a caller has taken."""

import asyncio

import pytest

from voicebot.application.transfer_call import TransferPlan, transfer_call
from voicebot.testing.fake_telephone import FakeNetwork, FakeTelephone
from voicebot.testing.line_conditions import tone
from voicebot.testing.virtual_time import in_virtual_time

PLAN = TransferPlan(targets=("sip:manager@office",), caller_id="+74951234567", ring_timeout_s=10)


async def picks_up(telephone: FakeTelephone) -> None:
    """Accept whatever comes."""
    async for incoming in telephone.incoming():
        await incoming.accept(recording=None)


@pytest.mark.parametrize(("over_after_s", "put_through"), [(4.0, True), (60.0, False)])
def test_it_is_put_through_once_another_call_of_the_process_is_over(over_after_s: float, put_through: bool) -> None:
    @in_virtual_time
    async def transferred() -> None:
        network, told = FakeNetwork(slots=2), list[bool]()
        bot = network.telephone("bot")
        people = [asyncio.create_task(picks_up(network.telephone(host))) for host in ("home", "shop", "office")]
        customer = await bot.dial("sip:1@home", caller_id="+74951234567", ring_timeout_s=10, recording=None)
        other = await bot.dial("sip:2@shop", caller_id="+74951234567", ring_timeout_s=10, recording=None)
        ending = asyncio.get_running_loop().call_later(over_after_s, lambda: people.append(_hang_up(other)))
        transfer = asyncio.create_task(transfer_call(bot, customer, PLAN, tone((440,), 200), report=told.append))
        await asyncio.sleep(20)
        assert told == [put_through]
        ending.cancel()
        for task in (transfer, *people):
            task.cancel()
        await asyncio.gather(transfer, *people, return_exceptions=True)

    transferred()


def _hang_up(call: object) -> "asyncio.Task[None]":
    return asyncio.ensure_future(call.hang_up())  # type: ignore[attr-defined, no-any-return]  # a PhoneCall
