"""One utterance as it grows, and what its text is worth."""

from dataclasses import dataclass
from typing import Final

from voicebot.domain.audio import FRAME_MS
from voicebot.domain.barge_in import is_backchannel
from voicebot.domain.speech_frames import FrameSound
from voicebot.domain.turn_events import Verdict

_VOICED: Final = 0.45
"""Periodicity of a frame with a pitch in it: two frames of a cough reach 0.37 in 95 of 100 coughs and 0.46 at most,
two frames of the hoarsest «да» in noise at 10 dB reach 0.5 (measured on synthetic ones)."""
_VOICED_FRAMES: Final = 2
"""Frames with a pitch that make a sound a voice."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TurnSettings:
    """Figures of turn-taking that no script state sets."""

    pre_roll_ms: int = 300
    """Sound before the onset that goes to the recogniser too: soft consonants begin before they are loud."""
    barge_in_dbfs: float = -42.0
    """Quieter sound over the bot's voice is its own echo, not an interruption."""
    default_end_silence_ms: int = 600
    """Silence that ends an utterance nobody listens to yet."""
    run_gap_ms: int = 240
    """A pause this long ends a run of sound: what comes next is judged afresh."""
    noise_ms: int = 400
    """An utterance without words and with less speech than this was a noise, not an answer."""
    unvoiced_ms: int = 900
    """An utterance without pitch and with less sound than this was a cough, whatever words were read into it."""
    second_chance_s: float = 1.5
    """How long to listen at least after an utterance that was ignored, seconds."""
    resumes: int = 2
    """How often one prompt is resumed; then what was heard counts, whatever it is."""


@dataclass(slots=True, kw_only=True)
class Utterance:
    """What is being said (mutable: it grows with every frame)."""

    started_at: float
    """Monotonic seconds of the onset."""
    ended_at: float
    """Monotonic seconds of the last audible moment so far."""
    frames: int = 0
    """How long it has lasted, its pauses included."""
    quiet_frames: int = 0
    """How long the pause is that it has come to."""
    speech_frames: int = 0
    voiced_frames: int = 0
    """Frames with a human pitch."""
    interrupted: bool = False
    """Whether it has stopped the bot."""

    def add(self, sound: FrameSound, at: float) -> None:
        """One frame more."""
        self.frames += 1
        if not sound.is_speech:
            self.quiet_frames += 1
            return
        self.ended_at, self.quiet_frames = at, 0
        self.speech_frames += 1
        self.voiced_frames += sound.periodicity >= _VOICED

    @property
    def is_voiced(self) -> bool:
        """Whether a human voice is in it; coughs and knocks have none."""
        return self.voiced_frames >= _VOICED_FRAMES

    @property
    def speech_ms(self) -> int:
        """Sound in it, milliseconds."""
        return self.speech_frames * FRAME_MS


def worth(utterance: Utterance, text: str, settings: TurnSettings, *, over_prompt: bool) -> Verdict:
    """What an utterance with this final text is; `over_prompt`: it was over before the prompt was."""
    if not utterance.is_voiced and not utterance.interrupted and utterance.speech_ms < settings.unvoiced_ms:
        return Verdict.IGNORE  # models read words like «шесть» into coughs
    if not is_backchannel(text):
        return Verdict.ANSWER
    if utterance.interrupted:
        return Verdict.RESUME
    if over_prompt or (not text.strip() and utterance.speech_ms < settings.noise_ms):
        return Verdict.IGNORE
    return Verdict.ANSWER
