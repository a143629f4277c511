"""A person at a terminal: the real command line in a process of its own."""

import asyncio
import os
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from voicebot.config import PREFIX


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def complaint(self) -> str:
        """The error output without the log."""
        return "".join(line for line in self.err.splitlines(keepends=True) if " INFO " not in line)


@dataclass(frozen=True, kw_only=True)
class Terminal:
    """Where commands are typed, with the variables that are set there."""

    variables: Mapping[str, str]

    def with_(self, **variables: str) -> "Terminal":
        """The same terminal after `export VOICEBOT_...`."""
        exported = {PREFIX + name.upper(): value for name, value in variables.items()}
        return Terminal(variables={**self.variables, **exported})

    async def start(self, *arguments: str) -> asyncio.subprocess.Process:
        """Type a command and do not wait for its end."""
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "voicebot", *arguments),
            env={
                **{name: value for name, value in os.environ.items() if not name.startswith(PREFIX)},
                **self.variables,
            },
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )

    async def types(self, *arguments: str, timeout_s: float = 150.0) -> Said:
        """Type a command and wait for its end."""
        process = await self.start(*arguments)
        try:
            async with asyncio.timeout(timeout_s):
                out, err = await process.communicate()
        except TimeoutError:
            process.kill()
            out, err = await process.communicate()
            raise AssertionError(f"it does not end:\n{out.decode()}\n{err.decode()}") from None
        assert process.returncode is not None
        return Said(code=process.returncode, out=out.decode(), err=err.decode())


def free_port() -> int:
    """A TCP port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def terminal_in(folder: Path, database_url: str) -> Terminal:
    """A terminal that writes below `folder` only, on ports of its own."""
    variables = {
        "HOME": str(folder),
        "DATABASE_URL": database_url,
        "RECORDINGS": str(folder / "recordings"),
        "WEB_PORT": str(free_port()),
        "COMPANY": "Ромашка",
        "RULES_URL": "https://romashka.example/promo",
        "LINES": "1",
        "GRACE_SECONDS": "25",
    }
    return Terminal(variables={PREFIX + name: value for name, value in variables.items()})
