"""The report of `voicebot why` for a person."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from voicebot.application.explain_contact import Explanation
from voicebot.domain.consent import Consent
from voicebot.domain.contact_history import CampaignPart, ContactCall, ContactMessage, Signature, StopEntry
from voicebot.domain.dialplan import Trunk
from voicebot.domain.phone import Phone


@dataclass(frozen=True, kw_only=True, slots=True)
class Reader:
    """Who reads the report, and what they can be told of our trunks."""

    full: bool
    """Whether they may see name and numbers."""
    trunks: Mapping[str, Trunk]
    """Of the dialplan of this machine, by name."""

    def phone(self, phone: Phone) -> str:
        """The number as this reader may see it."""
        return phone.e164 if self.full else phone.masked

    def trunk(self, name: str) -> str:
        """What a call over it showed to the customer."""
        if not name:
            return "no trunk was chosen"
        known = self.trunks.get(name)
        if known is None:
            return f"over trunk '{name}', which this machine's dialplan does not know"
        label = known.label
        shown = f"label '{label.name}', {label.category}, contract {label.contract}" if label else "without a label"
        return f"over trunk '{name}' showing {' or '.join(one.e164 for one in known.caller_ids)}, {shown}"


def why_lines(told: Explanation, reader: Reader) -> Iterator[str]:
    """The report as text, times local to the customer."""
    name = told.customer.name.full if reader.full else told.customer.name.masked
    numbers = ", ".join(
        reader.phone(one.phone) + (" (somebody else's)" if one.wrong_number_at else "") for one in told.customer.phones
    )
    zone = told.zone.key + ("" if told.zone_known else ", their own being unknown")
    yield f"customer {told.customer.external_id}: {name}, {numbers or 'no number'}"
    yield f"drawn up {_local(told.at, told.zone)}; times are of {zone}"
    yield from _section("Consents", [_consent(one, told.zone) for one in told.consents])
    yield from _section("Stop-list", [_stop(one, told.zone, reader) for one in told.history.stops])
    yield from _section("Campaigns", [line for part in told.history.parts for line in _part(part, told.zone)])
    if told.history.left_alone_by:
        yield from _section("Left alone as a control group by", list(told.history.left_alone_by))
    yield from _section("Calls", [line for call in told.history.calls for line in _call(call, told, reader)])
    calls = {call.id for call in told.history.calls}
    apart = [one for one in told.history.messages if one.call_id not in calls]
    if apart:
        yield from _section("Other messages", [_message(one, told.zone) for one in apart])
    entries = [
        f"{one.id}: {_local(one.entry.at, told.zone)}, {one.entry.actor}: {one.entry.action} {one.entry.subject}"
        for one in told.log
    ]
    yield from _section("Audit log (voicebot audit verify proves it)", entries)


def _section(title: str, lines: list[str]) -> Iterator[str]:
    yield ""
    yield title
    yield from (f"  {line}" for line in lines or ["none"])


def _local(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S}"


def _consent(one: Consent, zone: ZoneInfo) -> str:
    proof = f"proof: {one.proof}" if one.proof else "NO PROOF NAMED"
    ended = f"; withdrawn {_local(one.withdrawn_at, zone)}" if one.withdrawn_at else ""
    given = f"given {_local(one.given_at, zone)}, source: {one.source}, wording: {one.wording}"
    return f"{one.scope}, {one.kind}: {given}, {proof}{ended}"


def _stop(one: StopEntry, zone: ZoneInfo, reader: Reader) -> str:
    what = "the person" if one.phone is None else f"number {reader.phone(one.phone)}"
    reason = f": {one.reason}" if one.reason else ""
    return f"{what} since {_local(one.since, zone)}, by {one.source}{reason}"


def _part(part: CampaignPart, zone: ZoneInfo) -> Iterator[str]:
    variant = f", variant {part.variant}" if part.variant else ""
    ended = f", ended by {part.ended_by}" if part.ended_by else ""
    yield (
        f"'{part.campaign}' ({part.kind}{variant}): on the list since {_local(part.listed_at, zone)},"
        f" now {part.state}{ended}"
    )
    for release in part.releases or (None,):
        yield f"  {_release(release, zone)}"
    if part.refusals:
        yield f"  last refused by the gate ({_checked_at(part.verdict or {}, zone)}): {', '.join(part.refusals)}"


def _release(one: Signature | None, zone: ZoneInfo) -> str:
    if one is None:
        return "not released by anybody"
    return (
        f"released by {one.released_by}, {_local(one.released_at, zone)}: release {one.id}, {one.leads} people,"
        f" hash {one.hash}"
    )


def _call(call: ContactCall, told: Explanation, reader: Reader) -> Iterator[str]:
    part = next(one for one in told.history.parts if one.lead_id == call.lead_id)
    which = "rang us back" if call.direction.value == "in" else f"attempt {call.attempt}, {call.errand}"
    wanted = ", asked for by the customer" if call.wanted else ""
    yield (
        f"call {call.id}, {_local(call.dialled_at, told.zone)}: '{part.campaign}' ({part.kind}), {which}{wanted},"
        f" {reader.phone(call.phone)}"
    )
    yield f"  {_release(part.release_at(call.dialled_at), told.zone)}"
    yield f"  {_verdict(call.verdict, told.zone)}"
    yield f"  {reader.trunk(call.trunk)}"
    talk = "" if call.talk_seconds is None else f", {call.talk_seconds:.0f} s"
    outcome = ", ".join(filter(None, (call.cause, call.group, call.disposition))) or "under way"
    yield f"  {outcome}{talk}; recorded: {'yes' if call.recorded else 'no'}"
    for message in told.history.messages:
        if message.call_id == call.id:
            yield f"  {_message(message, told.zone)}"


def _checked_at(verdict: Mapping[str, object], zone: ZoneInfo) -> str:
    written = verdict.get("checked_at")
    return _local(datetime.fromisoformat(written), zone) if isinstance(written, str) else "time unknown"


def _verdict(verdict: Mapping[str, object], zone: ZoneInfo) -> str:
    allowed = "allowed" if verdict.get("allowed") else "NOT ALLOWED"
    facts = verdict.get("facts")
    told = f"; looked at: {', '.join(_facts(facts))}" if isinstance(facts, Mapping) and facts else ""
    return f"checked {_checked_at(verdict, zone)}: {allowed}{told}"


def _facts(facts: Mapping[str, object], prefix: str = "") -> Iterator[str]:
    for name, value in facts.items():
        if isinstance(value, Mapping):
            yield from _facts(value, f"{prefix}{name} ")
        elif isinstance(value, list):
            yield f"{prefix}{name} {' of '.join(map(str, value))}"
        else:
            yield f"{prefix}{name} {value}"


def _message(one: ContactMessage, zone: ZoneInfo) -> str:
    sent = f"sent {_local(one.sent_at, zone)}" if one.sent_at else f"written {_local(one.created_at, zone)}"
    return f"{one.channel} '{one.template}' of '{one.campaign}': {one.state}, {sent}"
