"""When to leave a person alone until there is a reason to call."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final

from voicebot.domain.intent import Intent
from voicebot.domain.outcome import Disposition, Group
from voicebot.domain.past_calls import PastCall


class LossReason(StrEnum):
    """Why somebody is lost for now; stored with the seasonal list."""

    DECLINED = "declined"  # said no to the offer
    NO_NEED = "no_need"  # does not need such goods any more
    COMPETITOR = "competitor"  # buys elsewhere
    NEGATIVES = "negatives"  # two conversations ended badly
    HANG_UPS = "hang_ups"  # hung up twice before anything was settled
    UNANSWERED = "unanswered"  # two campaigns in a row reached nobody


MOST_NEGATIVES: Final = 2
MOST_HANG_UPS: Final = 2
MOST_UNANSWERED: Final = 2
"""Two unanswered campaigns end the series, so do two negatives or repeated hang-ups (DOMAIN.md, Rules of contact)."""
_WHY: Final = {Intent.NO_NEED: LossReason.NO_NEED, Intent.COMPETITOR: LossReason.COMPETITOR}


def loss_by_words(disposition: Disposition, intents: Iterable[Intent | None]) -> LossReason | None:
    """Whether this conversation lost the person, and by which of their reasons (the last one named)."""
    if disposition is not Disposition.DECLINED:
        return None
    named = [_WHY[intent] for intent in intents if intent in _WHY]
    return named[-1] if named else LossReason.DECLINED


def loss_by_history(calls: Sequence[PastCall], last: PastCall, *, since: datetime | None) -> LossReason | None:
    """Whether the series has ended with `last`, one of `calls`.

    `since`: the last purchase or acceptance, a fresh start. What is long past ends nothing again: only what `last`
    itself adds to is counted.
    """
    recent = [call for call in calls if since is None or call.dialled_at > since]
    hang_ups = sum(call.disposition is Disposition.HUNG_UP for call in recent)
    if last.disposition is Disposition.HUNG_UP and hang_ups >= MOST_HANG_UPS:
        return LossReason.HANG_UPS
    if last.group is Group.NEGATIVE and sum(call.group is Group.NEGATIVE for call in recent) >= MOST_NEGATIVES:
        return LossReason.NEGATIVES
    if last.lead_over and not last.talked and unanswered_in_a_row(recent) >= MOST_UNANSWERED:
        return LossReason.UNANSWERED
    return None


def unanswered_in_a_row(calls: Sequence[PastCall]) -> int:
    """How many leads in a row, the newest first, are over without the person ever having answered."""
    newest: dict[int, PastCall] = {}
    answered = set()
    for call in sorted(calls, key=lambda one: one.dialled_at):
        newest[call.lead_id] = call
        if call.talked:
            answered.add(call.lead_id)
    count = 0
    for call in sorted(newest.values(), key=lambda one: one.dialled_at, reverse=True):
        if call.lead_id in answered:
            break
        if call.lead_over:
            count += 1
    return count


def fresh_start(calls: Iterable[PastCall], last_order_at: datetime | None) -> datetime | None:
    """The last moment the person bought or took an offer: what came before is forgiven."""
    moments = [call.dialled_at for call in calls if call.disposition is Disposition.ACCEPTED]
    return max([*moments, *([last_order_at] if last_order_at else [])], default=None)
