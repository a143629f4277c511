"""Trying a campaign on somebody of the company."""

from typing import Final

from voicebot.application.desk.campaign_bench import Workbench, words_of
from voicebot.application.desk.trial_calls import Trial, TrialAnswer, order_trial
from voicebot.domain.campaign import CampaignPlan
from voicebot.domain.lead import Lead, LeadErrand, LeadState
from voicebot.domain.user import User

REMINDER: Final = "reminder"
"""The choice of the call that reminds, beside the variants."""


async def try_plan(
    bench: Workbench, plan: CampaignPlan, variant: str, *, about: str, by: User, actor: str = ""
) -> TrialAnswer:
    """Let a line ring `by` and speak what customers of this variant hear; `actor`: who has asked for it instead."""
    errand = LeadErrand.REMINDER if variant == REMINDER and plan.reminder else LeadErrand.OFFER
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
        variables=words_of(bench, plan.offer_for(imagined)),
        about=about,
    )
    return await order_trial(bench.open_unit, trial, by=by, now=bench.clock.now(), actor=actor)
