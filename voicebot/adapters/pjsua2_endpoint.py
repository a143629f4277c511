"""The thread that owns pjsua2: everything SIP happens on it."""

import asyncio
import ctypes
import ipaddress
import logging
import queue
import sys
import threading
import traceback
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

import pjsua2 as pj
from pjsua2 import _pjsua2

from voicebot.adapters.pjsua2_clock import BridgeClock
from voicebot.adapters.pjsua2_door import Door
from voicebot.adapters.pjsua2_errors import translated, translating
from voicebot.adapters.pjsua2_frames import choose_reader
from voicebot.adapters.pjsua2_port import LinePort
from voicebot.domain.audio import FRAME_MS, TELEPHONE
from voicebot.domain.dialplan import Codec, Srtp, Transport, Trunk
from voicebot.domain.errors import TelephonyError

T = TypeVar("T")

CALL_SLOTS: Final = 4
"""PJSUA_MAX_CALLS of the wheel."""
_POLL_MS: Final = 5
_SWITCH_INTERVAL_S: Final = 0.001
"""The owner thread needs the GIL some hundred times a second: a busy one must let go of it sooner than after 5 ms."""
_KINDS: Final = {
    Transport.UDP: pj.PJSIP_TRANSPORT_UDP,
    Transport.TCP: pj.PJSIP_TRANSPORT_TCP,
    Transport.TLS: pj.PJSIP_TRANSPORT_TLS,
}
_CODEC_NAMES: Final = {Codec.PCMA: "PCMA/8000", Codec.PCMU: "PCMU/8000"}
_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class SipSettings:
    """Where a process listens for SIP and voice."""

    bind_address: str = ""
    """Local address; empty for loopback when every trunk is on this machine, else for every interface."""
    port: int = 0
    """Local SIP port; 0 lets the system choose."""
    public_address: str = ""
    """Address written into SIP messages and SDP behind a static NAT; empty for our own."""
    rtp_port: int = 0
    """First local RTP port; 0 lets the system choose each."""
    srtp: Srtp = Srtp.OFF
    """Whether calls that belong to no trunk are encrypted."""
    user_agent: str = "voicebot"
    certificate_authorities: str = ""
    """PEM file trusted for TLS trunks; empty for the system's own."""


class Pjsua2Endpoint:
    """Starts, polls and stops pjsua2 on one thread; runs others' work on it. One per process at a time."""

    def __init__(self, settings: SipSettings, *, trunks: Sequence[Trunk], listen: Iterable[Transport] = ()) -> None:
        """`listen`: transports to open beside UDP and those of the trunks."""
        everywhere = not all(is_loopback(trunk.host) for trunk in trunks)
        self.settings = replace(
            settings, bind_address=settings.bind_address or ("0.0.0.0" if everywhere else "127.0.0.1")
        )
        self.addresses: dict[Transport, tuple[str, int]] = {}
        """Where each transport listens."""
        self._transports = tuple(dict.fromkeys((Transport.UDP, *listen, *(trunk.transport for trunk in trunks))))
        self._codecs = tuple(dict.fromkeys(codec for trunk in trunks for codec in trunk.codecs)) or tuple(Codec)
        # pjsua2 verifies for a whole transport: one trunk that cannot be verified opens it for all.
        self._verify_certificate = all(trunk.verify_certificate for trunk in trunks)
        self._work: queue.SimpleQueue[tuple[Callable[[], Any], Future[Any]]] = queue.SimpleQueue()
        self._accepting = threading.Lock()
        self._stopped = False
        self._closers: list[Callable[[], None]] = []
        self._library: Any = None
        self._clock: BridgeClock
        self._door: Door | None = None
        self._idle_ports: list[LinePort] = []
        self._ports: list[LinePort] = []
        self._thread = threading.Thread(target=self._own, name="pjsua2", daemon=True)
        self._started: Future[None] = Future()
        self._stopping = threading.Event()

    async def start(self) -> None:
        """Returns when SIP can be spoken; raises TelephonyError (a taken port, for one)."""
        self._thread.start()
        await asyncio.wrap_future(self._started)

    async def stop(self) -> None:
        """Close everything in the one order that does not crash; idempotent."""
        self._stopping.set()
        await asyncio.to_thread(self._thread.join)

    def submit(self, work: Callable[[], T]) -> "Future[T]":
        """Run `work` on the owner thread; any thread may ask."""
        future: Future[T] = Future()
        with self._accepting:
            if self._stopped:
                future.set_exception(TelephonyError("the telephone is switched off"))
            else:
                self._work.put((work, future))
        return future

    async def run(self, work: Callable[[], T]) -> T:
        """Run `work` on the owner thread and wait for its result."""
        return await asyncio.wrap_future(self.submit(work))

    def at_close(self, closer: Callable[[], None]) -> None:
        """Owner thread: call `closer` before the library goes, last come first served."""
        self._closers.append(closer)

    def guard(self, refusal: Callable[[], int]) -> None:
        """Owner thread: ask `refusal` for the SIP code every incoming call is turned away with; 0 lets it in."""
        self._door = Door(refusal)

    def poll(self) -> None:
        """Owner thread: let pjsua2 do what is due, 5 ms at most; every 20 ms the sound of all calls moves on."""
        self._library.libHandleEvents(self._clock.wait_ms(_POLL_MS))
        self._clock.run()

    def take_port(self) -> LinePort:
        """Owner thread: a port for one call."""
        if not self._idle_ports:
            with translating("open a media port"):
                port = LinePort(f"line-{len(self._ports)}", choose_reader())
            self._ports.append(port)
            return port
        return self._idle_ports.pop()

    def return_port(self, port: LinePort) -> None:
        """Owner thread: the call is over, its port serves the next one."""
        port.channel = None
        self._idle_ports.append(port)

    def _own(self) -> None:
        interval = sys.getswitchinterval()
        sys.setswitchinterval(_SWITCH_INTERVAL_S)
        try:
            try:
                self._open()
            except TelephonyError as error:
                _forget_locals(error)
                self._close()
                self._started.set_exception(error)
                return
            self._started.set_result(None)
            self._serve()
            self._close()
        finally:
            sys.setswitchinterval(interval)

    def _serve(self) -> None:
        try:
            while not self._stopping.is_set():
                self._do_work()
                self.poll()
        except Exception as error:
            # A callback's exception surfaces here: calls end as failed, every later request is refused.
            _log.exception("the telephone has stopped", extra={"action": "telephone_stopped"})
            _forget_locals(error)

    def _do_work(self) -> None:
        while not self._work.empty():
            work, future = self._work.get()
            if not future.set_running_or_notify_cancel():
                continue
            try:
                result = work()
            except pj.Error as error:
                future.set_exception(translated(error, "do what was asked"))
            except Exception as error:
                _forget_locals(error)
                future.set_exception(error)
            else:
                future.set_result(result)
            del work, future  # they may hold the last reference to a call

    def _open(self) -> None:
        _silence_library()
        self._library = pj.Endpoint()
        with translating("start"):
            self._library.libCreate()
            self._library.libInit(_library_settings(self.settings))
        for transport in self._transports:
            self._open_transport(transport)
        with translating("start its media"):
            self._clock = BridgeClock(self._library.audDevManager().setNoDev())
            self._library.libStart()
            self._choose_codecs()

    def _open_transport(self, transport: Transport) -> None:
        settings = self.settings
        wanted = pj.TransportConfig()
        wanted.boundAddress = settings.bind_address
        wanted.publicAddress = settings.public_address
        wanted.port = settings.port + 1 if settings.port and transport is Transport.TLS else settings.port
        if transport is Transport.TLS:
            wanted.tlsConfig.verifyServer = self._verify_certificate
            wanted.tlsConfig.CaListFile = settings.certificate_authorities
        with translating(f"listen on {settings.bind_address} port {wanted.port} over {transport}"):
            number = self._library.transportCreate(_KINDS[transport], wanted)
            host, _, port = self._library.transportGetInfo(number).localName.rpartition(":")
        self.addresses[transport] = (host.strip("[]"), int(port))

    def _choose_codecs(self) -> None:
        known = self._library.codecEnum2()  # kept: what is walked must outlive the walk
        for codec in known:
            self._library.codecSetPriority(codec.codecId, 0)
        for rank, wanted in enumerate(self._codecs):
            self._library.codecSetPriority(_CODEC_NAMES[wanted], 255 - rank)

    def _close(self) -> None:
        """Calls, then accounts, then ports, then the library: any other order aborts the process (FACTS)."""
        with self._accepting:
            self._stopped = True
        self._do_work()
        for closer in reversed(self._closers):
            closer()
        self._closers.clear()
        self._idle_ports.clear()
        self._ports.clear()  # the last references: a port that dies after the library aborts the process
        # Goodbyes have been said by the closers: without this flag the library waits another second for them.
        self._library.libDestroy(pj.PJSUA_DESTROY_NO_NETWORK)
        self._library = self._door = None


def is_loopback(host: str) -> bool:
    """Whether `host` is this very machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _forget_locals(error: BaseException | None) -> None:
    """Empty the frames an error has come through before another thread gets hold of them.

    They name accounts and calls, whose destructors belong to the owner thread and to the life of this library: run by
    the garbage collector of another thread they abort the process, and run after the next start they delete the new
    account of the same number (every call then fails with 70013, PJ_EINVALIDOP).
    """
    while error is not None:
        traceback.clear_frames(error.__traceback__)
        error = error.__cause__ or error.__context__


def _silence_library() -> None:
    """Before its settings are read, pjlib greets on stdout, which belongs to the command's own output."""
    set_level = getattr(ctypes.PyDLL(_pjsua2.__file__), "pj_log_set_level", None)
    if set_level is not None:
        set_level(0)


def _library_settings(settings: SipSettings) -> Any:
    library = pj.EpConfig()
    library.uaConfig.threadCnt = 0
    library.uaConfig.mainThreadOnly = True
    library.uaConfig.maxCalls = CALL_SLOTS
    library.uaConfig.userAgent = settings.user_agent
    # Its log names people: their numbers are in every message. Errors come to us as exceptions and status codes.
    library.logConfig.level = 0
    library.logConfig.consoleLevel = 0
    media = library.medConfig
    media.clockRate = TELEPHONE.rate_hz
    media.sndClockRate = TELEPHONE.rate_hz
    media.audioFramePtime = FRAME_MS
    media.ptime = FRAME_MS
    # RTP is read by the polling thread too: see BridgeClock.
    media.hasIoqueue = False
    media.threadCnt = 0
    media.noVad = True
    media.ecTailLen = 0
    return library
