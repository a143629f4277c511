"""The checker finds what is planted and nothing else."""

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from voicebot.rehearsal.chaos.evidence import (
    CallRow,
    CodeRow,
    Evidence,
    LeadRow,
    MessageRow,
    Outage,
    Posted,
    UpdateRow,
)
from voicebot.rehearsal.chaos.invariants import Limits, judge, match_calls
from voicebot.rehearsal.chaos.journal import Pressed, SeenCall, SeenEnd

LIMITS = Limits(attempts=4, day=3)
NUMBER, OTHER = "+79160000000", "+79160000008"
START = 1_000_000.0

SEEN = SeenCall(
    number=NUMBER,
    call_id="a",
    behaviour="accepts",
    invited_at=START,
    confirmed_at=START + 0.2,
    last_sign_at=START + 5,
    ended_at=START + 5,
    end=SeenEnd.BYE,
    heard_s=3.0,
    first_heard_at=START + 0.3,
    pressed=(Pressed(digit="1", at=START + 2),),
)
STOPPED = replace(SEEN, number=OTHER, call_id="b", behaviour="stops", pressed=(Pressed(digit="9", at=START + 2),))
ROW = CallRow(
    id=1,
    lead_id=1,
    customer_id=1,
    number=NUMBER,
    dialled_at=START - 0.1,
    answered_at=START + 0.2,
    ended_at=START + 5,
    cause="answered",
    disposition="accepted",
    bot_turns=2,
    customer_turns=1,
)
STOP_ROW = replace(ROW, id=2, lead_id=2, customer_id=2, number=OTHER, disposition="stop")
GOOD = Evidence(
    leads=(
        LeadRow(id=1, state="done", next_attempt_at=None, lease_until=None),
        LeadRow(id=2, state="blocked", next_attempt_at=None, lease_until=None),
        LeadRow(id=3, state="scheduled", next_attempt_at=datetime(2026, 11, 23, tzinfo=UTC), lease_until=None),
    ),
    calls=(ROW, STOP_ROW),
    codes=(CodeRow(code="AAAA", customer_id=1, campaign_id=1),),
    messages=(MessageRow(key="call:1:promo", customer_id=1, campaign_id=1, template="promo", state="sent"),),
    updates=(UpdateRow(key="call:1", state="sent"),),
    sms=(Posted(key="call:1:promo", to=NUMBER, text="AAAA"),),
    news=(Posted(key="call:1", to="", text=""),),
    stopped=frozenset({2}),
    seen=(SEEN, STOPPED),
)
Plant = Callable[[Evidence], Evidence]


def with_(**rest: Any) -> Plant:
    return lambda evidence: replace(evidence, **rest)


def later(seen: SeenCall, seconds: float, **rest: Any) -> SeenCall:
    """Another call to the same number, so much later."""
    moved = {name: getattr(seen, name) + seconds for name in ("invited_at", "last_sign_at", "ended_at")}
    return replace(seen, call_id="later", confirmed_at=None, first_heard_at=None, pressed=(), **{**moved, **rest})


def row_of(seen: SeenCall, number: int) -> CallRow:
    return replace(ROW, id=number, number=seen.number, dialled_at=seen.invited_at - 0.1, disposition="declined")


LEAD, CODE, MESSAGE, SMS = GOOD.leads[0], GOOD.codes[0], GOOD.messages[0], GOOD.sms[0]
TWICE, THIRD, FOURTH = later(SEEN, 60), later(SEEN, 120), later(SEEN, 180)
PLANTED: dict[str, tuple[str, Plant]] = {
    "a lead nobody calls": ("lost", with_(leads=(replace(LEAD, state="queued"),))),
    "a lead that waits for no moment": ("lost", with_(leads=(replace(LEAD, state="scheduled"),))),
    "a lease of the dead": ("lost", with_(leads=(replace(LEAD, lease_until=datetime(2026, 11, 22, tzinfo=UTC)),))),
    "a call without an end": ("lost", with_(calls=(replace(ROW, ended_at=None), STOP_ROW))),
    "a call nobody wrote down": ("lost", with_(calls=(STOP_ROW,))),
    "an accepted offer without a code": ("lost", with_(codes=())),
    "an accepted offer without a message": ("lost", with_(messages=())),
    "a message that failed": ("lost", with_(messages=(replace(MESSAGE, state="failed"),))),
    "a message that never left": ("lost", with_(sms=())),
    "news that was not told": ("lost", with_(updates=(UpdateRow(key="call:1", state="failed"),))),
    "news that never left": ("lost", with_(news=())),
    "a stop on no list": ("lost", with_(stopped=frozenset())),
    "two calls at once": (
        "doubled_calls",
        with_(seen=(SEEN, STOPPED, later(SEEN, 3)), calls=(ROW, STOP_ROW, row_of(later(SEEN, 3), 3))),
    ),
    "an attempt dialled twice": ("doubled_calls", with_(seen=(SEEN, STOPPED, TWICE))),
    "a call over the cap": (
        "over_caps",
        with_(
            seen=(SEEN, STOPPED, TWICE, THIRD, FOURTH),
            calls=(ROW, STOP_ROW, *(row_of(call, 3 + n) for n, call in enumerate((TWICE, THIRD, FOURTH)))),
        ),
    ),
    "a call after a stop": (
        "over_caps",
        with_(seen=(SEEN, STOPPED, later(STOPPED, 60)), calls=(ROW, STOP_ROW, row_of(later(STOPPED, 60), 3))),
    ),
    "a message sent twice": ("doubled_messages", with_(sms=(SMS, SMS))),
    "two messages to one person": ("doubled_messages", with_(sms=(SMS, replace(SMS, key="call:9:promo")))),
    "two messages of one template": ("doubled_messages", with_(messages=(MESSAGE, replace(MESSAGE, key="x")))),
    "one code for two people": ("doubled_codes", with_(codes=(CODE, replace(CODE, customer_id=2)))),
    "two codes for one person": ("doubled_codes", with_(codes=(CODE, replace(CODE, code="BBBB")))),
    "news told twice": ("doubled_updates", with_(news=(*GOOD.news, *GOOD.news))),
    "no word of the bot": ("missing_transcripts", with_(calls=(replace(ROW, bot_turns=0), STOP_ROW))),
    "no word of the customer": ("missing_transcripts", with_(calls=(replace(ROW, customer_turns=0), STOP_ROW))),
    "no moment of the answer": ("missing_transcripts", with_(calls=(replace(ROW, answered_at=None), STOP_ROW))),
}


def found(evidence: Evidence) -> dict[str, int]:
    findings = judge(evidence, LIMITS)
    counts = {one.name: len(getattr(findings, one.name)) for one in fields(findings)}
    return {name: count for name, count in counts.items() if count}


def test_a_clean_run_is_clean() -> None:
    assert judge(GOOD, LIMITS).clean
    assert found(GOOD) == {}


@pytest.mark.parametrize("planted", PLANTED)
def test_what_is_planted_is_found(planted: str) -> None:
    kind, plant = PLANTED[planted]
    evidence = plant(GOOD)
    assert kind in found(evidence), planted
    assert not judge(evidence, LIMITS).clean


def test_a_dead_callers_call_was_over_with_its_last_packet() -> None:
    dead = replace(SEEN, end=SeenEnd.LOST, last_sign_at=START + 2.5)
    again = later(SEEN, 3)
    evidence = replace(GOOD, seen=(dead, STOPPED, again), calls=(ROW, STOP_ROW, row_of(again, 3)))
    assert found(evidence) == {}


def test_what_a_process_had_no_time_to_write_is_no_gap() -> None:
    cut = replace(ROW, cause="interrupted", disposition="interrupted", bot_turns=1, customer_turns=0)
    dead = replace(SEEN, end=SeenEnd.LOST, last_sign_at=START + 2.3)
    assert found(replace(GOOD, seen=(dead, STOPPED), calls=(cut, STOP_ROW))) == {}
    at_once = replace(dead, last_sign_at=START + 0.5, first_heard_at=START + 0.4, pressed=())
    silent = replace(cut, bot_turns=0, answered_at=None)
    assert found(replace(GOOD, seen=(at_once, STOPPED), calls=(silent, STOP_ROW))) == {}


def test_a_process_killed_while_the_database_is_away_is_excused_and_counted() -> None:
    cut = replace(ROW, cause="interrupted", disposition="interrupted", bot_turns=0)
    away = Outage(began_at=START - 3, ended_at=START + 4)
    evidence = replace(GOOD, calls=(cut, STOP_ROW), outages=(away,))
    assert found(evidence) == {"excused": 1}
    assert judge(evidence, LIMITS).clean
    assert found(replace(evidence, outages=(replace(away, ended_at=START - 2.5),))) == {"missing_transcripts": 1}


def test_a_call_belongs_to_the_last_attempt_dialled_before_it() -> None:
    second = later(SEEN, 60)
    rows = (ROW, row_of(second, 3))
    matched = match_calls(replace(GOOD, seen=(SEEN, second), calls=rows))
    assert [one.row and one.row.id for one in matched] == [1, 3]
