"""What is left after a run: rows of the database, files of the gateways, the callees' log."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from voicebot.rehearsal.chaos.journal import SeenCall, read_seen


@dataclass(frozen=True, kw_only=True, slots=True)
class LeadRow:
    """A lead as the run left it."""

    id: int
    state: str
    next_attempt_at: datetime | None
    lease_until: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class CallRow:
    """An attempt with what is known of its talk; times are Unix seconds."""

    id: int
    lead_id: int
    customer_id: int
    number: str
    dialled_at: float
    answered_at: float | None
    ended_at: float | None
    cause: str
    disposition: str
    bot_turns: int
    customer_turns: int


@dataclass(frozen=True, kw_only=True, slots=True)
class CodeRow:
    """A promo code."""

    code: str
    customer_id: int
    campaign_id: int


@dataclass(frozen=True, kw_only=True, slots=True)
class MessageRow:
    """A message as the database has it."""

    key: str
    customer_id: int
    campaign_id: int
    template: str
    state: str


@dataclass(frozen=True, kw_only=True, slots=True)
class UpdateRow:
    """A piece of news for the CRM as the database has it."""

    key: str
    state: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Posted:
    """A line of a gateway's file."""

    key: str
    to: str
    """Number of a message; empty for news."""
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Outage:
    """The database was away; Unix seconds."""

    began_at: float
    ended_at: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """Everything the judgement rests on."""

    leads: tuple[LeadRow, ...]
    calls: tuple[CallRow, ...]
    codes: tuple[CodeRow, ...]
    messages: tuple[MessageRow, ...]
    updates: tuple[UpdateRow, ...]
    sms: tuple[Posted, ...]
    news: tuple[Posted, ...]
    stopped: frozenset[int]
    """Customers on the stop-list."""
    seen: tuple[SeenCall, ...]
    outages: tuple[Outage, ...] = ()


_LEADS: Final = "SELECT id, state, next_attempt_at, lease_until FROM leads ORDER BY id"
_CALLS: Final = """
    SELECT c.id, c.lead_id, c.customer_id, c.phone AS number, extract(epoch FROM c.dialled_at)::float AS dialled_at,
        extract(epoch FROM c.answered_at)::float AS answered_at, extract(epoch FROM c.ended_at)::float AS ended_at,
        coalesce(c.cause, '') AS cause, coalesce(c.disposition, '') AS disposition,
        count(*) FILTER (WHERE t.speaker = 'bot') AS bot_turns,
        count(*) FILTER (WHERE t.speaker = 'customer') AS customer_turns
    FROM calls c LEFT JOIN turns t ON t.call_id = c.id GROUP BY c.id ORDER BY c.id
"""
_CODES: Final = "SELECT code, customer_id, campaign_id FROM promo_codes ORDER BY id"
_MESSAGES: Final = "SELECT key, customer_id, campaign_id, template, state FROM messages ORDER BY id"
_UPDATES: Final = "SELECT key, state FROM crm_updates ORDER BY id"
_STOPPED: Final = "SELECT customer_id FROM stop_list WHERE customer_id IS NOT NULL"


async def gather(engine: AsyncEngine, *, sms: Path, news: Path, journal: Path, outages: tuple[Outage, ...]) -> Evidence:
    """Read everything, once nothing changes any more."""
    async with engine.connect() as connection:

        async def rows(query: str) -> list[dict[str, Any]]:
            return [dict(row) for row in (await connection.execute(text(query))).mappings()]

        return Evidence(
            leads=tuple(LeadRow(**row) for row in await rows(_LEADS)),
            calls=tuple(CallRow(**row) for row in await rows(_CALLS)),
            codes=tuple(CodeRow(**row) for row in await rows(_CODES)),
            messages=tuple(MessageRow(**row) for row in await rows(_MESSAGES)),
            updates=tuple(UpdateRow(**row) for row in await rows(_UPDATES)),
            stopped=frozenset(row["customer_id"] for row in await rows(_STOPPED)),
            sms=_posted(sms),
            news=_posted(news),
            seen=read_seen(journal),
            outages=outages,
        )


def _posted(file: Path) -> tuple[Posted, ...]:
    """The whole lines of a gateway's file: a torn one belongs to a killed process, and was written again."""
    posted = []
    for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else []:
        try:
            fields = json.loads(line)
        except ValueError:
            continue
        posted.append(Posted(key=fields["key"], to=fields.get("to", ""), text=fields.get("text", "")))
    return tuple(posted)
