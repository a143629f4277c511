"""What can happen to a conversation: the inputs of `dialogue.step`."""

from dataclasses import dataclass

from voicebot.domain.intent import Understanding


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered:
    """The call was answered: the conversation begins."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Spoken:
    """The customer said something (or pressed a key that stands for it: 1 yes, 2 no, 0 human, 9 stop)."""

    understanding: Understanding


@dataclass(frozen=True, kw_only=True, slots=True)
class Silence:
    """Nobody spoke for as long as the state waits."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Finished:
    """Everything the last step told to say has been said and the state does not listen (kind none)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MachineDetected:
    """A voicemail beep or another sure sign of a machine was heard."""


@dataclass(frozen=True, kw_only=True, slots=True)
class GreetingTooLong:
    """A machine has greeted for as long as anybody waits for its beep (`dialogue_machine.LONGEST_GREETING_S`)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TransferEnded:
    """The attempt to connect a manager is over."""

    connected: bool
    """Whether a manager took the call; when true the bot has nothing more to say."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TimeUp:
    """The longest call time is reached: say goodbye."""


@dataclass(frozen=True, kw_only=True, slots=True)
class HungUp:
    """The customer hung up (or the network lost them)."""


Event = Answered | Spoken | Silence | Finished | MachineDetected | GreetingTooLong | TransferEnded | TimeUp | HungUp
