"""A trial call: a line rings somebody of the company, who hears what customers would hear."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from voicebot.domain.call import Turn
from voicebot.domain.outcome import Disposition, Group


class TrialStage(StrEnum):
    """How far it has come."""

    WAITING = "waiting"  # for a free line
    RINGING = "ringing"
    TALKING = "talking"
    OVER = "over"


class TrialResult(StrEnum):
    """What came of it."""

    TALKED = "talked"  # it was answered and spoken to the end, whoever hung up
    AWAY = "away"  # nobody answered
    BUSY = "busy"
    NO_WAY = "no_way"  # no trunk could carry it
    NO_SCRIPT = "no_script"  # the line knows no script of that name
    EXPIRED = "expired"  # no line was free in time, or none of that dialplan runs
    INTERRUPTED = "interrupted"  # the line's process died, or the call broke off


@dataclass(frozen=True, kw_only=True, slots=True)
class NewTrialCall:
    """What somebody asked for."""

    requested_by: str
    """Their login; one call at a time."""
    address: str
    """Their phone: E.164 or a SIP address."""
    script: str
    """Name of the conversation script."""
    dialplan: str
    """Only lines of this dialplan carry it out; empty for any."""
    variables: Mapping[str, str] = field(repr=False)
    """What the script's variables are filled with, as spoken words."""
    about: str = ""
    """What is tried, such as `campaign:7`: where the desk shows it."""
    requested_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class TrialCall:
    """One asked for, under way or over. Nothing of it reaches the history of customers, the CRM or any figure."""

    id: int
    requested_by: str
    address: str
    script: str
    dialplan: str
    variables: Mapping[str, str] = field(repr=False)
    about: str
    requested_at: datetime
    owner: str = ""
    """The line that carries it out; empty while it waits for one."""
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    result: TrialResult | None = None
    turns: tuple[Turn, ...] = field(default=(), repr=False)
    """What was said; known when it is over."""
    group: Group | None = None
    """Into which group a customer who talked so would come."""
    disposition: Disposition | None = None

    @property
    def stage(self) -> TrialStage:
        """How far it has come."""
        if self.ended_at is not None:
            return TrialStage.OVER
        if self.answered_at is not None:
            return TrialStage.TALKING
        return TrialStage.RINGING if self.owner else TrialStage.WAITING


@dataclass(frozen=True, kw_only=True, slots=True)
class TrialEnding:
    """What is written of a trial call when it is over."""

    result: TrialResult
    turns: tuple[Turn, ...] = field(default=(), repr=False)
    group: Group | None = None
    disposition: Disposition | None = None
