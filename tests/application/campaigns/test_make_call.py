"""One call of a line, from the dialplan to the stored transcript."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from tests.application.campaigns.shop import Shop, a_line
from voicebot.adapters.outcome_spool import FileOutcomeSpool
from voicebot.adapters.system_clock import SystemClock
from voicebot.adapters.yaml_scripts import load_script
from voicebot.application.call_customer import SingleCall, call_customer
from voicebot.application.ports.understanding import LanguageUnderstanding
from voicebot.application.record_outcome import OutcomeRules
from voicebot.application.station import Station
from voicebot.config import PROJECT
from voicebot.domain.dialplan import AnsweringMachineRule, Dialplan, MassCallLabel, RouteRule, Trunk
from voicebot.domain.phone import Phone
from voicebot.domain.script import Line, Script
from voicebot.rehearsal.callee import rehearsed, serve
from voicebot.rehearsal.persona import Answers, Beep, Persona
from voicebot.testing.fake_speech import FakePromptLibrary, FakeRecogniser, FakeVoiceDetector
from voicebot.testing.fake_telephone import FakeNetwork

LABEL = MassCallLabel(contract="1", name="Пример", category="реклама")
TRUNK = Trunk(name="out", host="hall", caller_ids=(Phone("+74951234567"),), label=LABEL)
MACHINE = Persona(name="beeps", description="Автоответчик", line=Answers(after_ms=20), script=(Beep(length_ms=200),))


def brief_script() -> Script:
    """The win-back script with a message short enough for a test on the wall clock."""
    script = load_script(PROJECT / "scripts" / "winback.yaml")
    message = replace(script.states["voicemail_message"], say=Line(key="message", template="робот {company}"))
    return replace(script, states={**script.states, message.name: message})


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (AnsweringMachineRule.HANG_UP, ["greeting"]),
        (AnsweringMachineRule.LEAVE_MESSAGE, ["greeting", "voicemail_message"]),
    ],
)
async def test_the_dialplan_decides_what_an_answering_machine_is_told(
    rule: AnsweringMachineRule, said: list[str], shop: Shop, rules: OutcomeRules, tmp_path: Path
) -> None:
    network = FakeNetwork()
    routes = (RouteRule(pattern="*", trunks=("out",)),)
    station = Station(
        open_unit=shop.open_unit,
        telephone=network.telephone("us"),
        recogniser=FakeRecogniser(),
        new_detector=FakeVoiceDetector,
        library=FakePromptLibrary(),
        understanding=cast(LanguageUnderstanding, None),  # nobody ever speaks
        clock=SystemClock(),
        dialplan=Dialplan(name="default", trunks=(TRUNK,), routes=routes, answering_machine=rule),
        scripts={"winback": brief_script()},
        rules=rules,
        company="Пример",
        recordings=tmp_path,
        spool=FileOutcomeSpool(tmp_path / "spool"),
    )
    await shop.customer()
    machine = await rehearsed(MACHINE, FakePromptLibrary())
    serving = asyncio.create_task(
        serve(network.telephone("hall"), {}, journal=tmp_path / "journal", now=station.clock.now, anyone=[machine])
    )
    wanted = SingleCall(customer="c1", by="Анна", address="sip:+79160000001@hall")
    await call_customer(station, a_line(), wanted, dialling=lambda assignment: None)
    serving.cancel()
    await asyncio.wait({serving})
    assert [tuple(row) for row in await shop.rows("select disposition, outcome_group from calls")] == [
        ("voicemail", "none")
    ]
    assert [state for (state,) in await shop.rows("select state from turns order by position")] == said
    assert await shop.value("select count(*) from messages") == 0
