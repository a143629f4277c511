"""Everything that comes of a call is told to the CRM, once, in order."""

import asyncio
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.application.campaigns.shop import NOON, TURNS, Shop, a_line, answered, outcome, unanswered_report
from voicebot.adapters.crm_json_lines import JsonLinesCrm
from voicebot.adapters.procrastinate_worker import ProcrastinateWorker
from voicebot.adapters.store.unit_of_work import SqlUnitOfWork
from voicebot.adapters.system_clock import SystemClock
from voicebot.application.claim_lead import claim_lead
from voicebot.application.do_jobs import JobDesk
from voicebot.application.ports.crm_gateway import CrmGateway
from voicebot.application.ports.jobs import Task
from voicebot.application.record_outcome import OutcomeRules, close_interrupted, record_outcome
from voicebot.application.update_crm import update_crm
from voicebot.config import PROJECT
from voicebot.domain.call import Cause
from voicebot.domain.crm_update import NewsKind, UpdateState
from voicebot.domain.errors import GatewayError
from voicebot.domain.outcome import ActionKind, Disposition, FollowUp, Group, unanswered
from voicebot.testing.fake_crm import FakeCrm
from voicebot.testing.fake_sms_gateway import FakeSmsGateway

CRM_MD = PROJECT / "voicebot" / "adapters" / "CRM.md"
AWAY = GatewayError("the CRM is away", retryable=True)
REFUSED = GatewayError("the CRM answered HTTP 422", retryable=False)
ACCEPTED = outcome(
    Disposition.ACCEPTED, FollowUp(kind=ActionKind.PROMO), group=Group.INTERESTED, tags=("interested",), nps=9
)


async def _record(shop: Shop, rules: OutcomeRules, what: Any = ACCEPTED, report: Any = None) -> int:
    """Id of the call of a new customer that ended so."""
    await shop.campaign([await shop.customer()])
    call_id = (await shop.claim()).call.id
    await record_outcome(shop.open_unit, call_id, report or answered(turns=TURNS), what, rules)
    return call_id


async def _news(shop: Shop, kind: str) -> list[dict[str, Any]]:
    return [
        row.payload for row in await shop.rows(f"select payload from crm_updates where kind = '{kind}' order by id")
    ]


def _worker(shop: Shop, rules: OutcomeRules, crm: CrmGateway) -> ProcrastinateWorker:
    desk = JobDesk(open_unit=shop.open_unit, gateway=FakeSmsGateway(), crm=crm, rules=rules, clock=SystemClock())
    url = shop.engine.url.render_as_string(hide_password=False)
    return ProcrastinateWorker(url, handlers={Task.UPDATE_CRM: desk.tell_crm}, first_pause_s=0)


async def test_a_call_tells_all_that_came_of_it(shop: Shop, rules: OutcomeRules) -> None:
    call_id = await _record(shop, rules)
    (news,) = await _news(shop, "call")
    code = await shop.value("select code from promo_codes")
    assert news["version"] == 1
    assert news["key"] == f"call:{call_id}"
    assert news["customer"] == "c1"
    assert news["campaign"] == "campaign 2"
    assert news["call"] == {
        "id": call_id,
        "direction": "out",
        "errand": "offer",
        "attempt": 1,
        "corrects": False,
        "dialled_at": "2026-11-24T09:00:00+00:00",
        "answered_at": "2026-11-24T09:00:05+00:00",
        "ended_at": "2026-11-24T09:00:45+00:00",
        "cause": "answered",
        "sip_code": 200,
        "hung_up_by": "bot",
        "hangup_state": "",
        "recording": "call.wav",
    }
    assert news["outcome"] == {
        "group": "interested",
        "disposition": "accepted",
        "tags": ["interested"],
        "answers": {},
        "nps": 9,
    }
    assert [(turn["speaker"], turn["text"]) for turn in news["transcript"]] == [
        ("bot", "Здравствуйте"),
        ("customer", "да"),
        ("bot", "Скидка"),
    ]
    assert news["promo"] == {"code": code, "percent": "10.00", "valid_until": "2026-11-27T21:00:00+00:00"}


async def test_a_busy_line_tells_when_it_is_tried_again(shop: Shop, rules: OutcomeRules) -> None:
    await _record(shop, rules, unanswered(Cause.BUSY), unanswered_report(Cause.BUSY))
    (news,) = await _news(shop, "call")
    due = await shop.value("select next_attempt_at from leads")
    assert news["outcome"]["disposition"] == "busy"
    assert news["next_attempt_at"] == due.isoformat()
    assert news["promo"] is None
    assert await _news(shop, "lead_closed") == []


async def test_the_last_call_closes_the_lead_for_the_crm_too(shop: Shop, rules: OutcomeRules) -> None:
    await _record(shop, rules, outcome(Disposition.DECLINED, group=Group.NEGATIVE))
    (news,) = await _news(shop, "lead_closed")
    assert news["lead"] == {
        "state": "done",
        "ended_by": "call",
        "attempts": 1,
        "disposition": "declined",
        "group": "negative",
    }


async def test_stop_wrong_number_and_escalation_are_news_of_their_own(shop: Shop, rules: OutcomeRules) -> None:
    call_id = await _record(
        shop,
        rules,
        outcome(
            Disposition.STOP,
            FollowUp(kind=ActionKind.STOP, reason="не звоните больше"),
            FollowUp(kind=ActionKind.WRONG_NUMBER),
            FollowUp(kind=ActionKind.ESCALATE, reason="жалоба", urgent=True),
            group=Group.NEGATIVE,
        ),
    )
    ((stop,), (wrong,), (escalation,)) = [await _news(shop, kind) for kind in ("stop", "wrong_number", "escalation")]
    assert (stop["source"], stop["scope"], stop["reason"]) == (f"call:{call_id}", "all", "не звоните больше")
    assert (wrong["phone"], wrong["why"]) == ("+79160000001", "somebody_else")
    assert (escalation["wanted"], escalation["urgent"], escalation["reason"]) == ("manager", True, "жалоба")
    assert (await _news(shop, "lead_closed"))[0]["lead"]["state"] == "blocked"


async def test_recording_twice_tells_once_and_a_late_truth_corrects(shop: Shop, rules: OutcomeRules) -> None:
    await shop.campaign([await shop.customer()])
    call_id = (await shop.claim()).call.id
    await close_interrupted(shop.open_unit, call_id, rules, NOON)
    for _ in range(2):
        await record_outcome(shop.open_unit, call_id, answered(turns=TURNS), ACCEPTED, rules)
    first, second = await _news(shop, "call")
    assert (first["key"], first["call"]["cause"], first["call"]["corrects"]) == (
        f"call:{call_id}",
        "interrupted",
        False,
    )
    assert (second["key"], second["call"]["cause"]) == (f"call:{call_id}:corrected", "answered")
    assert second["call"]["corrects"] is True


async def test_without_a_crm_no_news_is_kept(shop: Shop, rules: OutcomeRules) -> None:
    await shop.campaign([await shop.customer()])
    call_id = (await shop.claim()).call.id
    await record_outcome(lambda: SqlUnitOfWork(shop.engine, crm_wanted=False), call_id, answered(), ACCEPTED, rules)
    assert await shop.value("select count(*) from crm_updates") == 0
    assert await shop.value("select count(*) from procrastinate_jobs where task_name = 'update_crm'") == 0


async def test_a_doubled_job_tells_once(shop: Shop, rules: OutcomeRules) -> None:
    await _record(shop, rules)
    update_id, crm = await shop.value("select min(id) from crm_updates"), FakeCrm()
    states = await asyncio.gather(*(update_crm(shop.open_unit, update_id, crm, NOON, last_try=False) for _ in range(4)))
    assert (states, crm.told) == ([UpdateState.SENT] * 4, 1)
    assert await shop.value(f"select sent_at from crm_updates where id = {update_id}") == NOON


@pytest.mark.parametrize(("failure", "last_try"), [(REFUSED, False), (AWAY, True)])
async def test_what_is_refused_for_good_or_too_often_is_a_dead_letter(
    shop: Shop, rules: OutcomeRules, failure: GatewayError, last_try: bool
) -> None:
    await _record(shop, rules)
    update_id = await shop.value("select min(id) from crm_updates")
    state = await update_crm(shop.open_unit, update_id, FakeCrm([failure]), NOON, last_try=last_try)
    assert state is UpdateState.FAILED
    assert await shop.rows(f"select state, attempts, error from crm_updates where id = {update_id}") == [
        ("failed", 1, str(failure))
    ]


async def test_the_worker_keeps_the_order_of_a_customer_through_failures(shop: Shop, rules: OutcomeRules) -> None:
    what = outcome(Disposition.DECLINED, FollowUp(kind=ActionKind.REVIEW, reason="?"), group=Group.NEGATIVE)
    call_id = await _record(shop, rules, what)
    crm = FakeCrm([AWAY, AWAY, AWAY])
    async with asyncio.timeout(20):
        while len(crm.taken) < 3:
            await _worker(shop, rules, crm).run(asyncio.Event(), until_empty=True)
    assert list(crm.taken) == [f"escalation:{call_id}:review", f"call:{call_id}", "lead:1:closed:1"]
    assert [one["number"] for one in crm.taken.values()] == [1, 2, 3]


async def test_a_worker_killed_between_telling_and_commit_doubles_nothing(
    shop: Shop, rules: OutcomeRules, tmp_path: Path
) -> None:
    await _record(shop, rules)
    update_id, file = await shop.value("select min(id) from crm_updates"), tmp_path / "crm.jsonl"

    class Killed(JsonLinesCrm):
        async def tell(self, news):  # type: ignore[no-untyped-def]  # as its parent's
            await super().tell(news)
            raise KeyboardInterrupt  # nothing after this is done

    with pytest.raises(KeyboardInterrupt):
        await update_crm(shop.open_unit, update_id, Killed(file), NOON, last_try=False)
    await update_crm(shop.open_unit, update_id, JsonLinesCrm(file), NOON, last_try=False)
    assert [json.loads(line)["number"] for line in file.read_text().splitlines()] == [update_id]


async def test_a_stop_closes_the_person_s_leads_in_other_campaigns_for_the_crm_too(
    shop: Shop, rules: OutcomeRules
) -> None:
    person = await shop.customer()
    await shop.campaign([person], name="весна")
    await shop.campaign([person], name="лето")
    stop = outcome(Disposition.STOP, FollowUp(kind=ActionKind.STOP, reason="хватит"), group=Group.NEGATIVE)
    await record_outcome(shop.open_unit, (await shop.claim()).call.id, answered(), stop, rules)
    closed = {one["campaign"]: one["lead"]["ended_by"] for one in await _news(shop, "lead_closed")}
    assert closed == {"весна": "block", "лето": "block"}


async def test_an_operator_s_refusal_and_a_number_that_does_not_exist_are_told(shop: Shop, rules: OutcomeRules) -> None:
    await _record(shop, rules, unanswered(Cause.REFUSED), unanswered_report(Cause.REFUSED))
    await _record(shop, rules, unanswered(Cause.UNALLOCATED), unanswered_report(Cause.UNALLOCATED))
    assert await _news(shop, "wrong_number") == []  # said once
    later = NOON + timedelta(days=2)
    call_id, report = (await shop.claim(now=later)).call.id, unanswered_report(Cause.UNALLOCATED, later)
    await record_outcome(shop.open_unit, call_id, report, unanswered(Cause.UNALLOCATED), rules)
    ((stop,), (wrong,)) = [await _news(shop, kind) for kind in ("stop", "wrong_number")]
    assert (stop["customer"], stop["source"], stop["scope"]) == ("c1", "operator", "calls")
    assert (wrong["customer"], wrong["why"]) == ("c3", "does_not_exist")


async def test_a_lead_the_gate_refuses_for_good_is_told(shop: Shop) -> None:
    await shop.campaign([await shop.customer(consented=())], name="весна")
    assert await claim_lead(shop.open_unit, a_line(), NOON) is None
    (news,) = await _news(shop, "lead_closed")
    assert (news["campaign"], news["lead"]["ended_by"], news["lead"]["attempts"]) == ("весна", "block", 0)


async def test_every_field_of_the_news_is_documented(shop: Shop, rules: OutcomeRules) -> None:
    what = outcome(
        Disposition.ACCEPTED,
        *(FollowUp(kind=kind) for kind in (ActionKind.PROMO, ActionKind.STOP, ActionKind.WRONG_NUMBER)),
        FollowUp(kind=ActionKind.REVIEW, reason="?"),
    )
    await _record(shop, rules, what)
    told = await shop.rows("select kind, payload from crm_updates")
    elsewhere = {NewsKind.PROMO_REDEEMED, NewsKind.ESCALATION_RESOLVED}
    assert {row.kind for row in told} == set(NewsKind) - elsewhere
    described = set(re.findall(r"\b[a-z_]+\b", CRM_MD.read_text(encoding="utf-8")))
    assert {name for row in told for name in _names(row.payload)} - described == set()


def _names(value: object) -> set[str]:
    """Every field in it, however deep."""
    if isinstance(value, dict):
        return set(value).union(*map(_names, value.values()))
    return set().union(*map(_names, value)) if isinstance(value, list) else set()
