"""A persona on a telephone: picks up, listens, speaks, leaves."""

import asyncio
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np

from voicebot.application.ports.speech import PromptLibrary
from voicebot.application.ports.telephone import (
    Connected,
    Disconnected,
    Frame,
    IncomingCall,
    PhoneCall,
    PlaybackEnded,
    Telephone,
)
from voicebot.domain.audio import TELEPHONE, Audio
from voicebot.domain.errors import TelephonyError
from voicebot.domain.prompt import Piece, Prompt
from voicebot.rehearsal.behaviour import Behaviour, Command, Leave, PressKey, SoundTone, Speak
from voicebot.rehearsal.hearing import is_loud
from voicebot.rehearsal.persona import Answers, Persona, Refuses, RingsOut
from voicebot.rehearsal.witness import CallWitness, Said, append_witness

_NOT_FOUND: Final = 404
_GAVE_UP: Final = 487
_TONE_HEIGHT: Final = 8000
_TRIES: Final = 10
_ENGAGED: Final = (480, 486)
"""The bot has no line free: whoever rings back tries again."""
_BOT_RINGS_S: Final = 20.0
"""How long a persona waits for the bot to answer, seconds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Actor:
    """A persona with the sound of all its lines."""

    persona: Persona
    lines: Mapping[str, Audio]
    """Telephone audio by text."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """Where a rehearsal happens."""

    telephone: Telephone
    journal: Path
    """File that takes what happened; recordings lie beside it."""
    now: Callable[[], datetime]
    bot: str = ""
    """host:port at which the bot answers; empty: nobody rings it back."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ring:
    """A persona that rings the bot by itself."""

    actor: Actor
    number: str
    """Its own: the caller ID it shows."""
    called: str
    """The bot's."""
    after_s: float = 0.0
    """How long after the beginning of the rehearsal, seconds."""


async def rehearsed(persona: Persona, library: PromptLibrary) -> Actor:
    """The persona with its lines spoken ahead of the calls."""
    lines = {}
    for text in persona.texts:
        prompt = Prompt(key=f"rehearsal.{persona.name}", pieces=(Piece(text=text),))
        lines[text] = await library.render(prompt)
    return Actor(persona=persona, lines=lines)


async def serve(
    telephone: Telephone,
    actors: Mapping[str, Actor],
    *,
    journal: Path,
    now: Callable[[], datetime],
    anyone: Sequence[Actor] = (),
    bot: str = "",
) -> None:
    """Take calls until cancelled: `actors` by the number they answer, `anyone` at the other phone numbers; else 404.

    What happened is added to `journal` (see `witness.py`); recordings lie beside it. Personas that ring back do so at
    `bot` (host:port).
    """
    stage = Stage(telephone=telephone, journal=journal, now=now, bot=bot)
    async with asyncio.TaskGroup() as calls:
        async for incoming in telephone.incoming():
            actor = actors.get(incoming.called) or who_answers(incoming.called, anyone)
            calls.create_task(_meet(incoming, actor, stage), name="rehearsal-call")


async def _meet(incoming: IncomingCall, actor: Actor | None, stage: Stage) -> None:
    talked = await _take(incoming, actor, stage.journal, stage.now)
    if actor is None or talked or not stage.bot:
        return
    after_ms = actor.persona.rings_back_after_ms
    if after_ms is None:
        return
    ring = Ring(actor=actor, number=incoming.called, called=incoming.caller, after_s=after_ms / 1000)
    for _ in range(_TRIES):
        if (await ring_up(ring, stage)).sip_code not in _ENGAGED:
            return


async def ring_up(ring: Ring, stage: Stage) -> CallWitness:
    """Ring the bot, play the persona to the end, testify."""
    await asyncio.sleep(ring.after_s)
    witness = CallWitness(
        call=uuid.uuid4().hex,
        persona=ring.actor.persona.name,
        called=ring.called,
        caller=ring.number,
        began_at=stage.now().isoformat(timespec="milliseconds"),
        sip_code=_GAVE_UP,
        rang=True,
    )
    recording = stage.journal.parent / f"{ring.actor.persona.name}-{witness.call[:8]}.wav"
    try:
        call = await stage.telephone.dial(
            f"sip:{ring.called}@{stage.bot}",
            caller_id=ring.number,
            ring_timeout_s=_BOT_RINGS_S,
            recording=recording,
        )
        try:
            talk = await _Talk(call=call, actor=ring.actor).hold()
        finally:
            await call.hang_up()
        witness = replace(talk.testify(witness), recording=str(recording)) if talk.answered_at else witness
        witness = replace(witness, sip_code=talk.sip_code)
    finally:
        await asyncio.to_thread(append_witness, stage.journal, witness)
    return witness


def who_answers(number: str, anyone: Sequence[Actor]) -> Actor | None:
    """One of `anyone`, always the same for a number and the next one for the next number; None for a name."""
    digits = number.removeprefix("+")
    return anyone[int(digits) % len(anyone)] if anyone and digits.isascii() and digits.isdigit() else None


async def _take(incoming: IncomingCall, actor: Actor | None, journal: Path, now: Callable[[], datetime]) -> bool:
    """Whether there was a talk."""
    line = Refuses(sip_code=_NOT_FOUND, after_ms=0) if actor is None else actor.persona.line
    witness = CallWitness(
        call=uuid.uuid4().hex,
        persona="" if actor is None else actor.persona.name,
        called=incoming.called,
        caller=incoming.caller,
        began_at=now().isoformat(timespec="milliseconds"),
        sip_code=line.sip_code if isinstance(line, Refuses) else _GAVE_UP,
    )
    try:
        if isinstance(line, Refuses):
            await _refuse(incoming, line)
        elif actor is not None and await _rings_until_answered(incoming, line):
            witness = await _talk(incoming, actor, witness, journal.parent)
    except TelephonyError:
        witness = replace(witness, sip_code=_GAVE_UP)  # the caller left while we answered
    finally:
        await asyncio.to_thread(append_witness, journal, witness)  # also when we are told to stop just now
    return bool(witness.recording)


async def _refuse(incoming: IncomingCall, line: Refuses) -> None:
    if await _gave_up(incoming, within_s=line.after_ms / 1000):
        raise TelephonyError("the caller has given up")
    await incoming.refuse(line.sip_code)


async def _rings_until_answered(incoming: IncomingCall, line: Answers | RingsOut) -> bool:
    """Whether the phone is to be picked up now."""
    await incoming.ring()
    if isinstance(line, Answers):
        return not await _gave_up(incoming, within_s=line.after_ms / 1000)
    await incoming.cancelled()
    return False


async def _talk(incoming: IncomingCall, actor: Actor, witness: CallWitness, folder: Path) -> CallWitness:
    recording = folder / f"{actor.persona.name}-{witness.call[:8]}.wav"
    call = await incoming.accept(recording=recording)
    try:
        talk = await _Talk(call=call, actor=actor).hold()
    finally:
        await call.hang_up()
    return replace(talk.testify(witness), recording=str(recording))


async def _gave_up(incoming: IncomingCall, *, within_s: float) -> bool:
    try:
        async with asyncio.timeout(within_s):
            await incoming.cancelled()
    except TimeoutError:
        return False
    return True


@dataclass(kw_only=True, slots=True)
class _Talk:
    """An answered call; carries out what the behaviour decides and remembers what happened."""

    call: PhoneCall
    actor: Actor
    answered_at: float = 0.0
    ended_at: float = 0.0
    said: list[Said] = field(default_factory=list)
    pressed: str = ""
    left: bool = False
    sip_code: int = _GAVE_UP
    """How the call ended."""
    bot_began: tuple[float, ...] = ()
    _line: tuple[int, str, float] = (0, "", 0.0)
    """Number of the playback under way, its text, when it began."""

    async def hold(self) -> "_Talk":
        """Play the persona to the end of the call."""
        behaviour: Behaviour | None = None
        async for event in self.call.events():
            if isinstance(event, Connected):
                self.answered_at = self.ended_at = event.at
                behaviour = Behaviour(self.actor.persona, answered_at=event.at)
            elif isinstance(event, Frame) and behaviour is not None:
                self.ended_at = event.at
                await self._do(behaviour.heard(event.at, loud=is_loud(event.samples)), event.at)
            elif isinstance(event, PlaybackEnded) and behaviour is not None:
                self._line_ended(event)
                await self._do(behaviour.finished(event.at), event.at)
            elif isinstance(event, Disconnected):
                self.sip_code = event.sip_code
                break
        if behaviour is not None:
            self.bot_began = tuple(self._since_answer(at) for at in behaviour.hearing.utterances)
        return self

    def testify(self, witness: CallWitness) -> CallWitness:
        """The witness with all that happened on the line."""
        return replace(
            witness,
            sip_code=200,
            seconds=self._since_answer(self.ended_at),
            said=tuple(self.said),
            bot_began=self.bot_began,
            pressed=self.pressed,
            left_by_itself=self.left,
        )

    async def _do(self, commands: list[Command], at: float) -> None:
        for command in commands:
            match command:
                case Speak(text=text):
                    self._line = (await self.call.play(self.actor.lines[text]), text, at)
                case SoundTone(hz=hz, length_ms=length_ms):
                    self._line = (await self.call.play(tone(hz, length_ms)), "", at)
                case PressKey(digit=digit):
                    self.pressed += digit
                    await self.call.press(digit)
                case Leave():
                    self.left = True
                    await self.call.hang_up()

    def _line_ended(self, event: PlaybackEnded) -> None:
        number, text, began_at = self._line
        if number == event.number and text:
            self.said.append(
                Said(text=text, started_at=self._since_answer(began_at), ended_at=self._since_answer(event.at))
            )

    def _since_answer(self, at: float) -> float:
        return round(at - self.answered_at, 3)


def tone(hz: int, length_ms: int) -> Audio:
    """A machine's beep as telephone audio."""
    moments = np.arange(TELEPHONE.rate_hz * length_ms // 1000) / TELEPHONE.rate_hz
    wave = np.rint(_TONE_HEIGHT * np.sin(2 * np.pi * hz * moments)).astype("<i2")
    return Audio(format=TELEPHONE, samples=wave.tobytes())
