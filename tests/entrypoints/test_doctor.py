"""`voicebot doctor` on a healthy set-up, on a fresh clone and on a sick one."""

import asyncio
import json
import socket
from collections.abc import Sequence
from pathlib import Path

from tests.entrypoints.terminal import Terminal, terminal_in
from tests.registrar import PASSWORD, USER, Registrar
from voicebot.adapters.wav_files import write_wav
from voicebot.domain.audio import TELEPHONE, Audio
from voicebot.domain.errors import BadInput, Problem, StoreError
from voicebot.entrypoints.doctor.findings import Check, Finding, Level, examine, exit_code, failure, fine, warning

PLAN = """
trunks:
  carrier:
    host: 127.0.0.1
    port: {port}
    register: yes
    username: {user}
    password: ${{TRUNK_PASSWORD}}
    caller_ids: ["+74951234567"]
    label: {{contract: "77-1/2026", name: "Ромашка", category: "реклама"}}
routes:
  - {{match: "*", trunks: [carrier]}}
"""
EVERYTHING = [
    *("settings", "database", "processes", "in force", "scripts", "phrase books", "messages", "recorded prompts"),
    "dialplan",
    *(
        "speech model",
        "voice",
        "telephone",
        "trunk carrier",
        "callers",
        "web port",
        "SIP and RTP ports",
        "SMS gateway",
        "CRM",
        "disk",
    ),
]
Report = dict[str, dict[str, str]]


async def examined(terminal: Terminal) -> tuple[int, Report]:
    said = await terminal.types("doctor", "--json")
    report = json.loads(said.out)
    assert report["exit_code"] == said.code
    return said.code, {one["check"]: one for one in report["checks"]}


async def test_a_healthy_set_up_is_fine_in_every_line(tmp_path: Path, database_url: str, registrar: Registrar) -> None:
    plan = tmp_path / "office.yaml"
    plan.write_text(PLAN.format(port=registrar.port, user=USER))
    office = terminal_in(tmp_path, database_url).with_(dialplan=str(plan))
    code, report = await examined(Terminal(variables={**office.variables, "TRUNK_PASSWORD": PASSWORD}))
    assert list(report) == EVERYTHING
    # How much room this machine's disk has is not ours to say.
    assert [one for one in report.values() if one["level"] != "ok" and one["check"] != "disk"] == []
    assert code == 0
    assert report["trunk carrier"]["found"] == f"registers at 127.0.0.1:{registrar.port} as robot"
    assert "tables up to date" in report["database"]["found"]
    assert PASSWORD not in json.dumps(report)


async def test_a_fresh_clone_is_warned_and_not_scared(tmp_path: Path, database_url: str) -> None:
    terminal = terminal_in(tmp_path, database_url)
    fresh = {name: value for name, value in terminal.variables.items() if name != "VOICEBOT_COMPANY"}
    code, report = await examined(Terminal(variables={**fresh, "VOICEBOT_COMPANI": "Ромашка"}))
    assert code == 0
    warned = {check for check, one in report.items() if one["level"] == "warning"} - {"disk"}
    assert warned == {"settings", "trunk carrier"}
    assert "default.yaml" in report["trunk carrier"]["repair"]
    lines = (await Terminal(variables={**fresh, "VOICEBOT_COMPANI": "Ромашка"}).types("doctor")).out
    assert "VOICEBOT_COMPANI is no setting - did you mean VOICEBOT_COMPANY?" in lines
    assert "VOICEBOT_COMPANY is still the sample 'Пример' - set yours" in lines


async def test_every_illness_is_told_and_none_hides_another(tmp_path: Path, database_url: str) -> None:
    plan = tmp_path / "office.yaml"
    plan.write_text("trunks: {}\nroutes: []\n")
    with socket.create_server(("127.0.0.1", 0)) as taken, socket.socket(type=socket.SOCK_DGRAM) as held:
        held.bind(("", 0))
        sick = terminal_in(tmp_path, "postgresql://robot:geheim@127.0.0.1:1/voicebot").with_(
            lines="abc",
            dialplan=str(plan),
            model=str(tmp_path),
            voice="klingon",
            sms_file="/proc/none/sms.jsonl",
            crm_file="/proc/none/crm.jsonl",
            recordings="/proc/none",
            web_port=str(taken.getsockname()[1]),
            sip_port=str(held.getsockname()[1]),
        )
        code, report = await examined(sick)
    assert code == 2
    failed = {check for check, one in report.items() if one["level"] == "failed"}
    assert failed == {
        *(
            "settings",
            "database",
            "dialplan",
            "speech model",
            "web port",
            "SIP and RTP ports",
            "SMS gateway",
            "CRM",
            "disk",
        )
    }
    assert {"scripts", "phrase books", "messages", "voice", "telephone"} <= set(report) - failed
    assert report["settings"]["found"] == "VOICEBOT_LINES: 'abc' is not a whole number"
    assert report["speech model"]["found"].endswith("(and 3 more)")
    assert report["web port"]["repair"] == "end the program that holds it, or choose another port"
    assert "/proc/none/sms.jsonl" in report["SMS gateway"]["found"]
    assert "/proc/none/crm.jsonl" in report["CRM"]["found"]


async def test_a_recording_that_would_never_be_heard_is_named(tmp_path: Path, database_url: str) -> None:
    prompts = tmp_path / "prompts"
    prompts.mkdir()
    for name in ("winback.accepted", "winback.offer.2", "winback.acepted"):
        write_wav(prompts / f"{name}.wav", Audio(format=TELEPHONE, samples=b"\x00\x20\x00\xe0" * 4000))
    studio = terminal_in(tmp_path, database_url).with_(prompts=str(prompts))
    _, report = await examined(studio)
    assert report["recorded prompts"]["level"] == "warning"
    assert report["recorded prompts"]["found"].endswith("winback.acepted.wav is said nowhere")
    assert report["recorded prompts"]["repair"] == "did you mean winback.accepted.wav?"
    (prompts / "winback.greeting.wav").write_bytes(b"junk")
    code, report = await examined(studio)
    assert (code, report["recorded prompts"]["level"]) == (2, "failed")
    assert "winback.greeting.wav" in report["recorded prompts"]["found"]


async def test_a_check_that_hangs_or_breaks_stops_no_other() -> None:
    async def hangs() -> Sequence[Finding]:
        await asyncio.Event().wait()
        return []

    async def breaks() -> Sequence[Finding]:
        raise RuntimeError("oops")

    async def works() -> Sequence[Finding]:
        return [fine("third", "here")]

    checks = [
        Check(name="first", look=hangs, timeout_s=0.01),
        Check(name="second", look=breaks),
        Check(name="third", look=works),
    ]
    first, second, third = [finding async for finding in examine(checks)]
    assert (first.level, first.found) == (Level.FAILED, "gives no answer within 0.01 s")
    assert second.found == "our own fault, please report it: RuntimeError: oops"
    assert third.level is Level.OK
    assert exit_code([first, second, third]) == 1


def test_the_exit_code_tells_whose_turn_it_is() -> None:
    ours = failure("database", StoreError("it is away"))
    theirs = failure("dialplan", BadInput([Problem(source="a.yaml", where="3", message="no", repair="write yes")] * 2))
    assert (theirs.found, theirs.repair) == ("a.yaml:3: no (and 1 more)", "write yes")
    assert exit_code([fine("a", "x"), warning("b", "x", "y")]) == 0
    assert exit_code([fine("a", "x"), ours]) == 1
    assert exit_code([theirs, ours]) == 2
