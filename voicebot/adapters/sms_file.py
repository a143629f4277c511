"""SMS into a JSON-lines file: the gateway that needs nobody."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from voicebot.adapters.append_once import AppendOnce
from voicebot.application.ports.messages import DeliveryReport, DeliveryState, Receipt, ShortMessage
from voicebot.domain.errors import GatewayError

_NO_REPORTS: Final[tuple[DeliveryReport, ...]] = ()


class FileSmsGateway:
    """Appends each message once; the file itself remembers the keys, across processes and restarts."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lines = AppendOnce(file, key_of=_key)

    @property
    def idempotent(self) -> bool:
        """The key is remembered for good."""
        return True

    async def send(self, message: ShortMessage) -> Receipt:
        """Write the message unless its key is in the file; raises GatewayError when the file cannot be written."""
        try:
            line = json.dumps(_row(message), ensure_ascii=False).encode()
            await asyncio.to_thread(self._lines.append, message.key, line)
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
            await asyncio.to_thread(self._lines.touch)
        except OSError as error:
            raise GatewayError(f"cannot write the SMS file {self._file}: {error.strerror}", retryable=False) from error
        return f"SMS are written to {self._file}"

    async def close(self) -> None:
        """Nothing is held open."""


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
