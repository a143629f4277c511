"""What a finished run has left in the database, read plainly: no code of the engine has a hand in it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True, kw_only=True, slots=True)
class DialledCall:
    """One call of ours with what decides whether it was lawful."""

    id: int
    lead_id: int
    campaign_id: int
    advertising: bool
    season: str
    """Reason of a seasonal campaign; empty for an ordinary one."""
    customer_id: int
    phone: str
    time_zone: str
    """As the CRM has it; empty when unknown."""
    dialled_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    cause: str
    disposition: str
    group: str
    wanted: bool
    """The customer asked for this call."""
    errand: str
    released_at: datetime | None
    """When a named person answered for the lead."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Stop:
    """Since when somebody, or a number, must be left alone."""

    customer_id: int | None
    phone: str | None
    since: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class CallConsent:
    """A consent to be called."""

    customer_id: int
    advertising: bool
    given_at: datetime
    withdrawn_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """Everything the rules are checked on."""

    calls: tuple[DialledCall, ...]
    """Calls of ours by the moment of dialling."""
    stops: tuple[Stop, ...]
    consents: tuple[CallConsent, ...]
    controls: frozenset[tuple[int, int]]
    """(campaign, customer) of the control groups."""
    orders: dict[int, tuple[datetime, ...]]
    """When each customer ordered, ascending."""
    codes: tuple[tuple[int, int], ...]
    """(campaign, customer) of every promo code."""
    messages: tuple[tuple[int | None, str], ...]
    """(call, template) of every message."""
    leads: tuple[tuple[int, int, str], ...]
    """(campaign, customer, state) of every lead."""
    seasonal: int = 0
    """People on the seasonal list."""


_CALLS = """
    SELECT calls.id, lead_id, leads.campaign_id, campaigns.kind = 'advertising' AS advertising, campaigns.season,
           calls.customer_id, calls.phone, customers.time_zone, calls.dialled_at, answered_at, ended_at,
           coalesce(cause, '') AS cause, coalesce(calls.disposition, '') AS disposition,
           coalesce(calls.outcome_group, '') AS "group", wanted, calls.errand, releases.released_at
    FROM calls JOIN leads ON leads.id = lead_id JOIN campaigns ON campaigns.id = leads.campaign_id
    JOIN customers ON customers.id = calls.customer_id LEFT JOIN releases ON releases.id = leads.release_id
    WHERE direction = 'out' AND owner <> 'sample' ORDER BY calls.dialled_at, calls.id
"""


async def read_evidence(connection: AsyncConnection) -> Evidence:
    """All of it; a year of 5,000 customers is some ten thousand calls."""

    async def rows(query: str) -> list[tuple[object, ...]]:
        return [tuple(row) for row in await connection.execute(text(query))]

    calls = [DialledCall(**row._mapping) for row in await connection.execute(text(_CALLS))]
    stops = await connection.execute(text("SELECT customer_id, phone, since FROM stop_list"))
    consents = await connection.execute(
        text(
            "SELECT customer_id, kind = 'advertising' AS advertising, given_at, withdrawn_at FROM consents"
            " WHERE scope = 'call'"
        )
    )
    ordered: dict[int, list[datetime]] = {}
    for row in await connection.execute(text("SELECT customer_id, placed_at FROM orders ORDER BY placed_at")):
        ordered.setdefault(row.customer_id, []).append(row.placed_at)
    return Evidence(
        calls=tuple(calls),
        stops=tuple(Stop(**row._mapping) for row in stops),
        consents=tuple(CallConsent(**row._mapping) for row in consents),
        controls=frozenset(await rows("SELECT campaign_id, customer_id FROM campaign_controls")),  # type: ignore[arg-type]  # two bigints
        orders={customer: tuple(moments) for customer, moments in ordered.items()},
        codes=tuple(await rows("SELECT campaign_id, customer_id FROM promo_codes")),  # type: ignore[arg-type]  # likewise
        messages=tuple(await rows("SELECT call_id, template FROM messages")),  # type: ignore[arg-type]  # bigint, text
        leads=tuple(await rows("SELECT campaign_id, customer_id, state FROM leads")),  # type: ignore[arg-type]  # likewise
        seasonal=await connection.scalar(text("SELECT count(*) FROM seasonal_list")) or 0,
    )
