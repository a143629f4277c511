"""A customer to rehearse with: voice, line, behaviour, outcome."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from voicebot.domain.outcome import ActionKind, Disposition, Group


class Role(StrEnum):
    """Which end of a campaign a persona plays."""

    CUSTOMER = "customer"  # is called by the campaign; the call must come to its `expect`
    MANAGER = "manager"  # is called when a customer is transferred


@dataclass(frozen=True, kw_only=True, slots=True)
class Voice:
    """How a persona sounds."""

    name: str = "ru"
    """An espeak-ng voice with an optional variant: `ru`, `ru+f4`, `ru+m3`."""
    rate: int = 150
    """Words per minute."""
    pitch: int = 50
    """0-99; 50 is the voice's own."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answers:
    """The phone is picked up."""

    after_ms: int = 600
    """Ringing before the answer, milliseconds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Refuses:
    """The call ends with a final SIP status."""

    sip_code: int
    after_ms: int = 200
    """Time before the refusal, milliseconds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RingsOut:
    """The phone rings until the caller gives up."""


LineBehaviour = Answers | Refuses | RingsOut


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitBot:
    """Listen until the bot has said something and fallen silent."""

    silence_ms: int = 800
    """Silence that means the bot has finished, milliseconds."""
    timeout_ms: int = 20_000
    """Go on after this even if the bot said nothing, milliseconds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Say:
    """Speak a line."""

    text: str
    reaction_ms: int = 300
    """Thinking before speaking, milliseconds (people take 200-500)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TalkOver:
    """Speak while the bot is speaking: real words, it must stop."""

    text: str
    after_ms: int = 1200
    """How far into the bot's utterance, milliseconds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Hum:
    """A backchannel («угу») while the bot speaks: it must go on."""

    text: str = "угу"
    after_ms: int = 1200
    """How far into the bot's utterance, milliseconds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class HangUp:
    """Leave, at once or in the middle of one of the bot's utterances."""

    utterance: int = 0
    """Which utterance of the bot since the answer, from 1; 0 is at once."""
    after_ms: int = 1500
    """How far into that utterance, milliseconds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Beep:
    """A machine's tone."""

    hz: int = 1000
    length_ms: int = 600


@dataclass(frozen=True, kw_only=True, slots=True)
class Press:
    """Press a key of the telephone."""

    digit: str
    reaction_ms: int = 400
    """Looking for the key, milliseconds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class KeepSilent:
    """Say nothing for a while."""

    length_ms: int


Step = WaitBot | Say | TalkOver | Hum | HangUp | Beep | Press | KeepSilent


@dataclass(frozen=True, kw_only=True, slots=True)
class Expectation:
    """What the call must come to."""

    group: Group
    disposition: Disposition
    tags: tuple[str, ...] = ()
    """All tags, ascending."""
    actions: tuple[ActionKind, ...] = ()
    """Kinds of all follow-ups, without repeats, ascending."""

    @property
    def promo(self) -> bool:
        """Whether a promo code must be issued."""
        return ActionKind.PROMO in self.actions

    @property
    def sms(self) -> bool:
        """Whether a message must be sent."""
        return ActionKind.SMS in self.actions

    def mismatches(
        self, *, group: Group, disposition: Disposition, tags: Collection[str], actions: Collection[ActionKind]
    ) -> list[str]:
        """What came out differently, in words; empty when all is as it must be."""
        pairs = (
            ("group", str(self.group), str(group)),
            ("disposition", str(self.disposition), str(disposition)),
            ("tags", ", ".join(self.tags), ", ".join(sorted(set(tags)))),
            ("actions", ", ".join(self.actions), ", ".join(sorted(set(actions)))),
        )
        return [f"{what}: expected '{want}', got '{got}'" for what, want, got in pairs if want != got]


@dataclass(frozen=True, kw_only=True, slots=True)
class Persona:
    """One scripted callee."""

    name: str
    """Unique; also the name of its file."""
    description: str
    """One line in Russian for people."""
    role: Role = Role.CUSTOMER
    voice: Voice = Voice()
    line: LineBehaviour = Answers()
    script: tuple[Step, ...] = ()
    """What it does, in order; afterwards it stays silent and lets the bot end."""
    rings_back_after_ms: int | None = None
    """How long after a call it did not take it rings the bot, and then plays its script; None never, milliseconds."""
    otherwise: str = ""
    """What it answers to questions after the last step; empty for silence."""
    expect: Expectation | None = None
    """None for managers only."""

    @property
    def texts(self) -> tuple[str, ...]:
        """Everything it may say, without repeats, in order."""
        spoken = [step.text for step in self.script if isinstance(step, Say | TalkOver | Hum)]
        if self.otherwise:
            spoken.append(self.otherwise)
        return tuple(dict.fromkeys(spoken))
