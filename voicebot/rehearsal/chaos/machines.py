"""Machines of a run: supervisors and jobs that are started, killed and started again."""

import os
import random
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # publishes no types

from voicebot.config import PREFIX


class Victim(StrEnum):
    """What can be killed."""

    LINE = "line"
    JOBS = "jobs"
    SUPERVISOR = "supervisor"


@dataclass(kw_only=True)
class Machine:
    """One `voicebot dial` or `voicebot jobs` with everything it starts."""

    name: str
    command: tuple[str, ...]
    variables: Mapping[str, str]
    log: Path
    started: int = 0
    """How often."""
    _process: subprocess.Popen[bytes] | None = None
    _known: dict[int, psutil.Process] = field(default_factory=dict)
    """Every process of it that was ever seen, by id."""

    def start(self) -> None:
        """Start it, or start it again."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                (sys.executable, "-m", "voicebot", *self.command),
                env={**environment, **self.variables},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.started += 1
        self.look()

    @property
    def runs(self) -> bool:
        """Whether its first process lives."""
        return self._process is not None and self._process.poll() is None

    def look(self) -> None:
        """Remember the processes it has started by now."""
        if self._process is None or not self.runs:
            return
        try:
            first = psutil.Process(self._process.pid)
            for process in (first, *first.children(recursive=True)):
                self._known[process.pid] = process
        except psutil.Error:
            return  # it dies this very moment

    def lines(self) -> list[psutil.Process]:
        """Its line processes: children of the fork server, which is a child of the supervisor."""
        self.look()
        if self._process is None or not self.runs:
            return []
        try:
            servers = psutil.Process(self._process.pid).children()
            return [line for server in servers for line in server.children()]
        except psutil.Error:
            return []

    def kill(self) -> None:
        """kill -9 of its first process: what it has started is on its own."""
        self.look()
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def tell_to_stop(self) -> None:
        """SIGTERM."""
        self.look()
        if self._process is not None and self.runs:
            self._process.send_signal(signal.SIGTERM)

    def wait(self, timeout_s: float) -> int | None:
        """Its exit code; None when it had to be killed."""
        if self._process is None:
            return None
        try:
            return self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return None

    def sweep(self) -> int:
        """Kill whatever of it still lives; how many that were."""
        alive = [process for process in self._known.values() if _lives(process)]
        for process in alive:
            process.kill()
        return len(alive)


def choose(machines: list[Machine], jobs: Machine, dice: random.Random) -> tuple[Victim, Machine, int | None]:
    """Whom to kill next: two lines for every supervisor or jobs process. The id is a line process's."""
    kind = dice.choice((Victim.LINE, Victim.LINE, Victim.SUPERVISOR, Victim.JOBS))
    if kind is Victim.JOBS:
        return kind, jobs, None
    lines = [(machine, line.pid) for machine in machines for line in machine.lines()]
    if kind is Victim.LINE and lines:
        machine, line = dice.choice(lines)
        return kind, machine, line
    return Victim.SUPERVISOR, dice.choice(machines), None


def _lives(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False
