"""How simulated customers take a call."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final, TypeVar
from zlib import crc32

from voicebot.domain.call import CallReport, Cause, HungUpBy
from voicebot.domain.outcome import ActionKind, Disposition, FollowUp, Group, Outcome, unanswered
from voicebot.domain.phone import Phone

_Drawn = TypeVar("_Drawn")

_RINGS: Final = {
    Cause.ANSWERED: 0.58,
    Cause.NO_ANSWER: 0.20,
    Cause.BUSY: 0.08,
    Cause.UNREACHABLE: 0.07,
    Cause.REJECTED: 0.03,
    Cause.FAILED: 0.02,
    Cause.UNALLOCATED: 0.015,  # no route just now: the number lives
    Cause.REFUSED: 0.005,
}
"""What becomes of a dialled number; about 70 % of the reachable answer a first robot call (DOMAIN.md)."""
_TALKS: Final = {
    Disposition.ACCEPTED: 0.16,
    Disposition.DECLINED: 0.24,
    Disposition.HUNG_UP: 0.16,
    Disposition.VOICEMAIL: 0.16,
    Disposition.CALLBACK: 0.10,
    Disposition.SILENT: 0.05,
    Disposition.UNCLEAR: 0.04,
    Disposition.COMPLAINT: 0.03,
    Disposition.WANTS_HUMAN: 0.03,
    Disposition.STOP: 0.02,
    Disposition.WRONG_PERSON: 0.01,
}
"""What a talk comes to; a stop-list rate below 2 % is normal, above 5 % an alarm (DOMAIN.md, Measures)."""
_GROUPS: Final = {
    Disposition.ACCEPTED: Group.INTERESTED,
    Disposition.CALLBACK: Group.NEUTRAL,
    Disposition.WANTS_HUMAN: Group.INTERESTED,
    Disposition.COMPLAINT: Group.NEGATIVE,
    Disposition.STOP: Group.NEGATIVE,
    Disposition.WRONG_PERSON: Group.NEGATIVE,
    Disposition.VOICEMAIL: Group.NONE,
}
_LOUD_NO: Final = 0.3
"""Part of the refusals that are hard ones."""
_ACTIONS: Final = {
    Disposition.ACCEPTED: (
        FollowUp(kind=ActionKind.PROMO, offer="first"),
        FollowUp(kind=ActionKind.SMS, template="promo"),
    ),
    Disposition.COMPLAINT: (FollowUp(kind=ActionKind.ESCALATE, urgent=True, reason="недоволен"),),
    Disposition.WANTS_HUMAN: (FollowUp(kind=ActionKind.ESCALATE, reason="просит человека"),),
    Disposition.STOP: (FollowUp(kind=ActionKind.STOP, reason="не звоните"),),
    Disposition.WRONG_PERSON: (FollowUp(kind=ActionKind.WRONG_NUMBER),),
    Disposition.UNCLEAR: (FollowUp(kind=ActionKind.REVIEW, reason="непонятно"),),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class SimulatedCall:
    """One call as it will turn out."""

    report: CallReport
    outcome: Outcome

    @property
    def ends_at(self) -> datetime:
        """When the line is free again."""
        return self.report.ended_at


def number_exists(phone: Phone) -> bool:
    """The same of a number at every call; one of a hundred is dead."""
    return crc32(phone.e164.encode()) % 100 != 0


def draw_call(random: Random, dialled_at: datetime, *, reminder: bool, exists: bool = True) -> SimulatedCall:
    """What becomes of a call dialled now; `reminder`: it only tells that a promo code is about to end."""
    cause = _drawn(random, _RINGS) if exists else Cause.UNALLOCATED
    rang = timedelta(seconds=random.randint(3, 28))
    if cause is not Cause.ANSWERED:
        report = CallReport(
            cause=cause,
            sip_code=_CODES[cause],
            dialled_at=dialled_at,
            answered_at=None,
            ended_at=dialled_at + rang,
            hung_up_by=None,
        )
        return SimulatedCall(report=report, outcome=unanswered(cause))
    answered_at = dialled_at + rang
    outcome = _told(random) if reminder else _talked(random, answered_at)
    report = CallReport(
        cause=cause,
        sip_code=200,
        dialled_at=dialled_at,
        answered_at=answered_at,
        ended_at=answered_at + timedelta(seconds=random.randint(5, 110)),
        hung_up_by=HungUpBy.CUSTOMER if outcome.disposition is Disposition.HUNG_UP else HungUpBy.BOT,
    )
    return SimulatedCall(report=report, outcome=outcome)


_CODES: Final = {
    Cause.NO_ANSWER: 487,
    Cause.BUSY: 486,
    Cause.UNREACHABLE: 480,
    Cause.REJECTED: 603,
    Cause.FAILED: 500,
    Cause.UNALLOCATED: 404,
    Cause.REFUSED: 607,
}


def _told(random: Random) -> Outcome:
    if random.random() < 0.02:
        return Outcome(group=Group.NEGATIVE, disposition=Disposition.STOP, actions=_ACTIONS[Disposition.STOP])
    return Outcome(group=Group.NEUTRAL, disposition=Disposition.INFORMED)


def _talked(random: Random, answered_at: datetime) -> Outcome:
    disposition = _drawn(random, _TALKS)
    actions = _ACTIONS.get(disposition, ())
    if disposition is Disposition.CALLBACK:
        named = answered_at + timedelta(minutes=random.choice((30, 60, 180, 24 * 60, 3 * 24 * 60, 7 * 24 * 60)))
        actions = (FollowUp(kind=ActionKind.CALLBACK, at=named if random.random() < 0.8 else None),)
    group = _GROUPS.get(disposition, Group.NEUTRAL)
    if disposition is Disposition.DECLINED and random.random() < _LOUD_NO:
        group = Group.NEGATIVE
    early = disposition is Disposition.HUNG_UP and random.random() < 0.5
    return Outcome(
        group=group,
        disposition=disposition,
        actions=actions,
        tags=("price",) if disposition is Disposition.ACCEPTED and random.random() < 0.3 else (),
        offer_heard=not early,
        hangup_state=("greeting" if early else "offer") if disposition is Disposition.HUNG_UP else "",
    )


def _drawn(random: Random, shares: Mapping[_Drawn, float]) -> _Drawn:
    return random.choices(tuple(shares), tuple(shares.values()))[0]
