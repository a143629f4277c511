"""Managers put campaigns together, send them for release, change, start and end them."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from voicebot.application.ports.campaign_pages import CampaignDraft
from voicebot.application.ports.desk_unit import DeskUnit, OpenDeskUnit
from voicebot.application.ports.jobs import Task
from voicebot.application.release_campaign import change_campaign
from voicebot.domain.campaign import Campaign, CampaignEvent, CampaignPlan, CampaignStatus, NewCampaign
from voicebot.domain.errors import BadInput, IllegalMove, Problem
from voicebot.domain.lead import WAITING, LeadState
from voicebot.domain.user import User

ALWAYS: Final = frozenset({"schedule", "window", "budget", "priority", "weight"})
"""What may change as long as a campaign is not finished: it changes nothing that was signed."""
SELECTION: Final = frozenset({"segment", "triggers", "season", "quiet_days"})
"""Who comes onto the list: may change while nobody waits for a signature."""
WORDS: Final = frozenset({"script", "dialplan", "offer", "reminder"})
"""What is said and promised: may change while nobody waits for a call either, for they were signed for with it."""
NEVER: Final = frozenset({"kind", "control_share", "variants"})
"""What the law and the comparison rest on: fixed once somebody was released."""


class Freedom(StrEnum):
    """How much of a campaign may be changed just now."""

    ALL = "all"  # a draft: nobody is on its list
    WORDS = "words"  # everything but NEVER
    SELECTION = "selection"  # ALWAYS and SELECTION
    TIMES = "times"  # ALWAYS
    NOTHING = "nothing"  # it is finished


FREE: Final[Mapping[Freedom, frozenset[str]]] = {
    Freedom.ALL: ALWAYS | SELECTION | WORDS | NEVER,
    Freedom.WORDS: ALWAYS | SELECTION | WORDS,
    Freedom.SELECTION: ALWAYS | SELECTION,
    Freedom.TIMES: ALWAYS,
    Freedom.NOTHING: frozenset(),
}
"""Fields of the plan each allows to change."""


def _anything(_: object) -> None:
    """Whatever it is, go on."""


async def begin_draft(open_unit: OpenDeskUnit, typed: Mapping[str, str], *, by: User, now: datetime) -> int:
    """A new draft with these fields, right or wrong; returns its number."""
    async with open_unit() as unit:
        draft_id = await unit.campaign_pages.add_draft(typed, author=by.login, at=now)
        await _record_draft(unit, draft_id, "begun", by, now)
        await unit.commit()
    return draft_id


async def keep_draft(
    open_unit: OpenDeskUnit,
    typed: Mapping[str, str],
    *,
    draft_id: int,
    now: datetime,
    told: User | None = None,
    require: Callable[[CampaignDraft], None] = _anything,
) -> CampaignDraft:
    """Write down what was typed, right or wrong, over what was there. Raises NotFound, BadInput when it was sent.

    `told`: whom the audit log names; nobody is named for each step of typing. `require` as of `change_plan`.
    """
    async with open_unit() as unit:
        draft = await _open_draft(unit, draft_id, require)
        draft = replace(draft, fields={**draft.fields, **typed}, updated_at=now)
        await unit.campaign_pages.save_draft(draft)
        if told is not None:
            await _record_draft(unit, draft_id, "changed", told, now)
        await unit.commit()
    return draft


async def drop_draft(
    open_unit: OpenDeskUnit,
    draft_id: int,
    *,
    by: User,
    now: datetime,
    require: Callable[[CampaignDraft], None] = _anything,
) -> None:
    """Throw a draft away. Raises NotFound, BadInput when it was sent; `require` as of `change_plan`."""
    async with open_unit() as unit:
        await _open_draft(unit, draft_id, require)
        await unit.campaign_pages.remove_draft(draft_id)
        await _record_draft(unit, draft_id, "dropped", by, now)
        await unit.commit()


async def send_draft(
    open_unit: OpenDeskUnit,
    draft_id: int,
    wanted: NewCampaign,
    *,
    by: User,
    now: datetime,
    require: Callable[[CampaignDraft], None] = _anything,
) -> Campaign:
    """Make the campaign and let a jobs process put its list together; it awaits its release then.

    Raises NotFound, and BadInput when the name is taken or it was sent; `require` as of `change_plan`.
    """
    async with open_unit() as unit:
        draft = await _open_draft(unit, draft_id, require)
        campaign = await unit.campaigns.create(wanted, at=now)
        await unit.campaign_pages.save_draft(replace(draft, campaign_id=campaign.id, sent_at=now, updated_at=now))
        await _record(unit, campaign, "created", by, now)
        await _gather(unit, campaign, by)
        await unit.commit()
    return campaign


async def send_again(
    open_unit: OpenDeskUnit,
    campaign_id: int,
    *,
    by: User,
    now: datetime,
    require: Callable[[Campaign], None] = _anything,
) -> Campaign:
    """Put the list of a returned campaign together anew. Raises NotFound, IllegalMove unless it is a draft.

    `require` as of `change_plan`.
    """
    async with open_unit() as unit:
        campaign = await unit.campaigns.get(campaign_id, lock=True)
        require(campaign)
        if campaign.status is not CampaignStatus.DRAFT:
            raise IllegalMove(machine="campaign", state=campaign.status, event=CampaignEvent.SUBMIT)
        draft = await unit.campaign_pages.draft_of(campaign_id)
        if draft is None:  # it was made elsewhere: from now on the desk knows it too
            number = await unit.campaign_pages.add_draft({}, author=by.login, at=now)
            draft = await unit.campaign_pages.draft(number)
        await unit.campaign_pages.save_draft(replace(draft, campaign_id=campaign_id, sent_at=now, updated_at=now))
        await _gather(unit, campaign, by)
        await unit.commit()
    return campaign


async def freedom(unit: DeskUnit, campaign: Campaign) -> Freedom:
    """How much of it may be changed just now."""
    if campaign.status is CampaignStatus.FINISHED:
        return Freedom.NOTHING
    if campaign.status is CampaignStatus.DRAFT:
        return Freedom.ALL
    standing = (await unit.campaigns.progress(campaign.id)).by_state
    if standing.get(LeadState.UNRELEASED) or not campaign.released:
        return Freedom.TIMES
    waits = any(standing.get(state) for state in (*WAITING, LeadState.CLAIMED))
    return Freedom.SELECTION if waits else Freedom.WORDS


class CannotChange(BadInput):
    """Fields of a campaign that are fixed by now."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(names)
        message = f"cannot be changed now: {', '.join(self.names)}"
        super().__init__([Problem(source="campaign", where="", message=message, repair="copy the campaign")])


async def change_plan(
    open_unit: OpenDeskUnit,
    campaign_id: int,
    wanted: CampaignPlan,
    *,
    only: Collection[str],
    by: User,
    now: datetime,
    require: Callable[[Campaign], None] = _anything,
) -> Campaign:
    """Change these fields of the plan; raises NotFound, and CannotChange naming every one that is fixed.

    `require` is shown the campaign as it stands, kept from others; what it raises stops the change.
    """
    async with open_unit() as unit:
        campaign = await unit.campaigns.get(campaign_id, lock=True)
        require(campaign)
        changed = {name: getattr(wanted, name) for name in only if getattr(wanted, name) != getattr(campaign, name)}
        allowed = FREE[await freedom(unit, campaign)]
        if refused := sorted(set(changed) - allowed):
            raise CannotChange(refused)
        if changed:
            campaign = replace(campaign, **changed)
            await unit.campaign_pages.replan(campaign)
            await _record(unit, campaign, "changed", by, now, {"fields": sorted(changed)})
            await unit.wake.lines()
        await unit.commit()
    return campaign


async def move(open_unit: OpenDeskUnit, campaign_id: int, event: CampaignEvent, *, by: User, now: datetime) -> Campaign:
    """Pause, resume or finish. Raises NotFound, IllegalMove."""
    if event not in (CampaignEvent.PAUSE, CampaignEvent.RESUME, CampaignEvent.FINISH):
        raise ValueError(f"{event} is done otherwise")
    return await change_campaign(open_unit, campaign_id, event, by=by.name, now=now)


async def _open_draft(unit: DeskUnit, draft_id: int, require: Callable[[CampaignDraft], None]) -> CampaignDraft:
    draft = await unit.campaign_pages.draft(draft_id, lock=True)
    require(draft)
    if draft.campaign_id is not None:
        raise BadInput.one("draft", "a campaign was made of it already", repair="open the campaign")
    return draft


async def _gather(unit: DeskUnit, campaign: Campaign, by: User) -> None:
    await unit.jobs.defer(Task.GATHER_LIST, {"campaign_id": campaign.id, "by": by.name}, lock=f"gather:{campaign.id}")


async def _record(
    unit: DeskUnit, campaign: Campaign, what: str, by: User, now: datetime, details: dict[str, object] | None = None
) -> None:
    await unit.audit.record(
        at=now, actor=by.name, action=f"campaign.{what}", subject=f"campaign:{campaign.id}", details=details
    )


async def _record_draft(unit: DeskUnit, draft_id: int, what: str, by: User, now: datetime) -> None:
    await unit.audit.record(at=now, actor=by.name, action=f"campaign_draft.{what}", subject=f"draft:{draft_id}")
