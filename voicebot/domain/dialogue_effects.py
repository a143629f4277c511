"""What states and routes do to the outcome in the making."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from voicebot.domain.dialogue_position import Position
from voicebot.domain.outcome import ActionKind, Disposition, FollowUp
from voicebot.domain.script import Effects, Escalation
from voicebot.domain.spoken_dates import when

_RANK: Final = {
    Disposition.STOP: 3,
    Disposition.WRONG_PERSON: 2,
    Disposition.VOICEMAIL: 2,
    Disposition.COMPLAINT: 1,
}
"""A decision yields only to one of its own rank or higher: a complaint stays one when a manager is asked for."""
_BELONGS: Final = {
    Disposition.ACCEPTED: {ActionKind.PROMO, ActionKind.SMS},
    Disposition.CALLBACK: {ActionKind.CALLBACK},
    Disposition.WANTS_HUMAN: {ActionKind.ESCALATE},
}
"""Actions that go when the decision they came with goes."""
_CONTACT: Final = {ActionKind.PROMO, ActionKind.SMS, ActionKind.CALLBACK, ActionKind.ESCALATE}
"""Whatever would contact the person again: nothing of it outlives a stop, a wrong person, a machine."""


def apply(position: Position, effects: Effects) -> Position:
    """The position after the effects; applying the same ones twice changes nothing more."""
    decision = effects.decide or (effects.settle if position.disposition is None else None)
    if decision:
        position = _decide(position, decision)
    if position.disposition is Disposition.VOICEMAIL:
        return position
    position = replace(position, offer=effects.offer or position.offer, tags=position.tags | set(effects.tags))
    barred = _CONTACT if _RANK.get(position.disposition or Disposition.UNCLEAR, 0) >= 2 else set[ActionKind]()
    for action in _actions(position, effects):
        if action.kind not in barred:
            position = _add(position, action)
    if effects.schedule and position.callback_at:
        spoken = when(position.callback_at, position.now)
        position = replace(position, variables={**position.variables, "callback_time": spoken})
    return position


def _decide(position: Position, decision: Disposition) -> Position:
    earlier = position.disposition
    if earlier is decision or (earlier and _RANK.get(decision, 0) < _RANK.get(earlier, 0)):
        return position
    gone = set(_BELONGS.get(earlier, set())) if earlier else set()
    tags = position.tags
    if _RANK.get(decision, 0) >= 2:
        gone |= _CONTACT
    if decision in (Disposition.VOICEMAIL, Disposition.WRONG_PERSON):
        tags = frozenset()
    if decision in (Disposition.VOICEMAIL, Disposition.WRONG_PERSON, Disposition.COMPLAINT):
        gone |= {ActionKind.REVIEW}  # nothing to read, or a manager reads it anyway
    if decision is Disposition.VOICEMAIL:
        gone |= {ActionKind.TRANSFER}  # a machine was taken for a person
    kept = tuple(action for action in position.actions if action.kind not in gone)
    return replace(position, disposition=decision, actions=kept, tags=tags)


def _actions(position: Position, effects: Effects) -> Iterator[FollowUp]:
    if effects.promo:
        yield FollowUp(kind=ActionKind.PROMO, offer=position.offer or "first")
    if effects.message:
        yield FollowUp(kind=ActionKind.SMS, template=effects.message)
    if effects.stop:
        yield FollowUp(kind=ActionKind.STOP)
    if effects.wrong_number:
        yield FollowUp(kind=ActionKind.WRONG_NUMBER)
    if effects.schedule:
        yield FollowUp(kind=ActionKind.CALLBACK, at=position.callback_at)
    if effects.transfer:
        yield FollowUp(kind=ActionKind.TRANSFER, reason=_why(position))
    if effects.escalate is not Escalation.NONE:
        urgent = effects.escalate is Escalation.URGENT
        yield FollowUp(kind=ActionKind.ESCALATE, urgent=urgent, reason=position.words)
    if effects.review:
        yield FollowUp(kind=ActionKind.REVIEW, reason="; ".join(position.unmatched))


def _why(position: Position) -> str:
    """The words that began it: after a complaint the last ones are only «да, соедините»."""
    earlier = (action.reason for action in position.actions if action.kind is ActionKind.ESCALATE)
    return next(earlier, position.words)


def _add(position: Position, action: FollowUp) -> Position:
    """One action of a kind (one message of a template): the newest wins, an escalation never loses its urgency."""
    others = []
    for other in position.actions:
        if (other.kind, other.template) != (action.kind, action.template):
            others.append(other)
        elif action.kind is ActionKind.ESCALATE:
            action = replace(action, urgent=action.urgent or other.urgent, reason=other.reason or action.reason)
    return replace(position, actions=(*others, action))


def transferred(position: Position, *, connected: bool) -> Position:
    """What became of the transfer; a manager on the line needs no escalation."""
    actions = (
        replace(action, connected=connected) if action.kind is ActionKind.TRANSFER else action
        for action in position.actions
        if not (connected and action.kind is ActionKind.ESCALATE)
    )
    return replace(position, actions=tuple(actions))
