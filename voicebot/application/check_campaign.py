"""Everything wrong with a campaign, before anybody is called."""

from voicebot.application.ports.unit_of_work import OpenUnit
from voicebot.application.select_leads import selection_rules
from voicebot.domain.campaign import CampaignPlan
from voicebot.domain.campaign_checks import Finding, Surroundings, check_plan, check_preview


async def check_campaign(open_unit: OpenUnit, plan: CampaignPlan, around: Surroundings) -> tuple[Finding, ...]:
    """What the plan itself shows, and whether its segment holds anybody now."""
    findings = check_plan(plan, around)
    if plan.segment is None:
        return findings
    async with open_unit() as unit:
        preview = await unit.selection.preview(plan.segment, selection_rules(plan), at=around.now, examples=1)
    return (*findings, *check_preview(preview))
