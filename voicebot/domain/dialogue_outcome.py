"""From the last position of a conversation to its outcome."""

from dataclasses import replace
from typing import Final

from voicebot.domain.dialogue_effects import apply
from voicebot.domain.dialogue_position import Phase, Position
from voicebot.domain.outcome import ActionKind, Disposition, FollowUp, Group, Outcome
from voicebot.domain.script import Effects, Script

_GROUPS: Final = {
    Disposition.ACCEPTED: Group.INTERESTED,
    Disposition.STOP: Group.NEGATIVE,
    Disposition.VOICEMAIL: Group.NONE,
}
"""All others are neutral: worth working on."""
MACHINE: Final = Effects(decide=Disposition.VOICEMAIL)
"""What a greeting comes to that nobody interrupted."""


def conclude(script: Script, position: Position, *, earlier_hang_ups: int) -> Outcome:
    """What the conversation came to, wherever it stands.

    `earlier_hang_ups`: calls before this one that the customer ended before anything was settled; with one or
    more, another is a refusal (group negative).
    """
    position = _settled(position)
    disposition = position.disposition or Disposition.UNCLEAR
    group = _GROUPS.get(disposition, Group.NEUTRAL)
    if disposition is Disposition.HUNG_UP and earlier_hang_ups > 0:
        group = Group.NEGATIVE
    tags, hangup_state = set(position.tags), position.hangup_state
    if disposition is Disposition.VOICEMAIL:
        hangup_state = ""
    if hangup_state:
        state = script.states.get(hangup_state)
        tags.add(state.hang_up if state and state.hang_up else f"hung_up_at:{hangup_state}")
    return Outcome(
        group=group,
        disposition=disposition,
        tags=tuple(sorted(tags)),
        actions=tuple(_explained(action, position) for action in position.actions),
        hangup_state=hangup_state,
        offer_heard=bool(position.offer) and disposition is not Disposition.VOICEMAIL,
        nps=position.nps,
        answers=dict(position.answers),
    )


def _settled(position: Position) -> Position:
    if position.phase is Phase.HEARING_OUT:
        position = apply(position, MACHINE)
    if position.disposition is None:
        position = replace(position, disposition=_undecided(position))
    if position.disposition is Disposition.UNCLEAR:  # nobody but a person can tell what was wanted
        return apply(position, Effects(review=True))
    return position


def _undecided(position: Position) -> Disposition:
    if position.hung_up:
        return Disposition.HUNG_UP
    return Disposition.UNCLEAR if position.spoke else Disposition.SILENT


def _explained(action: FollowUp, position: Position) -> FollowUp:
    """A manager reads what the customer said after the decision, too."""
    if action.kind not in (ActionKind.ESCALATE, ActionKind.TRANSFER):
        return action
    words = dict.fromkeys((action.reason, *(answer for _, answer in position.answers)))
    return replace(action, reason="; ".join(word for word in words if word))
