"""The file gateway across processes and crashes."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest

from voicebot.adapters.sms_file import FileSmsGateway
from voicebot.application.ports.messages import ShortMessage
from voicebot.domain.errors import GatewayError
from voicebot.domain.phone import Phone

TO = Phone("+79161234567")
WRITER = """
import asyncio, sys
from pathlib import Path
from voicebot.adapters.sms_file import FileSmsGateway
from voicebot.application.ports.messages import ShortMessage
from voicebot.domain.phone import Phone

async def main():
    gateway = FileSmsGateway(Path(sys.argv[1]))
    for number in range(50):
        await gateway.send(ShortMessage(key=str(number), to=Phone("+79161234567"), text="x"))

asyncio.run(main())
"""


def _keys(file: Path) -> list[str]:
    return [json.loads(line)["key"] for line in file.read_text().splitlines()]


def test_processes_that_write_the_same_keys_at_once_write_each_key_once(tmp_path: Path) -> None:
    file = tmp_path / "sms.jsonl"
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(file)]) for _ in range(2)]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    assert sorted(_keys(file), key=int) == [str(number) for number in range(50)]


async def test_a_restart_remembers_what_was_sent(tmp_path: Path) -> None:
    file = tmp_path / "sms.jsonl"
    await FileSmsGateway(file).send(ShortMessage(key="one", to=TO, text="x"))
    await FileSmsGateway(file).send(ShortMessage(key="one", to=TO, text="x"))
    assert _keys(file) == ["one"]


async def test_a_line_torn_by_a_crash_does_not_swallow_the_next_message(tmp_path: Path) -> None:
    file = tmp_path / "sms.jsonl"
    file.write_text('{"key": "one", "to"')
    gateway = FileSmsGateway(file)
    await asyncio.gather(*(gateway.send(ShortMessage(key=key, to=TO, text="x")) for key in ("one", "two")))
    lines = file.read_text().splitlines()
    assert lines[0] == '{"key": "one", "to"'
    assert sorted(json.loads(line)["key"] for line in lines[1:]) == ["one", "two"]


async def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "flat").write_text("")
    gateway = FileSmsGateway(tmp_path / "flat" / "sms.jsonl")
    with pytest.raises(GatewayError, match=r"flat/sms\.jsonl"):
        await gateway.check()
    with pytest.raises(GatewayError) as caught:
        await gateway.send(ShortMessage(key="one", to=TO, text="x"))
    assert caught.value.retryable
