"""Causes by SIP code."""

import pytest

from voicebot.domain.call import Cause
from voicebot.domain.sip_outcome import cause_for


@pytest.mark.parametrize(
    ("codes", "cause"),
    [
        ((486, 600), Cause.BUSY),
        ((408, 487), Cause.NO_ANSWER),
        ((403, 603), Cause.REJECTED),
        ((607, 608), Cause.REFUSED),
        ((480, 502, 503, 504), Cause.UNREACHABLE),
        ((404, 410, 484, 604), Cause.UNALLOCATED),
        ((0, 302, 400, 401, 407, 488, 500, 501, 606), Cause.FAILED),
        ((200,), Cause.ANSWERED),
    ],
)
def test_a_final_answer_means_one_cause(codes: tuple[int, ...], cause: Cause) -> None:
    assert {cause_for(code) for code in codes} == {cause}


@pytest.mark.parametrize("code", [0, 200, 408, 481, 503])
def test_an_answered_call_stays_answered_however_it_ends(code: int) -> None:
    assert cause_for(code, answered=True) is Cause.ANSWERED


@pytest.mark.parametrize("code", [0, 408, 487, 503])
def test_silence_on_the_trunk_is_not_a_customer_who_does_not_pick_up(code: int) -> None:
    assert cause_for(code, heard_back=False) is Cause.FAILED
