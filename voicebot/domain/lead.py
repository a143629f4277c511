"""One person in one campaign, from the queue to the last attempt."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from voicebot.domain.errors import IllegalMove
from voicebot.domain.outcome import Disposition, Group


class LeadState(StrEnum):
    """Where a lead stands."""

    UNRELEASED = "unreleased"  # advertising nobody has answered for yet: dialled by no means (38-FZ art. 18 p. 2)
    QUEUED = "queued"  # waits for its first attempt
    CLAIMED = "claimed"  # a line holds it under a lease
    SCHEDULED = "scheduled"  # waits for another attempt at a known moment
    DONE = "done"  # talked to, or attempts used up; the disposition tells which
    BLOCKED = "blocked"  # may not be contacted for good: no consent, stop-list, wrong number


class LeadErrand(StrEnum):
    """What the next call of a lead is about."""

    OFFER = "offer"  # the campaign's own conversation
    REMINDER = "reminder"  # the promo code is unused and its last day is near


class LeadEnd(StrEnum):
    """What closed a lead other than a call."""

    ORDER = "order"  # the customer bought: what the calls were for
    CAMPAIGN = "campaign"  # the campaign was finished
    SERIES = "series"  # refusals or hang-ups in a row, in whatever campaign: left alone until there is a reason
    REFUSED = "refused"  # a named person would not answer for calling this one
    ERASED = "erased"  # the person asked to be forgotten


class LeadEvent(StrEnum):
    """What can happen to a lead."""

    RELEASE = "release"  # a named person answers for it
    CLAIM = "claim"  # a line takes it
    POSTPONE = "postpone"  # not allowed just now: wait, without an attempt
    SCHEDULE = "schedule"  # the attempt is over, another one follows
    CLOSE = "close"  # nothing follows
    BLOCK = "block"  # contact is forbidden for good
    RETURN = "return"  # a line gives it back undialled
    APPROVE = "approve"  # a named person answers for one more call
    RING = "ring"  # the customer rings us about something that was settled


LEAD_MOVES: Final[Mapping[tuple[LeadState, LeadEvent], LeadState]] = MappingProxyType(
    {
        (LeadState.UNRELEASED, LeadEvent.RELEASE): LeadState.QUEUED,
        (LeadState.UNRELEASED, LeadEvent.APPROVE): LeadState.QUEUED,
        (LeadState.UNRELEASED, LeadEvent.BLOCK): LeadState.BLOCKED,
        (LeadState.UNRELEASED, LeadEvent.CLOSE): LeadState.DONE,
        (LeadState.QUEUED, LeadEvent.CLAIM): LeadState.CLAIMED,
        (LeadState.QUEUED, LeadEvent.POSTPONE): LeadState.SCHEDULED,
        (LeadState.QUEUED, LeadEvent.BLOCK): LeadState.BLOCKED,
        (LeadState.QUEUED, LeadEvent.CLOSE): LeadState.DONE,
        (LeadState.SCHEDULED, LeadEvent.CLAIM): LeadState.CLAIMED,
        (LeadState.SCHEDULED, LeadEvent.POSTPONE): LeadState.SCHEDULED,
        (LeadState.SCHEDULED, LeadEvent.BLOCK): LeadState.BLOCKED,
        (LeadState.SCHEDULED, LeadEvent.CLOSE): LeadState.DONE,
        (LeadState.SCHEDULED, LeadEvent.SCHEDULE): LeadState.SCHEDULED,  # a line given up for dead tells the truth
        (LeadState.DONE, LeadEvent.CLOSE): LeadState.DONE,  # likewise
        (LeadState.CLAIMED, LeadEvent.SCHEDULE): LeadState.SCHEDULED,
        (LeadState.CLAIMED, LeadEvent.CLOSE): LeadState.DONE,
        (LeadState.CLAIMED, LeadEvent.BLOCK): LeadState.BLOCKED,
        (LeadState.CLAIMED, LeadEvent.RETURN): LeadState.SCHEDULED,
        # A person may ask for a call whatever came of the earlier ones, unless one is under way: the gate weighs the
        # lead anew before it is dialled, so a blocked one comes no further than its reason.
        (LeadState.QUEUED, LeadEvent.APPROVE): LeadState.QUEUED,
        (LeadState.SCHEDULED, LeadEvent.APPROVE): LeadState.QUEUED,
        (LeadState.DONE, LeadEvent.APPROVE): LeadState.QUEUED,
        (LeadState.BLOCKED, LeadEvent.APPROVE): LeadState.QUEUED,
        # Who rings us is talked to, settled or not, under a lease like any other call.
        (LeadState.DONE, LeadEvent.RING): LeadState.CLAIMED,
        (LeadState.BLOCKED, LeadEvent.RING): LeadState.CLAIMED,
    }
)
"""Every legal move of a lead; whatever is not here is forbidden."""

WAITING: Final = tuple(
    sorted({state for state, event in LEAD_MOVES if event is LeadEvent.CLAIM}, key=lambda state: state.value)
)
"""The states a line may claim from."""


def move_lead(state: LeadState, event: LeadEvent) -> LeadState:
    """The state after `event`; raises IllegalMove when the table has no such move."""
    try:
        return LEAD_MOVES[state, event]
    except KeyError:
        raise IllegalMove(machine="lead", state=state, event=event) from None


@dataclass(frozen=True, kw_only=True, slots=True)
class Lead:
    """One person in one campaign as it stands."""

    id: int
    campaign_id: int
    customer_id: int
    state: LeadState
    attempts: int
    """Calls made so far, the one in progress included."""
    next_attempt_at: datetime | None
    """Not before this moment; None when nothing more follows."""
    callback: bool
    """Whether the customer asked for the next attempt: such leads go first."""
    lease_owner: str
    """Who holds it; empty when nobody does."""
    lease_until: datetime | None
    """When the claim lapses unless it is extended."""
    disposition: Disposition | None
    """How the last attempt ended."""
    group: Group | None
    """Which group the last attempt put the person into."""
    release_id: int | None = None
    """The release in which a named person answered for this lead; None before it."""
    front: bool = False
    """Whether an event put it before the others: next in line after the call-backs."""
    errand: LeadErrand = LeadErrand.OFFER
    """What the next call is about."""
    variant: str = ""
    """Which variant of the split test the person gets; empty without one."""
    ended_by: LeadEnd | None = None
    """What closed it other than a call."""
