"""A second process to talk to: pjsua2 allows one endpoint per process."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


class CalleeProcess:
    """The scripted callee and what it has reported."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._page = 0
        with log.open("w") as output:
            self._process = subprocess.Popen(
                [sys.executable, str(Path(__file__).with_name("callee_process.py"))],
                stdin=subprocess.PIPE,
                stdout=output,
            )
        ports = self.wait_for(1)[0]
        self.udp: int = ports["udp"]
        self.tcp: int = ports["tcp"]

    def uri(self, called: str) -> str:
        return f"sip:{called}@127.0.0.1:{self.udp}"

    def reports(self) -> list[dict[str, Any]]:
        written = self._log.read_text()[self._page :]
        return [json.loads(line) for line in written.splitlines(keepends=True) if line.endswith("\n")]

    def wait_for(self, count: int, **wanted: object) -> list[dict[str, Any]]:
        """The reports that hold `wanted`, once there are `count`; fails after 20 s."""
        deadline = time.monotonic() + 20
        while True:
            found = [report for report in self.reports() if wanted.items() <= report.items()]
            if len(found) >= count:
                return found
            assert time.monotonic() < deadline, f"wanted {count} of {wanted}, got {self.reports()}"
            assert self._process.poll() is None, "the callee has died"
            time.sleep(0.01)

    def forget(self) -> None:
        """Start a new page for the next test."""
        self._page = self._log.stat().st_size

    def stop(self) -> int:
        assert self._process.stdin is not None
        self._process.stdin.close()
        return self._process.wait(timeout=10)


@pytest.fixture(scope="module")
def callee_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CalleeProcess]:
    process = CalleeProcess(tmp_path_factory.mktemp("callee") / "reports")
    yield process
    assert process.stop() == 0, "the callee did not end cleanly"


@pytest.fixture
def callee(callee_process: CalleeProcess) -> CalleeProcess:
    callee_process.forget()
    return callee_process


@pytest.fixture
def second_callee(tmp_path: Path) -> Iterator[CalleeProcess]:
    process = CalleeProcess(tmp_path / "reports")
    yield process
    assert process.stop() == 0, "the callee did not end cleanly"
