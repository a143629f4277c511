"""Trial calls of the campaigns' pages."""

from typing import Any

from aiohttp import web

from voicebot.application.desk.campaign_bench import Around
from voicebot.application.desk.campaign_trial import REMINDER
from voicebot.domain.campaign import CampaignPlan
from voicebot.entrypoints.web.desk import campaign_words, titles
from voicebot.entrypoints.web.desk.keys import desk_of, session_of


async def trial_context(
    request: web.Request, plan: CampaignPlan, around: Around, *, about: str, address: str
) -> dict[str, Any]:
    """What `campaigns/trial.html` shows; `address`: where its form goes."""
    desk, user = desk_of(request), session_of(request).user
    async with desk.open_unit() as unit:
        last = await unit.trial_calls.last_of(user.login, about)
    choices = [(one.name, one.name) for one in plan.variants] or [("", plan.script)]
    choices += [(REMINDER, plan.reminder.script)] if plan.reminder else []
    return {
        "trial": last,
        "trial_scripts": choices if plan.script in around.scripts else [],
        "trial_address": address,
        "trial_stages": campaign_words.TRIAL_STAGES,
        "trial_results": campaign_words.TRIAL_RESULTS,
        "trial_answers": campaign_words.TRIAL_ANSWERS,
        "trial_answer": None,
        "groups": titles.GROUPS,
        "zone": desk.zone,
    }
