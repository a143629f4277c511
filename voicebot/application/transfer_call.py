"""Put a customer through to a manager."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Final

from voicebot.application.ports.telephone import (
    CallEvent,
    Connected,
    Disconnected,
    PhoneCall,
    PlaybackEnded,
    Telephone,
)
from voicebot.domain.audio import Audio
from voicebot.domain.errors import NoFreeSlot, TelephonyError

_TRIES: Final = 20
_BETWEEN_TRIES_S: Final = 0.5
"""Ten seconds in all: so long a customer who was asked to hold the line does."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TransferPlan:
    """Whom to ring, and how."""

    targets: tuple[str, ...]
    """SIP URIs of managers, tried in order."""
    caller_id: str
    """Number shown to the manager."""
    ring_timeout_s: float
    """How long one manager's phone rings, seconds."""


async def transfer_call(
    telephone: Telephone,
    customer: PhoneCall,
    plan: TransferPlan,
    summary: Audio,
    *,
    report: Callable[[bool], None],
) -> None:
    """Ring the managers in turn, whisper `summary` to the first who answers, then bridge (a warm transfer).

    Calls `report` exactly once: True when the customer has been put through, False when nobody could be reached.
    Returns when the manager has hung up (or at once after False); cancelling it hangs up on the manager.
    """
    for target in plan.targets:
        try:
            manager = await _dial(telephone, target, plan)
        except TelephonyError:
            # No slot, or no way to this one: the next target or, in the end, an escalation serves the customer.
            continue
        try:
            events = manager.events()
            if await _answered(events) and await _whispered(manager, events, summary):
                await customer.bridge(manager)
                report(True)
                await _gone(events)
                return
        finally:
            await asyncio.shield(manager.hang_up())
    report(False)


async def _dial(telephone: Telephone, target: str, plan: TransferPlan) -> PhoneCall:
    """Ring one manager; a caller may have taken the slot kept for this, and another call is soon over."""
    for _ in range(_TRIES):
        try:
            return await telephone.dial(
                target, caller_id=plan.caller_id, ring_timeout_s=plan.ring_timeout_s, recording=None
            )
        except NoFreeSlot:
            await asyncio.sleep(_BETWEEN_TRIES_S)
    return await telephone.dial(target, caller_id=plan.caller_id, ring_timeout_s=plan.ring_timeout_s, recording=None)


async def _answered(events: AsyncIterator[CallEvent]) -> bool:
    async for event in events:
        if isinstance(event, Connected):
            return True
        if isinstance(event, Disconnected):
            return False
    return False


async def _whispered(manager: PhoneCall, events: AsyncIterator[CallEvent], summary: Audio) -> bool:
    """Whether the manager heard the whole summary and is still there."""
    number = await manager.play(summary)
    async for event in events:
        if isinstance(event, PlaybackEnded) and event.number == number:
            return True
        if isinstance(event, Disconnected):
            return False
    return False


async def _gone(events: AsyncIterator[CallEvent]) -> None:
    async for event in events:
        if isinstance(event, Disconnected):
            return
