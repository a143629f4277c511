"""What a conversation tells the telephone to do: the outputs of `dialogue.step`.

Effects on the business (promo code, message, stop-list ...) are not acted on during the call: they gather in the
position and become the `Outcome`, recorded in one transaction when the call ends.
"""

from dataclasses import dataclass

from voicebot.domain.intent import ListenKind, Question
from voicebot.domain.prompt import Prompt


@dataclass(frozen=True, kw_only=True, slots=True)
class Say:
    """Speak a prompt after whatever is still being said."""

    prompt: Prompt
    barge_in: bool
    """Whether real speech of the customer stops it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Listen:
    """Wait for the customer once all prompts are said (or barged into)."""

    kind: ListenKind
    question: Question
    end_silence_ms: int
    """Silence that ends an utterance, milliseconds."""
    longest_speech_s: float
    """An utterance is cut here, seconds."""
    patience_s: float
    """How long to wait for the first sound before `Silence`, seconds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Transfer:
    """Connect a manager; answered by `TransferEnded`."""

    summary: Prompt
    """Whispered to the manager before the customer is put through."""


@dataclass(frozen=True, kw_only=True, slots=True)
class HangUp:
    """End the call once everything is said."""


Action = Say | Listen | Transfer | HangUp
