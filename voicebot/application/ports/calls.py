"""Attempts being made and ended, as the use cases ask for them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from voicebot.domain.attempt import Attempt, AttemptEnding, CallFilter, CallRecord, CallSummary, NewAttempt
from voicebot.domain.call import Turn
from voicebot.domain.dead_numbers import NumberAnswer
from voicebot.domain.phone import Phone


class CallRepository(Protocol):
    """The attempts of all leads."""

    async def begin(self, attempt: NewAttempt) -> Attempt:
        """Write an attempt down before it is dialled."""

    async def begin_all(self, attempts: Sequence[NewAttempt]) -> tuple[Attempt, ...]:
        """Write attempts down, at most one of each lead; in their order."""

    async def lock(self, call_id: int) -> Attempt:
        """The attempt, kept from others until the end of the unit; raises NotFound."""

    async def lock_last(self, lead_id: int) -> Attempt | None:
        """The newest attempt of a lead, kept likewise."""

    async def end(self, call_id: int, ending: AttemptEnding) -> None:
        """Write down everything that came of an attempt: the call, its turns and its tags."""

    async def answer(self, call_id: int, *, at: datetime, recording: str) -> None:
        """The call in progress was answered; `recording` is its path below the recordings folder."""

    async def write_turns(self, call_id: int, changed: Mapping[int, Turn]) -> None:
        """Write turns by their place in the transcript, over what stands there."""

    async def forget(self, call_id: int) -> None:
        """Take back an attempt that was never dialled."""

    async def customer_spoke(self, call_id: int) -> bool:
        """Whether the transcript, as far as it goes, holds words of the customer."""

    async def has_hung_up(self, customer_id: int, *, before: int) -> bool:
        """Whether the person hung up in a call older than `before`, in any campaign."""

    async def answers_of(self, customer_id: int, phone: Phone, *, before: int) -> tuple[NumberAnswer, ...]:
        """What came of the last calls to one number of a person, older than `before`; the newest first."""


class CallLog(Protocol):
    """The calls as people read them."""

    async def find(self, wanted: CallFilter) -> tuple[CallSummary, ...]:
        """The calls that fit, newest first."""

    async def show(self, call_id: int) -> CallRecord:
        """One call with its turns and all that came of it; raises NotFound."""
