"""Checks that cannot hang and cannot stop each other."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from voicebot.domain.errors import BadInput, VoicebotError
from voicebot.entrypoints.child_process import message_in


class Level(StrEnum):
    """How much a finding matters."""

    OK = "ok"  # works
    WARNING = "warning"  # works, but not as in earnest
    FAILED = "failed"  # does not work


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One line of the report."""

    check: str
    """What was looked at."""
    level: Level
    found: str
    """What was seen."""
    repair: str = ""
    """What to do; empty when nothing is to be done, or `found` says it."""
    exit_code: int = 0
    """0 unless it failed; 2 when something of the user's is wrong, else 1."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One thing to look at."""

    name: str
    look: Callable[[], Awaitable[Sequence[Finding]]]
    """Raises VoicebotError for what does not work."""
    timeout_s: float = 15.0


def fine(check: str, found: str) -> Finding:
    """A finding that all is well."""
    return Finding(check=check, level=Level.OK, found=found)


def warning(check: str, found: str, repair: str) -> Finding:
    """A finding that is no obstacle yet."""
    return Finding(check=check, level=Level.WARNING, found=found, repair=repair)


def failure(check: str, error: VoicebotError) -> Finding:
    """A finding that something does not work; of many problems it shows the first and counts the rest."""
    found, repair = str(error), ""
    if isinstance(error, BadInput):
        first, rest = error.problems[0], len(error.problems) - 1
        place = f"{first.source}:{first.where}" if first.where else first.source
        found = f"{place}: {first.message}" + (f" (and {rest} more)" if rest else "")
        repair = first.repair
    return Finding(check=check, level=Level.FAILED, found=found, repair=repair, exit_code=error.exit_code)


async def examine(checks: Iterable[Check]) -> AsyncIterator[Finding]:
    """The findings of all checks, one check after another."""
    for check in checks:
        for finding in await _look(check):
            yield finding


def exit_code(findings: Iterable[Finding]) -> int:
    """0 without failures, 2 when something of the user's is among them, else 1."""
    return max((finding.exit_code for finding in findings), default=0)


async def _look(check: Check) -> Sequence[Finding]:
    try:
        async with asyncio.timeout(check.timeout_s):
            return await check.look()
    except TimeoutError:
        error: BaseException = VoicebotError(f"gives no answer within {check.timeout_s:g} s")
    except Exception as caught:  # whatever it is becomes a line of the report: the other checks must run
        error = caught
    meant = message_in(error) or VoicebotError(f"our own fault, please report it: {type(error).__name__}: {error}")
    return [failure(check.name, meant)]
