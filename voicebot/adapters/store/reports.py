"""Reports out of the sums and, for the days that are not added up yet, out of the calls themselves."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Row, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.store.report_facts import FACTS, SPLITS
from voicebot.adapters.store.report_sums import stretch
from voicebot.adapters.store.report_tables import COUNTS, GRAIN, MONEY, report_state
from voicebot.adapters.store.report_work import WORK_SUMS, work_rows
from voicebot.application.ports.reports import Choices, LineKey, Part, PartState, ScoredCall, ScorePlace, WorkLines
from voicebot.domain.escalation_work import WorkFigures
from voicebot.domain.measures import Tally
from voicebot.domain.report import Grouping, ReportQuery, SplitKind

_NO_DAY: Final = "CAST(NULL AS date)"
_KEYS: Final[Mapping[Grouping | None, tuple[str, str, str]]] = {
    Grouping.CAMPAIGN: ("k.name", "''", _NO_DAY),
    Grouping.SCRIPT: ("f.script", "coalesce(CAST(nullif(f.script_version, 0) AS text), '')", _NO_DAY),
    Grouping.VARIANT: ("k.name", "f.variant", _NO_DAY),
    Grouping.VALUE_CLASS: ("f.value_class", "''", _NO_DAY),
    Grouping.DAY: ("''", "''", "f.day"),
    Grouping.WEEK: ("''", "''", "CAST(date_trunc('week', f.day) AS date)"),
    Grouping.MONTH: ("''", "''", "CAST(date_trunc('month', f.day) AS date)"),
    None: ("''", "''", _NO_DAY),
}
"""Name, detail and day of a line."""
_TALLY_SUMS: Final = ", ".join(
    f"sum(f.{name}) AS {name}" if name in MONEY else f"CAST(sum(f.{name}) AS bigint) AS {name}" for name in COUNTS
)
_NAMES: Final = frozenset({Grouping.SCRIPT, Grouping.VARIANT, Grouping.VALUE_CLASS})
"""Groupings by something that an escalation's call knows."""
_CAMPAIGNS: Final = """
    SELECT id, name, script, reminder_script,
        ARRAY(SELECT coalesce(one ->> 'script', '') FROM jsonb_array_elements(variants) one) AS variant_scripts,
        EXISTS (SELECT FROM leads WHERE campaign_id = k.id) AS called
    FROM campaigns k ORDER BY id DESC
"""


class SqlReports:
    """The questions in one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._states: dict[Part, PartState] = {}

    async def tallies(self, query: ReportQuery, by: Grouping | None, *, zone: ZoneInfo) -> Mapping[LineKey, Tally]:
        rows, values = await self._source(query, zone, "report_days", FACTS, COUNTS)
        lines = await self._lines(query, by, rows, _TALLY_SUMS, values)
        return {_key(row): _tally(row) for row in lines if not row.whole}

    async def splits(self, query: ReportQuery, *, zone: ZoneInfo) -> Mapping[SplitKind, Mapping[str, int]]:
        rows, values = await self._source(query, zone, "report_splits", SPLITS, ("kind", "value", "count"))
        statement = (
            f"SELECT f.kind, f.value, sum(f.count) AS calls FROM ({rows}) f WHERE true {_narrowed(query)}"
            " GROUP BY 1, 2 ORDER BY 3 DESC, 2"
        )
        found: dict[SplitKind, dict[str, int]] = {kind: {} for kind in SplitKind}
        for row in await self._connection.execute(text(statement), values):
            found[SplitKind(row.kind)][row.value] = int(row.calls)
        return found

    async def work(self, query: ReportQuery, by: Grouping | None, *, zone: ZoneInfo) -> WorkLines:
        values = stretch(query.since, query.until, zone) | _values(query)
        named = by in _NAMES or bool(query.script) or query.value_class is not None
        *lines, whole = await self._lines(query, by, work_rows(named=named), WORK_SUMS, values)
        return WorkLines(lines={_key(row): _work(row) for row in lines}, total=_work(whole))

    async def scored(
        self, query: ReportQuery, *, zone: ZoneInfo, detractors: bool, limit: int, behind: ScorePlace | None = None
    ) -> tuple[ScoredCall, ...]:
        older = "AND (c.dialled_at, c.id) < (:behind_at, :behind_id)" if behind else ""
        statement = f"""
            SELECT f.id, f.dialled_at, f.campaign, f.nps, f.answers FROM (
                SELECT c.*, l.campaign_id, k.name AS campaign, coalesce(u.value_class, '') AS value_class
                FROM calls c JOIN leads l ON l.id = c.lead_id JOIN campaigns k ON k.id = l.campaign_id
                    JOIN customers u ON u.id = c.customer_id
                WHERE c.nps IS NOT NULL AND c.nps <= :most AND c.dialled_at >= :since AND c.dialled_at < :until {older}
            ) f WHERE true {_narrowed(query)} ORDER BY f.dialled_at DESC, f.id DESC LIMIT :limit
        """
        days = stretch(query.since, query.until, zone)
        values = _values(query) | {name: days[name] for name in ("since", "until")}
        values |= {"limit": limit, "most": 6 if detractors else 10}
        values |= {"behind_at": behind.at, "behind_id": behind.id} if behind else {}
        return tuple(
            ScoredCall(
                id=row.id,
                at=row.dialled_at,
                campaign=row.campaign,
                score=row.nps,
                words=tuple(str(words) for words in row.answers.values() if words),
            )
            for row in await self._connection.execute(text(statement), values)
        )

    async def choices(self) -> Choices:
        found = (await self._connection.execute(text(_CAMPAIGNS))).all()
        spoken = {script for row in found for script in (row.script, row.reminder_script, *row.variant_scripts)}
        return Choices(
            campaigns=tuple((row.id, row.name) for row in found if row.called),
            scripts=tuple(sorted(spoken - {""})),
        )

    async def fresh_at(self, part: Part) -> datetime | None:
        return (await self._state(part)).at

    async def _source(
        self, query: ReportQuery, zone: ZoneInfo, table: str, facts: str, columns: Sequence[str]
    ) -> tuple[str, dict[str, object]]:
        """Rows of the grain and what they are bound to: the sums, and the calls of days that have none yet."""
        live_from = await self._live_from(zone)
        shown = ", ".join((*GRAIN, *columns))
        kept, live = query.until, max(query.since, live_from)
        parts, values = [], _values(query)
        if query.since < live_from:
            parts.append(f"SELECT {shown} FROM {table} WHERE day >= :first AND day <= :last")
            values |= {"first": query.since, "last": min(kept, live_from - timedelta(days=1))}
        if live <= query.until:
            parts.append(f"SELECT {shown} FROM ({facts}) facts")
            values |= stretch(live, query.until, zone)
        return " UNION ALL ".join(parts), values

    async def _live_from(self, zone: ZoneInfo) -> date:
        """The first day that is not added up."""
        state = await self._state(Part.DAYS)
        return (state.before if state.zone == zone.key else None) or date.min

    async def _state(self, part: Part) -> PartState:
        """As it was when this unit asked first."""
        if not self._states:
            for row in await self._connection.execute(select(report_state)):
                state = PartState(at=row.at, took_ms=row.took_ms, zone=row.zone, before=row.before)
                self._states[Part(row.part)] = state
        return self._states.setdefault(part, PartState())

    async def _lines(
        self, query: ReportQuery, by: Grouping | None, rows: str, sums: str, values: Mapping[str, object]
    ) -> Sequence[Row[Any]]:
        """One row a line, then one of all lines (`whole`)."""
        name, detail, day = _KEYS[by]
        statement = f"""
            SELECT line_name AS name, line_detail AS detail, line_day AS day, grouping(line_name) AS whole, {sums}
            FROM (
                SELECT {name} AS line_name, {detail} AS line_detail, {day} AS line_day, f.*
                FROM ({rows}) f JOIN campaigns k ON k.id = f.campaign_id WHERE true {_narrowed(query)}
            ) f GROUP BY GROUPING SETS ((line_name, line_detail, line_day), ()) ORDER BY whole, day, name, detail
        """
        return (await self._connection.execute(text(statement), values)).all()


def _narrowed(query: ReportQuery) -> str:
    wanted = {
        "AND f.campaign_id = :campaign": query.campaign_id is not None,
        "AND f.script = :script": bool(query.script),
        "AND f.value_class = :value_class": query.value_class is not None,
    }
    return " ".join(condition for condition, is_wanted in wanted.items() if is_wanted)


def _values(query: ReportQuery) -> dict[str, object]:
    wanted = {"campaign": query.campaign_id, "script": query.script, "value_class": query.value_class}
    return {name: value for name, value in wanted.items() if value}


def _key(row: Row[Any]) -> LineKey:
    return LineKey(name=row.name, detail=row.detail, day=row.day)


def _tally(row: Row[Any]) -> Tally:
    """Of columns that end with the counts."""
    return Tally(**dict(zip(COUNTS, row[-len(COUNTS) :], strict=True)))


def _work(row: Row[Any]) -> WorkFigures:
    return WorkFigures(
        taken=row.taken,
        median=timedelta(seconds=float(row.median)) if row.taken else None,
        p90=timedelta(seconds=float(row.p90)) if row.taken else None,
        resolved=row.resolved,
        first_contact=row.settled / row.talked if row.talked else None,
    )
