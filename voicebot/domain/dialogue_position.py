"""Where a conversation stands and what it has come to so far."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from voicebot.domain.dialogue_actions import Action
from voicebot.domain.outcome import Disposition, FollowUp


class Phase(StrEnum):
    """What the conversation is doing."""

    WAITING = "waiting"  # the call is not answered yet
    TALKING = "talking"  # in a state of the script
    HEARING_OUT = "hearing_out"  # a machine greets, as it seems: its beep or its end is waited for in silence
    CONNECTING = "connecting"  # a manager is being called
    CLOSING = "closing"  # the last words are being said, then the bot hangs up
    ENDED = "ended"  # nothing more to say: hung up, or a manager took over


@dataclass(frozen=True, kw_only=True, slots=True)
class Position:
    """Everything `step` remembers; plain values only, so it can be written down between any two events."""

    phase: Phase = Phase.WAITING
    state: str
    """State of the script; the start state while waiting."""
    variables: Mapping[str, str]
    """Words for the gaps of prompts."""
    now: datetime
    """When the conversation began, aware, in the customer's zone: agreed times are spoken relative to it."""
    leave_message: bool = False
    """Whether an answering machine is left a message."""
    mistaken: bool = False
    """Whether a person was once taken for a machine."""
    visited: tuple[str, ...] = ()
    """States entered, in order of first entry."""
    silences: int = 0
    """Silences in the current state."""
    misses: int = 0
    """Answers not understood in the current state."""
    interruptions: int = 0
    """Questions of the customer answered in the current state."""
    steps: int = 0
    """Events seen since the call was answered."""
    spoke: bool = False
    """Whether the customer said anything at all."""
    words: str = ""
    """What the customer said last."""
    unmatched: tuple[str, ...] = ()
    """Utterances that matched nothing known."""
    answers: tuple[tuple[str, str], ...] = ()
    """Free answers: state and words."""
    nps: int | None = None
    """Score 0-10 if one was given."""
    callback_at: datetime | None = None
    """The moment the customer named last."""
    offer: str = ""
    """`first` or `better`: the discount on the table."""
    disposition: Disposition | None = None
    """What it has come to; None while nothing is settled."""
    tags: frozenset[str] = frozenset()
    actions: tuple[FollowUp, ...] = ()
    hung_up: bool = False
    """Whether the customer ended the call."""
    hangup_state: str = ""
    """State in which they did."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """What one event leads to."""

    position: Position
    actions: tuple[Action, ...]
    """To be carried out in order."""
