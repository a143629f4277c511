"""Drafts of campaigns as the API tells of them and takes them."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from voicebot.adapters.yaml_campaigns import read_campaign_text
from voicebot.application.desk.campaign_bench import Around
from voicebot.application.desk.campaign_fill import fields_of
from voicebot.application.desk.campaign_form import MOST_VARIANTS
from voicebot.application.json_input import problem
from voicebot.application.ports.campaign_pages import CampaignDraft
from voicebot.domain.campaign import CampaignStatus
from voicebot.domain.errors import BadInput
from voicebot.entrypoints.web.api.campaign_parts import CampaignParts, DraftWanted
from voicebot.entrypoints.web.api.campaign_typing import typed
from voicebot.entrypoints.web.api.plan_problems import PlanProblem
from voicebot.entrypoints.web.api.routes import etag_of


@dataclass(frozen=True, kw_only=True, slots=True)
class DraftItem:
    """One draft."""

    id: int
    name: Annotated[str, "What the campaign will be called; empty: nobody has said yet."]
    author: Annotated[str, "Who began it: a login, or token:N."]
    updated_at: datetime
    campaign: Annotated[int | None, "That was made of it; null while it is put together."]


@dataclass(frozen=True, kw_only=True, slots=True)
class DraftPage:
    """Drafts nothing was made of yet, the newest first."""

    items: tuple[DraftItem, ...]
    next: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class DraftDetails:
    """One draft as it would be made: what is usual stands where something cannot be read, and `problems` says so."""

    draft: DraftItem
    plan: CampaignParts
    problems: Annotated[tuple[PlanProblem, ...], "All but whether anybody would be called: the check says that."]


@dataclass(frozen=True, kw_only=True, slots=True)
class DraftGone:
    """A draft that was thrown away."""

    id: int


@dataclass(frozen=True, kw_only=True, slots=True)
class DraftSent:
    """The campaign that was made of a draft."""

    campaign: int
    status: Annotated[CampaignStatus, "A draft, until its list is together; then it awaits its release."]


def draft_item(draft: CampaignDraft) -> DraftItem:
    """As the API tells it."""
    return DraftItem(
        id=draft.id,
        name=draft.fields.get("name", ""),
        author=draft.author,
        updated_at=draft.updated_at,
        campaign=draft.campaign_id,
    )


def draft_etag(draft: CampaignDraft) -> str:
    """Changes with whatever is in it."""
    return etag_of("draft", draft.id, draft.campaign_id, *sorted(draft.fields.items()))


async def given_fields(wanted: DraftWanted, around: Around) -> dict[str, str]:
    """The fields of the file, then of the parts over it."""
    found = {} if wanted.file is None else await _from_file(wanted.file, around)
    found |= typed(wanted, dialplan=around.dialplan)
    return found if wanted.name is None else found | {"name": wanted.name}


async def _from_file(text: str, around: Around) -> dict[str, str]:
    try:
        file = await asyncio.to_thread(read_campaign_text, text, dialplan=around.dialplan)
        file.refuse(())
    except BadInput as error:
        lines = [problem(f"file:{one.where}", one.message, one.repair) for one in error.problems]
        raise BadInput(lines) from error
    if len(file.plan.variants) > MOST_VARIANTS:
        raise BadInput([problem("file", f"a split test has at most {MOST_VARIANTS} variants")])
    found = fields_of(file.plan, around.hours)
    return {name: value for name, value in found.items() if name != "name"}
