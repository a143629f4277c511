"""Hold one answered call from the first word to the last."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Final

from voicebot.application.conversation.bot_voice import BotVoice, CutShort
from voicebot.application.conversation.conversation import Conversation, ConversationTools, Conversed
from voicebot.application.conversation.ears import (
    Beeped,
    Ears,
    Interrupted,
    NobodySpoke,
    Overheard,
    SaidSomething,
)
from voicebot.application.conversation.keypad import meaning_of_key
from voicebot.application.conversation.manager_leg import ManagerLeg
from voicebot.application.conversation.transcript import Transcript
from voicebot.application.ports.telephone import (
    CallEvent,
    DigitPressed,
    Disconnected,
    Frame,
    PhoneCall,
    PlaybackEnded,
)
from voicebot.domain.call import Heard
from voicebot.domain.dialogue import Phase, start, step
from voicebot.domain.dialogue_actions import Action, HangUp, Listen, Say, Transfer
from voicebot.domain.dialogue_events import (
    Answered,
    Event,
    Finished,
    GreetingTooLong,
    HungUp,
    MachineDetected,
    Silence,
    Spoken,
    TimeUp,
    TransferEnded,
)
from voicebot.domain.dialogue_machine import LONGEST_GREETING_S
from voicebot.domain.dialplan import AnsweringMachineRule
from voicebot.domain.intent import Intent, ListenKind, Question, Understanding
from voicebot.domain.outcome import Disposition
from voicebot.domain.prompt import Prompt
from voicebot.domain.turn_events import Verdict

__all__ = ["Conversation", "ConversationTools", "Conversed", "hold_conversation"]

_UNINTELLIGIBLE: Final = "…"
"""Transcript text of speech in which the recogniser found no word."""
_FREE_TALK: Final = Question(context="", kind=ListenKind.OPEN)
_LAST_WORDS: Final = Listen(
    kind=ListenKind.OPEN, question=_FREE_TALK, end_silence_ms=500, longest_speech_s=8.0, patience_s=0.5
)
_NO_ANSWERS: Final = (None, Intent.UNKNOWN, Intent.VOICEMAIL)
_MACHINES_BEEP_WITHIN_S: Final = 40.0
"""Greetings of answering machines are over by then; a later tone is the customer's own."""


async def hold_conversation(
    call: PhoneCall,
    events: AsyncIterator[CallEvent],
    answered_at: float,
    conversation: Conversation,
    ears: Ears,
    tools: ConversationTools,
) -> Conversed:
    """Talk until somebody hangs up. `events` continue after `Connected`, which came at monotonic `answered_at`.

    Frames are the only clock in here: patience, end of speech and the longest call are counted on their stamps.
    """
    talk = _Talk(call, answered_at, conversation, ears, tools)
    try:
        await talk.advance(Answered())
        async for event in events:
            if isinstance(event, Disconnected):
                await talk.disconnected(by_us=event.by_us)
                return Conversed(position=talk.position, turns=talk.transcript.turns(), ended_by_us=event.by_us)
            await talk.happened(event)
        raise AssertionError("a call's events end with Disconnected")
    finally:
        await talk.close()


class _Talk:
    """Carries events to the pure dialogue, and its actions to voice, ears and telephone."""

    def __init__(
        self, call: PhoneCall, answered_at: float, conversation: Conversation, ears: Ears, tools: ConversationTools
    ) -> None:
        self._call = call
        self._conversation = conversation
        self._ears = ears
        self._tools = tools
        self.transcript = Transcript(answered_at=answered_at, changed=tools.noted)
        self._voice = BotVoice(call, tools.library, self.transcript)
        self.position = start(
            conversation.script,
            conversation.variables,
            now=self._local_now(),
            leave_message=conversation.answering_machine is AnsweringMachineRule.LEAVE_MESSAGE,
        )
        self._plan: _Plan | None = None
        self._cut: CutShort | None = None
        self._time_is_up = False
        self._heard_out_since: float | None = None
        self._last_words = False
        self._manager: ManagerLeg | None = None

    async def happened(self, event: CallEvent) -> None:
        """One event of the call, in order."""
        if isinstance(event, Frame):
            await self._frame(event)
        elif isinstance(event, PlaybackEnded):
            await self._played(event)
        elif isinstance(event, DigitPressed) and self._manager is None:
            await self._pressed(event.digit)

    async def disconnected(self, *, by_us: bool) -> None:
        """The call is over."""
        self._voice.gone(at=self._now())
        if not by_us:
            await self.advance(HungUp())

    async def close(self) -> None:
        """Let go of the manager's side and of the recogniser; safe at any point."""
        self._ears.close()
        if self._manager is not None:
            await self._manager.close()

    # What is heard

    async def _frame(self, frame: Frame) -> None:
        if self._manager is not None:
            await self._watch(self._manager)
            return
        if not self._time_is_up and self.transcript.seconds(frame.at) >= self._conversation.longest_call_s:
            self._time_is_up = True
            await self._voice.interrupt(at=frame.at)
            await self.advance(TimeUp())
            return
        if self._heard_out_since is not None and frame.at - self._heard_out_since >= LONGEST_GREETING_S:
            await self.advance(GreetingTooLong())
        for heard in await self._ears.hear(frame):
            await self._heard(heard)

    async def _heard(self, heard: Overheard) -> None:
        match heard:
            case Interrupted(at=at):
                self._cut = await self._voice.interrupt(at=at)
                self._ears.bot_stopped(at)
            case SaidSomething():
                await self._said(heard)
            case NobodySpoke():
                await self.advance(Silence())
            case Beeped(at=at) if self._is_machine(at):
                await self._voice.interrupt(at=at)
                await self.advance(MachineDetected())

    async def _said(self, said: SaidSomething) -> None:
        cut, self._cut = self._cut, None
        if said.verdict is Verdict.RESUME and cut is not None:
            await self._voice.resume(cut, now=self._now())
            self._ears.bot_started(self._now(), barge_in=self._voice.may_be_interrupted)
            return
        if said.verdict is Verdict.IGNORE:
            return
        understanding = self._understand(said)
        heard = Heard(
            text=said.text or _UNINTELLIGIBLE,
            confidence=said.confidence,
            started_at=self.transcript.seconds(said.started_at),
            ended_at=self.transcript.seconds(said.ended_at),
        )
        await self._answered(heard, understanding, speech_ended_at=said.ended_at)

    def _understand(self, said: SaidSomething) -> Understanding:
        if not said.text:
            return Understanding(text=_UNINTELLIGIBLE, intent=Intent.UNKNOWN, score=0.0)
        return self._tools.understanding.understand(
            said.text,
            self._plan.question if isinstance(self._plan, Listen) else _FREE_TALK,
            confidence=said.confidence,
            local_now=self._local_now(),
            hours=self._conversation.hours,
        )

    async def _pressed(self, digit: str) -> None:
        understanding = meaning_of_key(digit, self._plan.kind if isinstance(self._plan, Listen) else None)
        now = self._now()
        at = self.transcript.seconds(now)
        heard = Heard(text=understanding.text, confidence=1.0, started_at=at, ended_at=at)
        await self._answered(heard, understanding, speech_ended_at=now)

    async def _answered(self, heard: Heard, understanding: Understanding, *, speech_ended_at: float) -> None:
        self.transcript.customer_said(heard, understanding, self.position.state)
        await self._voice.interrupt(at=self._now())
        await self.advance(Spoken(understanding=understanding), speech_ended_at=speech_ended_at)

    # What is done about it

    async def advance(self, event: Event, *, speech_ended_at: float | None = None) -> None:
        """Take the dialogue one step on and carry out what it asks for."""
        settled = self.position.disposition
        taken = step(self._conversation.script, self.position, event)
        self.position = taken.position
        if self.position.phase is not Phase.HEARING_OUT:
            self._heard_out_since = None
        elif self._heard_out_since is None:
            self._heard_out_since = self._now()
        if self.position.disposition is Disposition.STOP and settled is not Disposition.STOP:
            await self._tools.stop_heard()
        if taken.actions:
            self._plan = _what_follows(taken.actions)
        for action in taken.actions:
            if isinstance(action, Say):
                await self._voice.say(action, self.position.state, now=self._now(), speech_ended_at=speech_ended_at)
                speech_ended_at = None
        if self.position.hung_up:
            return
        self._pay_attention(self._now())
        if not self._voice.speaking:
            await self._fell_silent(self._now())

    def _pay_attention(self, at: float) -> None:
        """Listen for what the plan wants answered, already while the bot speaks."""
        if self._voice.speaking:
            self._ears.bot_started(at, barge_in=self._voice.may_be_interrupted)
        if isinstance(self._plan, Listen):
            self._ears.listen(self._plan, at)
        else:
            self._ears.stop_listening()

    async def _played(self, event: PlaybackEnded) -> None:
        if not self._voice.ended(event):
            return
        if self._voice.speaking:
            self._ears.bot_started(event.at, barge_in=self._voice.may_be_interrupted)
        else:
            await self._fell_silent(event.at)

    async def _fell_silent(self, at: float) -> None:
        """Everything is said: do what was to follow, once."""
        self._ears.bot_stopped(at)
        plan, self._plan = self._plan, None
        match plan:
            case Listen():
                self._plan = plan
            case HangUp() if self._ears.in_speech and not self._last_words:
                # Somebody speaks into the goodbye: it may be a demand that must be heard.
                self._last_words, self._plan = True, plan
                self._ears.listen(_LAST_WORDS, at)
            case HangUp():
                await self._call.hang_up()
            case Transfer(summary=summary):
                await self._ring_manager(summary)
            case Finished():
                await self.advance(plan)

    # A manager on the line

    async def _ring_manager(self, summary: Prompt) -> None:
        whisper = await self._tools.library.render(summary)
        self._manager = ManagerLeg(self._tools.telephone, self._call, self._conversation.transfer, whisper)

    async def _watch(self, manager: ManagerLeg) -> None:
        if manager.connected is not None and self.position.phase is Phase.CONNECTING:
            if not manager.connected:
                self._manager = None
            await self.advance(TransferEnded(connected=manager.connected))
        elif manager.over:
            await self._call.hang_up()

    def _is_machine(self, at: float) -> bool:
        if self.position.disposition is Disposition.VOICEMAIL:
            return False  # it beeps into the message: time to speak is over for it, not for us
        if self.position.phase is Phase.HEARING_OUT:
            return True
        answered = any(turn.intent not in _NO_ANSWERS for turn in self.transcript.turns())
        return not answered and self.transcript.seconds(at) < _MACHINES_BEEP_WITHIN_S

    def _now(self) -> float:
        return self._tools.clock.monotonic()

    def _local_now(self) -> datetime:
        return self._tools.clock.now().astimezone(self._conversation.zone)


_Plan = Listen | HangUp | Transfer | Finished
"""What is done once everything has been said."""


def _what_follows(actions: tuple[Action, ...]) -> _Plan:
    for action in actions:
        if not isinstance(action, Say):
            return action
    return Finished()
