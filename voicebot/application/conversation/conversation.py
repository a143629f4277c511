"""What a conversation is given, and what it gives back."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import tzinfo

from voicebot.application.ports.clock import Clock
from voicebot.application.ports.speech import PromptLibrary
from voicebot.application.ports.telephone import Telephone
from voicebot.application.ports.understanding import LanguageUnderstanding
from voicebot.application.transfer_call import TransferPlan
from voicebot.domain.call import Turn
from voicebot.domain.contact_hours import ContactHours
from voicebot.domain.dialogue_position import Position
from voicebot.domain.dialplan import AnsweringMachineRule
from voicebot.domain.script import Script


@dataclass(frozen=True, kw_only=True, slots=True)
class Conversation:
    """What is to be talked about, with whom."""

    script: Script
    variables: Mapping[str, str]
    """Spoken values of the script's variables."""
    zone: tzinfo
    """The customer's time zone."""
    hours: ContactHours
    """When call-backs may be agreed."""
    longest_call_s: float
    """The bot says goodbye after this, seconds since the answer."""
    transfer: TransferPlan
    answering_machine: AnsweringMachineRule = AnsweringMachineRule.HANG_UP
    """Whether a machine is left the script's message."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ConversationTools:
    """What a conversation needs of the world; `ears` is this call's own."""

    telephone: Telephone
    library: PromptLibrary
    understanding: LanguageUnderstanding
    clock: Clock
    stop_heard: Callable[[], Awaitable[None]]
    """Called the moment the customer demands never to be called again: the wish must survive a crash of ours."""
    noted: Callable[[tuple[Turn, ...]], None]
    """Told the whole transcript whenever a turn begins or ends; must return at once."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Conversed:
    """What was said and where it led."""

    position: Position
    turns: tuple[Turn, ...]
    ended_by_us: bool
