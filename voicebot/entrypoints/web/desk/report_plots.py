"""Plots of reports."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from babel.dates import format_date

from voicebot.adapters.reports.measure_words import TITLES
from voicebot.adapters.reports.words import split_name
from voicebot.application.desk.reports import CampaignLift, Report
from voicebot.domain.cohorts import Cohort
from voicebot.domain.measures import Tally, share
from voicebot.domain.report import Grouping, SplitKind
from voicebot.entrypoints.web.desk import plots
from voicebot.entrypoints.web.desk.plots import Bar, Colour, Plot, Series, Unit

_BARS: Final = 8
"""No more of them are looked at."""
_LETTERS: Final = 35
_SHARES: Final = (
    ("answered_share", "answered", "dialled", Colour.MUTED),
    ("interested_share", "interested", "talks", Colour.GOOD),
)
_COLOURS: Final = {
    SplitKind.REASON: Colour.WARN,
    SplitKind.STAGE: Colour.BAD,
    SplitKind.DISPOSITION: Colour.ACCENT,
    SplitKind.CAUSE: Colour.MUTED,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportPlots:
    """Everything drawn on the page."""

    talks: Plot
    shares: Plot
    splits: Mapping[SplitKind, Plot]
    lifts: Plot


def report_plots(report: Report, language: str) -> ReportPlots:
    """The plots of one report."""
    return ReportPlots(
        talks=talks_plot(report, language),
        shares=_shares_plot(report, language),
        splits={kind: split_plot(report, kind, language) for kind in _COLOURS},
        lifts=lift_plot(report.lifts),
    )


def talks_plot(report: Report, language: str) -> Plot:
    """Talks by group over time."""
    tallies = [tally for _, tally in report.course]
    return plots.columns(
        "talks",
        course_labels(report, language),
        (
            Series(name="интересно", values=[one.interested for one in tallies], colour=Colour.GOOD),
            Series(name="нейтрально", values=[one.neutral for one in tallies], colour=Colour.INFO),
            Series(name="отказ", values=[one.negative for one in tallies], colour=Colour.BAD),
        ),
    )


def split_plot(report: Report, kind: SplitKind, language: str, *, most: int = _BARS, longest: int = _LETTERS) -> Plot:
    """Calls by one thing, the commonest first; names are cut to `longest` letters."""
    counts = report.splits[kind]
    whole = sum(counts.values())
    return plots.rows(
        str(kind),
        [
            Bar(
                name=_cut(split_name(kind, value, language), longest),
                value=count,
                colour=_COLOURS[kind],
                literal=True,
                note=f"{count / whole * 100:.0f} %",
            )
            for value, count in list(counts.items())[:most]
        ],
    )


def lift_plot(lifts: Sequence[CampaignLift]) -> Plot:
    """Buyers of each campaign less those of its control group."""
    return plots.intervals(
        "lifts",
        [
            Bar(
                name=one.campaign,
                value=one.buyers.difference,
                low=one.buyers.interval.low if one.buyers.interval else None,
                high=one.buyers.interval.high if one.buyers.interval else None,
                colour=Colour.GOOD if one.buyers.shown and one.buyers.difference > 0 else Colour.MUTED,
                literal=True,
            )
            for one in lifts[:_BARS]
        ],
        unit=Unit.SHARE,
    )


def cohort_plot(cohorts: Sequence[Cohort], language: str, title: str) -> Plot:
    """LTV until now, the oldest cohort first."""
    shown = tuple(reversed(cohorts[:24]))
    values = [float(one.value) for one in shown]
    return plots.columns(
        "values",
        [format_date(one.month, "LLL yy", locale=language) for one in shown],
        (Series(name=title, values=values, colour=Colour.ACCENT, literal=True),),
        unit=Unit.MONEY,
    )


def scores_plot(scores: Mapping[str, int]) -> Plot:
    """How often each score was given."""
    labels = [str(score) for score in range(11)]

    def only(wanted: Callable[[int], bool]) -> list[float]:
        return [float(scores.get(str(score), 0)) if wanted(score) else 0.0 for score in range(11)]

    return plots.columns(
        "scores",
        labels,
        (
            Series(name="критики", values=only(lambda score: score <= 6), colour=Colour.BAD),
            Series(name="нейтральные", values=only(lambda score: score in (7, 8)), colour=Colour.INFO),
            Series(name="сторонники", values=only(lambda score: score >= 9), colour=Colour.GOOD),
        ),
    )


def _cut(name: str, longest: int) -> str:
    return name if len(name) <= longest else f"{name[: longest - 1]}…"


def course_labels(report: Report, language: str) -> list[str]:
    """Days, weeks or months below a plot."""
    pattern = "LLL yy" if report.course_by is Grouping.MONTH else "d MMM"
    return [_label(day, pattern, language) for day, _ in report.course]


def _shares_plot(report: Report, language: str) -> Plot:
    def values(numerator: str, denominator: str) -> list[float | None]:
        return [_part(tally, numerator, denominator) for _, tally in report.course]

    return plots.lines(
        "shares",
        course_labels(report, language),
        [
            Series(name=TITLES[key](language), values=values(part, whole), colour=colour, literal=True)
            for key, part, whole, colour in _SHARES
        ],
        unit=Unit.SHARE,
    )


def _part(tally: Tally, numerator: str, denominator: str) -> float | None:
    return share(getattr(tally, numerator), getattr(tally, denominator))


def _label(day: date, pattern: str, language: str) -> str:
    return format_date(day, pattern, locale=language).rstrip(".")
