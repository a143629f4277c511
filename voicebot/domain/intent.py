"""What a customer's words mean."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Intent(StrEnum):
    """Everything the bot can understand; the values are what scripts write in `on:`."""

    YES = "yes"  # agrees with the question just asked
    NO = "no"  # refuses it, without a reason
    CALLBACK = "callback"  # not now: busy, driving, "call me later", a time
    WHO = "who"  # who is calling, which company
    ROBOT = "robot"  # is this a robot, a recording, a living person?
    REPEAT = "repeat"  # did not hear, say it again
    QUESTION = "question"  # asks about the offer: how long, on what, how to use
    HUMAN = "human"  # wants a living operator or manager
    STOP = "stop"  # never call again, in any words: threats, withdrawal of consent, complaints to authorities
    WRONG_PERSON = "wrong_person"  # the number belongs to somebody else
    VOICEMAIL = "voicemail"  # a machine or a call-screening assistant speaks
    PRICE = "price"  # too expensive
    SERVICE = "service"  # dissatisfied with goods, delivery, people
    NO_NEED = "no_need"  # no longer needed
    COMPETITOR = "competitor"  # buys elsewhere
    GOODBYE = "goodbye"  # ends the talk
    NUMBER = "number"  # a score 0-10
    UNKNOWN = "unknown"  # none of the above


class ListenKind(StrEnum):
    """What kind of answer a state waits for."""

    YES_NO = "yes_no"  # a short answer
    OPEN = "open"  # free speech; longer pauses belong to it
    TIME = "time"  # when to call back
    NUMBER = "number"  # a score 0-10
    NONE = "none"  # the bot speaks and goes on


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What the bot has just asked: the same words mean different things after it."""

    context: str
    """Name of the context in the phrase books: greeting, offer, reason, remedy, transfer, nps, agree_time ...
    (a script state's own name unless the state says otherwise; an unknown context falls back to `kind`)."""
    kind: ListenKind


@dataclass(frozen=True, kw_only=True, slots=True)
class Understanding:
    """The meaning of one utterance."""

    text: str
    """The words as recognised."""
    intent: Intent
    value: int | datetime | None = None
    """The score 0-10 of a number; the aware moment of a call-back; else None."""
    score: float
    """Certainty 0..1, the recogniser's confidence included."""
    matched: str = ""
    """The phrase of the book that decided; empty for unknown."""
    also: tuple[Intent, ...] = ()
    """Other intents heard in the same utterance («нет, дорого» is price, also no), strongest first."""
