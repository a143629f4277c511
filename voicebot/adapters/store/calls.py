"""Attempts in their tables."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Final

from sqlalchemy import Row, Select, bindparam, delete, exists, insert, select, text, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.store.campaign_tables import call_tags, calls, customer_tags, turns
from voicebot.adapters.store.json_columns import action_json, offers_json, offers_of, verdict_json
from voicebot.domain.attempt import Attempt, AttemptEnding, NewAttempt
from voicebot.domain.call import Cause, Direction, Speaker, Turn
from voicebot.domain.dead_numbers import NumberAnswer
from voicebot.domain.errors import NotFound
from voicebot.domain.lead import LeadErrand
from voicebot.domain.outcome import Disposition
from voicebot.domain.phone import Phone

_TURN_FIELDS: Final = tuple(field.name for field in fields(Turn))
_LAST_ANSWERS: Final = 20
"""Calls to one number that are looked at."""

_BEGUN: Final = (
    "lead_id, customer_id, phone, attempt, direction, owner, verdict, offers, dialled_at, wanted, errand"
    ", script, script_version, variant"
)
_BEGIN = text(
    # The rows as one JSON document: a short statement, the same for any number of them, stays prepared.
    f"INSERT INTO calls ({_BEGUN}) SELECT {_BEGUN} FROM jsonb_populate_recordset(NULL::calls, :rows)"
    " RETURNING lead_id, id"
).bindparams(bindparam("rows", type_=JSONB))


class SqlCalls:
    """The call repository of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def begin(self, attempt: NewAttempt) -> Attempt:
        (begun,) = await self.begin_all((attempt,))
        return begun

    async def begin_all(self, attempts: Sequence[NewAttempt]) -> tuple[Attempt, ...]:
        if not attempts:
            return ()
        rows = await self._connection.execute(_BEGIN, {"rows": [_begun(one) for one in attempts]})
        ids = {row.lead_id: row.id for row in rows}
        return tuple(one.begun(ids[one.lead_id]) for one in attempts)

    async def lock(self, call_id: int) -> Attempt:
        found = await self._first(select(calls).where(calls.c.id == call_id))
        if found is None:
            raise NotFound(f"no call {call_id}")
        return found

    async def lock_last(self, lead_id: int) -> Attempt | None:
        return await self._first(select(calls).where(calls.c.lead_id == lead_id).order_by(calls.c.id.desc()).limit(1))

    async def end(self, call_id: int, ending: AttemptEnding) -> None:
        report, outcome = ending.report, ending.outcome
        if report.turns:
            await self.write_turns(call_id, dict(enumerate(report.turns)))
        if outcome.tags:
            await self._tag(call_id, ending)
        # Last: while the call goes on its words are not indexed, and so they are only once.
        await self._connection.execute(
            update(calls)
            .where(calls.c.id == call_id)
            .values(
                dialled_at=report.dialled_at,
                answered_at=report.answered_at,
                ended_at=report.ended_at,
                cause=report.cause,
                sip_code=report.sip_code,
                hung_up_by=report.hung_up_by,
                recording=report.recording or calls.c.recording,  # an interruption knows less than the live record
                cost=report.cost,
                disposition=outcome.disposition,
                outcome_group=outcome.group,
                offer_heard=outcome.offer_heard,
                hangup_state=outcome.hangup_state,
                nps=outcome.nps,
                answers=dict(outcome.answers),
                actions=[action_json(action) for action in outcome.actions],
                words_cleared_at=None,
            )
        )

    async def answer(self, call_id: int, *, at: datetime, recording: str) -> None:
        await self._connection.execute(
            update(calls)
            .where(calls.c.id == call_id, calls.c.answered_at.is_(None))
            .values(answered_at=at, recording=recording)
        )

    async def write_turns(self, call_id: int, changed: Mapping[int, Turn]) -> None:
        written = upsert(turns)
        said = {name: written.excluded[name] for name in _TURN_FIELDS}
        rows = [{"call_id": call_id, "position": position, **asdict(turn)} for position, turn in changed.items()]
        await self._connection.execute(
            written.on_conflict_do_update(index_elements=["call_id", "position"], set_=said), rows
        )

    async def forget(self, call_id: int) -> None:
        await self._connection.execute(delete(calls).where(calls.c.id == call_id, calls.c.ended_at.is_(None)))

    async def customer_spoke(self, call_id: int) -> bool:
        words = exists().where(turns.c.call_id == call_id, turns.c.speaker == Speaker.CUSTOMER)
        return bool(await self._connection.scalar(select(words)))

    async def has_hung_up(self, customer_id: int, *, before: int) -> bool:
        hung_up = exists().where(
            calls.c.customer_id == customer_id, calls.c.id < before, calls.c.disposition == Disposition.HUNG_UP
        )
        return bool(await self._connection.scalar(select(hung_up)))

    async def answers_of(self, customer_id: int, phone: Phone, *, before: int) -> tuple[NumberAnswer, ...]:
        earlier = (
            select(calls.c.cause, calls.c.dialled_at)
            .where(
                calls.c.customer_id == customer_id,
                calls.c.phone == phone.e164,
                calls.c.id < before,
                calls.c.direction == Direction.OUT,
                calls.c.cause.is_not(None),
            )
            .order_by(calls.c.id.desc())
            .limit(_LAST_ANSWERS)
        )
        rows = await self._connection.execute(earlier)
        return tuple(NumberAnswer(cause=Cause(row.cause), at=row.dialled_at) for row in rows)

    async def _tag(self, call_id: int, ending: AttemptEnding) -> None:
        tags, at = ending.outcome.tags, ending.report.ended_at
        await self._connection.execute(insert(call_tags), [{"call_id": call_id, "tag": tag} for tag in tags])
        customer_id = select(calls.c.customer_id).where(calls.c.id == call_id).scalar_subquery()
        earned = upsert(customer_tags).values(
            [{"customer_id": customer_id, "tag": tag, "call_id": call_id, "at": at} for tag in tags]
        )
        await self._connection.execute(
            earned.on_conflict_do_update(
                index_elements=["customer_id", "tag"],
                set_={"call_id": earned.excluded.call_id, "at": earned.excluded["at"]},
            )
        )

    async def _first(self, query: Select[*tuple[object, ...]]) -> Attempt | None:
        row = (await self._connection.execute(query.with_for_update(key_share=True))).one_or_none()
        return _attempt(row) if row is not None else None


def _begun(attempt: NewAttempt) -> dict[str, object]:
    return {
        "lead_id": attempt.lead_id,
        "customer_id": attempt.customer_id,
        "phone": attempt.phone.e164,
        "attempt": attempt.attempt,
        "direction": attempt.direction,
        "owner": attempt.owner,
        "verdict": verdict_json(attempt.verdict),
        "offers": offers_json(attempt.offers),
        "dialled_at": attempt.dialled_at.isoformat(),
        "wanted": attempt.wanted,
        "errand": attempt.errand,
        "script": attempt.script,
        "script_version": attempt.script_version,
        "variant": attempt.variant,
    }


def _attempt(row: Row[*tuple[object, ...]]) -> Attempt:
    return Attempt(
        id=row.id,
        lead_id=row.lead_id,
        customer_id=row.customer_id,
        phone=Phone(row.phone),
        attempt=row.attempt,
        offers=offers_of(row.offers),
        dialled_at=row.dialled_at,
        cause=Cause(row.cause) if row.cause else None,
        owner=row.owner,
        answered_at=row.answered_at,
        direction=Direction(row.direction),
        wanted=row.wanted,
        errand=LeadErrand(row.errand),
    )
