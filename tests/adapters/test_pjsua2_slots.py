"""A slot of pjsua2 goes from one call to the next without harm to either."""

import asyncio

from voicebot.adapters.pjsua2_channel import CallChannel, LoopGate
from voicebot.adapters.pjsua2_endpoint import CALL_SLOTS, Pjsua2Endpoint, SipSettings
from voicebot.adapters.pjsua2_switchboard import Arrival, Switchboard
from voicebot.application.ports.telephone import Disconnected, Frame, Ringing
from voicebot.domain.call import Cause
from voicebot.domain.errors import NoFreeSlot


async def test_a_call_that_takes_the_slot_of_one_just_ended_lives() -> None:
    endpoint = Pjsua2Endpoint(SipSettings(), trunks=())
    gate = LoopGate(asyncio.get_running_loop())
    board = Switchboard(endpoint, gate, ())
    arrived: list[int] = []

    def ring(arrival: Arrival) -> None:
        arrived.append(arrival.leg)
        endpoint.submit(lambda: board.ring(arrival.leg))

    board.on_arrival = ring
    await endpoint.start()
    await endpoint.run(board.open)
    host, port = endpoint.addresses[next(iter(endpoint.addresses))]
    uri = f"sip:x@{host}:{port}"
    first, second, third = (CallChannel(gate) for _ in range(3))

    # A call to ourselves takes two slots.
    number = await endpoint.run(lambda: board.dial(uri, "", first))
    await endpoint.run(lambda: board.dial(uri, "", second))
    async with asyncio.timeout(20):
        while len(arrived) < CALL_SLOTS - 2:  # noqa: ASYNC110  # the switchboard tells a function, not an event
            await asyncio.sleep(0.01)

    def end_and_dial_at_once() -> int:
        """What a busy machine does now and then: the next call is dialled before the ended one is cleared away."""
        board.end(number)
        while not first.finished:
            endpoint.poll()
        while True:
            try:
                return board.dial(uri, "", third)
            except NoFreeSlot:
                endpoint.poll()

    last = await endpoint.run(end_and_dial_at_once)
    async with asyncio.timeout(20):
        assert await third.events.get() == Ringing(early_media=False)
        await endpoint.run(lambda: board.end(last))
        while isinstance(over := await third.events.get(), Ringing | Frame):
            pass
    assert over == Disconnected(cause=Cause.NO_ANSWER, sip_code=487, by_us=True)
    await endpoint.stop()
