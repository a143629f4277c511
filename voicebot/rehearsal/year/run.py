"""A whole year: a database of its own, the company, its lines, and the judge at the end."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import text

from voicebot import bootstrap
from voicebot.application.sample.crm import generate_sample
from voicebot.application.sample.load import load_sample
from voicebot.config import Settings
from voicebot.domain.dialplan import Dialplan
from voicebot.rehearsal.year.company import Company
from voicebot.rehearsal.year.evidence import read_evidence
from voicebot.rehearsal.year.lines import Lines
from voicebot.rehearsal.year.report import YearReport, report_on
from voicebot.rehearsal.year.rules_kept import Rules, broken_rules
from voicebot.rehearsal.year.timeline import Timeline

_START: Final = datetime(2026, 1, 12, 4, 0, tzinfo=UTC)
"""A Monday after the holidays; public holidays of the year that follows are known."""
_UNKNOWN_ZONE: Final = (time(9), time(21))
"""The hours for people of unknown zone, as dialplans/README.md promises them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class YearPlan:
    """What `voicebot simulate` was asked for."""

    days: int
    customers: int
    seed: int
    lines: int
    settings: Settings


async def simulate(plan: YearPlan, progress: Callable[[int], None]) -> YearReport:
    """Live through the days; `progress` is told how many are over. Everything is gone afterwards but the report."""
    dialplan = bootstrap.load_dialplan(plan.settings)
    async with _own_store(plan.settings) as store:
        timeline = Timeline(_START)
        sample = generate_sample(customers=plan.customers, seed=plan.seed, now=_START)
        await load_sample(sample, open_unit=store.open_unit, clock=timeline)
        company = Company(
            timeline=timeline,
            open_unit=store.open_unit,
            zone=ZoneInfo(plan.settings.time_zone),
            random=Random(f"{plan.seed}/company"),
            customers=tuple(customer.external_id for customer in sample.customers),
        )
        rules = bootstrap.load_outcome_rules(plan.settings, dialplan)
        chance = Random(f"{plan.seed}/codes")
        lines = Lines(
            timeline=timeline,
            engine=store.engine,
            open_unit=store.open_unit,
            # Nobody's telephone rings: that the trunk has no label must not keep the year from passing.
            rules=replace(rules, policy=replace(rules.policy, labelled=True), draw=chance.randrange),
            random=Random(f"{plan.seed}/people"),
            count=plan.lines,
            call_over=company.hear_of,
        )
        company.wake = lines.look_soon
        await company.found()
        for day in range(1, plan.days + 1):
            await timeline.run(_START + timedelta(days=day))
            progress(day)
        await lines.finish()
        async with store.engine.connect() as connection:
            evidence = await read_evidence(connection)
    return report_on(
        evidence,
        broken_rules(evidence, rules_of(dialplan)),
        days=plan.days,
        customers=plan.customers,
        releases=company.releases,
        orders=company.bought,
    )


def rules_of(dialplan: Dialplan) -> Rules:
    """What the dialplan promises, in plain numbers."""
    weekday = dialplan.hours.by_weekday[0]
    return Rules(
        stretches=weekday,
        unknown_zone=_UNKNOWN_ZONE,
        budget=dialplan.redial.max_attempts,
        per_day=dialplan.caps.day,
        per_week=dialplan.caps.week,
        per_month=dialplan.caps.month,
    )


@asynccontextmanager
async def _own_store(settings: Settings) -> AsyncIterator[bootstrap.Store]:
    """An empty database that nobody else uses."""
    with tempfile.TemporaryDirectory(prefix="voicebot-year-", ignore_cleanup_errors=True) as folder:
        await asyncio.to_thread(Path(folder).chmod, 0o755)  # the server may run as another user
        async with bootstrap.open_store(replace(settings, home=Path(folder), database_url="")) as store:
            async with store.engine.begin() as connection:
                # It lives for one run: nothing in it needs to survive a power cut.
                await connection.execute(text("ALTER DATABASE voicebot SET synchronous_commit = off"))
            await store.engine.dispose()
            yield store
