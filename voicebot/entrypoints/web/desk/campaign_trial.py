"""Trial calls of the campaigns' pages."""

from typing import Any

from aiohttp import web

from voicebot.application.desk.trial_calls import Trial, TrialAnswer, order_trial
from voicebot.domain.campaign import CampaignPlan
from voicebot.domain.lead import Lead, LeadErrand, LeadState
from voicebot.entrypoints.web.desk import campaign_words, titles
from voicebot.entrypoints.web.desk.campaign_surroundings import Around, words_of
from voicebot.entrypoints.web.desk.keys import desk_of, session_of

_REMINDER = "reminder"
"""The choice of the call that reminds, beside the variants."""


async def trial_of_plan(request: web.Request, plan: CampaignPlan, variant: str, *, about: str) -> TrialAnswer:
    """Let a line ring whoever asks and speak what customers of this variant hear."""
    desk = desk_of(request)
    errand = LeadErrand.REMINDER if variant == _REMINDER and plan.reminder else LeadErrand.OFFER
    imagined = Lead(
        id=0,
        campaign_id=0,
        customer_id=0,
        state=LeadState.QUEUED,
        attempts=0,
        next_attempt_at=None,
        callback=False,
        lease_owner="",
        lease_until=None,
        disposition=None,
        group=None,
        errand=errand,
        variant=variant,
    )
    trial = Trial(
        script=plan.script_for(imagined),
        dialplan=plan.dialplan,
        variables=words_of(desk, plan.offer_for(imagined)),
        about=about,
    )
    return await order_trial(desk.open_unit, trial, by=session_of(request).user, now=desk.clock.now())


async def trial_context(
    request: web.Request, plan: CampaignPlan, around: Around, *, about: str, address: str
) -> dict[str, Any]:
    """What `campaigns/trial.html` shows; `address`: where its form goes."""
    desk, user = desk_of(request), session_of(request).user
    async with desk.open_unit() as unit:
        last = await unit.trial_calls.last_of(user.login, about)
    choices = [(one.name, one.name) for one in plan.variants] or [("", plan.script)]
    choices += [(_REMINDER, plan.reminder.script)] if plan.reminder else []
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
