"""News for the CRM in a file, once each: what its kinds of file share."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from voicebot.adapters.append_once import AppendOnce
from voicebot.application.ports.crm_gateway import CrmNews
from voicebot.domain.errors import GatewayError


class FileCrm:
    """Appends each piece of news once; somebody reads the file, or takes it away and gets a new one."""

    def __init__(self, file: Path, lines: AppendOnce, *, row: Callable[[CrmNews], bytes]) -> None:
        """`row`: one piece of news as one physical line; `lines` finds its key in it again."""
        self._file = file
        self._lines = lines
        self._row = row

    async def tell(self, news: CrmNews) -> None:
        """Write the news unless its key is in the file; raises GatewayError when the file cannot be written."""
        try:
            await asyncio.to_thread(self._lines.append, news.key, self._row(news))
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
