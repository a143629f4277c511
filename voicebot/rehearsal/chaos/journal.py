"""What the called people saw, in their own log."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path


class SeenEnd(StrEnum):
    """How a call ended for the one who was called."""

    BYE = "bye"  # the caller hung up
    LEFT = "left"  # the called one hung up
    REFUSED = "refused"  # busy
    CANCELLED = "cancelled"  # the caller gave up ringing
    RANG_OUT = "rang_out"  # nobody took the ringing back: the caller is dead
    UNCONFIRMED = "unconfirmed"  # picked up, and the caller never said it knew
    LOST = "lost"  # the caller fell silent in the middle: no packet came any more
    OPEN = "open"  # still going on when the log was closed


DEAD_PEER = frozenset({SeenEnd.RANG_OUT, SeenEnd.UNCONFIRMED, SeenEnd.LOST})
"""Endings in which the caller's process died."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pressed:
    """A key."""

    digit: str
    at: float
    """Unix seconds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SeenCall:
    """One INVITE and all that followed; times are Unix seconds of this machine."""

    number: str
    """The one that was dialled."""
    call_id: str
    """Of the SIP dialogue."""
    behaviour: str
    invited_at: float
    confirmed_at: float | None
    """When the caller acknowledged the answer; None when it never did."""
    last_sign_at: float
    """The caller's last packet, signalling or sound: proof that it lived."""
    ended_at: float
    end: SeenEnd
    heard_s: float = 0.0
    """How much speech of the caller was heard, seconds."""
    first_heard_at: float | None = None
    """Its first sound."""
    pressed: tuple[Pressed, ...] = ()

    @property
    def over_at(self) -> float:
        """When the call was over for certain; a dead caller's ended with its last packet."""
        return self.last_sign_at if self.end in DEAD_PEER else self.ended_at


def append_seen(file: Path, call: SeenCall) -> None:
    """Add one call."""
    with file.open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(asdict(call)) + "\n")


def read_seen(file: Path) -> tuple[SeenCall, ...]:
    """All calls, in order of their INVITEs."""
    if not file.exists():
        return ()
    calls = (_seen(line) for line in file.read_text(encoding="utf-8").splitlines())
    return tuple(sorted(calls, key=lambda call: call.invited_at))


def by_number(calls: Iterable[SeenCall]) -> dict[str, list[SeenCall]]:
    """The calls each number saw, in order."""
    seen: dict[str, list[SeenCall]] = {}
    for call in sorted(calls, key=lambda call: call.invited_at):
        seen.setdefault(call.number, []).append(call)
    return seen


def _seen(line: str) -> SeenCall:
    fields = json.loads(line)
    pressed = tuple(Pressed(**one) for one in fields["pressed"])
    return SeenCall(**{**fields, "end": SeenEnd(fields["end"]), "pressed": pressed})
