"""When a person is left alone until there is a reason to call."""

from datetime import UTC, datetime, timedelta

from voicebot.domain.call import Cause
from voicebot.domain.intent import Intent
from voicebot.domain.outcome import Disposition, Group
from voicebot.domain.past_calls import PastCall
from voicebot.domain.series import LossReason, fresh_start, loss_by_history, loss_by_words

NOON = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def talk(day: int, lead: int, disposition: Disposition, group: Group = Group.NEUTRAL) -> PastCall:
    at = NOON + timedelta(days=day)
    return PastCall(
        lead_id=lead,
        campaign_id=lead,
        dialled_at=at,
        answered_at=at,
        cause=Cause.ANSWERED,
        disposition=disposition,
        group=group,
    )


def missed(day: int, lead: int, *, over: bool = True) -> PastCall:
    return PastCall(
        lead_id=lead,
        campaign_id=lead,
        dialled_at=NOON + timedelta(days=day),
        cause=Cause.NO_ANSWER,
        disposition=Disposition.NO_ANSWER,
        lead_over=over,
    )


def lost(*calls: PastCall, since: datetime | None = None) -> LossReason | None:
    return loss_by_history(calls, calls[-1], since=since)


def test_a_refusal_loses_the_person_for_the_reason_they_gave() -> None:
    assert loss_by_words(Disposition.DECLINED, []) is LossReason.DECLINED
    assert loss_by_words(Disposition.DECLINED, [None, Intent.NO_NEED, Intent.COMPETITOR]) is LossReason.COMPETITOR
    assert loss_by_words(Disposition.ACCEPTED, [Intent.NO_NEED]) is None


def test_two_hang_ups_in_whatever_campaigns_end_the_series() -> None:
    assert lost(talk(0, 1, Disposition.HUNG_UP)) is None
    assert lost(talk(0, 1, Disposition.HUNG_UP), talk(30, 2, Disposition.HUNG_UP)) is LossReason.HANG_UPS


def test_two_bad_talks_end_the_series() -> None:
    first, second = (talk(day, day, Disposition.UNCLEAR, Group.NEGATIVE) for day in (1, 30))
    assert lost(first, second) is LossReason.NEGATIVES


def test_a_purchase_or_an_acceptance_is_a_fresh_start() -> None:
    calls = (talk(0, 1, Disposition.HUNG_UP), talk(5, 1, Disposition.ACCEPTED), talk(30, 2, Disposition.HUNG_UP))
    assert lost(*calls, since=fresh_start(calls, None)) is None
    assert fresh_start(calls, NOON + timedelta(days=9)) == NOON + timedelta(days=9)
    assert fresh_start(calls[:1], None) is None


def test_two_campaigns_in_a_row_that_reached_nobody_end_the_series() -> None:
    assert lost(missed(0, 1), missed(1, 1)) is None
    assert lost(missed(0, 1), missed(30, 2)) is LossReason.UNANSWERED
    assert lost(missed(0, 1), missed(30, 2, over=False)) is None
    assert lost(missed(0, 1, over=False), missed(30, 2)) is None  # the other one is still trying


def test_whoever_answered_in_between_is_not_lost() -> None:
    assert lost(missed(0, 1), talk(30, 2, Disposition.CALLBACK), missed(60, 3)) is None


def test_a_machine_that_answered_is_nobody() -> None:
    machine = talk(30, 2, Disposition.VOICEMAIL)
    assert lost(missed(0, 1), machine, missed(31, 2)) is LossReason.UNANSWERED


def test_what_is_long_past_ends_nothing_again() -> None:
    before = (talk(0, 1, Disposition.HUNG_UP), talk(9, 2, Disposition.HUNG_UP))
    assert lost(*before, talk(200, 3, Disposition.CALLBACK)) is None
    assert lost(*before, missed(200, 3, over=False)) is None
