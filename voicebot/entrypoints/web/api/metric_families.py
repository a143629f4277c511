"""What is measured, under the names Prometheus knows it by."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from voicebot import __version__
from voicebot.application.desk.measure import Measured, paused
from voicebot.application.ports.measurements import Spread
from voicebot.domain.alarms import AlarmKind, DayCounts
from voicebot.domain.process import ProcessKind

_Labels = tuple[str, ...]


class _Families(Collector):
    """Families that are known already."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = tuple(families)

    def collect(self) -> Iterator[Metric]:
        yield from self._families


def exposition(measured: Measured | None, took_s: float) -> bytes:
    """The page Prometheus reads; None: the database is away."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Families(_families(measured, took_s)))
    return generate_latest(registry)


def _families(measured: Measured | None, took_s: float) -> Iterator[Metric]:
    yield _gauge("voicebot_build_info", "The program.", {(__version__,): 1}, "version")
    yield _gauge("voicebot_database_up", "Whether the database answers.", {(): int(measured is not None)})
    yield _gauge("voicebot_measuring_seconds", "How long reading the figures took.", {(): took_s})
    if measured is not None:
        yield from _of_calls(measured)
        yield from _of_the_machine(measured)
        yield from _of_the_desk(measured)
        yield from _of_the_days(measured)


def _of_calls(measured: Measured) -> Iterator[Metric]:
    calls: dict[_Labels, float] = {}
    talks: dict[_Labels, float] = {}
    for kind, count in measured.ended.items():
        ended = (kind.campaign, kind.direction, kind.cause)
        calls[ended] = calls.get(ended, 0) + count
        if kind.group not in ("", "none"):
            talked = (kind.campaign, kind.group)
            talks[talked] = talks.get(talked, 0) + count
    yield _counter("voicebot_calls", "Calls that are over.", calls, "campaign", "direction", "cause")
    yield _counter("voicebot_talks", "Talks by what came of them.", talks, "campaign", "group")
    live: dict[_Labels, float] = {(name,): count for name, count in measured.live.items()}
    yield _gauge("voicebot_calls_live", "Calls under way.", live, "campaign")
    queue: dict[_Labels, float] = {(*place,): count for place, count in measured.queue.items()}
    yield _gauge("voicebot_leads", "People with something to come, by state.", queue, "campaign", "state")
    yield from _spread("voicebot_reply_gap", "From the customer's last word to the bot's first.", measured.reply_gaps)
    yield from _spread("voicebot_event_to_invite", "From an event of the CRM to the call.", measured.event_to_invite)


def _of_the_machine(measured: Measured) -> Iterator[Metric]:
    by_kind: dict[_Labels, float] = {(kind.value,): 0 for kind in ProcessKind}
    for process in measured.processes:
        by_kind[(process.kind.value,)] += 1
    yield _gauge("voicebot_processes", "Processes that give signs of life.", by_kind, "kind")
    yield _gauge("voicebot_lines", "SIP lines of them.", {(): sum(one.lines for one in measured.processes)})
    pauses = {one.name for one in paused(measured.trunks, measured.at)}
    tables: tuple[tuple[str, str, dict[_Labels, float]], ...] = (
        ("calls_live", "Calls on a trunk.", {(one.name,): one.live for one in measured.trunks}),
        ("paused", "Whether its breaker is open.", {(one.name,): int(one.name in pauses) for one in measured.trunks}),
        ("trips", "Times in a row it has opened.", {(one.name,): one.breaker.trips for one in measured.trunks}),
    )
    for name, meaning, found in tables:
        yield _gauge(f"voicebot_trunk_{name}", meaning, found, "trunk")
    jobs: dict[_Labels, float] = {}
    for job in measured.jobs:
        for state in ("waiting", "doing", "failed"):
            jobs[(job.task, state)] = getattr(job, state)
    yield _gauge("voicebot_jobs", "Jobs that are not done.", jobs, "task", "state")
    letters: dict[_Labels, float] = {(kind,): count for kind, count in measured.dead_letters.items()}
    yield _gauge("voicebot_dead_letters", "What was given up and waits for a person.", letters, "kind")


def _of_the_desk(measured: Measured) -> Iterator[Metric]:
    waiting: dict[_Labels, float] = {
        ("true" if urgent else "false",): count for urgent, count in measured.escalations.items()
    }
    yield _gauge("voicebot_escalations_open", "Open escalations.", waiting, "urgent")
    oldest = measured.oldest_escalation
    age = (measured.at - oldest).total_seconds() if oldest else 0.0
    yield _gauge("voicebot_escalation_oldest_seconds", "How long the oldest open one waits.", {(): age})


def _of_the_days(measured: Measured) -> Iterator[Metric]:
    days = {"today": measured.today, "week": measured.week}
    for name, meaning in _COUNTED.items():
        counts: dict[_Labels, float] = {(window,): getattr(found, name) for window, found in days.items()}
        yield _gauge(f"voicebot_day_{name}", f"{meaning}; week: in the seven days before today.", counts, "window")
    shares: dict[str, dict[_Labels, float]] = {"answered": {}, "stop": {}}
    for window, found in days.items():
        shares["answered"][(window,)] = _share(found.answered, found.dialled)
        shares["stop"][(window,)] = _share(found.stops, found.answered)
    yield _gauge("voicebot_answered_ratio", "Part of the calls somebody answered.", shares["answered"], "window")
    yield _gauge("voicebot_stop_ratio", "Part of the talks that end on the stop-list.", shares["stop"], "window")
    rings: dict[_Labels, float] = {(kind.value, ""): 0 for kind in AlarmKind if kind is not AlarmKind.TRUNK}
    rings |= {(AlarmKind.TRUNK.value, one.name): 0 for one in measured.trunks}
    rings |= {(one.kind.value, one.subject): 1 for one in measured.alarms}
    yield _gauge("voicebot_alarm", "The alarms of the desk's first page: 1 while one rings.", rings, "kind", "subject")


_COUNTED: Final[Mapping[str, str]] = {
    "dialled": "Calls of ours",
    "answered": "Calls of ours somebody answered",
    "stops": "People who asked never to be called again",
    "sent": "Messages the gateway took",
    "refused": "Messages the gateway did not take",
    "letters": "News the CRM did not take",
}
assert set(_COUNTED) == set(DayCounts.__dataclass_fields__)


def _spread(name: str, meaning: str, found: Spread) -> Iterator[Metric]:
    quantiles: dict[_Labels, float] = {(f"{share:g}",): value for share, value in found.quantiles.items()}
    yield _gauge(f"{name}_seconds", f"{meaning[:-1]}, in the last hour.", quantiles, "quantile")
    yield _gauge(f"{name}_observed", f"How many that is of: {meaning[0].lower()}{meaning[1:]}", {(): found.count})


def _gauge(name: str, meaning: str, values: Mapping[_Labels, float], *labels: str) -> Metric:
    family = GaugeMetricFamily(name, meaning, labels=labels)
    for found, value in values.items():
        family.add_metric(found, value)
    return family


def _counter(name: str, meaning: str, values: Mapping[_Labels, float], *labels: str) -> Metric:
    family = CounterMetricFamily(name, meaning, labels=labels)
    for found, value in values.items():
        family.add_metric(found, value)
    return family


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
