"""Nobody talks on after the attempt was closed: another line may be calling the same person."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

from tests.application.campaigns.shop import Shop, a_line
from tests.application.campaigns.test_make_call import TRUNK
from voicebot.adapters.outcome_spool import FileOutcomeSpool
from voicebot.adapters.system_clock import SystemClock
from voicebot.adapters.yaml_scripts import load_script
from voicebot.application.call_customer import SingleCall, call_customer
from voicebot.application.ports.understanding import LanguageUnderstanding
from voicebot.application.record_outcome import OutcomeRules, reap_expired_leases
from voicebot.application.station import Station
from voicebot.config import PROJECT
from voicebot.domain.dialplan import Dialplan, RouteRule
from voicebot.rehearsal.callee import rehearsed, serve
from voicebot.rehearsal.persona import Answers, KeepSilent, Persona
from voicebot.rehearsal.witness import read_witnesses
from voicebot.testing.fake_speech import FakePromptLibrary, FakeRecogniser, FakeVoiceDetector
from voicebot.testing.fake_telephone import FakeNetwork

PATIENT = Persona(
    name="patient", description="Слушает", line=Answers(after_ms=20), script=(KeepSilent(length_ms=20_000),)
)


async def test_a_line_that_was_given_up_for_dead_hangs_up_and_keeps_what_was_said(
    shop: Shop, rules: OutcomeRules, tmp_path: Path
) -> None:
    network = FakeNetwork()
    station = Station(
        open_unit=shop.open_unit,
        telephone=network.telephone("us"),
        recogniser=FakeRecogniser(),
        new_detector=FakeVoiceDetector,
        library=FakePromptLibrary(),
        understanding=cast(LanguageUnderstanding, None),  # nobody ever speaks
        clock=SystemClock(),
        dialplan=Dialplan(name="default", trunks=(TRUNK,), routes=(RouteRule(pattern="*", trunks=("out",)),)),
        scripts={"winback": load_script(PROJECT / "scripts" / "winback.yaml")},
        rules=rules,
        company="Пример",
        recordings=tmp_path,
        spool=FileOutcomeSpool(tmp_path / "spool"),
    )
    await shop.customer()
    patient = await rehearsed(PATIENT, FakePromptLibrary())
    serving = asyncio.create_task(
        serve(
            network.telephone("hall"), {}, journal=tmp_path / "witness-1.jsonl", now=station.clock.now, anyone=[patient]
        )
    )
    wanted = SingleCall(customer="c1", by="Анна", address="sip:+79160000001@hall")
    line = replace(a_line(), lease=timedelta(seconds=3))
    calling = asyncio.create_task(call_customer(station, line, wanted, dialling=lambda assignment: None))
    async with asyncio.timeout(10):
        while not await shop.value("select count(*) from turns"):  # noqa: ASYNC110  # written by a task of the call
            await asyncio.sleep(0.05)
    assert await reap_expired_leases(shop.open_unit, rules, datetime.now(UTC) + timedelta(minutes=1)) == 1
    async with asyncio.timeout(10):
        await calling
    serving.cancel()
    await asyncio.wait({serving})
    (seen,) = read_witnesses(tmp_path)
    assert not seen.left_by_itself
    assert seen.seconds < 5
    ((cause, answered, turns),) = await shop.rows(
        "select cause, answered_at is not null, (select count(*) from turns) from calls"
    )
    assert (cause, answered, turns >= 1) == ("interrupted", True, True)
