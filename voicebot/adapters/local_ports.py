"""Whether a local port is free."""

import socket
from typing import Final, Literal

import psutil  # type: ignore[import-untyped]  # comes with the embedded PostgreSQL; publishes no types

from voicebot.domain.errors import ConfigurationError

_FIRST: Final = 20_000
_LAST: Final = 30_000
"""Below what Linux gives out by itself (32768)."""
_FORK_SERVER: Final = "multiprocessing.forkserver"
_KINDS: Final = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}


def free_udp_ports(count: int) -> int:
    """The first of `count` neighbouring UDP ports nobody listens on just now; raises ConfigurationError."""
    for first in range(_FIRST, _LAST - count, count):
        if all(_is_free(port) for port in range(first, first + count)):
            return first
    raise ConfigurationError.one("SIP", f"no {count} neighbouring UDP ports are free", repair="end other programs")


def held_by_orphan(port: int) -> bool:
    """Whether a UDP port belongs to a child of a supervisor that was killed: it is about to end.

    A process that cannot be looked into counts as somebody else's.
    """
    holders = {one.pid for one in psutil.net_connections("udp") if one.laddr and one.laddr.port == port and one.pid}
    return any(_is_orphan(pid) for pid in holders)


def _is_orphan(pid: int) -> bool:
    """Children of a fork server bear its command line; a fork server outlives its starter as long as they live."""
    try:
        server = psutil.Process(pid).parent()
        if server is None or _FORK_SERVER not in " ".join(server.cmdline()):
            return False
        starter = server.parent()
        return starter is None or starter.pid == 1 or bool(starter.name() != server.name())
    except psutil.Error:
        return False


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(("", port))
        except OSError:
            return False
    return True


def require_free_port(host: str, port: int, kind: Literal["tcp", "udp"], *, setting: str) -> None:
    """Raises ConfigurationError naming `setting` when nobody can listen there; port 0 is always free.

    Binds for a moment and lets go: another program may still be quicker.
    """
    if port == 0:
        return
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, _KINDS[kind]) as probe:
        if kind == "tcp":  # as servers do: a port whose last connections are still closing is free
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            where = f"{kind} port {port} of {host or 'this machine'}"
            raise ConfigurationError.one(
                setting,
                f"{where} cannot be used: {error.strerror}",
                repair="end the program that holds it, or choose another port",
            ) from error
