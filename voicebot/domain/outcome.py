"""What a conversation comes to."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from voicebot.domain.call import Cause


class Group(StrEnum):
    """The three groups every talked-through call is sorted into."""

    INTERESTED = "interested"  # a manager or a promo code follows soon
    NEUTRAL = "neutral"  # neither a clear yes nor a clear no: worth working on
    NEGATIVE = "negative"  # hard refusal or repeated hang-ups
    NONE = "none"  # nobody was talked to


class Disposition(StrEnum):
    """How the attempt ended, one word for the CRM."""

    ACCEPTED = "accepted"  # took the offer, at once or a better one
    DECLINED = "declined"  # refused it
    COMPLAINT = "complaint"  # dissatisfied
    WANTS_HUMAN = "wants_human"  # asked for a person
    CALLBACK = "callback"  # asked to be called later
    STOP = "stop"  # asked never to be called again
    WRONG_PERSON = "wrong_person"  # the number is somebody else's
    VOICEMAIL = "voicemail"  # a machine answered
    SILENT = "silent"  # answered, never spoke
    UNCLEAR = "unclear"  # spoke, nothing was understood
    HUNG_UP = "hung_up"  # ended the call before anything was settled
    INFORMED = "informed"  # heard a message that asks nothing (reminder)
    BUSY = "busy"  # not talked to: see Cause
    NO_ANSWER = "no_answer"
    REJECTED = "rejected"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    UNALLOCATED = "unallocated"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


class ActionKind(StrEnum):
    """What the outcome makes somebody or something do."""

    PROMO = "promo"  # issue the personal promo code
    SMS = "sms"  # send a message
    STOP = "stop"  # enter the stop-list, every campaign and channel
    CALLBACK = "callback"  # call again at the agreed moment
    ESCALATE = "escalate"  # put into the managers' queue
    TRANSFER = "transfer"  # a manager was to be connected during the call
    REVIEW = "review"  # a manager reads the transcript: words matched nothing known
    WRONG_NUMBER = "wrong_number"  # mark the number as not this person's


@dataclass(frozen=True, kw_only=True, slots=True)
class FollowUp:
    """One thing to do after the call."""

    kind: ActionKind
    offer: str = ""
    """promo: `first` (the standard discount) or `better` (computed from the history)."""
    template: str = ""
    """sms: name of the message template in the script."""
    at: datetime | None = None
    """callback: the agreed aware moment; None when no time was named (the redial rules choose)."""
    urgent: bool = False
    """escalate: whether it goes to the head of the queue."""
    reason: str = ""
    """escalate, transfer, review: why, in the customer's own words where there are any."""
    connected: bool | None = None
    """transfer: whether a manager took the call; None while unknown."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """Everything the dialogue decided; `record_outcome` writes it down in one transaction."""

    group: Group
    disposition: Disposition
    tags: tuple[str, ...] = ()
    """Ascending, without repeats."""
    actions: tuple[FollowUp, ...] = ()
    hangup_state: str = ""
    """Script state in which the customer hung up; empty when the bot ended the call."""
    offer_heard: bool = False
    """Whether an offer was made to a person before it ended."""
    nps: int | None = None
    """Score 0-10 if one was given."""
    answers: dict[str, str] = field(default_factory=dict)
    """Free answers by state (`reason`, `remedy` ...), in the customer's words."""


def unanswered(cause: Cause) -> Outcome:
    """The outcome of an attempt in which nobody was talked to."""
    if cause is Cause.ANSWERED:
        raise ValueError("an answered call has a conversation, not a cause, for its outcome")
    return Outcome(group=Group.NONE, disposition=Disposition(cause.value))


@dataclass(frozen=True, kw_only=True, slots=True)
class Discount:
    """A personal discount."""

    percent: Decimal
    """Of the price, 0-100."""
    days: int
    """How long the code holds."""
