"""What is wrong is told once, with its place and its repair; exit code 2, and nothing has changed."""

import asyncio
import socket
import struct
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from shutil import copytree
from typing import Any

import psycopg
import pytest

from tests.entrypoints.terminal import Terminal, terminal_in
from tests.registrar import USER, Registrar
from voicebot.config import PROJECT
from voicebot.entrypoints.cli.main import run

SECRET = "geheim-7"
REGISTERING = """
trunks:
  carrier:
    host: 127.0.0.1
    port: {port}
    register: yes
    username: {user}
    password: ${{TRUNK_PASSWORD}}
    caller_ids: ["+74951234567"]
routes:
  - {{match: "*", trunks: [carrier]}}
"""
Types = Callable[..., tuple[int, str]]


@pytest.fixture
def terminal(tmp_path: Path, database_url: str) -> Terminal:
    return terminal_in(tmp_path, database_url)


@pytest.fixture
def types(terminal: Terminal, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Types:
    """The command's entry in this process: exit code and error output."""

    def typed(*arguments: str, **variables: str) -> tuple[int, str]:
        for name, value in terminal.with_(**variables).variables.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["voicebot", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            run()
        return int(ended.value.code or 0), capsys.readouterr().err

    return typed


def rows(database_url: str) -> dict[str, int]:
    """How many rows each table holds."""
    with psycopg.connect(database_url) as connection:
        names = connection.execute("select tablename from pg_tables where schemaname = 'public'").fetchall()
        return {name: connection.execute(f'select count(*) from "{name}"').fetchall()[0][0] for (name,) in names}


def test_every_wrong_setting_is_named_at_once(types: Types) -> None:
    code, told = types("run", lines="abc", web_port="99999", sms_gateway="pigeon")
    assert code == 2
    assert "VOICEBOT_LINES: 'abc' is not a whole number" in told
    assert "VOICEBOT_WEB_PORT: 99999 is not possible (use 1 to 65535)" in told
    assert "VOICEBOT_SMS_GATEWAY: no gateway 'pigeon' (use file, exolve or smpp)" in told


@pytest.mark.parametrize(
    ("arguments", "told_of"), [(("rum",), "No such command 'rum'"), (("calls", "lsit"), "No such command 'lsit'")]
)
def test_a_misspelt_command_is_named(types: Types, arguments: tuple[str, ...], told_of: str) -> None:
    code, told = types(*arguments)
    assert code == 2
    assert told_of in told


@pytest.mark.parametrize(
    ("url", "told_of"),
    [
        (f"mysql://robot:{SECRET}@127.0.0.1/voicebot", "'mysql://' is not PostgreSQL (write postgresql://"),
        (f"postgresql://robot:{SECRET}@127.0.0.1:1/voicebot", ":127.0.0.1:1/voicebot: the database does not answer"),
        (f"postgresql://robot:{SECRET}@nowhere.invalid/voicebot", ":nowhere.invalid:5432/voicebot: the database does"),
    ],
    ids=["scheme", "port", "host"],
)
def test_a_wrong_database_url_is_told_without_its_password(types: Types, url: str, told_of: str) -> None:
    code, told = types("calls", "list", database_url=url)
    assert (code, told.count("\n")) == (2, 1)
    assert told.startswith("voicebot: VOICEBOT_DATABASE_URL")
    assert told_of in told
    assert SECRET not in told


async def test_a_wrong_database_password_is_told(terminal: Terminal) -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """PostgreSQL's protocol 3 as far as the password."""
        while True:
            (length,) = struct.unpack("!I", await reader.readexactly(4))
            body = await reader.readexactly(length - 4)
            if body[:4] != struct.pack("!I", 196608):  # the client asks for TLS or GSS first
                writer.write(b"N")
                continue
            writer.write(b"R" + struct.pack("!II", 8, 3))
            await reader.readexactly(1)
            (length,) = struct.unpack("!I", await reader.readexactly(4))
            await reader.readexactly(length - 4)
            fields = b'SFATAL\0VFATAL\0C28P01\0Mpassword authentication failed for user "robot"\0\0'
            writer.write(b"E" + struct.pack("!I", len(fields) + 4) + fields)
            writer.close()
            return

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        url = f"postgresql://robot:{SECRET}@127.0.0.1:{port}/voicebot?sslmode=disable&gssencmode=disable"
        said = await terminal.with_(database_url=url).types("run")
    assert said.code == 2
    assert f"VOICEBOT_DATABASE_URL:127.0.0.1:{port}/voicebot: the database refuses our user or password" in said.err
    assert SECRET not in said.err
    assert said.err.count("\n") == 1


def test_a_wrong_script_is_told_by_file_and_line_and_nothing_starts(
    types: Types, tmp_path: Path, database_url: str
) -> None:
    scripts = Path(copytree(PROJECT / "scripts", tmp_path / "scripts"))
    script = scripts / "reminder.yaml"
    script.write_text(script.read_text().replace("yes:", "yse:", 1))
    before = rows(database_url)
    code, told = types("run", scripts=str(scripts))
    assert code == 2
    assert f"{script}:" in told
    assert "yse" in told
    assert rows(database_url) == before
    code, again = types("script", "check", str(script))
    assert code == 2
    assert "yse" in again


def test_a_wrong_dialplan_is_told_by_file_and_line(types: Types, tmp_path: Path) -> None:
    plan = tmp_path / "office.yaml"
    plan.write_text("trunks:\n  carrier: {host: sip.example, caller_ids: [12]}\nroutes:\n  - {match: x, trunks: [c]}\n")
    code, told = types("run", dialplan=str(plan))
    assert code == 2
    assert f"{plan}:2: trunk 'carrier': caller ID 1 is not in E.164 (write it as +74951234567, quoted)" in told
    assert f"{plan}:4:" in told
    code, told = types("dial", dialplan=str(tmp_path / "none.yaml"))
    assert (code, "none.yaml" in told) == (2, True)


def test_a_missing_trunk_secret_is_told_by_its_variable(types: Types, tmp_path: Path) -> None:
    plan = tmp_path / "office.yaml"
    plan.write_text(REGISTERING.format(port=5060, user=USER))
    code, told = types("run", dialplan=str(plan))
    assert code == 2
    assert "the environment variable TRUNK_PASSWORD is not set (export TRUNK_PASSWORD=... before starting)" in told


def test_a_wrong_csv_is_told_by_row_and_column_and_nothing_is_imported(
    types: Types, tmp_path: Path, database_url: str
) -> None:
    table = tmp_path / "people.csv"
    table.write_text("external_id,phones,time_zone\nA,89161234567,Europe/Moscow\nB,12,Mars/Olympus\n")
    before = rows(database_url)
    code, told = types("import", "customers", str(table))
    assert code == 2
    assert f"{table}:3:phones:" in told
    assert f"{table}:3:time_zone:" in told
    assert rows(database_url) == before


def test_a_folder_that_is_no_model_is_told_with_what_is_missing(types: Types, tmp_path: Path) -> None:
    code, told = types("run", model=str(tmp_path))
    assert code == 2
    assert f"{tmp_path}:am/final.mdl: missing or empty in the Vosk model (run: voicebot models list" in told


async def test_a_damaged_model_ends_the_machine_with_one_message(terminal: Terminal, tmp_path: Path) -> None:
    model = tmp_path / "vosk-model-damaged"
    for part in ("am/final.mdl", "conf/model.conf", "conf/mfcc.conf", "graph/HCLG.fst"):
        (model / part).parent.mkdir(parents=True, exist_ok=True)
        (model / part).write_text("junk")
    said = await terminal.with_(model=str(model), lines="2", lines_per_process="1").types("run")
    assert said.code == 2
    assert said.complaint.startswith(f"voicebot: {model}: Vosk cannot load this model")
    assert said.complaint.count("\n") == 1


async def test_a_busy_web_port_ends_the_machine_with_one_message(terminal: Terminal) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = await terminal.with_(web_port=str(port), lines="0").types("run")
    assert said.code == 2
    assert said.complaint == (
        f"voicebot: VOICEBOT_WEB_PORT: tcp port {port} of 127.0.0.1 cannot be used: Address already in use "
        "(end the program that holds it, or choose another port)\n"
    )


async def test_a_wrong_trunk_password_ends_the_machine_and_is_told_by_doctor(
    terminal: Terminal, registrar: Registrar, tmp_path: Path
) -> None:
    plan = tmp_path / "office.yaml"
    plan.write_text(REGISTERING.format(port=registrar.port, user=USER))
    office = Terminal(variables={**terminal.with_(dialplan=str(plan)).variables, "TRUNK_PASSWORD": SECRET})
    commands: list[Awaitable[Any]] = [office.types("run"), office.types("doctor")]
    ran, examined = await asyncio.gather(*commands)
    refused = "dialplan:trunk 'carrier': the registrar refused the account: 403 Forbidden"
    repair = "check username and password of the trunk"
    assert (ran.code, ran.complaint) == (2, f"voicebot: {refused} ({repair})\n")
    assert examined.code == 2
    assert f"failed  trunk carrier      {refused} - {repair}" in examined.out
    assert SECRET not in ran.err + examined.out + examined.err
