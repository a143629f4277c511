"""One message per key, however often it is asked for."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from voicebot.application.ports.messages import Receipt

_REMEMBERED = 10_000


class OncePerKey:
    """Remembers receipts of this process, for gateways whose protocol has no idempotency key.

    Across processes the message's row lock and stored state do the same (`deliver_message`).
    """

    def __init__(self, remembered: int = _REMEMBERED) -> None:
        self._remembered = remembered
        self._receipts: OrderedDict[str, Receipt] = OrderedDict()
        self._locks: dict[str, asyncio.Lock] = {}

    async def send(self, key: str, send: Callable[[], Awaitable[Receipt]]) -> Receipt:
        """The receipt of `key`; calls `send` unless it has succeeded before."""
        lock = self._locks.setdefault(key, asyncio.Lock())
        try:
            async with lock:
                if key not in self._receipts:
                    self._receipts[key] = await send()
                    if len(self._receipts) > self._remembered:
                        self._receipts.popitem(last=False)
                return self._receipts[key]
        finally:
            if not lock.locked():
                self._locks.pop(key, None)
