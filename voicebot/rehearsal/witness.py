"""What a callee saw and heard of a call: evidence beside the bot's own word."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

PATTERN: Final = "witness-*.jsonl"
"""Names of the files, one per callee process."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """One line the callee spoke; seconds since its answer."""

    text: str
    started_at: float
    ended_at: float


@dataclass(frozen=True, kw_only=True, slots=True)
class CallWitness:
    """One call as the callee experienced it."""

    call: str
    """Unique name of the call."""
    persona: str
    called: str
    """The number that was dialled."""
    caller: str
    """The caller ID it saw."""
    began_at: str
    """When the INVITE came: ISO 8601, UTC."""
    sip_code: int
    """What it answered: 200, the refusal, 487 when the caller gave up first or the callee was stopped in a talk."""
    seconds: float = 0.0
    """From the answer to the end."""
    said: tuple[Said, ...] = ()
    bot_began: tuple[float, ...] = ()
    """First sound of each utterance of the bot, seconds since the answer."""
    pressed: str = ""
    """Keys, in order."""
    left_by_itself: bool = False
    """Whether the callee hung up."""
    rang: bool = False
    """Whether it was the callee who rang: `called` is then the bot's number, `caller` its own."""
    recording: str = ""
    """Its own stereo WAV: left = itself, right = the bot; empty when there was no talk."""


def append_witness(file: Path, witness: CallWitness) -> None:
    """Add one line to a file."""
    with file.open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(asdict(witness), ensure_ascii=False) + "\n")


def read_witnesses(folder: Path) -> tuple[CallWitness, ...]:
    """All calls witnessed by the callees of a folder, in order of their beginning."""
    witnesses = [
        _witness(json.loads(line))
        for file in sorted(folder.glob(PATTERN))
        for line in file.read_text(encoding="utf-8").splitlines()
    ]
    return tuple(sorted(witnesses, key=lambda witness: witness.began_at))


def _witness(fields: Mapping[str, Any]) -> CallWitness:
    said = tuple(Said(**line) for line in fields["said"])
    return CallWitness(**{**fields, "said": said, "bot_began": tuple(fields["bot_began"])})
