"""`voicebot campaign results`: what a campaign was worth, and whether the figures can be trusted yet."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from voicebot.application.campaign_results import DAYS
from voicebot.config import read_settings
from voicebot.domain.lift import Comparison, Duel, GroupFigures, Measure

if TYPE_CHECKING:
    from rich.table import Table

    from voicebot.application.campaign_results import CampaignResults
    from voicebot.application.ports.results import Funnel

_ITT = "called = everybody who was released, reached or not; orders of the {} days after coming onto the list"


def register(campaign_app: typer.Typer) -> None:
    """Add the command to those of campaigns."""
    campaign_app.command("results")(results)


def results(
    name: Annotated[str, typer.Argument(help="Name of the campaign.")],
    days: Annotated[int, typer.Option(min=1, help="Days after coming onto the list in which orders count.")] = DAYS,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Compare those called with the control group, and the variants of a split test with each other."""
    found = asyncio.run(_results(name, days))
    if as_json:
        typer.echo(json.dumps(_as_json(found), ensure_ascii=False, indent=2))
        return
    _print(found)


async def _results(name: str, days: int) -> "CampaignResults":
    from voicebot.adapters.system_clock import SystemClock
    from voicebot.application.campaign_results import campaign_results
    from voicebot.bootstrap import open_store

    async with open_store(read_settings()) as store:
        return await campaign_results(store.open_unit, name, days=days, now=SystemClock().now())


def _print(found: "CampaignResults") -> None:
    from rich.console import Console

    console = Console()
    typer.echo(f"campaign '{found.campaign}': {_ITT.format(found.days)}")
    console.print(_groups(found))
    if found.control_share is not None:
        warning = "; the practice is 5-7 %" if found.unusual_share else ""
        typer.echo(f"left alone: {found.control_share:.1%} of the people, {found.wanted_share:.1%} wanted{warning}")
    if found.lift is None:
        typer.echo("no control group: what the calls were worth cannot be told")
    if found.called.waiting and not found.called.people:
        typer.echo(f"nobody's {found.days} days are over yet: give fewer --days to look earlier")
        console.print(_funnel(found.funnels))
        return
    for duel in (*filter(None, (found.lift,)), *found.duels):
        console.print(_duel(duel))
        for line in _certainty(duel):
            typer.echo(line)
    console.print(_funnel(found.funnels))


def _table(*columns: str) -> "Table":
    from rich.box import SIMPLE_HEAD
    from rich.table import Column, Table

    first, *others = columns
    rest = (Column(name, justify="right", overflow="fold") for name in others)
    return Table(Column(first, overflow="fold"), *rest, box=SIMPLE_HEAD, padding=(0, 1, 0, 0))


def _groups(found: "CampaignResults") -> "Table":
    table = _table("group", "people", "days not over", "buyers", "orders", "revenue, RUB")
    for group in (found.called, found.control, *found.variants):
        table.add_row(
            group.name,
            str(group.people),
            str(group.waiting),
            f"{group.buyers} ({group.buyers / group.people:.1%})" if group.people else "-",
            f"{group.orders.total:.0f}",
            f"{group.revenue.total:.2f}",
        )
    return table


def _duel(duel: Duel) -> "Table":
    table = _table(
        f"{duel.first} against {duel.second}",
        duel.first,
        duel.second,
        "difference",
        f"{duel.level:.1%} interval",
        "lift",
    )
    for one in duel.comparisons:
        show = _share if one.measure is Measure.BUYERS else _number
        table.add_row(
            _WORDS[one.measure],
            show(one.first),
            show(one.second),
            show(one.difference, signed=True),
            "-"
            if one.interval is None
            else f"{show(one.interval.low, signed=True)} .. {show(one.interval.high, signed=True)}",
            "-" if one.lift is None else f"{one.lift:+.0f} %",
        )
    return table


_WORDS = {
    Measure.BUYERS: "people who ordered",
    Measure.ORDERS: "orders a person",
    Measure.REVENUE: "RUB a person",
}


def _share(value: float, *, signed: bool = False) -> str:
    return f"{value * 100:{'+' if signed else ''}.1f} %"


def _number(value: float, *, signed: bool = False) -> str:
    return f"{value:{'+' if signed else ''}.2f}"


def _certainty(duel: Duel) -> Iterator[str]:
    """Are there people enough yet? Then a difference that is there is shown four times out of five."""
    for one in duel.comparisons:
        yield f"{_WORDS[one.measure]}: {_sure(one, duel)}"


def _sure(one: Comparison, duel: Duel) -> str:
    if one.shown:
        return "the difference is shown" + ("" if one.enough else ", though by few people: go on counting")
    if one.detectable is None:
        return "too few people to tell anything"
    show = _share if one.measure is Measure.BUYERS else _number
    smallest = f"the smallest rise these people show is {show(one.detectable)}"
    if one.needed is None or one.enough:
        return f"no difference is shown; {smallest}"
    needs = f"a difference like this one needs {one.needed[0]} {duel.first} and {one.needed[1]} {duel.second}"
    return f"not enough people yet; {smallest}, {needs}"


def _funnel(funnels: "tuple[Funnel, ...]") -> "Table":
    table = _table("people", "released", "dialled", "answered", "interested", "promo issued", "redeemed")
    for one in funnels:
        counts = (one.released, one.dialled, one.answered, one.interested, one.promo_issued, one.promo_redeemed)
        table.add_row(one.variant or "all", *map(str, counts))
    return table


def _as_json(found: "CampaignResults") -> dict[str, object]:
    return {
        "campaign": found.campaign,
        "days": found.days,
        "at": found.at.isoformat(),
        "called": _group_json(found.called),
        "control": _group_json(found.control),
        "control_share": found.control_share,
        "control_share_wanted": found.wanted_share,
        "control_share_unusual": found.unusual_share,
        "variants": [_group_json(one) for one in found.variants],
        "lift": None if found.lift is None else _duel_json(found.lift),
        "duels": [_duel_json(one) for one in found.duels],
        "funnels": [asdict(one) for one in found.funnels],
    }


def _group_json(group: GroupFigures) -> dict[str, object]:
    return {
        "group": group.name,
        "people": group.people,
        "waiting": group.waiting,
        "buyers": group.buyers,
        "orders": round(group.orders.total),
        "revenue": round(group.revenue.total, 2),
    }


def _duel_json(duel: Duel) -> dict[str, object]:
    return {
        "first": duel.first,
        "second": duel.second,
        "level": duel.level,
        "measures": {
            one.measure.value: {
                "first": one.first,
                "second": one.second,
                "difference": one.difference,
                "interval": None if one.interval is None else [one.interval.low, one.interval.high],
                "lift_percent": one.lift,
                "shown": one.shown,
                "enough": one.enough,
                "detectable": one.detectable,
                "needed": None if one.needed is None else list(one.needed),
            }
            for one in duel.comparisons
        },
    }
