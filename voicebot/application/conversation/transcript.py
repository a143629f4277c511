"""Who said what, and when."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from voicebot.domain.call import LONGEST_MATCH, Heard, Speaker, Turn
from voicebot.domain.intent import Understanding


@dataclass(kw_only=True, slots=True)
class Transcript:
    """Turns in the order they began; all times are seconds since the answer."""

    answered_at: float
    """Monotonic seconds of the 200 OK."""
    changed: Callable[[tuple[Turn, ...]], None]
    """Told all turns whenever one begins or ends; must return at once."""
    _turns: list[Turn] = field(default_factory=list)

    def seconds(self, at: float) -> float:
        """Monotonic `at` as seconds since the answer, to the millisecond."""
        return round(at - self.answered_at, 3)

    def bot_begins(self, *, state: str, text: str, at: float, reply_gap_ms: int | None) -> int:
        """Open a line of the bot at monotonic `at`; returns its index for `bot_ends`.

        Until then it counts as cut short: should this process die now, that is the truth.
        """
        begun = self.seconds(at)
        self._turns.append(
            Turn(
                speaker=Speaker.BOT,
                state=state,
                text=text,
                started_at=begun,
                ended_at=begun,
                reply_gap_ms=reply_gap_ms,
                interrupted=True,
            )
        )
        self.changed(self.turns())
        return len(self._turns) - 1

    def bot_ends(self, index: int, *, at: float, interrupted: bool) -> None:
        """Close a line of the bot; an interrupted one may be resumed and closed again."""
        self._turns[index] = replace(self._turns[index], ended_at=self.seconds(at), interrupted=interrupted)
        self.changed(self.turns())

    def customer_said(self, heard: Heard, understanding: Understanding, state: str) -> None:
        """Add what the customer said and what it was taken for."""
        self._turns.append(
            Turn(
                speaker=Speaker.CUSTOMER,
                state=state,
                text=heard.text,
                started_at=round(heard.started_at, 3),
                ended_at=round(heard.ended_at, 3),
                intent=understanding.intent,
                confidence=round(heard.confidence, 3),
                score=round(understanding.score, 3),
                matched=understanding.matched[:LONGEST_MATCH],
            )
        )
        self.changed(self.turns())

    def turns(self) -> tuple[Turn, ...]:
        """The transcript so far."""
        return tuple(sorted(self._turns, key=lambda turn: turn.started_at))
