"""Whose turn it is: a state machine without clock or input/output.

Feed it every frame of the customer's voice and tell it when the bot speaks; it answers with events. The customer's
side is in one of four phases; the bot speaks or does not, independently.

    QUIET ──onset──> SPEAKING ──end silence──> QUIET   (EndOfSpeech; its text is awaited by `heard`)
                        │  ▲ └──too long────> SPENT    (TooLong) ──pause──> QUIET
                        ▼  │onset
                       KEPT   over a prompt that may not be interrupted, or before anybody listens;
                        └─────────prompt over and listening──> QUIET (EndOfSpeech)

Time is counted in frames (20 ms each), so that late or bunched frames change no decision.
"""

from collections import deque
from dataclasses import replace
from enum import StrEnum
from typing import Final

from voicebot.domain.audio import FRAME_MS
from voicebot.domain.barge_in import BargeInJudge, tells_something
from voicebot.domain.dialogue_actions import Listen
from voicebot.domain.speech_frames import FrameListener, FrameSound
from voicebot.domain.turn_events import (
    AudioToRecognise,
    BargeIn,
    BeepHeard,
    EndOfSpeech,
    NoSpeech,
    SpeechStarted,
    TooLong,
    TurnEvent,
    Verdict,
)
from voicebot.domain.utterance import TurnSettings, Utterance, worth

_FRAME_S: Final = FRAME_MS / 1000


class Phase(StrEnum):
    """What the customer is doing."""

    QUIET = "quiet"  # nothing to hear
    SPEAKING = "speaking"  # an utterance is being collected
    KEPT = "kept"  # an utterance is over and waits until somebody listens
    SPENT = "spent"  # was cut for being too long and still goes on


class TurnTaking:
    """One call's turns. Not thread-safe: all calls from one thread, in the order of events."""

    def __init__(self, settings: TurnSettings | None = None) -> None:
        self._settings = settings or TurnSettings()
        self._listener = FrameListener()
        self._before: deque[tuple[bytes, float, FrameSound]] = deque(maxlen=self._settings.pre_roll_ms // FRAME_MS + 5)
        self._phase = Phase.QUIET
        self._utterance: Utterance | None = None
        self._judge = BargeInJudge()
        self._said: Utterance | None = None
        self._said_over_prompt = False
        self._spec: Listen | None = None
        self._bot_speaks = False
        self._may_interrupt = False
        self._patience_frames = 0
        self._resumes_left = self._settings.resumes

    @property
    def phase(self) -> Phase:
        """What the customer is doing."""
        return self._phase

    @property
    def noise_dbfs(self) -> float:
        """Level of the line's noise, for the call's record."""
        return self._listener.noise_dbfs

    def bot_started(self, at: float, *, barge_in: bool) -> list[TurnEvent]:
        """The bot begins to speak (or a further prompt follows); `barge_in` is the prompt's own setting."""
        if not self._bot_speaks:
            self._judge = BargeInJudge()
        self._bot_speaks, self._may_interrupt = True, barge_in
        return []

    def bot_stopped(self, at: float) -> list[TurnEvent]:
        """The bot has come to its end or was stopped; what was kept is answered now."""
        self._bot_speaks = self._may_interrupt = False
        return self._release_kept()

    def listen(self, spec: Listen, at: float) -> list[TurnEvent]:
        """Wait for an answer once the bot is silent; may be called while it still speaks."""
        self._spec = spec
        self._patience_frames = round(spec.patience_s / _FRAME_S)
        self._resumes_left = self._settings.resumes
        return self._release_kept()

    def stop_listening(self) -> None:
        """Forget the question: nobody's answer is awaited any more."""
        self._spec = None

    def partial(self, text: str, at: float) -> list[TurnEvent]:
        """Words recognised so far: over an interruptible prompt real words stop the bot whatever they sound like."""
        if self._phase is not Phase.SPEAKING or not self._awaits_barge_in():
            return []
        return self._barge_in(at) if self._current().is_voiced and tells_something(text) else []

    def heard(self, text: str) -> Verdict:
        """The final text of the utterance that has ended: what to do with it. An ANSWER ends the listening."""
        said, self._said = self._said, None
        verdict = self._judge_text(said, text) if said else Verdict.ANSWER
        if verdict is Verdict.ANSWER:
            self._spec = None
        elif verdict is Verdict.RESUME and self._spec:
            self._patience_frames = round(self._spec.patience_s / _FRAME_S)
        else:
            self._patience_frames = max(self._patience_frames, round(self._settings.second_chance_s / _FRAME_S))
        return verdict

    def frame(self, samples: bytes, is_voice: bool, at: float) -> list[TurnEvent]:
        """One frame of the customer's line, 320 bytes; `at` is the monotonic moment it ended, seconds."""
        sound = self._listener.hear(samples, is_voice)
        events: list[TurnEvent] = []
        if sound.beep:
            events.append(BeepHeard(at=at, frequency_hz=sound.beep.frequency_hz))
        match self._phase:
            case Phase.QUIET | Phase.KEPT:
                events += self._while_quiet(samples, sound, at)
            case Phase.SPEAKING:
                events += self._while_speaking(samples, sound, at)
            case Phase.SPENT:
                self._while_spent(sound)
        return events

    def _while_quiet(self, samples: bytes, sound: FrameSound, at: float) -> list[TurnEvent]:
        self._before.append((samples, at, sound))
        self._gather_evidence(sound)
        if self._listener.is_onset:
            return self._begin()
        if self._phase is Phase.QUIET and self._spec and not self._bot_speaks and not self._said:
            self._patience_frames -= 1
            if self._patience_frames <= 0:
                self._spec = None
                return [NoSpeech(at=at)]
        return []

    def _begin(self) -> list[TurnEvent]:
        run = self._listener.frames_since_onset
        heard = list(self._before)
        latest_frames, latest = heard[-run:], heard[-1][1]
        onset = latest_frames[0][1] - _FRAME_S
        wanted = run + self._settings.pre_roll_ms // FRAME_MS
        audio = b"".join(samples for samples, _, _ in heard[-wanted:])
        self._before.clear()
        self._listener.utterance_began()
        if self._utterance is None:
            self._utterance = Utterance(started_at=onset, ended_at=latest)
        for _, at, sound in latest_frames:
            self._utterance.add(sound, at)
        self._phase = Phase.SPEAKING
        return [SpeechStarted(at=onset), AudioToRecognise(samples=audio), *self._barge_in_if_proven(latest)]

    def _while_speaking(self, samples: bytes, sound: FrameSound, at: float) -> list[TurnEvent]:
        utterance = self._current()
        self._before.append((samples, at, sound))
        utterance.add(sound, at)
        self._gather_evidence(sound)
        events: list[TurnEvent] = [AudioToRecognise(samples=samples), *self._barge_in_if_proven(at)]
        if utterance.quiet_frames * FRAME_MS >= self._end_silence_ms():
            return events + self._end()
        if self._spec and not self._bot_speaks and utterance.frames * _FRAME_S >= self._spec.longest_speech_s:
            return events + self._cut(at)
        return events

    def _while_spent(self, sound: FrameSound) -> None:
        utterance = self._current()
        utterance.quiet_frames = 0 if sound.is_speech else utterance.quiet_frames + 1
        if utterance.quiet_frames * FRAME_MS >= self._settings.run_gap_ms:
            self._close()

    def _end(self) -> list[TurnEvent]:
        if self._spec is None or (self._bot_speaks and not self._may_interrupt):
            self._phase = Phase.KEPT
            self._listener.utterance_ended()
            return []
        utterance = self._current()
        self._await_text(utterance, over_prompt=self._bot_speaks)
        self._close()
        return [EndOfSpeech(started_at=utterance.started_at, ended_at=utterance.ended_at)]

    def _cut(self, at: float) -> list[TurnEvent]:
        utterance = self._current()
        self._await_text(utterance, over_prompt=False)
        self._phase = Phase.SPENT
        self._before.clear()
        return [TooLong(started_at=utterance.started_at, ended_at=at)]

    def _release_kept(self) -> list[TurnEvent]:
        if self._phase is not Phase.KEPT or self._bot_speaks or self._spec is None:
            return []
        utterance = self._current()
        self._await_text(utterance, over_prompt=True)
        self._close()
        return [EndOfSpeech(started_at=utterance.started_at, ended_at=utterance.ended_at)]

    def _await_text(self, utterance: Utterance, *, over_prompt: bool) -> None:
        self._said, self._said_over_prompt = replace(utterance), over_prompt

    def _close(self) -> None:
        self._phase, self._utterance = Phase.QUIET, None
        self._listener.utterance_ended()
        self._judge = BargeInJudge()

    def _judge_text(self, said: Utterance, text: str) -> Verdict:
        verdict = worth(said, text, self._settings, over_prompt=self._said_over_prompt)
        if verdict is not Verdict.RESUME:
            return verdict
        self._resumes_left -= 1
        return Verdict.RESUME if self._resumes_left >= 0 else Verdict.ANSWER

    def _awaits_barge_in(self) -> bool:
        already = self._utterance is not None and self._utterance.interrupted
        return self._bot_speaks and self._may_interrupt and not already and self._phase is not Phase.SPENT

    def _gather_evidence(self, sound: FrameSound) -> None:
        if not self._awaits_barge_in():
            return
        if sound.is_speech and sound.level_dbfs >= self._settings.barge_in_dbfs:
            self._judge.hear(sound.level_dbfs, sound.high_share, sound.periodicity)
        elif self._judge.quiet_ms >= self._settings.run_gap_ms:
            self._judge = BargeInJudge()
        else:
            self._judge.wait()

    def _barge_in_if_proven(self, at: float) -> list[TurnEvent]:
        return self._barge_in(at) if self._awaits_barge_in() and self._judge.is_speech else []

    def _barge_in(self, at: float) -> list[TurnEvent]:
        utterance = self._current()
        utterance.interrupted = True
        return [BargeIn(at=at, onset=utterance.started_at)]

    def _end_silence_ms(self) -> int:
        return self._spec.end_silence_ms if self._spec else self._settings.default_end_silence_ms

    def _current(self) -> Utterance:
        assert self._utterance is not None, self._phase
        return self._utterance
