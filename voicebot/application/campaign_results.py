"""What a campaign was worth, against the people it left alone."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from voicebot.application.ports.results import Funnel
from voicebot.application.ports.unit_of_work import OpenUnit
from voicebot.domain.campaign_checks import USUAL_CONTROL
from voicebot.domain.errors import BadInput
from voicebot.domain.lift import Duel, GroupFigures, compare, compare_variants

DAYS: Final = 30
"""Days after coming onto the list in which orders count."""
_DRAWN: Final = (0.8, 1.2)
"""How far chance may carry the share that was drawn from the one that was wanted."""
_FEW: Final = 500
"""With fewer people the share that a draw leaves alone says little."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignResults:
    """The figures of one campaign at one moment."""

    campaign: str
    days: int
    at: datetime
    called: GroupFigures
    control: GroupFigures
    variants: tuple[GroupFigures, ...]
    """Empty without a split test."""
    lift: Duel | None
    """The called against the control group; None without a control group."""
    duels: tuple[Duel, ...]
    """The variants against each other."""
    funnels: tuple[Funnel, ...]
    control_share: float | None
    """Part of the selected people that was left alone; None when nobody was selected."""
    wanted_share: float
    """What the campaign asks for."""

    @property
    def unusual_share(self) -> bool:
        """Whether the control group is another part than practice and campaign want, among people enough to tell."""
        people = self.called.people + self.called.waiting + self.control.people + self.control.waiting
        if self.control_share is None or people < _FEW:
            return False
        least, most = (float(one) * slack for one, slack in zip(USUAL_CONTROL, _DRAWN, strict=True))
        return not least <= self.control_share <= most


async def campaign_results(open_unit: OpenUnit, name: str, *, days: int = DAYS, now: datetime) -> CampaignResults:
    """The results of the campaign of that name; raises NotFound, and BadInput for days that are none."""
    if days < 1:
        raise BadInput.one("--days", f"{days} is not possible", repair="use 1 or more")
    async with open_unit() as unit:
        campaign = await unit.campaigns.named(name)
        control, called, *variants = await unit.results.figures(campaign.id, days=days, at=now)
        funnels = await unit.results.funnels(campaign.id)
        share = await unit.results.control_share(campaign.id)
    return CampaignResults(
        campaign=campaign.name,
        days=days,
        at=now,
        called=called,
        control=control,
        variants=tuple(variants),
        lift=compare(called, control) if control.people + control.waiting else None,
        duels=compare_variants(variants),
        funnels=funnels,
        control_share=share,
        wanted_share=float(campaign.control_share),
    )
