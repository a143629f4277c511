"""Trial calls in their table."""

from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, case, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.store.trial_call_tables import trial_calls
from voicebot.domain.call import Speaker, Turn
from voicebot.domain.intent import Intent
from voicebot.domain.outcome import Disposition, Group
from voicebot.domain.trial_call import NewTrialCall, TrialCall, TrialEnding, TrialResult

_OPEN: Final = trial_calls.c.ended_at.is_(None)


class SqlTrialCalls:
    """The trial calls of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def request(self, wanted: NewTrialCall) -> int | None:
        added = await self._connection.execute(
            insert(trial_calls)
            .values(
                requested_by=wanted.requested_by,
                address=wanted.address,
                script=wanted.script,
                dialplan=wanted.dialplan,
                variables=dict(wanted.variables),
                about=wanted.about,
                requested_at=wanted.requested_at,
            )
            .on_conflict_do_nothing()
            .returning(trial_calls.c.id)
        )
        row = added.one_or_none()
        return int(row.id) if row is not None else None

    async def lock_next(self, *, dialplan: str, asked_after: datetime) -> TrialCall | None:
        query = (
            select(trial_calls)
            .where(_OPEN, trial_calls.c.owner == "", trial_calls.c.requested_at > asked_after)
            .order_by(trial_calls.c.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if dialplan:
            query = query.where(trial_calls.c.dialplan.in_((dialplan, "")))
        return _maybe((await self._connection.execute(query)).one_or_none())

    async def claim(self, trial_id: int, *, owner: str, until: datetime) -> None:
        await self._change(trial_id, {"owner": owner, "lease_until": until})

    async def keep(self, trial_id: int, *, owner: str, until: datetime) -> bool:
        return await self._change(trial_id, {"lease_until": until}, trial_calls.c.owner == owner)

    async def answered(self, trial_id: int, *, at: datetime) -> None:
        await self._change(trial_id, {"answered_at": at})

    async def occupy(self, trial_id: int, trunk: str) -> bool:
        return await self._change(trial_id, {"trunk": trunk})

    async def end(self, trial_id: int, ending: TrialEnding, *, at: datetime) -> bool:
        values = {
            "ended_at": at,
            "result": ending.result,
            "turns": [asdict(turn) for turn in ending.turns],
            "outcome_group": ending.group,
            "disposition": ending.disposition,
        }
        return await self._change(trial_id, values)

    async def close_lost(self, now: datetime, *, asked_before: datetime) -> int:
        waits = trial_calls.c.owner == ""
        lost = case((waits, trial_calls.c.requested_at < asked_before), else_=trial_calls.c.lease_until < now)
        result = case((waits, TrialResult.EXPIRED.value), else_=TrialResult.INTERRUPTED.value)
        closed = await self._connection.execute(
            update(trial_calls).where(_OPEN, lost).values(ended_at=now, result=result)
        )
        return closed.rowcount

    async def last_of(self, requested_by: str, about: str) -> TrialCall | None:
        query = (
            select(trial_calls)
            .where(trial_calls.c.requested_by == requested_by, trial_calls.c.about == about)
            .order_by(trial_calls.c.id.desc())
            .limit(1)
        )
        return _maybe((await self._connection.execute(query)).one_or_none())

    async def _change(self, trial_id: int, values: dict[str, Any], *also: Any) -> bool:
        changed = await self._connection.execute(
            update(trial_calls).where(trial_calls.c.id == trial_id, _OPEN, *also).values(values)
        )
        return changed.rowcount == 1


def _maybe(row: Row[*tuple[Any, ...]] | None) -> TrialCall | None:
    if row is None:
        return None
    return TrialCall(
        id=row.id,
        requested_by=row.requested_by,
        address=row.address,
        script=row.script,
        dialplan=row.dialplan,
        variables=row.variables,
        about=row.about,
        requested_at=row.requested_at,
        owner=row.owner,
        answered_at=row.answered_at,
        ended_at=row.ended_at,
        result=TrialResult(row.result) if row.result is not None else None,
        turns=tuple(_turn_of(one) for one in row.turns),
        group=Group(row.outcome_group) if row.outcome_group is not None else None,
        disposition=Disposition(row.disposition) if row.disposition is not None else None,
    )


def _turn_of(stored: dict[str, Any]) -> Turn:
    intent = stored["intent"]
    known = {"speaker": Speaker(stored["speaker"]), "intent": Intent(intent) if intent else None}
    return Turn(**(stored | known))
