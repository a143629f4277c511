"""The admin sees the personas and can dial them."""

import asyncio
import os
import re
import signal
import sys
from pathlib import Path

import typer
from typer.testing import CliRunner

from voicebot.adapters.pjsua2_telephone import Pjsua2Telephone
from voicebot.application.ports.telephone import Disconnected
from voicebot.domain.errors import BadInput
from voicebot.entrypoints.cli import rehearse
from voicebot.rehearsal.persona_files import read_personas
from voicebot.rehearsal.witness import read_witnesses


def test_the_list_names_every_persona() -> None:
    app = typer.Typer()
    rehearse.register(app)
    result = CliRunner().invoke(app, ["rehearse", "list"], env={"COLUMNS": "160"})
    assert result.exit_code == 0
    names = re.findall(r"^│ (\w+)", result.stdout, re.MULTILINE)
    assert set(names) == {persona.name for persona in read_personas()}


def test_a_wrong_folder_is_named(tmp_path: Path) -> None:
    app = typer.Typer()
    rehearse.register(app)
    result = CliRunner().invoke(app, ["rehearse", "list", "--personas", str(tmp_path / "nowhere")])
    assert isinstance(result.exception, BadInput)
    assert result.exception.exit_code == 2
    assert "nowhere: no such folder" in str(result.exception)


def test_an_unknown_persona_is_named() -> None:
    app = typer.Typer()
    rehearse.register(app)
    result = CliRunner().invoke(app, ["rehearse", "serve", "--persona", "nobody", "--persona", "manager"])
    assert isinstance(result.exception, BadInput)
    assert "--persona:nobody: no such customer (known: accepts," in str(result.exception)
    assert "--persona:manager: no such customer" in str(result.exception)


async def test_served_personas_take_calls_until_ctrl_c(tmp_path: Path) -> None:
    (tmp_path / "personas").mkdir()
    (tmp_path / "personas" / "busy.yaml").write_text(
        "name: busy\ndescription: занят\nline: {refuse: 486}\nexpect: {group: none, disposition: busy}\n"
    )
    command = [sys.executable, "-c", "from voicebot.entrypoints.cli.main import run; run()", "rehearse", "serve"]
    command += ["--port", "0", "--personas", str(tmp_path / "personas"), "--folder", str(tmp_path / "calls")]
    environment = {**os.environ, "VOICEBOT_HOME": str(tmp_path)}
    program = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, env=environment)
    assert program.stdout is not None
    uri = (await program.stdout.readline()).decode().split()[0]
    assert uri.startswith("sip:busy@127.0.0.1:")
    async with Pjsua2Telephone() as telephone:
        call = await telephone.dial(uri, caller_id="+74950000000", ring_timeout_s=5, recording=None)
        end = [event async for event in call.events()][-1]
        number = uri.replace("busy@", "+79161234567@")
        call = await telephone.dial(number, caller_id="+74950000000", ring_timeout_s=5, recording=None)
        at_a_number = [event async for event in call.events()][-1]
    program.send_signal(signal.SIGINT)
    await program.communicate()
    assert program.returncode == 0
    assert isinstance(end, Disconnected)
    assert isinstance(at_a_number, Disconnected)
    assert (end.sip_code, at_a_number.sip_code) == (486, 486)
    witnesses = read_witnesses(tmp_path / "calls")
    assert [(witness.persona, witness.called) for witness in witnesses] == [("busy", "busy"), ("busy", "+79161234567")]
