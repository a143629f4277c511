"""What a persona does next: decisions only, twenty milliseconds at a time."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from voicebot.rehearsal.hearing import Hearing
from voicebot.rehearsal.persona import Beep, HangUp, Hum, KeepSilent, Persona, Press, Say, Step, TalkOver, WaitBot

_HEARD_FRAMES: Final = 8
"""The bot has said something after this many frames of speech (160 ms: shorter than «да»)."""
_OTHERWISE_TIMES: Final = 3
"""How often the last-resort answer is given before the persona falls silent."""
PATIENCE_S: Final = 45.0
"""A persona leaves a line on which the bot has been silent so long: the bot's process is dead."""
LONGEST_S: Final = 180.0
"""A persona leaves after this, whatever happens."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Speak:
    """Play the sound of a line; answered by `Behaviour.finished`."""

    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SoundTone:
    """Play a tone; answered by `Behaviour.finished`."""

    hz: int
    length_ms: int


@dataclass(frozen=True, kw_only=True, slots=True)
class PressKey:
    """Send a key."""

    digit: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Leave:
    """Hang up."""


Command = Speak | SoundTone | PressKey | Leave


class Behaviour:
    """One persona on one call. Times are monotonic seconds of the frames."""

    def __init__(self, persona: Persona, *, answered_at: float) -> None:
        self.hearing = Hearing()
        self._steps: list[Step] = list(persona.script)
        if persona.otherwise:
            self._steps += [WaitBot(), Say(text=persona.otherwise)] * _OTHERWISE_TIMES
        self._answered_at = answered_at
        self._position = 0
        self._sounding = False
        self._sounded = False
        self._begin_step(answered_at)

    def heard(self, at: float, *, loud: bool) -> list[Command]:
        """Another 20 ms of the bot; what to do about it."""
        self.hearing.frame(at, loud=loud)
        if at - self._answered_at > LONGEST_S or self._nobody_there(at):
            return [Leave()]
        return self._go_on(at)

    def finished(self, at: float) -> list[Command]:
        """The sound asked for last has been played."""
        self._sounding, self._sounded = False, True
        return self._go_on(at)

    def _nobody_there(self, at: float) -> bool:
        since = self.hearing.last_sound_at
        return at - (self._answered_at if since is None else since) > PATIENCE_S

    def _begin_step(self, at: float) -> None:
        self._step_began_at = at
        self._loud_frames_before = self.hearing.loud_frames
        self._sounded = False

    def _go_on(self, at: float) -> list[Command]:
        commands: list[Command] = []
        while self._position < len(self._steps) and not self._sounding:
            step = self._steps[self._position]
            command, done = _DECIDE[type(step)](self, step, at)
            if command is not None:
                commands.append(command)
            if not done:
                break
            self._position += 1
            self._begin_step(at)
        return commands

    def _in_step(self, at: float, milliseconds: int) -> bool:
        return at - self._step_began_at >= milliseconds / 1000

    def _sound(self, command: Speak | SoundTone) -> "_Decision":
        if self._sounded:
            return None, True
        self._sounding = True
        return command, False

    def _wait_bot(self, step: WaitBot, at: float) -> "_Decision":
        spoke = self.hearing.loud_frames - self._loud_frames_before >= _HEARD_FRAMES
        finished = spoke and self.hearing.quiet_for(at) >= step.silence_ms / 1000
        return None, finished or self._in_step(at, step.timeout_ms)

    def _say(self, step: Say, at: float) -> "_Decision":
        if not self._in_step(at, step.reaction_ms):
            return None, False
        return self._sound(Speak(text=step.text))

    def _speak_over(self, step: TalkOver | Hum, at: float) -> "_Decision":
        began = self._utterance_since(self._step_began_at)
        if not self._sounded and (began is None or at - began < step.after_ms / 1000):
            return None, False
        return self._sound(Speak(text=step.text))

    def _utterance_since(self, at: float) -> float | None:
        """Beginning of the utterance under way at `at`, or of the first one after it."""
        for began in self.hearing.utterances:
            if began >= at:
                return began
        under_way = self.hearing.utterances and self.hearing.quiet_for(at) < 0.1
        return self.hearing.utterances[-1] if under_way else None

    def _hang_up(self, step: HangUp, at: float) -> "_Decision":
        if not step.utterance:
            return Leave(), True
        utterances = self.hearing.utterances
        if len(utterances) < step.utterance or at - utterances[step.utterance - 1] < step.after_ms / 1000:
            return None, False
        return Leave(), True

    def _beep(self, step: Beep, at: float) -> "_Decision":
        return self._sound(SoundTone(hz=step.hz, length_ms=step.length_ms))

    def _press(self, step: Press, at: float) -> "_Decision":
        if not self._in_step(at, step.reaction_ms):
            return None, False
        return PressKey(digit=step.digit), True

    def _keep_silent(self, step: KeepSilent, at: float) -> "_Decision":
        return None, self._in_step(at, step.length_ms)


_Decision = tuple[Command | None, bool]
"""What to do now, and whether the step is over."""

_DECIDE: Final[dict[type[Any], Callable[[Behaviour, Any, float], _Decision]]] = {
    WaitBot: Behaviour._wait_bot,
    Say: Behaviour._say,
    TalkOver: Behaviour._speak_over,
    Hum: Behaviour._speak_over,
    HangUp: Behaviour._hang_up,
    Beep: Behaviour._beep,
    Press: Behaviour._press,
    KeepSilent: Behaviour._keep_silent,
}
