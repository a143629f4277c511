"""One attempt to reach one customer, from dialling to the last word."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from voicebot.domain.intent import Intent

LONGEST_MATCH: Final = 300
"""Characters of a phrase that are kept with a turn: it is part of an index."""


class Cause(StrEnum):
    """How the telephone part of an attempt ended."""

    ANSWERED = "answered"  # 200 OK was received: a person or a machine
    BUSY = "busy"  # 486, 600
    NO_ANSWER = "no_answer"  # rang out, 408, 487 after our own CANCEL
    REJECTED = "rejected"  # 603, 403: somebody refused this call
    REFUSED = "refused"  # 607, 608: the subscriber or the operator refuses calls like ours (126-FZ art. 44.1)
    UNREACHABLE = "unreachable"  # 480, 503 and other network trouble on the way to the customer
    UNALLOCATED = "unallocated"  # 404, 410, 484, 604: the number does not exist
    FAILED = "failed"  # our side or the trunk: 401, 5xx, no slot
    INTERRUPTED = "interrupted"  # our process died during the attempt


class Direction(StrEnum):
    """Who called whom."""

    OUT = "out"  # we called
    IN = "in"  # the customer rang back


class HungUpBy(StrEnum):
    """Who ended an answered call."""

    BOT = "bot"
    CUSTOMER = "customer"
    NETWORK = "network"  # transport lost, our process died


class Speaker(StrEnum):
    """Whose words a transcript line holds."""

    BOT = "bot"
    CUSTOMER = "customer"
    MANAGER = "manager"  # after a transfer


@dataclass(frozen=True, kw_only=True, slots=True)
class Heard:
    """One utterance of the customer as the recogniser gave it; seconds count from the answer (200 OK)."""

    text: str
    """Lower-case words; empty when nothing was understood."""
    confidence: float
    """Mean word confidence 0..1; 0 for an empty text."""
    started_at: float
    """When speech began, seconds since the answer."""
    ended_at: float
    """When speech ended (the end silence not included), seconds since the answer."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Turn:
    """One line of the transcript."""

    speaker: Speaker
    state: str
    """Script state in which it was said."""
    text: str
    started_at: float
    """Seconds since the answer."""
    ended_at: float
    """Seconds since the answer."""
    intent: Intent | None = None
    """What the customer's words were taken for; None for the bot."""
    confidence: float | None = None
    """Recogniser's confidence 0..1; None for the bot."""
    score: float | None = None
    """Certainty of the intent 0..1; None for the bot."""
    matched: str = ""
    """The phrase of the books that decided; empty for the bot and where none did."""
    reply_gap_ms: int | None = None
    """On a bot turn that answers: end of the customer's speech to the first sound of the bot, milliseconds."""
    interrupted: bool = False
    """Whether the customer cut this bot turn short (barge-in)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CallReport:
    """What the telephone says of an attempt, beside the dialogue."""

    cause: Cause
    sip_code: int
    """Final SIP status; 0 when none came."""
    dialled_at: datetime
    answered_at: datetime | None
    ended_at: datetime
    hung_up_by: HungUpBy | None
    turns: tuple[Turn, ...] = ()
    recording: str = ""
    """Path of the stereo recording below the recordings folder; empty when there is none."""
    cost: Decimal | None = None
    """RUB, as the trunk charges; None when nothing is owed or no price is known."""
