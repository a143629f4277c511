"""Who holds a port."""

import socket
import subprocess
import sys
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # publishes no types

from voicebot.adapters.local_ports import held_by_orphan

PROGRAM = """
import multiprocessing, socket, sys, time

def hold(port):
    taken = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    taken.bind(("127.0.0.1", port))
    print("held", flush=True)
    time.sleep(60)

if __name__ == "__main__":
    child = multiprocessing.get_context("forkserver").Process(target=hold, args=(int(sys.argv[1]),))
    child.start()
    child.join()
"""


def free() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_port_whose_holder_has_lost_its_supervisor_is_about_to_be_free(tmp_path: Path) -> None:
    port, program = free(), tmp_path / "supervisor.py"
    program.write_text(PROGRAM)
    assert not held_by_orphan(port), "nobody holds it"
    with subprocess.Popen((sys.executable, str(program), str(port)), stdout=subprocess.PIPE) as supervisor:
        assert supervisor.stdout is not None
        assert supervisor.stdout.readline() == b"held\n"
        family = psutil.Process(supervisor.pid).children(recursive=True)
        try:
            assert not held_by_orphan(port), "its supervisor lives"
            supervisor.kill()
            supervisor.wait()
            assert held_by_orphan(port)
        finally:
            for one in psutil.wait_procs(family, timeout=0)[1]:
                one.kill()


def test_the_port_of_another_program_is_no_orphans() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ours:
        ours.bind(("127.0.0.1", 0))
        assert not held_by_orphan(ours.getsockname()[1])
