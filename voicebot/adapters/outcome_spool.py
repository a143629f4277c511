"""Outcomes as files, one per call."""

import asyncio
import json
import logging
import os
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from voicebot.application.ports.outcome_spool import SpooledOutcome
from voicebot.domain.attempt import AttemptEnding
from voicebot.domain.call import CallReport, Cause, HungUpBy, Speaker, Turn
from voicebot.domain.errors import StoreError
from voicebot.domain.intent import Intent
from voicebot.domain.outcome import ActionKind, Disposition, FollowUp, Group, Outcome

log = logging.getLogger(__name__)

_VERSION: Final = 1
_ONLY_FOR_US: Final = 0o600
"""The files hold what customers said."""


class FileOutcomeSpool:
    """A folder on this machine; a file appears whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def keep(self, spooled: SpooledOutcome) -> None:
        """Write through to the disk; raises StoreError when that cannot be done."""
        try:
            await asyncio.to_thread(self._keep, spooled)
        except OSError as error:
            raise StoreError(f"cannot write {self._folder}: {error.strerror}") from error

    async def forget(self, spooled: SpooledOutcome) -> None:
        """Remove the file if there is one."""
        await asyncio.to_thread(self._file(spooled).unlink, missing_ok=True)

    async def waiting(self) -> tuple[SpooledOutcome, ...]:
        """All whole files; one that cannot be read is left for a person, with an error in the log."""
        return await asyncio.to_thread(self._waiting)

    def _keep(self, spooled: SpooledOutcome) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        file = self._file(spooled)
        draft = file.with_suffix(".draft")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _ONLY_FOR_US), "w") as written:
            json.dump({"version": _VERSION, **asdict(spooled)}, written, default=_written)
            written.flush()
            os.fsync(written.fileno())
        draft.replace(file)

    def _waiting(self) -> tuple[SpooledOutcome, ...]:
        found = []
        for file in self._folder.glob("*.json"):
            try:
                found.append(_spooled(json.loads(file.read_bytes())))
            except FileNotFoundError:
                continue  # another process has just recorded it
            except (ValueError, KeyError, TypeError):
                log.error("the spooled outcome %s cannot be read", file.name, extra={"action": "spool_unreadable"})
        return tuple(sorted(found, key=lambda spooled: spooled.call_id))

    def _file(self, spooled: SpooledOutcome) -> Path:
        owner = "".join(letter if letter.isalnum() else "-" for letter in spooled.owner)
        return self._folder / f"{spooled.call_id}-{owner}.json"


def _spooled(stored: dict[str, Any]) -> SpooledOutcome:
    if stored.pop("version") != _VERSION:
        raise ValueError("written by another version")
    report, outcome = stored["ending"]["report"], stored["ending"]["outcome"]
    return SpooledOutcome(
        call_id=stored["call_id"],
        owner=stored["owner"],
        ending=AttemptEnding(
            report=CallReport(
                **{
                    **report,
                    "cause": Cause(report["cause"]),
                    "dialled_at": datetime.fromisoformat(report["dialled_at"]),
                    "answered_at": _moment(report["answered_at"]),
                    "ended_at": datetime.fromisoformat(report["ended_at"]),
                    "hung_up_by": HungUpBy(report["hung_up_by"]) if report["hung_up_by"] else None,
                    "cost": Decimal(report["cost"]) if report["cost"] is not None else None,
                    "turns": tuple(_turn(turn) for turn in report["turns"]),
                }
            ),
            outcome=Outcome(
                **{
                    **outcome,
                    "group": Group(outcome["group"]),
                    "disposition": Disposition(outcome["disposition"]),
                    "tags": tuple(outcome["tags"]),
                    "actions": tuple(_action(action) for action in outcome["actions"]),
                }
            ),
        ),
    )


def _written(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _turn(stored: dict[str, Any]) -> Turn:
    intent = stored["intent"]
    return Turn(
        **{**stored, "speaker": Speaker(stored["speaker"]), "intent": Intent(intent) if intent is not None else None}
    )


def _action(stored: dict[str, Any]) -> FollowUp:
    return FollowUp(**{**stored, "kind": ActionKind(stored["kind"]), "at": _moment(stored["at"])})


def _moment(stored: str | None) -> datetime | None:
    return datetime.fromisoformat(stored) if stored else None
