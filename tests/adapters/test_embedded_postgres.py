"""The embedded server is shared, outlives its users' crashes, and goes when the last of them goes."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # comes with the wheel; publishes no types
import psycopg
import pytest

from voicebot.adapters.embedded_postgres import EmbeddedPostgres
from voicebot.domain.errors import StoreError

PROGRAM = """
import sys, time
from pathlib import Path
import psycopg
from voicebot.adapters.embedded_postgres import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1])).start()
with psycopg.connect(server.url(), autocommit=True) as connection:
    connection.execute("create table if not exists kept (note text)")
    connection.execute("insert into kept values ('written')")
print("ready", flush=True)
time.sleep(60)
"""


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """One data folder for all tests here: making one takes a second, starting it a tenth."""
    with tempfile.TemporaryDirectory(prefix="voicebot-test-") as home:
        yield Path(home) / "postgres"


def test_the_last_user_stops_the_server_and_the_first_does_not(folder: Path) -> None:
    first, second = EmbeddedPostgres(folder).start(), EmbeddedPostgres(folder).start()
    assert postmaster(folder) is not None
    first.stop()
    with psycopg.connect(second.url()) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    second.stop()
    assert postmaster(folder) is None


def test_a_server_that_died_is_started_again_for_those_who_use_it(folder: Path) -> None:
    with EmbeddedPostgres(folder) as server, EmbeddedPostgres(folder) as other:
        died = postmaster(folder)
        assert died is not None
        assert not server.revive(), "it lives"
        process = psutil.Process(died)
        process.send_signal(signal.SIGQUIT)  # at once, without a checkpoint: the next start recovers
        process.wait(timeout=60)
        until_alive = [server.revive(), other.revive()]
        assert until_alive == [True, False]
        with psycopg.connect(server.url()) as connection:
            assert connection.execute("select 1").fetchone() == (1,)
    assert not server.revive(), "nobody uses it"


def test_the_server_survives_kill_9_of_its_program_and_the_next_start_takes_it_over(folder: Path) -> None:
    program = subprocess.Popen([sys.executable, "-c", PROGRAM, str(folder)], stdout=subprocess.PIPE, text=True)
    assert program.stdout is not None
    with program.stdout:
        assert program.stdout.readline() == "ready\n"
    before = postmaster(folder)
    os.kill(program.pid, signal.SIGKILL)
    program.wait()
    with EmbeddedPostgres(folder) as server:
        assert postmaster(folder) == before
        with psycopg.connect(server.url()) as connection:
            assert connection.execute("select note from kept").fetchall() == [("written",)]
    assert postmaster(folder) is None


def test_data_is_there_after_a_clean_stop(folder: Path) -> None:
    with EmbeddedPostgres(folder) as server, psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("create table clean (note text)")
    with EmbeddedPostgres(folder) as server, psycopg.connect(server.url()) as connection:
        assert connection.execute("select count(*) from clean").fetchone() == (0,)


def test_ctrl_c_in_the_terminal_does_not_reach_the_server(folder: Path) -> None:
    with EmbeddedPostgres(folder):
        server = postmaster(folder)
        assert server is not None
        assert os.getsid(server) != os.getsid(0)


def test_russian_letters_have_two_cases_whatever_the_machines_locale(folder: Path) -> None:
    with EmbeddedPostgres(folder) as server, psycopg.connect(server.url()) as connection:
        assert connection.execute("select lower('ЁЛКА')").fetchone() == ("ёлка",)


def test_a_pid_file_of_a_long_gone_server_does_not_mislead(folder: Path) -> None:
    with EmbeddedPostgres(folder):
        note = (folder / "postmaster.pid").read_text().split("\n")
    note[0] = str(os.getpid())  # the id was given to some other program since
    (folder / "postmaster.pid").write_text("\n".join(note))
    with EmbeddedPostgres(folder) as server, psycopg.connect(server.url()) as connection:
        assert connection.execute("select 1").fetchone() == (1,)


def test_a_home_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file where the folder should be")
    with pytest.raises(StoreError, match="VOICEBOT_HOME"):
        EmbeddedPostgres(tmp_path / "home" / "postgres").start()


def test_stopping_twice_is_no_mistake(folder: Path) -> None:
    server = EmbeddedPostgres(folder).start()
    server.stop()
    server.stop()
    with pytest.raises(StoreError, match="not started"):
        server.url()


def postmaster(folder: Path) -> int | None:
    note = folder / "postmaster.pid"
    return int(note.read_text().split("\n", 1)[0]) if note.exists() else None
