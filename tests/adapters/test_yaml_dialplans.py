"""Dialplan files, whole."""

from dataclasses import fields
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from voicebot.adapters.yaml_dialplans import load_dialplan
from voicebot.adapters.yaml_environment import OUR_SECRETS
from voicebot.config import PROJECT, Settings
from voicebot.domain.contact_hours import AROUND_THE_CLOCK, DEFAULT_HOURS
from voicebot.domain.dialplan import (
    AnsweringMachineRule,
    Codec,
    Dialplan,
    InboundRule,
    MassCallLabel,
    RouteRule,
    Srtp,
    TransferTarget,
    Transport,
)
from voicebot.domain.errors import BadInput, ConfigurationError
from voicebot.domain.past_calls import TouchCaps
from voicebot.domain.phone import Phone
from voicebot.domain.redial import RedialCause, RedialPolicy, RedialRule

SMALLEST = """
trunks:
  main: {host: 10.0.0.1, caller_ids: ["+74951234567"]}
routes:
  - {match: "*", trunks: [main]}
"""


def load(tmp_path: Path, text: str, environment: dict[str, str] | None = None) -> Dialplan:
    path = tmp_path / "plan.yaml"
    path.write_text(text, encoding="utf-8")
    return load_dialplan(path, environment or {})


def problems(tmp_path: Path, text: str, environment: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(BadInput) as caught:
        load(tmp_path, text, environment)
    return [str(problem).removeprefix(f"{tmp_path}/") for problem in caught.value.problems]


def test_the_smallest_dialplan_has_careful_defaults(tmp_path: Path) -> None:
    dialplan = load(tmp_path, SMALLEST)
    (trunk,) = dialplan.trunks
    assert (trunk.port, trunk.transport, trunk.registers, trunk.srtp) == (5060, Transport.UDP, False, Srtp.OFF)
    assert (trunk.codecs, trunk.lines, trunk.ring_timeout_s, trunk.label) == ((Codec.PCMA, Codec.PCMU), 4, 30, None)
    assert dialplan.hours == DEFAULT_HOURS
    assert (dialplan.name, dialplan.longest_call_s) == ("plan", 300)
    assert dialplan.answering_machine is AnsweringMachineRule.HANG_UP
    assert (dialplan.transfer, dialplan.redial) == ((), RedialPolicy())


def test_every_key_is_read(tmp_path: Path) -> None:
    dialplan = load(
        tmp_path,
        """
trunks:
  main:
    host: sip.example
    register: yes
    transport: tls
    username: robot
    password: ${PW}
    from_user: account
    codecs: [pcmu]
    srtp: required
    verify_certificate: no
    lines: 10
    calls_per_second: 0.5
    ring_timeout_s: 25
    price_per_minute: 1.85
    caller_ids: ["+74951234567", "+74951234568"]
    label: {contract: "1/2026", name: "Пример", category: "реклама"}
routes:
  - {match: "+7*", trunks: [main], strip: "+7", prepend: "8"}
hours:
  every_day: ["10:00-20:00"]
  weekend: ["11:00-12:00", "13:00-24:00"]
  sunday: []
  unknown_zone: ["08:00-22:00"]
holidays: call
caps: {day: 1, week: 5}
longest_call_s: 90
answering_machine: leave_message
transfer: {anna: "sip:anna@10.0.0.2:5070"}
redial:
  attempts: 3
  callbacks: 2
  after:
    busy: {wait: 15 min, times: 2}
    hung_up_early: {wait: 3 h, other_part: yes}
""",
        {"PW": " s3cret: "},
    )
    (trunk,) = dialplan.trunks
    assert (trunk.registers, trunk.transport, trunk.port, trunk.password) == (True, Transport.TLS, 5061, " s3cret: ")
    assert (trunk.from_user, trunk.codecs, trunk.srtp) == ("account", (Codec.PCMU,), Srtp.REQUIRED)
    assert (trunk.verify_certificate, trunk.lines, trunk.calls_per_second) == (False, 10, 0.5)
    assert trunk.price_per_minute == Decimal("1.85")
    assert trunk.caller_ids == (Phone("+74951234567"), Phone("+74951234568"))
    assert trunk.label == MassCallLabel(contract="1/2026", name="Пример", category="реклама")
    assert dialplan.routes == (RouteRule(pattern="+7*", trunks=("main",), strip="+7", prepend="8"),)
    week = dialplan.hours.by_weekday
    assert week[:5] == (((time(10), time(20)),),) * 5
    assert week[5:] == (((time(11), time(12)), (time(13), time.max)), ())
    assert dialplan.hours.on_holidays
    assert dialplan.unknown_zone is not None
    assert dialplan.unknown_zone.by_weekday == (((time(8), time(22)),),) * 6 + ((),)  # shut where the others are
    assert dialplan.caps == TouchCaps(day=1, week=5, month=4)
    assert (dialplan.longest_call_s, dialplan.answering_machine) == (90, AnsweringMachineRule.LEAVE_MESSAGE)
    assert dialplan.transfer == (TransferTarget(name="anna", uri="sip:anna@10.0.0.2:5070"),)
    assert (dialplan.redial.max_attempts, dialplan.redial.max_callbacks) == (3, 2)
    assert dialplan.redial.rules == {
        RedialCause.BUSY: RedialRule(wait=timedelta(minutes=15), times=2),
        RedialCause.HUNG_UP_EARLY: RedialRule(wait=timedelta(hours=3), times=3, other_part=True),
    }


def test_all_problems_come_at_once_each_with_its_line_and_repair(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        """trunks:
  main:
    host: "sip:x y"
    port: 99999
    transport: upd
    codecs: [g729]
    caller_ids: ["84951234567"]
    lable: {}
routes:
  - {match: "*", trunks: [mian]}
  - {match: "+7(9)", trunks: [main], strip: "+8"}
hours: {weekdays: ["12:00-10:00", "25:00-26:00"], every_day: ["10:00-12:00"], unknown_zone: ["09:00-19:00"]}
answering_machine: shout
transfer: {manager: bob}
redial: {attempts: 0, after: {busy: {wait: soon}, nonsense: {}, refused: {wait: 1 d}, silent: 1 d}}
holidays: perhaps
caps: {day: none, year: 2}
""",
    )
    beginnings = [
        "plan.yaml:3: trunk 'main': 'sip:x y' is no host (",
        "plan.yaml:4: trunk 'main': 'port' must be a number (",
        "plan.yaml:5: trunk 'main': unknown transport 'upd' (did you mean 'udp'?)",
        "plan.yaml:6: trunk 'main': unknown codec 'g729' (known: pcma, pcmu)",
        "plan.yaml:7: trunk 'main': caller ID 1 is not in E.164 (write it as +74951234567, quoted)",
        "plan.yaml:8: trunk 'main': unknown key 'lable' (did you mean 'label'?)",
        "plan.yaml:10: route 1: unknown trunk 'mian' (did you mean 'main'?)",
        "plan.yaml:11: route 2: '+7(9)' is no pattern (",
        "plan.yaml:11: route 2: not every number of '+7(9)' begins with '+8' (narrow `match`)",
        "plan.yaml:11: route 2: '*' above takes all its numbers (move it up)",
        "plan.yaml:12: hours: '12:00-10:00' is no stretch of a day (",
        "plan.yaml:12: hours: '25:00-26:00' is no stretch of a day (",
        "plan.yaml:12: hours: 'unknown_zone': no moment lies in it in every Russian zone at once (open one stretch",
        "plan.yaml:13: unknown rule 'shout' (",
        "plan.yaml:14: transfer 'manager': is not a SIP address (",
        "plan.yaml:15: redial: 'attempts' must be a number (from 1 to 20)",
        "plan.yaml:15: redial: unknown key 'nonsense' (",
        "plan.yaml:15: redial: 'refused' is never dialled again: the operator refuses such calls (take it out)",
        "plan.yaml:15: redial after silent: keys with values are expected here (write {wait: 2 h, times: 2})",
        "plan.yaml:16: unknown rule for holidays 'perhaps' (known: call, off)",
        "plan.yaml:17: caps: 'day' must be a number (from 1 to 1000)",
        "plan.yaml:17: caps: unknown key 'year' (",
        "plan.yaml:15: redial after busy: 'soon' is no length of time (write 30 s, 15 min, 3 h or 1 d)",
    ]
    assert len(found) == len(beginnings)
    for beginning in beginnings:
        assert any(problem.startswith(beginning) for problem in found), beginning


def test_missing_variables_are_named_with_their_lines_beside_the_other_problems(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text(
        "trunks:\n  main:\n    host: ${HOST}\n    port: ${BAD-NAME}\n    username: u\n    password: ${PW}\n"
        '    caller_ids: []\nroutes:\n  - {match: "*", trunks: [main]}\n'
    )
    with pytest.raises(ConfigurationError) as caught:
        load_dialplan(path, {"PW": ""})
    assert [f"{problem.where}: {problem.message}" for problem in caught.value.problems] == [
        "3: the environment variable HOST is not set",
        "4: '${BAD-NAME}' names no variable",
        "6: the environment variable PW is not set",
        "7: trunk 'main': no caller ID",
    ]


def test_the_program_s_own_secrets_are_never_filled_into_a_dialplan(tmp_path: Path) -> None:
    hidden = {f"VOICEBOT_{one.name.upper()}" for one in fields(Settings) if not one.repr} | {"VOICEBOT_DATABASE_URL"}
    assert hidden == OUR_SECRETS
    for name in sorted(hidden):
        text = SMALLEST.replace("10.0.0.1", f'"${{{name}}}"')
        assert text != SMALLEST
        (told, *_) = problems(tmp_path, text, {name: "hidden.example.ru"})
        assert f"{name} is a secret of the program" in told and "hidden.example" not in told


def test_callers_are_answered_unless_the_dialplan_says_otherwise(tmp_path: Path) -> None:
    assert load(tmp_path, SMALLEST).inbound == InboundRule(answer=True, script="inbound", ring_s=2.0)
    written = load(tmp_path, SMALLEST + "inbound: {answer: no, script: desk, ring_s: 0.5}\n").inbound
    assert written == InboundRule(answer=False, script="desk", ring_s=0.5)
    assert problems(tmp_path, SMALLEST + "inbound: {answer: maybe, rings: 2, ring_s: 99}\n") == [
        "plan.yaml:6: inbound: unknown key 'rings' (did you mean 'ring_s'?)",
        "plan.yaml:6: inbound: 'answer' must be yes or no (write yes or no)",
        "plan.yaml:6: inbound: 'ring_s' must be a number (from 0 to 30)",
    ]


def test_a_password_in_the_file_is_refused_and_not_repeated(tmp_path: Path) -> None:
    text = SMALLEST.replace("host: 10.0.0.1", "host: 10.0.0.1, username: u, password: hush")
    (problem,) = problems(tmp_path, text)
    assert problem.startswith("plan.yaml:3: trunk 'main': a password is written into the file (write ${NAME}")
    assert "hush" not in problem


def test_an_account_is_whole_or_absent(tmp_path: Path) -> None:
    text = SMALLEST.replace("host: 10.0.0.1", "host: 10.0.0.1, register: yes")
    assert problems(tmp_path, text) == ["plan.yaml:3: trunk 'main': 'register' needs a 'username' (add `username:`)"]
    load(tmp_path, SMALLEST.replace("host: 10.0.0.1", "host: 10.0.0.1, register: no"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "plan.yaml:1: holds no keys"),
        ("trunks: [", "plan.yaml:1: not YAML"),
        ("hours: {}", "plan.yaml:1: 'trunks' is missing"),
        ("trunks: {}\nroutes: []", "plan.yaml:1: trunks: there is none"),
        (SMALLEST + "hours: always", "plan.yaml:6: hours: 'always' is not known"),
    ],
)
def test_a_file_of_the_wrong_shape_is_told_what_is_wrong(tmp_path: Path, text: str, message: str) -> None:
    assert any(problem.startswith(message) for problem in problems(tmp_path, text))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"nowhere\.yaml: cannot be read"):
        load_dialplan(tmp_path / "nowhere.yaml", {})


def test_the_shipped_dialplans_are_in_order() -> None:
    default = load_dialplan(PROJECT / "dialplans" / "default.yaml", {})
    assert default.hours == DEFAULT_HOURS
    assert default.redial == RedialPolicy()
    demo = load_dialplan(PROJECT / "dialplans" / "demo.yaml", {"VOICEBOT_DEMO_SIP_PORT": "5099"})
    assert demo.hours == AROUND_THE_CLOCK
    assert demo.hours.is_open(datetime(2026, 1, 1, 3, tzinfo=UTC))
    assert (demo.trunks[0].port, demo.trunks[0].ring_timeout_s) == (5099, 10)
    assert demo.transfer == (TransferTarget(name="manager", uri="sip:manager@127.0.0.1:5099"),)
