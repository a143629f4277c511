"""Other people's SIP programs to talk to."""

import os
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from voicebot.adapters.pjsua2_telephone import Pjsua2Telephone

SCENARIOS = Path(__file__).with_name("sipp")


def _find_peer(binary: str, package: str) -> str:
    """Path of a peer; without it the test is skipped, or fails where peers are required."""
    path = shutil.which(binary)
    if path is not None:
        return path
    if os.environ.get("VOICEBOT_PEERS") == "required":
        pytest.fail(f"{binary} is missing and VOICEBOT_PEERS=required: apt-get install {package}")
    pytest.skip(f"{binary} is not installed: apt-get install {package}")


FindPeer = Callable[[str, str], str]


@pytest.fixture
def find_peer() -> FindPeer:
    return _find_peer


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Sipp:
    """One running scenario."""

    def __init__(self, scenario: str, folder: Path, *, code: int, voice_port: int) -> None:
        self.port = free_port()
        self.uri = f"sip:+79161234567@127.0.0.1:{self.port}"
        self._log = folder / "messages.log"
        # sipp wants a status line in figures, not in keywords.
        file = folder / f"{scenario}.xml"
        file.write_text((SCENARIOS / file.name).read_text().replace("[code]", str(code)))
        command = [_find_peer("sipp", "sip-tester"), "-sf", str(file), "-m", "1", "-nostdin"]
        command += ["-i", "127.0.0.1", "-p", str(self.port), "-timeout", "20"]
        command += ["-key", "voice_port", str(voice_port), "-trace_msg", "-message_file", str(self._log)]
        self._process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def messages(self) -> str:
        """All SIP of the call as sipp saw it."""
        return self._log.read_text()

    def assert_followed(self) -> None:
        """The call went exactly as the scenario says."""
        assert self._process.wait(timeout=10) == 0, f"sipp met something else:\n{self.messages()}"

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.terminate()
        self._process.wait(timeout=10)


SippStarter = Callable[..., Sipp]


@pytest.fixture
def start_sipp(tmp_path: Path) -> Iterator[SippStarter]:
    running: list[Sipp] = []

    def start(scenario: str, *, code: int = 0, voice_port: int = 0) -> Sipp:
        running.append(Sipp(scenario, tmp_path, code=code, voice_port=voice_port or free_port()))
        return running[-1]

    yield start
    for sipp in running:
        sipp.stop()


@pytest.fixture
async def telephone() -> AsyncIterator[Pjsua2Telephone]:
    async with Pjsua2Telephone() as telephone:
        yield telephone


_BARESIP_CONFIG = """sip_listen 127.0.0.1:{port}
module_path /usr/lib/baresip/modules
rtp_ports 42000-42999
module g711.so
module_app account.so
"""


class Baresip:
    """A softphone that answers by itself."""

    def __init__(self, folder: Path, *, modules: str) -> None:
        self.uri = ""
        port = free_port()
        (folder / "config").write_text(_BARESIP_CONFIG.format(port=port) + modules)
        (folder / "accounts").write_text("<sip:callee@127.0.0.1>;regint=0;answermode=auto;audio_codecs=PCMA\n")
        (folder / "contacts").touch()
        self._process = subprocess.Popen(
            [_find_peer("baresip", "baresip-core"), "-f", str(folder)], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL
        )
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if b"is ready" in line:
                self.uri = f"sip:callee@127.0.0.1:{port}"
                return
        raise AssertionError("baresip did not get ready")

    def stop(self) -> None:
        self._process.terminate()
        self._process.communicate(timeout=10)


BaresipStarter = Callable[..., Baresip]


@pytest.fixture
def start_baresip(tmp_path: Path) -> Iterator[BaresipStarter]:
    running: list[Baresip] = []

    def start(*, modules: str) -> Baresip:
        running.append(Baresip(tmp_path, modules=modules))
        return running[-1]

    yield start
    for baresip in running:
        baresip.stop()
