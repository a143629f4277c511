"""News for the CRM as a file of JSON lines: the gateway that needs nobody."""

import asyncio
import json
from pathlib import Path

from voicebot.adapters.append_once import AppendOnce
from voicebot.application.ports.crm_gateway import CrmNews
from voicebot.domain.errors import GatewayError


class JsonLinesCrm:
    """Appends each piece of news once; somebody reads the file, or takes it away and gets a new one."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lines = AppendOnce(file, key_of=_key)

    async def tell(self, news: CrmNews) -> None:
        """Write the news unless its key is in the file; raises GatewayError when the file cannot be written."""
        line = json.dumps(dict(news.payload), ensure_ascii=False, separators=(",", ":")).encode()
        try:
            await asyncio.to_thread(self._lines.append, news.key, line)
        except OSError as error:
            raise GatewayError(f"cannot write the CRM file {self._file}: {error.strerror}", retryable=True) from error

    async def check(self) -> str:
        """Whether the file can be appended to; raises GatewayError when not."""
        try:
            await asyncio.to_thread(self._lines.touch)
        except OSError as error:
            raise GatewayError(f"cannot write the CRM file {self._file}: {error.strerror}", retryable=False) from error
        return f"news for the CRM is written to {self._file}"

    async def close(self) -> None:
        """Nothing is held open."""


def _key(line: bytes) -> str:
    try:
        row = json.loads(line)
    except ValueError:
        return ""  # a torn line: its news was never confirmed, so it is told again
    return str(row.get("key", "")) if isinstance(row, dict) else ""
