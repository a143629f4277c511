"""What a chaos run was asked for, and what it found."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from voicebot.rehearsal.chaos.evidence import Evidence
from voicebot.rehearsal.chaos.invariants import Findings
from voicebot.rehearsal.chaos.machines import Victim


@dataclass(frozen=True, kw_only=True, slots=True)
class ChaosPlan:
    """How big the run is."""

    leads: int = 500
    machines: int = 3
    lines: int = 4
    """Of each machine."""
    kills: int = 20
    restarts: int = 2
    """Of PostgreSQL."""
    moves: int = 0
    """How often a machine is told to stop, and the one before it started again."""
    seed: int = 1
    longest_s: float = 900.0


@dataclass(kw_only=True, slots=True)
class ChaosReport:
    """What happened and what was found."""

    evidence: Evidence
    findings: Findings
    kills: Counter[str] = field(default_factory=Counter)
    restarts: int = 0
    moves: int = 0
    seconds: float = 0.0
    quiet: bool = True
    """Whether everything came to rest in time."""
    orphans: int = 0
    """Processes that outlived the order to stop."""


def figures(plan: ChaosPlan, report: ChaosReport) -> dict[str, Any]:
    """The report in numbers."""
    found, evidence = report.findings, report.evidence
    answered = sum(1 for call in evidence.seen if call.confirmed_at is not None)
    return {
        "leads": plan.leads,
        "machines": plan.machines,
        "lines": plan.machines * plan.lines,
        "kills": sum(count for what, count in report.kills.items() if what in list(Victim)),
        "killed": {str(what): count for what, count in sorted(report.kills.items())},
        "restarts": report.restarts,
        "moves": report.moves,
        "calls": len(evidence.seen),
        "answered": answered,
        "interrupted": sum(1 for call in evidence.calls if call.cause == "interrupted"),
        "codes": len(evidence.codes),
        "messages": len(evidence.sms),
        "updates": len(evidence.news),
        "lost": len(found.lost),
        "doubled_calls": len(found.doubled_calls),
        "over_caps": len(found.over_caps),
        "doubled_messages": len(found.doubled_messages),
        "doubled_codes": len(found.doubled_codes),
        "doubled_updates": len(found.doubled_updates),
        "missing_transcripts": len(found.missing_transcripts),
        "excused_transcripts": len(found.excused),
        "came_to_rest": report.quiet,
        "orphans": report.orphans,
        "seconds": round(report.seconds, 1),
    }
