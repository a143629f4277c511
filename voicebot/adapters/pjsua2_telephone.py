"""The telephone: SIP by pjsua2, up to four calls in this process."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Final

from voicebot.adapters.pjsua2_account import RegistrationState
from voicebot.adapters.pjsua2_call import Pjsua2IncomingCall, Pjsua2PhoneCall
from voicebot.adapters.pjsua2_channel import CallChannel, LoopGate
from voicebot.adapters.pjsua2_endpoint import Pjsua2Endpoint, SipSettings
from voicebot.adapters.pjsua2_recording import RecordingWriter
from voicebot.adapters.pjsua2_switchboard import Arrival, Switchboard
from voicebot.application.ports.telephone import IncomingCall, PhoneCall
from voicebot.domain.dialplan import Transport, Trunk
from voicebot.domain.errors import ConfigurationError, NoFreeSlot, Problem, TelephonyError

_SLOT_WAIT_S: Final = 1.0
"""A slot is freed a moment after the last event of its call (FACTS)."""
_SLOT_RETRY_S: Final = 0.02
_REFUSED: Final = frozenset({401, 403, 407})


class Pjsua2Telephone:
    """Use as `async with`; one per process at a time, since pjsua2 has one endpoint per process."""

    def __init__(
        self,
        trunks: Sequence[Trunk] = (),
        settings: SipSettings | None = None,
        *,
        listen: Sequence[Transport] = (),
    ) -> None:
        """`listen`: transports to open beside UDP and those of the trunks."""
        self._trunks = tuple(trunks)
        self._endpoint = Pjsua2Endpoint(settings or SipSettings(), trunks=self._trunks, listen=listen)
        self._writer = RecordingWriter()
        self._board: Switchboard | None = None
        self._arrivals: asyncio.Queue[IncomingCall | None] = asyncio.Queue()
        self._registration_news = asyncio.Event()

    async def __aenter__(self) -> "Pjsua2Telephone":
        board = Switchboard(self._endpoint, LoopGate(asyncio.get_running_loop()), self._trunks)
        board.on_registration = self._registration_news.set
        self._writer.__enter__()
        try:
            await self._endpoint.start()
            await self._endpoint.run(board.open)
        except TelephonyError:
            await self.__aexit__()
            raise
        self._board = board
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        """End every call, unregister, stop the library; calls that still live get their `Disconnected`."""
        if self._board is not None:
            self._board.on_arrival = None
            self._board = None
        self._arrivals.put_nowait(None)
        await self._endpoint.stop()
        await asyncio.to_thread(self._writer.__exit__)
        await asyncio.sleep(0)  # what the threads posted last is delivered before we return

    def address(self, transport: Transport = Transport.UDP) -> tuple[str, int]:
        """Host and port we listen on; KeyError for a transport that is not open."""
        return self._endpoint.addresses[transport]

    async def dial(self, uri: str, *, caller_id: str, ring_timeout_s: float, recording: Path | None) -> PhoneCall:
        """Send an INVITE to `uri` over the trunk of its host and port, or directly when there is none."""
        board = self._switched_on()
        channel = CallChannel(board.gate)
        if recording is not None:
            channel.recording = await asyncio.to_thread(self._writer.open, recording)
        leg = await self._take_slot(board, uri, caller_id, channel)
        call = Pjsua2PhoneCall(leg=leg, channel=channel, endpoint=self._endpoint, switchboard=board)
        call.give_up_after(ring_timeout_s)
        return call

    def incoming(self) -> AsyncIterator[IncomingCall]:
        """Calls that reach us from now on; ends when the telephone is switched off.

        Until somebody asks, calls are refused with 480. Raises TelephonyError when somebody has asked already.
        """
        board = self._switched_on()
        if board.on_arrival is not None:
            raise TelephonyError("somebody else takes the incoming calls already")
        board.on_arrival = self._welcome
        return _Arrivals(self._arrivals)

    def registration_state(self) -> tuple[RegistrationState, ...]:
        """How each trunk stands with its registrar."""
        return self._switched_on().registrations()

    async def require_registration(self, timeout_s: float = 10.0) -> None:
        """Wait until every registering trunk is registered.

        Raises ConfigurationError when a registrar refuses the account, TelephonyError when one does not answer in time.
        """
        try:
            async with asyncio.timeout(timeout_s):
                while not self._registered():
                    await self._registration_news.wait()
                    self._registration_news.clear()
        except TimeoutError as error:
            missing = ", ".join(f"'{state.trunk}'" for state in self.registration_state() if not state.registered)
            raise TelephonyError(
                f"no registration at trunk {missing} within {timeout_s:g} s: check its host, port and transport"
            ) from error

    def _welcome(self, arrival: Arrival) -> None:
        self._arrivals.put_nowait(
            Pjsua2IncomingCall(arrival, endpoint=self._endpoint, switchboard=self._switched_on(), writer=self._writer)
        )

    def _registered(self) -> bool:
        states = self.registration_state()
        refused = [state for state in states if not state.registered and state.sip_code in _REFUSED]
        if refused:
            raise ConfigurationError(
                Problem(
                    source="dialplan",
                    where=f"trunk '{state.trunk}'",
                    message=f"the registrar refused the account: {state.sip_code} {state.reason}",
                    repair="check username and password of the trunk",
                )
                for state in refused
            )
        return all(state.registered for state in states)

    async def _take_slot(self, board: Switchboard, uri: str, caller_id: str, channel: CallChannel) -> int:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _SLOT_WAIT_S
        while True:
            try:
                return await self._send_invite(board, uri, caller_id, channel)
            except NoFreeSlot:
                if loop.time() >= deadline:
                    raise
            await asyncio.sleep(_SLOT_RETRY_S)

    async def _send_invite(self, board: Switchboard, uri: str, caller_id: str, channel: CallChannel) -> int:
        dialling = self._endpoint.submit(lambda: board.dial(uri, caller_id, channel))
        try:
            return await asyncio.wrap_future(dialling)
        except asyncio.CancelledError:
            # The INVITE may be out: a call that nobody holds would ring, and talk to nobody, for ever.
            self._endpoint.submit(lambda: board.end_if_dialled(dialling))
            raise

    def _switched_on(self) -> Switchboard:
        if self._board is None:
            raise TelephonyError("the telephone is switched off: use it inside 'async with'")
        return self._board


class _Arrivals:
    """Reads the incoming calls up to the switching off."""

    def __init__(self, queue: asyncio.Queue[IncomingCall | None]) -> None:
        self._queue = queue

    def __aiter__(self) -> "_Arrivals":
        return self

    async def __anext__(self) -> IncomingCall:
        call = await self._queue.get()
        if call is None:
            raise StopAsyncIteration
        return call
