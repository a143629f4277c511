"""SMS into a JSON-lines file: the gateway that needs nobody."""

import asyncio
import fcntl
import json
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final

from voicebot.application.ports.messages import DeliveryReport, DeliveryState, Receipt, ShortMessage
from voicebot.domain.errors import GatewayError

_NO_REPORTS: Final[tuple[DeliveryReport, ...]] = ()


class FileSmsGateway:
    """Appends each message once; the file itself remembers the keys, across processes and restarts."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._read = 0
        """Bytes of the file whose keys are known."""
        self._keys: set[str] = set()

    async def send(self, message: ShortMessage) -> Receipt:
        """Write the message unless its key is in the file; raises GatewayError when the file cannot be written."""
        try:
            await asyncio.to_thread(self._append, message)
        except OSError as error:
            raise GatewayError(f"cannot write the SMS file {self._file}: {error.strerror}", retryable=True) from error
        return Receipt(gateway_id=message.key, state=DeliveryState.SENT)

    async def reports(self) -> AsyncIterator[DeliveryReport]:
        """A file confirms nothing."""
        for report in _NO_REPORTS:
            yield report

    async def check(self) -> str:
        """Whether the file can be appended to; raises GatewayError when not."""
        try:
            await asyncio.to_thread(self._touch)
        except OSError as error:
            raise GatewayError(f"cannot write the SMS file {self._file}: {error.strerror}", retryable=False) from error
        return f"SMS are written to {self._file}"

    async def close(self) -> None:
        """Nothing is held open."""

    def _touch(self) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.open("ab"):
            pass

    def _append(self, message: ShortMessage) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # closing the file releases it
            torn = self._learn(file)
            if message.key in self._keys:
                return
            line = json.dumps(_row(message), ensure_ascii=False).encode() + b"\n"
            file.write(b"\n" + line if torn else line)
            file.flush()
            os.fsync(file.fileno())

    def _learn(self, file: BinaryIO) -> bool:
        """Read the keys others have written since; True when the last line is torn (its writer was killed)."""
        if file.seek(0, os.SEEK_END) < self._read:  # somebody emptied the file: begin anew
            self._read = 0
            self._keys.clear()
        file.seek(self._read)
        fresh = file.read()
        whole, _, torn = fresh.rpartition(b"\n")
        self._keys.update(key for line in whole.splitlines() if (key := _key(line)))
        self._read += len(fresh) - len(torn)
        return bool(torn)


def _row(message: ShortMessage) -> dict[str, str]:
    return {
        "key": message.key,
        "to": message.to.e164,
        "text": message.text,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _key(line: bytes) -> str:
    try:
        row = json.loads(line)
    except ValueError:
        return ""  # a torn line: its message was never confirmed, so it is sent again
    return str(row.get("key", "")) if isinstance(row, dict) else ""
