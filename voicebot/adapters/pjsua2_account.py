"""Our presence at one trunk."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import pjsua2 as pj

from voicebot.adapters.pjsua2_endpoint import SipSettings
from voicebot.domain.dialplan import Srtp, Transport, Trunk

_SRTP: Final = {
    Srtp.OFF: pj.PJMEDIA_SRTP_DISABLED,
    Srtp.OPTIONAL: pj.PJMEDIA_SRTP_OPTIONAL,
    Srtp.REQUIRED: pj.PJMEDIA_SRTP_MANDATORY,
}
MAX_ACCOUNTS: Final = 8
"""PJSUA_MAX_ACC of the wheel, the local account included; a ninth fails an assertion and kills the process."""
_REGISTRATION_S: Final = 300
_RETRY_S: Final = 30


@dataclass(frozen=True, kw_only=True, slots=True)
class RegistrationState:
    """How a trunk's registrar answered last."""

    trunk: str
    registered: bool
    """Always true for a trunk that needs no registration."""
    sip_code: int = 0
    """Last answer; 0 while there is none."""
    reason: str = ""
    at: float = 0.0
    """Monotonic seconds of the last answer."""


class TrunkAccount(pj.Account):  # type: ignore[misc]  # pjsua2 publishes no types
    """Registers where asked and meets incoming calls; lives on the owner thread."""

    def __init__(self, trunk: Trunk | None) -> None:
        super().__init__()
        self.trunk = trunk
        self.state = RegistrationState(
            trunk=trunk.name if trunk else "", registered=trunk is None or not trunk.registers
        )
        """Replaced whole, so any thread may read it."""
        self.on_call: Callable[[TrunkAccount, int, str], None] | None = None
        """Owner thread: pjsua2's number of the call and the whole INVITE."""
        self.on_registration: Callable[[], None] | None = None
        """Owner thread: `state` has changed."""
        self._leaving = False

    @property
    def leaving(self) -> bool:
        """Whether the registrar has yet to confirm that we are gone."""
        return self._leaving and self.state.registered

    def unregister(self) -> None:
        """Take leave of the registrar; `leaving` until it has answered."""
        if self.trunk is not None and self.trunk.registers and self.state.registered:
            self._leaving = True
            self.setRegistration(False)

    def onRegState(self, prm: Any) -> None:
        """The registrar has answered, or has not."""
        if self.trunk is None or not self.trunk.registers:
            return
        self.state = RegistrationState(
            trunk=self.trunk.name,
            registered=prm.code // 100 == 2 and prm.expiration > 0,
            sip_code=prm.code,
            reason=prm.reason,
            at=time.monotonic(),
        )
        if self.on_registration is not None:
            self.on_registration()

    def onIncomingCall(self, prm: Any) -> None:
        """Somebody calls us."""
        if self.on_call is not None:
            message = prm.rdata
            self.on_call(self, prm.callId, message.wholeMsg)


def needs_account(trunk: Trunk, settings: SipSettings) -> bool:
    """Whether a trunk needs an account of its own; one that knows us by our address shares the local one."""
    return trunk.registers or bool(trunk.username) or trunk.srtp is not settings.srtp


def account_settings(trunk: Trunk | None, settings: SipSettings, local: tuple[str, int]) -> Any:
    """What pjsua2 wants to know of a trunk; None for calls that go over none."""
    account = pj.AccountConfig()
    account.idUri = f"sip:voicebot@{local[0]}:{local[1]}"
    account.callConfig.timerUse = pj.PJSUA_SIP_TIMER_OPTIONAL
    account.natConfig.sipOutboundUse = 0
    account.mediaConfig.transportConfig.boundAddress = settings.bind_address
    account.mediaConfig.transportConfig.publicAddress = settings.public_address
    account.mediaConfig.transportConfig.port = settings.rtp_port
    account.mediaConfig.streamKaEnabled = False
    account.mediaConfig.srtpSecureSignaling = 0
    account.mediaConfig.srtpUse = _SRTP[settings.srtp if trunk is None else trunk.srtp]
    if trunk is None:
        return account
    host = f"[{trunk.host}]" if ":" in trunk.host else trunk.host
    if trunk.username:
        account.idUri = f"sip:{trunk.username}@{host}:{trunk.port}"
        account.sipConfig.authCreds.append(pj.AuthCredInfo("digest", "*", trunk.username, 0, trunk.password))
    if trunk.registers:
        carried = "" if trunk.transport is Transport.UDP else f";transport={trunk.transport}"
        account.regConfig.registrarUri = f"sip:{host}:{trunk.port}{carried}"
        account.regConfig.timeoutSec = _REGISTRATION_S
        account.regConfig.retryIntervalSec = _RETRY_S
        account.regConfig.registerOnAdd = True
    return account
