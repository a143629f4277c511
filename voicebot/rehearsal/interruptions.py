"""How soon the bot falls silent when it is talked over, measured in the callee's own recording."""

from dataclasses import dataclass
from pathlib import Path

from voicebot.rehearsal.reply_gaps import Samples, read_callee, utterances


@dataclass(frozen=True, kw_only=True, slots=True)
class Interruption:
    """The customer began to sound while the bot was speaking."""

    began: float
    """First sound of the customer, seconds from the beginning of the recording."""
    bot_ended: float
    """Last sound of what the bot was saying, seconds from the beginning of the recording."""

    @property
    def milliseconds(self) -> float:
        """How long the bot spoke on."""
        return (self.bot_ended - self.began) * 1000


def interruptions(customer: Samples, bot: Samples, rate_hz: int) -> tuple[Interruption, ...]:
    """Every time the customer began over the bot's voice; hums count too.

    Words that begin between two sentences of the bot are none: whether it would have stopped, nobody hears.
    """
    lines = utterances(bot, rate_hz)
    return tuple(
        Interruption(began=began, bot_ended=ended)
        for began, _ in utterances(customer, rate_hz)
        for started, ended in lines
        if started < began < ended
    )


def interruptions_of(recording: Path) -> tuple[Interruption, ...]:
    """Those of a callee's stereo WAV (left = the customer, right = the bot); ValueError for any other file."""
    return interruptions(*read_callee(recording))
