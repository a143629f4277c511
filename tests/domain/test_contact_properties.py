"""Whatever happens to a person's calls, the rules of contact are kept: random histories in virtual time.

The history is played by the gate, the redial rules and the rules of series alone; what came of it is judged in the
plainest way, without asking them.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

import holidays
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from voicebot.domain.call import Cause
from voicebot.domain.campaign import Campaign, CampaignKind, CampaignStatus
from voicebot.domain.campaign_plan import Window
from voicebot.domain.consent import Consent, ConsentKind, ConsentScope
from voicebot.domain.contact_policy import ContactPolicy
from voicebot.domain.contact_rules import ContactFacts, ContactRecord, Verdict, check_contact
from voicebot.domain.customer import Customer, CustomerPhone, PersonName
from voicebot.domain.lead import Lead, LeadState
from voicebot.domain.outcome import Disposition, Group, unanswered
from voicebot.domain.past_calls import PastCall, budget_used, callbacks_in_a_row
from voicebot.domain.phone import Phone
from voicebot.domain.redial import Ending, count_alike, next_attempt, redial_cause
from voicebot.domain.series import fresh_start, loss_by_history, loss_by_words
from voicebot.domain.time_zones import RUSSIAN_ZONES, zone_for

POLICY = ContactPolicy()
QUIET_DAYS = 14
DAY_OFF = holidays.country_holidays("RU")
CAMPAIGNS = 4
GIVEN = datetime(2025, 1, 1, tzinfo=UTC)
CONSENT = Consent(scope=ConsentScope.CALL, kind=ConsentKind.ADVERTISING, source="till", wording="1", given_at=GIVEN)


@dataclass(frozen=True)
class Happening:
    """How one attempt ends."""

    what: Cause | Disposition
    later: timedelta | None = None
    """The call-back the customer names."""
    offer_heard: bool = False


HAPPENINGS = st.one_of(
    st.sampled_from([Happening(cause) for cause in Cause if cause not in (Cause.ANSWERED, Cause.REFUSED)]),
    st.sampled_from([Happening(Disposition.HUNG_UP, offer_heard=heard) for heard in (False, True)]),
    st.builds(
        Happening,
        st.just(Disposition.CALLBACK),
        st.one_of(st.none(), st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=9))),
    ),
    st.sampled_from(
        [
            Happening(one, offer_heard=True)
            for one in (
                *(Disposition.VOICEMAIL, Disposition.SILENT, Disposition.UNCLEAR, Disposition.INFORMED),
                *(Disposition.ACCEPTED, Disposition.DECLINED, Disposition.STOP),
            )
        ]
    ),
)
PLAYS = st.lists(HAPPENINGS, min_size=1, max_size=40)
STARTS = st.datetimes(min_value=datetime(2025, 12, 1), max_value=datetime(2027, 1, 15), timezones=st.just(UTC))  # noqa: DTZ001  # hypothesis puts the zone on
ZONES = st.sampled_from(["", "Europe/Moscow", "Asia/Vladivostok", "Europe/Kaliningrad", "Asia/Omsk"])
LIFE = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@dataclass
class Life:
    """One person in several campaigns at once."""

    customer: Customer
    leads: dict[int, Lead]
    calls: list[PastCall] = field(default_factory=list)
    named: dict[datetime, datetime] = field(default_factory=dict)
    """Moments the customer named, by the moment they were due at."""
    stopped_at: datetime | None = None
    lost_at: datetime | None = None
    refusals: list[tuple[datetime, Verdict]] = field(default_factory=list)

    def record(self) -> ContactRecord:
        return ContactRecord(
            calls=tuple(
                replace(call, lead_over=self.leads[call.lead_id].next_attempt_at is None) for call in self.calls
            ),
            stopped=self.stopped_at is not None,
            seasonal=self.lost_at is not None,
        )


def live(zone: str, start: datetime, play: Sequence[Happening]) -> Life:
    """Play the happenings one after another, again from the first, until nothing more is due."""
    phone = CustomerPhone(phone=Phone("+79161234567"), primary=True)
    person = Customer(id=1, external_id="C-1", name=PersonName(first="Анна"), phones=(phone,), time_zone=zone)
    life = Life(customer=person, leads={number: _lead(number, start) for number in range(1, CAMPAIGNS + 1)})
    for _ in range(400):
        due = [lead for lead in life.leads.values() if lead.next_attempt_at is not None]
        if not due:
            return life
        lead = min(due, key=lambda one: (one.next_attempt_at or start, not one.callback, one.id))
        assert lead.next_attempt_at is not None
        _take(life, lead, lead.next_attempt_at, play[len(life.calls) % len(play)])
    raise AssertionError("no end after 400 steps")


def _lead(number: int, start: datetime) -> Lead:
    return Lead(
        id=number,
        campaign_id=number,
        customer_id=1,
        state=LeadState.QUEUED,
        attempts=0,
        next_attempt_at=start,
        callback=False,
        lease_owner="",
        lease_until=None,
        disposition=None,
        group=None,
        release_id=1,
    )


def _take(life: Life, lead: Lead, now: datetime, happening: Happening) -> None:
    campaign = Campaign(
        id=lead.campaign_id,
        name="",
        kind=CampaignKind.ADVERTISING,
        script="winback",
        status=CampaignStatus.RUNNING,
        control_share=Decimal(0),
        quiet_days=QUIET_DAYS,
    )
    facts = ContactFacts(
        now=now,
        campaign=campaign,
        lead=lead,
        customer=life.customer,
        consents=(CONSENT,),
        record=life.record(),
        policy=POLICY,
    )
    verdict = check_contact(facts)
    if not verdict.allowed:
        life.refusals.append((now, verdict))
        later = None if verdict.for_good else verdict.again_at
        life.leads[lead.id] = replace(lead, next_attempt_at=later)
        return
    _call(life, lead, facts, happening)


def _call(life: Life, lead: Lead, facts: ContactFacts, happening: Happening) -> None:
    now, ends = facts.now, facts.now + timedelta(minutes=1)
    talked = isinstance(happening.what, Disposition)
    disposition = happening.what if isinstance(happening.what, Disposition) else unanswered(happening.what).disposition
    call = PastCall(
        lead_id=lead.id,
        campaign_id=lead.campaign_id,
        dialled_at=now,
        answered_at=now if talked else None,
        cause=Cause.ANSWERED if isinstance(happening.what, Disposition) else happening.what,
        disposition=disposition,
        group=Group.NEUTRAL if talked else Group.NONE,
        wanted=lead.callback,
        offer_heard=happening.offer_heard,
    )
    life.calls.append(call)
    cause = redial_cause(disposition, offer_heard=happening.offer_heard)
    named = ends + happening.later if happening.later is not None else None
    follows = next_attempt(
        Ending(
            cause=cause,
            dialled_at=now,
            at=ends,
            used=budget_used(life.calls, lead.id),
            alike=count_alike(life.calls, lead.id, cause),
            wanted=lead.callback,
            callbacks=callbacks_in_a_row(life.calls, lead.id),
            callback_at=named,
            lead_id=lead.id,
        ),
        POLICY.redial,
        POLICY.calendar(zone_for(life.customer), facts.campaign.window),
    )
    if disposition is Disposition.STOP:
        life.stopped_at = ends
    if follows is not None and named is not None:
        life.named[follows.at.astimezone(UTC)] = named
    life.leads[lead.id] = replace(
        lead,
        next_attempt_at=follows.at if follows else None,
        callback=follows.wanted if follows else False,
        disposition=disposition,
    )
    known = life.record().calls
    fresh = fresh_start(known, None)
    if (loss_by_words(disposition, ()) or loss_by_history(known, known[-1], since=fresh)) and life.lost_at is None:
        life.lost_at = ends


def _ours(life: Life) -> list[PastCall]:
    return [call for call in life.calls if not call.wanted]


def _most_within(moments: Sequence[datetime], period: timedelta) -> int:
    return max((sum(at < other + period for at in moments if at >= other) for other in moments), default=0)


def _rang(life: Life) -> Iterator[datetime]:
    silent = (Cause.FAILED, Cause.UNREACHABLE, Cause.UNALLOCATED)
    return (call.dialled_at for call in _ours(life) if call.cause not in silent)


@LIFE
@given(zone=ZONES, start=STARTS, play=PLAYS)
def test_the_budget_is_one_however_the_causes_mix(zone: str, start: datetime, play: list[Happening]) -> None:
    used = Counter(call.lead_id for call in _ours(live(zone, start, play)))
    assert all(attempts <= 4 for attempts in used.values())


@LIFE
@given(zone=ZONES, start=STARTS, play=PLAYS)
def test_no_period_ever_holds_more_touches_than_the_caps_allow(
    zone: str, start: datetime, play: list[Happening]
) -> None:
    life = live(zone, start, play)
    answered = [call.dialled_at for call in _ours(life) if call.answered_at]
    assert _most_within(list(_rang(life)), timedelta(days=1)) <= 3
    assert _most_within(answered, timedelta(days=7)) <= 2
    assert _most_within(answered, timedelta(days=30)) <= 4


@LIFE
@given(zone=ZONES, start=STARTS, play=PLAYS)
def test_every_call_lies_in_working_hours_of_a_working_day_wherever_the_person_may_live(
    zone: str, start: datetime, play: list[Happening]
) -> None:
    for call in live(zone, start, play).calls:
        for name in (zone,) if zone else RUSSIAN_ZONES:
            local = call.dialled_at.astimezone(ZoneInfo(name))
            clock = local.time()
            assert local.weekday() < 5
            assert local.date() not in DAY_OFF
            if zone:
                assert time(10) <= clock < time(12) or time(15) <= clock < time(19)
            else:
                assert time(9) <= clock < time(21)


@LIFE
@given(zone=ZONES, start=STARTS, play=PLAYS)
def test_after_a_stop_or_the_end_of_the_series_nobody_calls_in_any_campaign(
    zone: str, start: datetime, play: list[Happening]
) -> None:
    life = live(zone, start, play)
    for end in (life.stopped_at, life.lost_at):
        assert end is None or all(call.dialled_at < end for call in life.calls)
    two_in_a_row = [call for call in life.calls if call.disposition is Disposition.HUNG_UP]
    assert len(two_in_a_row) <= 2 or any(call.disposition is Disposition.ACCEPTED for call in life.calls)


@LIFE
@given(zone=ZONES, start=STARTS, play=PLAYS)
def test_a_number_twice_said_not_to_exist_and_a_taken_offer_end_the_lead(
    zone: str, start: datetime, play: list[Happening]
) -> None:
    life = live(zone, start, play)
    final = (Disposition.ACCEPTED, Disposition.STOP)
    for lead in life.leads:
        ended = [call.disposition for call in life.calls if call.lead_id == lead]
        assert all(disposition not in final for disposition in ended[:-1])
        assert ended[:-1].count(Disposition.UNALLOCATED) <= 1


@LIFE
@given(zone=ZONES, start=STARTS, play=PLAYS)
def test_calls_the_customer_asked_for_come_when_they_said_or_at_the_next_opening(
    zone: str, start: datetime, play: list[Happening]
) -> None:
    life = live(zone, start, play)
    calendar = POLICY.calendar(zone_for(life.customer), Window())
    for due, named in life.named.items():
        assert due >= named
        if calendar.is_open(named):
            assert due == named
    for lead in life.leads:
        row = longest = 0
        for call in (one for one in life.calls if one.lead_id == lead):
            row = row + 1 if call.wanted else 0
            longest = max(longest, row)
        assert longest <= 5


@LIFE
@given(zone=ZONES, start=STARTS, play=PLAYS)
def test_first_attempts_keep_their_distance_from_talks_of_other_campaigns(
    zone: str, start: datetime, play: list[Happening]
) -> None:
    calls = live(zone, start, play).calls
    begun = set[int]()
    for position, call in enumerate(calls):
        if call.lead_id not in begun and not call.wanted:
            talks = [
                earlier.dialled_at
                for earlier in calls[:position]
                if earlier.lead_id != call.lead_id and earlier.answered_at
                if earlier.disposition is not Disposition.VOICEMAIL
            ]
            assert all(call.dialled_at >= talk + timedelta(days=QUIET_DAYS) for talk in talks)
        begun.add(call.lead_id)


@LIFE
@given(zone=ZONES, start=STARTS, play=PLAYS)
def test_who_is_put_off_is_asked_about_later_and_only_a_few_times(
    zone: str, start: datetime, play: list[Happening]
) -> None:
    life = live(zone, start, play)
    for now, verdict in life.refusals:
        assert verdict.for_good or (verdict.again_at is not None and verdict.again_at > now)
    assert len(life.refusals) <= 12 * CAMPAIGNS  # the moment to ask again is worked out, not guessed
    times = [call.dialled_at for call in life.calls]
    assert all(earlier <= later for earlier, later in pairwise(times))
