"""SMS over SMPP 3.4 with delivery receipts."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from functools import partial
from typing import Final

import smpp34

from voicebot.adapters.sms_once import OncePerKey
from voicebot.application.ports.messages import DeliveryReport, DeliveryState, Receipt, ShortMessage
from voicebot.domain.errors import GatewayError

_UCS2: Final = 8
_RECEIPT: Final = 0x04
"""esm_class bit: this deliver_sm is a delivery receipt (SMPP 3.4, 5.2.12)."""
_LONGEST_SHORT_MESSAGE: Final = 140
"""Octets one segment carries; longer texts travel whole in message_payload and the SMSC splits them."""
_INTERNATIONAL, _ISDN, _ALPHANUMERIC = 1, 1, 5
_SYSTEM_ERROR, _QUEUE_FULL, _THROTTLED = 0x08, 0x14, 0x58
_TRY_AGAIN: Final = frozenset({_SYSTEM_ERROR, _QUEUE_FULL, _THROTTLED})
"""Values of command_status that pass (SMPP 3.4, 5.1.3); all others refuse the message for good."""
_RECEIPTED_MESSAGE_ID, _MESSAGE_PAYLOAD, _MESSAGE_STATE = 0x001E, 0x0424, 0x0427
"""Tags of optional parameters (SMPP 3.4, 5.3.2)."""
_MESSAGE_STATES: Final = {
    2: DeliveryState.DELIVERED,
    3: DeliveryState.FAILED,  # expired
    4: DeliveryState.FAILED,  # deleted
    5: DeliveryState.FAILED,  # undeliverable
    8: DeliveryState.FAILED,  # rejected
}
"""Values of the message_state parameter that end a message (SMPP 3.4, 5.2.28)."""
_WORDS: Final = {
    "DELIVRD": DeliveryState.DELIVERED,
    "EXPIRED": DeliveryState.FAILED,
    "DELETED": DeliveryState.FAILED,
    "UNDELIV": DeliveryState.FAILED,
    "REJECTD": DeliveryState.FAILED,
}
"""Words of a receipt's text that end a message (SMPP 3.4, appendix B)."""
_TEXT: Final = re.compile(r"id:(?P<id>\S+).*?stat:(?P<stat>\w+)(?:.*?err:(?P<err>\w+))?", re.DOTALL | re.IGNORECASE)
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 30.0
"""Between attempts to bind again."""
_GOODBYE_S: Final = 2.0
"""How long an unbind may take."""
_GONE: Final = None
"""What ends the queue of reports."""


class SmppSmsGateway:
    """A transceiver bind that is kept: lost, it is made again with growing pauses, so that receipts are not missed."""

    def __init__(
        self, *, host: str, port: int, system_id: str, password: str, sender: str, timeout_s: float = 10.0
    ) -> None:
        self._address = f"{host}:{port}"
        self._new_client = partial(
            smpp34.Client,
            host,
            port,
            system_id,
            password,
            bind_type="TRX",
            connect_timeout_ms=round(timeout_s * 1000),
        )
        self._sender = sender
        self._timeout_s = timeout_s
        self._once = OncePerKey()
        self._reports: asyncio.Queue[DeliveryReport | None] = asyncio.Queue()
        self._session: smpp34.Smsc | None = None
        self._bound = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None
        self._refusal = ""
        """Why the last bind failed."""

    @property
    def idempotent(self) -> bool:
        """The protocol knows no keys: ours are forgotten with the process."""
        return False

    async def send(self, message: ShortMessage) -> Receipt:
        """Submit the message; raises GatewayError, retryable while there is no bind or the server is busy."""
        return await self._once.send(message.key, lambda: self._submit(message))

    async def reports(self) -> AsyncIterator[DeliveryReport]:
        """Receipts as the server delivers them; binds at once."""
        self._keep()
        while (report := await self._reports.get()) is not _GONE:
            yield report

    async def check(self) -> str:
        """Bind, if that has not been done; raises GatewayError with the server's word."""
        await self._bind()
        return f"SMPP server {self._address} took our bind"

    @property
    def bound(self) -> bool:
        """Whether a bind holds just now."""
        return self._bound.is_set()

    async def close(self) -> None:
        """Unbind and end the reports."""
        keeper, self._keeper = self._keeper, None
        if self._session is not None and self._bound.is_set():
            with contextlib.suppress(TimeoutError, smpp34.SmppError):  # it is gone either way
                async with asyncio.timeout(_GOODBYE_S):
                    await self._session.unbind()
        if keeper is not None:
            keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await keeper
        self._reports.put_nowait(_GONE)

    async def _submit(self, message: ShortMessage) -> Receipt:
        session = await self._bind()
        text = message.text.encode("utf-16-be")
        fits = len(text) <= _LONGEST_SHORT_MESSAGE
        numeric = self._sender.removeprefix("+").isdigit()
        try:
            async with asyncio.timeout(self._timeout_s):
                answer = await session.submit_sm(
                    message.to.e164.removeprefix("+"),
                    text if fits else b"",
                    source_addr=self._sender.removeprefix("+"),
                    source_addr_ton=_INTERNATIONAL if numeric else _ALPHANUMERIC,
                    source_addr_npi=_ISDN if numeric else 0,
                    dest_addr_ton=_INTERNATIONAL,
                    dest_addr_npi=_ISDN,
                    registered_delivery=1,
                    data_coding=_UCS2,
                    tlvs=[] if fits else [smpp34.Tlv(_MESSAGE_PAYLOAD, text)],
                )
        except TimeoutError as error:
            raise GatewayError(
                f"SMPP server {self._address} did not answer in time", retryable=True, uncertain=True
            ) from error
        except smpp34.SmppError as error:
            raise GatewayError(
                f"SMPP server {self._address} dropped a message", retryable=True, uncertain=True
            ) from error
        if not answer.is_success:
            status = answer.command_status
            raise GatewayError(
                f"SMPP server {self._address} refused a message: status 0x{status:08x}", retryable=status in _TRY_AGAIN
            )
        return Receipt(gateway_id=answer.message_id or message.key, state=DeliveryState.SENT)

    async def _bind(self) -> smpp34.Smsc:
        """The session, once bound."""
        self._keep()
        try:
            async with asyncio.timeout(self._timeout_s):
                await self._bound.wait()
        except TimeoutError as error:
            why = self._refusal or "no answer"
            raise GatewayError(f"no bind to the SMPP server {self._address}: {why}", retryable=True) from error
        assert self._session is not None
        return self._session

    def _keep(self) -> None:
        if self._keeper is None:
            self._keeper = asyncio.create_task(self._keep_bound(), name="smpp-session")

    async def _keep_bound(self) -> None:
        pause = _FIRST_PAUSE_S
        while True:
            client = self._new_client()
            try:
                self._session = await client.connect()
                pause = _FIRST_PAUSE_S
                self._bound.set()
                await self._pump(self._session)
                self._refusal = "the connection was lost"
            except smpp34.SmppError as error:
                self._refusal = str(error)
            finally:
                self._bound.clear()
                await client.stop()
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_S)

    async def _pump(self, session: smpp34.Smsc) -> None:
        """Read the session to its end."""
        while not isinstance(event := await session.next(), smpp34.Disconnected):
            report = _report(event)
            if report is not None:
                self._reports.put_nowait(report)


def _report(event: smpp34.DeliverSmEvent) -> DeliveryReport | None:
    """The meaning of one deliver_sm; None for what is no final receipt (an answer of the customer, «enroute» ...)."""
    if not event.esm_class & _RECEIPT:
        return None
    parameters = {one.tag: one for one in event.tlvs}
    named = parameters.get(_RECEIPTED_MESSAGE_ID)
    stated = parameters.get(_MESSAGE_STATE)
    text = _TEXT.search(event.short_message.decode("latin-1"))
    state = _MESSAGE_STATES.get(stated.as_int() or 0) if stated else None
    if state is None and text:
        state = _WORDS.get(text["stat"].upper())
    gateway_id = (named.as_string() if named else None) or (text["id"] if text else "")
    if state is None or not gateway_id:
        return None
    error = f"SMPP {text['stat']} {text['err'] or ''}".strip() if text and state is DeliveryState.FAILED else ""
    return DeliveryReport(gateway_id=gateway_id, state=state, error=error)
