"""A call-back by a click: the manager's phone rings first, then the customer's."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from voicebot.domain.phone import Phone, parse_phone

PATIENCE: Final = timedelta(minutes=2)
"""A call-back no line has taken by then is given up: nobody's phone rings out of the blue an hour later."""
LONGEST: Final = timedelta(hours=1)
"""A talk of two people is ended after this long: somebody has forgotten to hang up."""
_SIP: Final = re.compile(r"sips?:[A-Za-z0-9_.+-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?(?::\d{1,5})?")


class ClickStage(StrEnum):
    """How far it has come."""

    WAITING = "waiting"  # for a free line
    MANAGER = "manager"  # the manager's phone rings
    CUSTOMER = "customer"  # the manager is there, the customer's phone rings
    TALKING = "talking"  # they hear each other
    OVER = "over"


class ClickResult(StrEnum):
    """What came of it."""

    TALKED = "talked"  # the two were put through
    MANAGER_AWAY = "manager_away"  # the manager's phone was not answered
    GAVE_UP = "gave_up"  # the manager hung up before the customer answered, or let go of the escalation
    BUSY = "busy"  # the customer talks with somebody
    NO_ANSWER = "no_answer"  # the customer did not answer, refused or is out of reach
    STOPPED = "stopped"  # the customer is on the stop-list
    IN_A_CALL = "in_a_call"  # the customer is in another call of ours just now
    NO_PHONE = "no_phone"  # no number of the customer is right
    NO_WAY = "no_way"  # no trunk could carry it
    EXPIRED = "expired"  # no line was free in time
    INTERRUPTED = "interrupted"  # the line's process died


class ClickLeg(StrEnum):
    """One of the two phones."""

    MANAGER = "manager"
    CUSTOMER = "customer"


@dataclass(frozen=True, kw_only=True, slots=True)
class NewClickCall:
    """What a manager asked for."""

    escalation_id: int
    customer_id: int
    requested_by: str
    """Login of the manager."""
    manager_address: str
    """E.164 or a SIP address."""
    requested_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class ClickCall:
    """A call-back asked for, under way or over."""

    id: int
    escalation_id: int
    customer_id: int
    campaign_id: int
    """Of the escalation."""
    requested_by: str
    """Login of the manager."""
    manager_address: str
    """E.164 or a SIP address."""
    requested_at: datetime
    owner: str = ""
    """The line that carries it out; empty while it waits for one."""
    manager_answered_at: datetime | None = None
    customer_answered_at: datetime | None = None
    ended_at: datetime | None = None
    result: ClickResult | None = None

    @property
    def stage(self) -> ClickStage:
        """How far it has come."""
        if self.ended_at is not None:
            return ClickStage.OVER
        if self.customer_answered_at is not None:
            return ClickStage.TALKING
        if self.manager_answered_at is not None:
            return ClickStage.CUSTOMER
        return ClickStage.MANAGER if self.owner else ClickStage.WAITING

    @property
    def talk_seconds(self) -> float | None:
        """How long the two talked; None when they did not, or still do."""
        if self.customer_answered_at is None or self.ended_at is None:
            return None
        return (self.ended_at - self.customer_answered_at).total_seconds()


def phone_or_address(written: str) -> Phone | str:
    """A number as people write it, or a SIP address as it stands; raises ValueError with what is wrong."""
    written = written.strip()
    if written.lower().startswith(("sip:", "sips:")):
        if not _SIP.fullmatch(written):
            raise ValueError("not a SIP address")
        return written
    return parse_phone(written)
