"""What the bot says and where each answer leads: a named graph of states."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from voicebot.domain.intent import Intent, ListenKind
from voicebot.domain.outcome import Disposition
from voicebot.domain.prompt import Piece, Prompt

_VARIABLE: Final = re.compile(r"\{([a-z_]+)\}")
CHARACTERS_PER_SECOND: Final = 13.0
"""An unhurried speaker, for estimates; the synthetic voice at its default rate was measured at 16."""


class Purpose(StrEnum):
    """Which law a call falls under (DOMAIN.md, Law 2)."""

    ADVERTISING = "advertising"  # needs prior consent and a release by a named person
    SERVICE = "service"  # quality, order status: no advertising content


class Entrance(StrEnum):
    """Where a conversation may begin other than at its start: the customer has rung us."""

    INBOUND = "inbound"  # somebody this conversation was meant for
    STOPPED = "stopped"  # somebody on the stop-list


class Escalation(StrEnum):
    """How a conversation enters the managers' queue."""

    NONE = "none"  # it does not
    NORMAL = "normal"  # in turn
    URGENT = "urgent"  # at the head


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """A prompt with variables still to be filled."""

    key: str
    """Name of its recording: `<script>.<state>`, `<script>.<state>.silence1` ..."""
    template: str
    """Words with `{variables}`."""

    @property
    def variables(self) -> tuple[str, ...]:
        """Names in order of appearance, repeats included."""
        return tuple(_VARIABLE.findall(self.template))

    def render(self, values: Mapping[str, str]) -> Prompt:
        """The prompt with its variables filled; KeyError names one that is not."""
        parts = _VARIABLE.split(self.template)
        pieces = (
            Piece(text=values[part], variable=part) if index % 2 else Piece(text=part)
            for index, part in enumerate(parts)
        )
        return Prompt(key=self.key, pieces=tuple(piece for piece in pieces if piece.text))


@dataclass(frozen=True, kw_only=True, slots=True)
class Effects:
    """What entering a state or taking a route does beside talking."""

    decide: Disposition | None = None
    """The conversation comes to this, whatever was decided before (but see dialogue_effects on what outranks it)."""
    settle: Disposition | None = None
    """The conversation comes to this if nothing was decided yet."""
    offer: str = ""
    """`first` or `better`: the discount now on the table."""
    promo: bool = False
    """Issue the promo code of the offer on the table."""
    message: str = ""
    """Template of a message to send; empty for none."""
    escalate: Escalation = Escalation.NONE
    stop: bool = False
    """Enter the stop-list."""
    wrong_number: bool = False
    """Mark the number as somebody else's."""
    schedule: bool = False
    """Call again at the time the customer named, or when the redial rules say."""
    tags: tuple[str, ...] = ()
    review: bool = False
    """A manager reads the transcript."""
    transfer: Line | None = None
    """Connect a manager, whispering this summary first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    """Where an answer leads."""

    to: str = ""
    """State to enter; empty returns to the question just asked."""
    with_value: str = ""
    """State to enter when the answer named a time or a score; empty for the same as `to`."""
    if_visited: str = ""
    """State to enter when `to` was entered before in this call; empty for `to` again."""
    leave_message: str = ""
    """State to enter instead of `to` when a machine is to be left a message; for `voicemail` only."""
    say: Line | None = None
    """Said before moving on."""
    repeat: bool = False
    """Say the whole prompt of the state again."""
    effects: Effects = field(default_factory=Effects)

    @property
    def targets(self) -> tuple[str, ...]:
        """Every state it can lead to."""
        return tuple(target for target in (self.to, self.with_value, self.if_visited, self.leave_message) if target)


@dataclass(frozen=True, kw_only=True, slots=True)
class Retry:
    """What happens while an answer is missing: reprompts in turn, then a route."""

    lines: tuple[Line, ...]
    then: Route


@dataclass(frozen=True, kw_only=True, slots=True)
class Listening:
    """How a state waits for its answer."""

    kind: ListenKind
    end_silence_ms: int
    """Silence that ends an utterance, milliseconds."""
    longest_speech_s: float
    """An utterance is cut here, seconds."""
    patience_s: float
    """How long to wait for the first sound, seconds."""
    barge_in: bool
    """Whether real speech stops the prompt."""


LISTENING: Final = {
    ListenKind.YES_NO: Listening(
        kind=ListenKind.YES_NO, end_silence_ms=500, longest_speech_s=12, patience_s=5, barge_in=True
    ),
    ListenKind.NUMBER: Listening(
        kind=ListenKind.NUMBER, end_silence_ms=600, longest_speech_s=10, patience_s=6, barge_in=True
    ),
    ListenKind.TIME: Listening(
        kind=ListenKind.TIME, end_silence_ms=700, longest_speech_s=15, patience_s=6, barge_in=True
    ),
    ListenKind.OPEN: Listening(
        kind=ListenKind.OPEN, end_silence_ms=900, longest_speech_s=30, patience_s=6, barge_in=True
    ),
    ListenKind.NONE: Listening(
        kind=ListenKind.NONE, end_silence_ms=500, longest_speech_s=10, patience_s=5, barge_in=False
    ),
}
"""Defaults by kind; a state may change any figure. A reply more than 0.8 s late is talked over (DOMAIN.md)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where in a user's file something was written."""

    source: str = ""
    line: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class State:
    """One thing the bot says and what it makes of the answer."""

    name: str
    say: Line
    notice: Line | None = None
    """Said before `say` on entry and never talked over: who calls, robot, recording."""
    again: Line | None = None
    """The question in short, after an interruption; `say` when missing."""
    listening: Listening
    context: str
    """Name of the question in the phrase books."""
    enter: Effects = field(default_factory=Effects)
    on: Mapping[Intent, Route] = field(default_factory=dict)
    silence: Retry | None = None
    """Always there when the state listens."""
    unknown: Retry | None = None
    """Always there when the state listens; in an open question unknown words are an answer and `then` is taken."""
    next: str = ""
    """A state that does not listen goes here when it has spoken; empty hangs up."""
    not_connected: str = ""
    """Where a transfer that failed leads."""
    hang_up: str = ""
    """Tag when the customer hangs up here."""
    place: Place = Place()

    @property
    def listens(self) -> bool:
        """Whether an answer is awaited."""
        return self.listening.kind is not ListenKind.NONE

    @property
    def is_open(self) -> bool:
        """Whether any words are a valid answer."""
        return self.listening.kind is ListenKind.OPEN

    @property
    def ends(self) -> bool:
        """Whether the bot hangs up after it (a connected transfer ends the bot's part, too)."""
        return not self.listens and not self.next

    def routes(self) -> Iterator[tuple[str, Route]]:
        """Every own way out with the name of what opens it; interrupts are the script's."""
        yield from ((intent.value, route) for intent, route in self.on.items())
        if self.silence:
            yield "silence", self.silence.then
        if self.unknown:
            yield "unknown", self.unknown.then
        if self.next:
            yield "next", Route(to=self.next)
        if self.not_connected:
            yield "not_connected", Route(to=self.not_connected)

    def lines(self) -> Iterator[Line]:
        """Everything it can say, most likely first."""
        yield from (line for line in (self.notice, self.say, self.again) if line and line.template)
        yield from (route.say for route in self.on.values() if route.say)
        for retry in (self.silence, self.unknown):
            if retry:
                yield from retry.lines
                if retry.then.say:
                    yield retry.then.say
        if self.enter.transfer:
            yield self.enter.transfer


@dataclass(frozen=True, kw_only=True, slots=True)
class Script:
    """A whole conversation."""

    name: str
    title: str
    """One line for people."""
    purpose: Purpose
    start: str
    time_up: str
    """State that ends a call that became too long."""
    interrupts: Mapping[Intent, Route]
    """Hold in every state that listens, unless it says otherwise."""
    states: Mapping[str, State]
    entrances: Mapping[Entrance, str] = field(default_factory=dict)
    """State that begins the conversation when the customer has rung us; the start where none is named."""
    place: Place = Place()

    @property
    def beginnings(self) -> tuple[str, ...]:
        """Every state a call can begin in, the start first."""
        return tuple(dict.fromkeys((self.start, *self.entrances.values())))

    def begun_at(self, entrance: Entrance) -> "Script":
        """The same script, beginning at that entrance where it has one."""
        return replace(self, start=self.entrances.get(entrance, self.start))

    @property
    def machine_message(self) -> State | None:
        """What an answering machine is told where the dialplan says so; None hangs up on it."""
        route = self.interrupts.get(Intent.VOICEMAIL)
        return self.states.get(route.leave_message) if route else None

    def without(self, names: set[str]) -> "Script":
        """The same script less the named states."""
        return replace(self, states={name: state for name, state in self.states.items() if name not in names})

    def reachable(self) -> set[str]:
        """Names of the states a call can enter; unknown names included."""
        waiting = [
            *self.beginnings,
            self.time_up,
            *(target for route in self.interrupts.values() for target in route.targets),
        ]
        found: set[str] = set()
        while waiting:
            name = waiting.pop()
            if name in found:
                continue
            found.add(name)
            if name in self.states:
                waiting.extend(target for _, route in self.states[name].routes() for target in route.targets)
        return found
