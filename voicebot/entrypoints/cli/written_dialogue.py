"""A conversation on the screen: turn by turn, in short, or as one JSON object."""

import sys

import typer

from voicebot.application.text_conversation import WrittenConversation, WrittenTurn
from voicebot.domain.outcome import ActionKind, FollowUp, Outcome


def read_reply(_: WrittenTurn) -> str:
    """The next line of input; empty at its end."""
    return sys.stdin.readline().rstrip("\r\n")


def read_reply_aloud(turn: WrittenTurn) -> str:
    """Show the bot's words, then read the reply, echoing what was not typed at a terminal."""
    say_aloud(turn)
    typer.echo("Вы:  ", nl=False)
    line = read_reply(turn)
    if not sys.stdin.isatty():
        typer.echo(line or "(молчание)")
    return line


def say_aloud(turn: WrittenTurn) -> None:
    """Show the bot's words."""
    typer.echo(f"Бот: {turn.bot}")


def keep_quiet(_: WrittenTurn) -> None:
    """Show nothing: the object at the end holds it."""


def in_short(outcome: Outcome) -> str:
    """What it came to, for a person at a terminal."""
    lines = [f"\n{outcome.disposition} · {outcome.group} · {', '.join(outcome.tags) or 'no tags'}"]
    for action in outcome.actions:
        details = (f"{key}={value}" for key, value in action_as_object(action).items() if key != "kind")
        lines.append("  " + " ".join((action.kind.value, *details)))
    if outcome.hangup_state:
        lines.append(f"  the customer hung up in '{outcome.hangup_state}'")
    return "\n".join(lines)


def as_object(conversation: WrittenConversation) -> dict[str, object]:
    """The object `--json` prints."""
    outcome = conversation.outcome
    return {
        "turns": [_turn(turn) for turn in conversation.turns],
        "group": outcome.group.value,
        "disposition": outcome.disposition.value,
        "tags": list(outcome.tags),
        "actions": [action_as_object(action) for action in outcome.actions],
        "hangup_state": outcome.hangup_state or None,
    }


def action_as_object(action: FollowUp) -> dict[str, object]:
    """A follow-up with the fields its kind uses."""
    fields: dict[ActionKind, dict[str, object]] = {
        ActionKind.PROMO: {"offer": action.offer},
        ActionKind.SMS: {"template": action.template},
        ActionKind.CALLBACK: {"at": action.at.isoformat() if action.at else None},
        ActionKind.ESCALATE: {"urgent": action.urgent, "reason": action.reason},
        ActionKind.TRANSFER: {"connected": action.connected, "reason": action.reason},
        ActionKind.REVIEW: {"reason": action.reason},
    }
    return {"kind": action.kind.value, **fields.get(action.kind, {})}


def _turn(turn: WrittenTurn) -> dict[str, object]:
    return {
        "state": turn.state,
        "bot": turn.bot,
        "customer": turn.customer,
        "intent": turn.intent.value if turn.intent else None,
        "score": None if turn.score is None else round(turn.score, 3),
    }
