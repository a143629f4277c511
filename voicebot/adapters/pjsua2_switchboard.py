"""All calls and accounts of a process, on pjsua2's own thread."""

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Final

import pjsua2 as pj

from voicebot.adapters.pjsua2_account import (
    MAX_ACCOUNTS,
    RegistrationState,
    TrunkAccount,
    account_settings,
    needs_account,
)
from voicebot.adapters.pjsua2_channel import CallChannel, LoopGate
from voicebot.adapters.pjsua2_door import SocketBudget
from voicebot.adapters.pjsua2_endpoint import Pjsua2Endpoint
from voicebot.adapters.pjsua2_errors import translating
from voicebot.adapters.pjsua2_leg import Leg
from voicebot.adapters.pjsua2_messages import Invitation, parse_sip_uri, read_invitation
from voicebot.domain.dialplan import Transport, Trunk
from voicebot.domain.errors import ConfigurationError, NoFreeSlot, TelephonyError

_CLOSING_S: Final = 1.0
"""How long calls may take to say goodbye when everything stops."""
_TEMPORARILY_UNAVAILABLE: Final = 480
_SERVICE_UNAVAILABLE: Final = 503
_LET_IN: Final = 0
_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrival:
    """An incoming call, waiting."""

    leg: int
    """Its number on the switchboard."""
    channel: CallChannel
    invitation: Invitation
    registered_user: str
    """User of the trunk's registration it came over; empty where there is none."""


class Switchboard:
    """Legs by number; every method belongs to the owner thread, and a number that is gone is simply over."""

    def __init__(self, endpoint: Pjsua2Endpoint, gate: LoopGate, trunks: Sequence[Trunk]) -> None:
        self.on_arrival: Callable[[Arrival], None] | None = None
        """Loop: told of incoming calls; None refuses them."""
        self.on_registration: Callable[[], None] | None = None
        """Loop: told that some registration has changed."""
        self._endpoint = endpoint
        self.gate = gate
        self._legs: dict[int, Leg] = {}
        self._ended: list[int] = []
        self._last_number = 0
        self._accounts: list[TrunkAccount] = []
        self._sockets = SocketBudget()
        self._trunks = trunks

    def open(self) -> None:
        """Set up the accounts; raises TelephonyError naming the trunk, ConfigurationError when there are too many."""
        self._endpoint.at_close(self._close)
        self._endpoint.guard(self._refusal)
        own = [trunk for trunk in self._trunks if needs_account(trunk, self._endpoint.settings)]
        if len(own) >= MAX_ACCOUNTS:
            raise ConfigurationError.one(
                "dialplan",
                f"{len(own)} trunks register, log in or encrypt in their own way; one process can hold "
                f"{MAX_ACCOUNTS - 1}",
                where="trunks",
                repair="split them over machines with dialplans of their own",
            )
        for trunk in (None, *own):
            account = TrunkAccount(trunk)
            account.on_call = self._arrive
            account.on_registration = self._registration_changed
            settings = account_settings(trunk, self._endpoint.settings, self._endpoint.addresses[Transport.UDP])
            with translating(f"use trunk '{trunk.name}'" if trunk else "set up its local account"):
                account.create(settings, trunk is None)
            self._accounts.append(account)

    def registrations(self) -> tuple[RegistrationState, ...]:
        """How each trunk stands; any thread."""
        states = {account.trunk.name: account.state for account in self._accounts if account.trunk is not None}
        return tuple(
            states.get(trunk.name, RegistrationState(trunk=trunk.name, registered=True)) for trunk in self._trunks
        )

    def dial(self, uri: str, caller_id: str, channel: CallChannel) -> int:
        """Send an INVITE; raises NoFreeSlot or TelephonyError, and then nothing of the call is left."""
        trunk = self._trunk_for(uri)
        self._drop_ended()
        if not self._sockets.has_room(len(self._legs)):
            raise NoFreeSlot("too many calls have just ended: dial again in half a second")
        leg = Leg(self._account_of(trunk), port=self._endpoint.take_port(), channel=channel)
        try:
            with translating("dial"):
                leg.makeCall(uri, self._invite(trunk, caller_id))
        except TelephonyError:
            self._endpoint.return_port(leg.port)
            self._sockets.call_ended()
            raise
        return self._take(leg)

    def ring(self, number: int) -> None:
        """Answer 180 Ringing."""
        self._answer(number, pj.PJSIP_SC_RINGING)

    def accept(self, number: int) -> None:
        """Answer 200 OK; raises TelephonyError when the caller has given up."""
        self._answer(number, pj.PJSIP_SC_OK)

    def end(self, number: int, sip_code: int = 0) -> None:
        """CANCEL, BYE or a refusal."""
        leg = self._legs.get(number)
        if leg is not None and not leg.gave_up:
            with translating("end a call"):
                leg.end(sip_code)

    def end_if_dialled(self, dialling: "Future[int]") -> None:
        """End the call of a `dial` whose asker has gone away."""
        if dialling.done() and not dialling.cancelled() and dialling.exception() is None:
            self.end(dialling.result())

    def declare_over(self, number: int, sip_code: int) -> None:
        """Stop waiting for the far end's goodbye."""
        leg = self._legs.get(number)
        if leg is not None:
            leg.declare_over(sip_code)

    def press(self, number: int, digit: str) -> None:
        """Send a DTMF key in the call's sound."""
        leg = self._legs.get(number)
        if leg is None:
            raise TelephonyError("the call is over")
        with translating("press a key"):
            leg.dialDtmf(digit)

    def bridge(self, one: int, other: int) -> None:
        """Let two far ends hear each other."""
        first, second = self._legs.get(one), self._legs.get(other)
        if first is None or second is None:
            return  # one hung up this very moment: its Disconnected says so
        for leg in (first, second):
            leg.channel.playback.clear()
        with translating("connect two calls"):
            first.hear(second)
            second.hear(first)

    def _answer(self, number: int, sip_code: int) -> None:
        leg = self._legs.get(number)
        if leg is None:
            raise TelephonyError("the caller has given up")
        how = pj.CallOpParam(True)
        how.statusCode = sip_code
        with translating("answer"):
            leg.answer(how)

    def _take(self, leg: Leg) -> int:
        self._last_number += 1
        number = self._last_number
        self._legs[number] = leg
        # The leg must not die inside its own callback, and must not outlive its slot: its destructor would hang up the
        # call that has the slot next. So it is dropped by the owner's next piece of work, or before the next call.
        leg.on_over = lambda: self._drop_soon(number)
        if leg.channel.finished:  # refused before the INVITE was out
            self._drop_soon(number)
        return number

    def _drop_soon(self, number: int) -> None:
        self._ended.append(number)
        self._endpoint.submit(self._drop_ended)

    def _drop_ended(self) -> None:
        while self._ended:
            self._drop(self._ended.pop())

    def _drop(self, number: int) -> None:
        leg = self._legs.pop(number, None)
        if leg is not None:
            leg.part()
            leg.on_over = _nothing
            self._endpoint.return_port(leg.port)
            self._sockets.call_ended()

    def _refusal(self) -> int:
        """What to answer the call at the door; it is let in where somebody takes calls and pjlib can bear it."""
        self._drop_ended()
        if self.on_arrival is None:
            return _TEMPORARILY_UNAVAILABLE
        return _LET_IN if self._sockets.has_room(len(self._legs)) else _SERVICE_UNAVAILABLE

    def _arrive(self, account: TrunkAccount, call_id: int, message: str) -> None:
        channel = CallChannel(self.gate)
        leg = Leg(account, port=self._endpoint.take_port(), channel=channel, call_id=call_id)
        number = self._take(leg)
        if self.on_arrival is None:
            # Since it was let in. Not at once: a call that ends in its own onIncomingCall fails an assertion of pjsua2.
            self._endpoint.submit(lambda: self.end(number, _TEMPORARILY_UNAVAILABLE))
            return
        trunk = account.trunk
        arrival = Arrival(
            leg=number,
            channel=channel,
            invitation=read_invitation(message),
            registered_user=trunk.username if trunk is not None and trunk.registers else "",
        )
        self.gate.post(lambda: self._announce(arrival))

    def _announce(self, arrival: Arrival) -> None:
        if self.on_arrival is not None:
            self.on_arrival(arrival)
        else:
            self._endpoint.submit(lambda: self.end(arrival.leg, _TEMPORARILY_UNAVAILABLE))

    def _registration_changed(self) -> None:
        self.gate.post(lambda: self.on_registration() if self.on_registration else None)

    def _trunk_for(self, uri: str) -> Trunk | None:
        try:
            target = parse_sip_uri(uri)
        except ValueError as error:
            raise TelephonyError(f"cannot dial: {error}") from error
        for trunk in self._trunks:
            if (trunk.host.lower(), trunk.port) == (target.host, target.port):
                return trunk
        return None

    def _account_of(self, trunk: Trunk | None) -> TrunkAccount:
        """The trunk's own account, else the local one that all plain trunks share."""
        return next((account for account in self._accounts if trunk and account.trunk == trunk), self._accounts[0])

    def _invite(self, trunk: Trunk | None, caller_id: str) -> Any:
        how = pj.CallOpParam(True)
        how.opt.audioCount = 1
        how.opt.videoCount = 0
        if not caller_id:
            return how
        host, port = (trunk.host, trunk.port) if trunk else self._endpoint.addresses[Transport.UDP]
        place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        sender = trunk.from_user if trunk and trunk.from_user else caller_id
        how.txOption.localUri = f"<sip:{sender}@{place}>"
        identity = pj.SipHeader()
        identity.hName = "P-Asserted-Identity"
        identity.hValue = f"<sip:{caller_id}@{place}>"
        how.txOption.headers.append(identity)
        return how

    def _close(self) -> None:
        self.on_arrival = None
        try:
            self._say_goodbye()
        except Exception:
            # Goodbyes are courtesy; what follows keeps the process from aborting.
            _log.exception("goodbyes were cut short", extra={"action": "telephone_close"})
        for number in list(self._legs):
            self._legs[number].declare_over(0)
            self._drop(number)
        for account in self._accounts:
            account.on_call = account.on_registration = None
        self._accounts.clear()

    def _say_goodbye(self) -> None:
        for number in list(self._legs):
            self._end_quietly(self._legs[number])
        for account in self._accounts:
            account.unregister()
        deadline = time.monotonic() + _CLOSING_S
        while time.monotonic() < deadline and (self._legs or any(account.leaving for account in self._accounts)):
            self._endpoint.poll()
            for number in [number for number, leg in self._legs.items() if leg.channel.finished]:
                self._drop(number)

    def _end_quietly(self, leg: Leg) -> None:
        try:
            if not leg.gave_up:
                leg.end(0)
        except pj.Error as error:
            _log.warning("a call would not end: pj status %d", error.status, extra={"action": "telephone_close"})


def _nothing() -> None:
    """The leg is dropped: nobody waits for its end."""
