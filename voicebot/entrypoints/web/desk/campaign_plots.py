"""Plots of one campaign: its funnel, its days, its groups, what it was worth."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from voicebot.application.campaign_results import CampaignResults
from voicebot.application.ports.campaign_pages import CampaignFigures
from voicebot.domain.lift import CALLED, CONTROL, Comparison, Duel, Measure
from voicebot.domain.outcome import Disposition, Group
from voicebot.entrypoints.web.desk import titles
from voicebot.entrypoints.web.desk.campaign_words import MEASURES, SMALL
from voicebot.entrypoints.web.desk.plots import Bar, Colour, Plot, Series, Unit, columns, intervals, rows

_STEPS: Final = (
    ("released", "released", Colour.MUTED),
    ("dialled", "dialled", Colour.ACCENT),
    ("answered", "answered", Colour.ACCENT),
    ("interested", "interested", Colour.GOOD),
    ("promo_issued", "issued", Colour.GOOD),
    ("promo_redeemed", "redeemed", Colour.GOOD),
)
_GROUPS: Final = (
    (Group.INTERESTED, Colour.GOOD),
    (Group.NEUTRAL, Colour.INFO),
    (Group.NEGATIVE, Colour.BAD),
)
_UNITS: Final = {Measure.BUYERS: Unit.SHARE, Measure.ORDERS: Unit.NUMBER, Measure.REVENUE: Unit.MONEY}


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """One measure of two groups, and whether it can be trusted."""

    name: str
    """Who against whom."""
    comparison: Comparison
    first: str
    second: str
    level: float


@dataclass(frozen=True, kw_only=True, slots=True)
class MeasurePlot:
    """One measure over all pairs of groups."""

    measure: Measure
    title: str
    plot: Plot
    judged: tuple[Judged, ...]


def figures_plots(figures: CampaignFigures) -> dict[str, Plot]:
    """Funnel, days, groups and dispositions."""
    funnel = [
        Bar(name=SMALL[word], value=sum(getattr(one, field) for one in figures.funnels), colour=colour)
        for field, word, colour in _STEPS
    ]
    groups = figures.progress.by_group
    bars = [Bar(name=titles.GROUPS[one], value=groups.get(one, 0), colour=colour) for one, colour in _GROUPS]
    endings = sorted(figures.progress.by_disposition.items(), key=lambda one: -one[1])[:8]
    return {
        "funnel": rows("funnel", funnel),
        "days": _days(figures),
        "groups": rows("groups", bars),
        "endings": rows("endings", [Bar(name=titles.DISPOSITIONS[Disposition(one)], value=n) for one, n in endings]),
    }


def results_plots(results: CampaignResults, say: Callable[[str], str]) -> tuple[MeasurePlot, ...]:
    """Differences with their intervals; `say`: into the reader's language."""
    duels = (*filter(None, (results.lift,)), *results.duels)
    return tuple(_measure(measure, duels, say) for measure in Measure) if duels else ()


def _days(figures: CampaignFigures) -> Plot:
    def of(group: Group) -> list[int]:
        return [day.by_group.get(group, 0) for day in figures.days]

    known = {one.value for one, _ in _GROUPS}
    series = [Series(name=titles.GROUPS[one], values=of(one), colour=colour) for one, colour in _GROUPS]
    others = [sum(n for group, n in day.by_group.items() if group not in known) for day in figures.days]
    silent = [day.dialled - day.answered for day in figures.days]
    series.append(Series(name=SMALL["other"], values=others, colour=Colour.BOT))
    series.append(Series(name=SMALL["voiceless"], values=silent, colour=Colour.MUTED))
    return columns("days", [f"{one.day:%d.%m}" for one in figures.days], series)


def _measure(measure: Measure, duels: Sequence[Duel], say: Callable[[str], str]) -> MeasurePlot:
    judged = tuple(_judged(duel, one, say) for duel in duels for one in duel.comparisons if one.measure is measure)
    bars = [
        Bar(
            name=one.name,
            literal=True,
            value=one.comparison.difference,
            low=one.comparison.interval.low if one.comparison.interval else None,
            high=one.comparison.interval.high if one.comparison.interval else None,
            colour=_colour(one.comparison),
        )
        for one in judged
    ]
    plot = intervals(f"lift-{measure.value}", bars, unit=_UNITS[measure])
    return MeasurePlot(measure=measure, title=MEASURES[measure], plot=plot, judged=judged)


def _judged(duel: Duel, comparison: Comparison, say: Callable[[str], str]) -> Judged:
    def named(group: str) -> str:
        return say(SMALL[group]) if group in (CALLED, CONTROL) else f"«{group}»"

    first, second = named(duel.first), named(duel.second)
    return Judged(name=f"{first} − {second}", comparison=comparison, first=first, second=second, level=duel.level)


def _colour(comparison: Comparison) -> Colour:
    """What chance explains has no colour of its own."""
    if not comparison.shown:
        return Colour.MUTED
    return Colour.GOOD if comparison.difference > 0 else Colour.BAD
