"""People who are left alone until there is a reason, as the use cases ask for them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from voicebot.domain.contact_rules import Verdict
from voicebot.domain.segment import SelectionRules
from voicebot.domain.series import LossReason


class SeasonalList(Protocol):
    """The list of those who are lost for now."""

    async def add(self, customer_id: int, *, at: datetime, reason: LossReason, call_id: int | None) -> bool:
        """Put the person on the list, or renew the reason of one who is on it; whether they were not on it yet."""

    async def remove(self, customer_id: int) -> bool:
        """Take the person off the list: they came back, or are never to be called; whether they were on it."""

    async def counts(self) -> Mapping[str, int]:
        """How many people are on it, by reason; those who have ordered since are not counted."""

    async def callable(self, rules: SelectionRules, *, at: datetime) -> tuple[int, ...]:
        """Ids of those on it whom nothing but the list forbids to call, ascending."""

    async def close_leads(self, customer_id: int, *, but: int, verdict: Verdict, at: datetime) -> tuple[int, ...]:
        """End the waiting leads of the person in ordinary advertising campaigns, except lead `but`; their ids.

        A reminder of a code they took stays.
        """
