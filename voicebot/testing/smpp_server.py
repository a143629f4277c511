"""A short-message centre on the loopback, speaking SMPP 3.4."""

import asyncio
import contextlib
import socket
from dataclasses import dataclass
from typing import Final

import smpp34

_PAYLOAD: Final = 0x0424
_RECEIPT: Final = 0x04


@dataclass(frozen=True, kw_only=True, slots=True)
class Submitted:
    """One submit_sm as it arrived."""

    id: str
    to: str
    source: str
    text: str
    wants_receipt: bool


class SmppServer:
    """Takes every bind and message; `statuses` are answered first, one a message."""

    def __init__(self, port: int = 0, statuses: list[int] | None = None) -> None:
        self.port = port or _free_port()
        self.messages: list[Submitted] = []
        self.statuses = statuses or []
        self.mute = False
        """Take messages without a word."""
        self.binds = 0
        self._sessions: list[smpp34.Esme] = []
        self._bound = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "SmppServer":
        self._server = smpp34.Server("127.0.0.1", self.port, system_id="test")
        await self._server.start()
        self._task = asyncio.create_task(self._serve(), name="smpp-server")
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        await self.drop_sessions()
        await self._server.stop()

    async def drop_sessions(self) -> None:
        """End every bind from this side."""
        sessions, self._sessions = self._sessions, []
        for session in sessions:
            # A peer that has gone without an unbind never answers ours.
            with contextlib.suppress(smpp34.SmppError, TimeoutError):
                async with asyncio.timeout(1):
                    await session.unbind()

    async def deliver_receipt(self, message: Submitted, word: str, *, parameters: bool = False) -> None:
        """Send a delivery receipt: as text (appendix B), or as optional parameters alone."""
        text = f"id:{message.id} sub:001 dlvrd:001 submit date:2611220000 stat:{word} err:000 text:"
        await self._sessions[-1].deliver_sm(
            message.source,
            b"" if parameters else text.encode(),
            source_addr=message.to,
            esm_class=_RECEIPT,
            tlvs=[
                smpp34.Tlv(0x001E, message.id.encode() + b"\0"),
                smpp34.Tlv(0x0427, bytes([{"DELIVRD": 2, "UNDELIV": 5, "ENROUTE": 1}[word]])),
            ]
            if parameters
            else [],
        )

    async def _serve(self) -> None:
        while True:
            event = await self._server.next()
            if isinstance(event, smpp34.Esme):
                self._sessions.append(event)
                self.binds += 1
            elif isinstance(event, smpp34.Unbound):
                self._sessions = [one for one in self._sessions if one.session_id != event.session_id]
            elif isinstance(event, smpp34.SubmitSmEvent):
                self._answer(event)

    def _answer(self, event: smpp34.SubmitSmEvent) -> None:
        if self.statuses:
            event.reject(self.statuses.pop(0))
            return
        payload = next((one.value for one in event.tlvs if one.tag == _PAYLOAD), event.short_message)
        message = Submitted(
            id=f"{len(self.messages):x}",
            to=event.destination_addr,
            source=event.source_addr,
            text=payload.decode("utf-16-be"),
            wants_receipt=bool(event.registered_delivery),
        )
        self.messages.append(message)
        if not self.mute:
            event.accept(message.id)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
