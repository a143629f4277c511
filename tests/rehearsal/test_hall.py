"""The hall's processes take real SIP calls, leave evidence, and die with their parent."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from voicebot.adapters.pjsua2_telephone import Pjsua2Telephone
from voicebot.application.ports.telephone import Disconnected, Frame, Telephone
from voicebot.domain.call import Cause
from voicebot.domain.errors import NotFound
from voicebot.domain.outcome import Disposition, Group
from voicebot.domain.phone import Phone
from voicebot.rehearsal.callee import tone
from voicebot.rehearsal.hall import RehearsalHall, spread
from voicebot.rehearsal.hearing import is_loud
from voicebot.rehearsal.persona import Answers, Expectation, HangUp, Persona, Refuses, Role, Say, WaitBot
from voicebot.rehearsal.reply_gaps import reply_gaps_of
from voicebot.rehearsal.witness import read_witnesses

EXPECT = Expectation(group=Group.NONE, disposition=Disposition.BUSY)
TALKER, BUSY, MANAGER, STRANGER = (Phone(f"+7916000000{digit}") for digit in "1234")
CAST = {
    TALKER: Persona(
        name="talker",
        description="говорит",
        line=Answers(after_ms=100),
        script=(WaitBot(), Say(text="да удобно"), WaitBot(timeout_ms=1000), HangUp()),
        expect=EXPECT,
    ),
    BUSY: Persona(name="busy", description="занят", line=Refuses(sip_code=486), expect=EXPECT),
    MANAGER: Persona(name="manager", description="менеджер", role=Role.MANAGER, line=Refuses(sip_code=603, after_ms=0)),
}


async def call(telephone: Telephone, uri: str) -> tuple[Disconnected, int]:
    """Say something when answered; how it ended and how many loud frames came back."""
    phone_call = await telephone.dial(uri, caller_id="+74950000000", ring_timeout_s=10, recording=None)
    await phone_call.play(tone(400, 800))
    loud = 0
    async for event in phone_call.events():
        if isinstance(event, Frame):
            loud += is_loud(event.samples)
        elif isinstance(event, Disconnected):
            return event, loud
    raise AssertionError("a call ends with Disconnected")


async def test_callees_speak_refuse_and_testify_over_real_sip(tmp_path: Path) -> None:
    async with RehearsalHall(CAST, folder=tmp_path / "calls", cache=tmp_path / "cache") as hall:
        assert hall.persona_for(BUSY).name == "busy"
        with pytest.raises(NotFound, match=r"\+7916\*\*\*0004"):
            hall.uri_for(STRANGER)
        ports = {phone: hall.uri_for(phone).rpartition(":")[2] for phone in CAST}
        assert ports[MANAGER] != ports[TALKER], "a manager has a process to himself"
        async with Pjsua2Telephone() as telephone:
            uris = [hall.uri_for(TALKER), hall.uri_for(BUSY), hall.uri_for(MANAGER)]
            uris.append(hall.uri_for(TALKER).replace(TALKER.e164, STRANGER.e164))
            endings = await asyncio.gather(*(call(telephone, uri) for uri in uris))
    causes = [ending.cause for ending, _ in endings]
    assert causes == [Cause.ANSWERED, Cause.BUSY, Cause.REJECTED, Cause.UNALLOCATED]
    assert endings[0][1] * 0.02 == pytest.approx(0.6, abs=0.4), "«да удобно» was heard"

    witnesses = {witness.called: witness for witness in read_witnesses(tmp_path / "calls")}
    assert {Phone(called): witness.sip_code for called, witness in witnesses.items()} == {
        TALKER: 200,
        BUSY: 486,
        MANAGER: 603,
        STRANGER: 404,
    }
    talk = witnesses[TALKER.e164]
    assert (talk.persona, talk.caller, talk.left_by_itself) == ("talker", "+74950000000", True)
    assert [said.text for said in talk.said] == ["да удобно"]
    assert len(talk.bot_began) == 1
    assert reply_gaps_of(Path(talk.recording)) == (), "the bot did not answer"


@pytest.mark.parametrize("customers", [1, 3, 14, 29, 48])
def test_all_customers_of_a_process_may_be_called_at_once(customers: int) -> None:
    numbers = [Phone(f"+7917{number:07}") for number in range(customers)]
    groups = spread(dict.fromkeys(numbers, CAST[BUSY]) | {MANAGER: CAST[MANAGER]})
    assert sorted(number for group in groups for number in group) == sorted([*numbers, MANAGER])
    assert max(map(len, groups)) <= 3
    assert [MANAGER] in groups


def test_a_large_cast_shares_processes_with_neighbours_apart() -> None:
    numbers = [Phone(f"+7917{number:07}") for number in range(1000)]
    groups = spread(dict.fromkeys(numbers, CAST[BUSY]))
    place = {number: index for index, group in enumerate(groups) for number in group}
    for first in range(len(numbers) - 16):
        assert len({place[number] for number in numbers[first : first + 16]}) == 16


_PARENT = """
import asyncio, sys
from pathlib import Path
from voicebot.rehearsal.callee_process import CalleePlan, CalleeProcess

async def main():
    async with CalleeProcess(CalleePlan(name="1", actors={}, folder=Path(sys.argv[1]))) as process:
        print(process.pid, flush=True)
        await asyncio.sleep(60)

if __name__ == "__main__":
    asyncio.run(main())
"""


def test_a_callee_process_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    program = tmp_path / "parent.py"
    program.write_text(_PARENT)
    with subprocess.Popen([sys.executable, program, tmp_path], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        callee = int(parent.stdout.readline())
        os.kill(parent.pid, signal.SIGKILL)
        parent.wait()
        assert _gone_within(callee, seconds=10)


def _gone_within(pid: int, *, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        status = Path(f"/proc/{pid}/stat")
        # An orphan nobody reaps stays as a zombie: it has ended all the same.
        if not status.exists() or status.read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.1)
    return False
