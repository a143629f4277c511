"""What is asked of drafts and of campaigns alike: what is wrong, how many people, how it sounds."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from voicebot.application.desk.campaign_count import PeopleCount, count_people
from voicebot.application.desk.campaign_fields import Wrong
from voicebot.application.desk.campaign_trial import REMINDER, try_plan
from voicebot.application.desk.trial_calls import TrialAnswer
from voicebot.application.json_input import problem
from voicebot.domain.api_token import Scope
from voicebot.domain.campaign import CampaignPlan
from voicebot.domain.errors import BadInput, NotFound
from voicebot.domain.outcome import Disposition, Group
from voicebot.domain.segment import ExclusionReason
from voicebot.domain.trial_call import TrialResult, TrialStage
from voicebot.domain.user import User
from voicebot.entrypoints.web.api.masks import name_for
from voicebot.entrypoints.web.api.paging import One
from voicebot.entrypoints.web.api.plan_problems import PlanProblem, told
from voicebot.entrypoints.web.api.problems import Refused
from voicebot.entrypoints.web.api.routes import ApiRoute, Asked, Handler, Reply, get, post
from voicebot.entrypoints.web.api.schema import Text
from voicebot.entrypoints.web.counting import COUNTING, PATIENCE_S

_LOGIN = Text(most=60)


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanCheck:
    """Everything wrong with a campaign, at once."""

    ready: Annotated[bool, "It can be sent for release."]
    problems: tuple[PlanProblem, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ExclusionItem:
    """One reason not to call people."""

    reason: ExclusionReason
    people: Annotated[int, "Somebody with two reasons counts under both."]


@dataclass(frozen=True, kw_only=True, slots=True)
class ExampleItem:
    """Somebody who would be called."""

    customer_id: int
    external_id: str
    name: Annotated[str, "Masked without personal:read."]


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanCount:
    """Whom a campaign would call now."""

    matched: Annotated[int, "Who belong to its segment."]
    allowed: Annotated[int, "Who of them would come onto its list."]
    exclusions: Annotated[tuple[ExclusionItem, ...], "Why not the others, the greatest first."]
    examples: tuple[ExampleItem, ...]
    events: Annotated[bool, "Nobody can be counted: CRM events bring them."]
    buyers_to_show: Annotated[
        float | None, "Of 100 called so many must buy for the control group to show it, should 5 buy anyway."
    ]


@dataclass(frozen=True, kw_only=True, slots=True)
class TrialWanted:
    """Who is to hear it."""

    user: Annotated[str, _LOGIN, "Login of somebody at the desk: the telephone of their profile rings, no other one."]
    variant: Annotated[str, Text(least=0, most=40), "Of the split test; `reminder`: the call that reminds."] = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class TrialAsked:
    """Whose trial call."""

    user: Annotated[str, _LOGIN, "Login."]


@dataclass(frozen=True, kw_only=True, slots=True)
class TrialItem:
    """How a trial call stands."""

    stage: TrialStage
    result: TrialResult | None
    requested_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    group: Annotated[Group | None, "Into which group a customer who talked so would come."]
    disposition: Disposition | None


async def checked(asked: Asked, plan: CampaignPlan, wrong: tuple[Wrong, ...]) -> PlanCheck:
    """What is wrong, and whether anybody would be called; the people are counted only when the rest is in order."""
    if not any(one.fatal for one in wrong) and (empty := (await counted(asked, plan)).empty):
        wrong = (*wrong, empty)
    return PlanCheck(ready=not any(one.fatal for one in wrong), problems=told(wrong))


async def count_reply(asked: Asked, plan: CampaignPlan) -> Reply:
    """How many people."""
    found = await counted(asked, plan)
    examples = tuple(
        ExampleItem(customer_id=one.id, external_id=one.external_id, name=name_for(asked, one.name))
        for one in found.examples
    )
    body = PlanCount(
        matched=found.matched,
        allowed=found.allowed,
        exclusions=tuple(ExclusionItem(reason=reason, people=people) for reason, people in found.exclusions),
        examples=examples,
        events=found.events,
        buyers_to_show=found.rise,
    )
    return Reply(body=body)


async def counted(asked: Asked, plan: CampaignPlan) -> PeopleCount:
    """The people; raises Refused (503) when it takes too long."""
    try:
        async with asyncio.timeout(PATIENCE_S), asked.request.app[COUNTING]:
            return await count_people(asked.open_unit, plan, asked.now)
    except TimeoutError as error:
        message = f"counting takes longer than {PATIENCE_S:.0f} s"
        raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, message, "ask again later", Retry_After="60") from error


async def ask_trial(asked: Asked, plan: CampaignPlan, about: str) -> Reply:
    """Let a line ring somebody of the company."""
    wanted, bench = asked.of(TrialWanted), asked.bench
    known = {one.name for one in plan.variants} | ({REMINDER} if plan.reminder else set())
    if wanted.variant and wanted.variant not in known:
        raise BadInput([problem("variant", "there is none of this name")])
    if plan.script not in await bench.in_force.scripts():
        raise BadInput([problem("", "there is no script to speak", "check it first")])
    user = await _user(asked, wanted.user)
    answer = await try_plan(bench, plan, wanted.variant, about=about, by=user, actor=asked.caller.actor)
    if answer is TrialAnswer.UNDER_WAY:
        raise Refused(HTTPStatus.CONFLICT, "a trial call of this user is under way", "wait for its end")
    return await _trial(asked, user, about)


async def show_trial(asked: Asked, about: str) -> Reply:
    """How the trial call of somebody stands."""
    return await _trial(asked, await _user(asked, asked.of(TrialAsked).user), about)


async def _user(asked: Asked, login: str) -> User:
    """Who can be rung; nothing is said of who is there and who is not."""
    async with asked.open_unit() as unit:
        users = await unit.users.all()
    found = next((one for one in users if one.login == login and one.disabled_at is None and one.phone), None)
    if found is None:
        raise BadInput([problem("user", "nobody of this login has a telephone", "they enter it at the desk: /account")])
    return found


async def _trial(asked: Asked, user: User, about: str) -> Reply:
    async with asked.open_unit() as unit:
        found = await unit.trial_calls.last_of(user.login, about)
    if found is None:
        raise NotFound("no trial call")
    item = TrialItem(
        stage=found.stage,
        result=found.result,
        requested_at=found.requested_at,
        answered_at=found.answered_at,
        ended_at=found.ended_at,
        group=found.group,
        disposition=found.disposition,
    )
    return Reply(body=item)


def trial_routes(one: str, ask: Handler, show: Handler, *, tag: str, of: str) -> tuple[ApiRoute, ...]:
    """The addresses of trial calls below `one`; `of`: what is tried, in the names of the operations."""
    return (
        post(
            f"{one}/trial",
            ask,
            Scope.CAMPAIGNS_EDIT,
            name=f"try{of}",
            summary="Let a line ring somebody of the company and speak it",
            tag=tag,
            address=One,
            body=TrialWanted,
            answer=TrialItem,
            errors={HTTPStatus.CONFLICT: "A trial call of this user is under way."},
        ),
        get(
            f"{one}/trial",
            show,
            Scope.CAMPAIGNS_READ,
            name=f"get{of}Trial",
            summary="How the last trial call of somebody stands",
            tag=tag,
            address=One,
            query=TrialAsked,
            answer=TrialItem,
        ),
    )
