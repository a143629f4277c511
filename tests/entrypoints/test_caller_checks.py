"""`voicebot doctor` on customers who ring back: does a call of theirs reach us?"""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from voicebot.config import Settings
from voicebot.domain.dialplan import Dialplan, InboundRule, Trunk
from voicebot.entrypoints.doctor.caller_checks import caller_checks
from voicebot.entrypoints.doctor.findings import Finding, Level

CARRIER = Trunk(name="carrier", host="192.0.2.1")


def found(trunk: Trunk = CARRIER, rule: InboundRule | None = None, **settings: Any) -> Finding:
    dialplan = Dialplan(name="plan", trunks=(trunk,), routes=(), inbound=rule or InboundRule())
    (check,) = caller_checks(Settings(**settings), dialplan)
    (finding,) = asyncio.run(check.look())
    return finding


def test_a_port_nobody_knows_is_warned_of() -> None:
    finding = found()
    assert finding.level is Level.WARNING
    assert "reach nobody" in finding.found
    assert "VOICEBOT_SIP_PORT" in finding.repair


@pytest.mark.parametrize(
    ("finding", "says"),
    [
        (lambda: found(sip_port=5080), "SIP port 5080-5081"),
        (lambda: found(sip_port=5080, lines=3), "SIP port 5080"),
        (lambda: found(Trunk(name="office", host="192.0.2.1", registers=True, username="u")), "come over office"),
        (lambda: found(Trunk(name="here", host="127.0.0.1")), "reach nobody"),
        (lambda: found(rule=InboundRule(answer=False)), "not answered, as the dialplan says"),
    ],
)
def test_a_way_in_is_named(finding: Any, says: str) -> None:
    one = finding()
    assert one.level is Level.OK
    assert says in one.found


@pytest.mark.parametrize(
    ("script", "why"), [("nowhere", "there is no script 'nowhere'"), ("winback", "advertises, and anybody may ring")]
)
def test_a_script_that_cannot_serve_everybody_is_warned_of(script: str, why: str) -> None:
    finding = found(rule=InboundRule(script=script), sip_port=5080)
    assert finding.level is Level.WARNING
    assert why in finding.found


def test_scripts_that_are_wrong_are_told_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("title: x\nstart: y\n")
    assert found(scripts=tmp_path).level is Level.OK
