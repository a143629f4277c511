"""Nothing lost, nothing twice: what must hold after whatever was killed."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Final

from voicebot.rehearsal.chaos.evidence import CallRow, Evidence
from voicebot.rehearsal.chaos.fast_callee import Habit
from voicebot.rehearsal.chaos.journal import SeenCall, SeenEnd, by_number

_FINAL: Final = frozenset({"done", "blocked"})
_DELIVERED: Final = frozenset({"sent", "delivered"})
_KEPT_BACK: Final = frozenset({"blocked", "failed"})
_WRITE_WITHIN_S: Final = 1.0
"""A turn is in the database so soon after it began; what a process had not written before it was killed is gone."""
_RECONNECT_S: Final = 2.0
"""So long after an outage a process finds the database again."""
_CLOCK_S: Final = 0.05
"""The callees' log and the database are written by one machine's clock, at different moments."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """What the dialplan of the run allows."""

    attempts: int
    """Calls of one person in the campaign, whatever the causes."""
    day: int
    """Calls of one person within a day."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Findings:
    """Every violation in words, by what was violated; numbers are masked."""

    lost: tuple[str, ...] = ()
    """Leads in no proper state, calls nobody knows of, promises not kept, stops not written down."""
    doubled_calls: tuple[str, ...] = ()
    """A person in two calls at once, or an attempt dialled twice."""
    over_caps: tuple[str, ...] = ()
    """Calls beyond the budget, the cap or a stop."""
    doubled_messages: tuple[str, ...] = ()
    doubled_codes: tuple[str, ...] = ()
    doubled_updates: tuple[str, ...] = ()
    missing_transcripts: tuple[str, ...] = ()
    """Answered calls without what was said up to the end."""
    excused: tuple[str, ...] = ()
    """Transcripts that could not be written: the process was killed while the database was away. No violation."""

    @property
    def clean(self) -> bool:
        """Whether every invariant holds."""
        return not any(getattr(self, one.name) for one in fields(self) if one.name != "excused")


@dataclass(frozen=True, kw_only=True, slots=True)
class Matched:
    """A call as the called one saw it, with its row."""

    seen: SeenCall
    row: CallRow | None


def judge(evidence: Evidence, limits: Limits) -> Findings:
    """Look for every violation; pure."""
    matched = match_calls(evidence)
    missing, excused = _transcripts(matched, evidence)
    return Findings(
        lost=(
            *_lost_leads(evidence),
            *_lost_calls(matched),
            *_lost_promises(evidence),
            *_lost_post(evidence),
            *_lost_stops(matched, evidence),
        ),
        doubled_calls=(*_overlaps(evidence), *_dialled_twice(matched)),
        over_caps=tuple(_over_caps(evidence, limits)),
        doubled_messages=tuple(_doubled_messages(evidence)),
        doubled_codes=tuple(_doubled_codes(evidence)),
        doubled_updates=tuple(_repeated("news", (line.key for line in evidence.news))),
        missing_transcripts=tuple(missing),
        excused=tuple(excused),
    )


def match_calls(evidence: Evidence) -> tuple[Matched, ...]:
    """Each call of the log with the attempt it belongs to: the last one of its number dialled before its INVITE."""
    rows: dict[str, list[CallRow]] = {}
    for row in evidence.calls:
        rows.setdefault(row.number, []).append(row)
    matched = []
    for seen in evidence.seen:
        begun = [row for row in rows.get(seen.number, ()) if row.dialled_at <= seen.invited_at + _CLOCK_S]
        matched.append(Matched(seen=seen, row=max(begun, key=lambda row: row.dialled_at, default=None)))
    return tuple(matched)


def _lost_leads(evidence: Evidence) -> Iterator[str]:
    for lead in evidence.leads:
        waits = lead.state == "scheduled" and lead.next_attempt_at is not None
        if not waits and lead.state not in _FINAL:
            yield f"lead {lead.id} is left '{lead.state}'"
        if lead.lease_until is not None:
            yield f"lead {lead.id} still has a lease"
    for row in evidence.calls:
        if row.ended_at is None:
            yield f"call {row.id} has no end"


def _lost_calls(matched: Iterable[Matched]) -> Iterator[str]:
    for one in matched:
        if one.row is None:
            yield f"a call to {_masked(one.seen.number)} was never written down"


def _lost_promises(evidence: Evidence) -> Iterator[str]:
    codes = {code.customer_id for code in evidence.codes}
    sent = {(one.customer_id, one.template) for one in evidence.messages if one.state in _DELIVERED}
    for row in evidence.calls:
        if row.disposition == "accepted" and row.customer_id not in codes:
            yield f"call {row.id} was accepted and has no code"
        if row.disposition == "accepted" and (row.customer_id, "promo") not in sent:
            yield f"call {row.id} was accepted and its message is not sent"


def _lost_post(evidence: Evidence) -> Iterator[str]:
    posted, told = {line.key for line in evidence.sms}, {line.key for line in evidence.news}
    for message in evidence.messages:
        if message.state in _DELIVERED and message.key not in posted:
            yield f"message {message.key} counts as sent and never left"
    for update in evidence.updates:
        if update.state != "sent" or update.key not in told:
            yield f"news {update.key} is '{update.state}' and did not reach the CRM"


def _lost_stops(matched: Iterable[Matched], evidence: Evidence) -> Iterator[str]:
    for one in matched:
        if one.row is None or one.row.customer_id in evidence.stopped or one.seen.behaviour != Habit.STOPS:
            continue
        if _was_written(one.seen) and not _in_outage(one.seen, evidence):
            yield f"call {one.row.id}: a stop was pressed and is on no list"


def _overlaps(evidence: Evidence) -> Iterator[str]:
    for number, calls in by_number(evidence.seen).items():
        for earlier, later in pairwise(calls):
            if later.invited_at < earlier.over_at:
                overlap_s = earlier.over_at - later.invited_at
                yield f"{_masked(number)} was in two calls at once for {overlap_s:.2f} s ({earlier.end}, {later.end})"


def _dialled_twice(matched: Iterable[Matched]) -> Iterator[str]:
    attempts = Counter(one.row.id for one in matched if one.row is not None)
    yield from (f"call {row} was dialled {count} times" for row, count in attempts.items() if count > 1)


def _over_caps(evidence: Evidence, limits: Limits) -> Iterator[str]:
    for number, calls in by_number(evidence.seen).items():
        if len(calls) > min(limits.attempts, limits.day):
            yield f"{_masked(number)} was called {len(calls)} times"
        stopped = [call for call in calls if _stop_was_told(call) and not _in_outage(call, evidence)]
        if any(later.invited_at > call.over_at for call in stopped for later in calls):
            yield f"{_masked(number)} was called after a stop"


def _stop_was_told(seen: SeenCall) -> bool:
    return seen.behaviour == Habit.STOPS and _was_written(seen)


def _doubled_messages(evidence: Evidence) -> Iterator[str]:
    yield from _repeated("message", (line.key for line in evidence.sms))
    to = Counter(line.to for line in evidence.sms)  # the run has one campaign, and it sends one message
    yield from (f"{_masked(number)} was sent {count} messages" for number, count in to.items() if count > 1)
    meant = [message for message in evidence.messages if message.state not in _KEPT_BACK]
    wanted = ((message.customer_id, message.campaign_id, message.template) for message in meant)
    yield from _repeated("message of customer, campaign, template", wanted)


def _doubled_codes(evidence: Evidence) -> Iterator[str]:
    yield from _repeated("code", (code.code for code in evidence.codes))
    yield from _repeated("code of customer, campaign", ((one.customer_id, one.campaign_id) for one in evidence.codes))


def _transcripts(matched: Iterable[Matched], evidence: Evidence) -> tuple[list[str], list[str]]:
    missing: list[str] = []
    excused: list[str] = []
    for one in matched:
        if one.row is None:
            continue
        for complaint in _gaps(one.seen, one.row):
            killed_in_outage = one.row.cause == "interrupted" and _in_outage(one.seen, evidence)
            (excused if killed_in_outage else missing).append(f"call {one.row.id} ({one.seen.end}): {complaint}")
    return missing, excused


def _gaps(seen: SeenCall, row: CallRow) -> Iterator[str]:
    began = seen.first_heard_at
    if seen.confirmed_at is None or seen.end in (SeenEnd.REFUSED, SeenEnd.CANCELLED):
        return
    if seen.over_at - seen.confirmed_at >= _WRITE_WITHIN_S and row.answered_at is None:
        yield "it was answered, and no moment is written down"
    if began is not None and seen.over_at - began >= _WRITE_WITHIN_S and not row.bot_turns:
        yield "the bot spoke, and no word is written down"
    if _was_written(seen) and not row.customer_turns:
        yield "a key was pressed, and no word of it is written down"


def _was_written(seen: SeenCall) -> bool:
    """Whether a key was pressed so long before the end that it must be in the database."""
    return any(seen.over_at - press.at >= _WRITE_WITHIN_S for press in seen.pressed)


def _in_outage(seen: SeenCall, evidence: Evidence) -> bool:
    return any(
        outage.began_at <= seen.over_at and seen.invited_at <= outage.ended_at + _RECONNECT_S
        for outage in evidence.outages
    )


def _repeated(what: str, keys: Iterable[object]) -> Iterator[str]:
    yield from (f"{what} {key} is there {count} times" for key, count in Counter(keys).items() if count > 1)


def _masked(number: str) -> str:
    return f"…{number[-4:]}"
