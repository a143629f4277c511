"""Who belongs to a segment, and who of them may be called."""

from voicebot.application.ports.clock import Clock
from voicebot.application.ports.unit_of_work import OpenUnit
from voicebot.domain.segment import Segment, SegmentPreview, SelectionRules


async def select_customers(
    segment: Segment, rules: SelectionRules, *, open_unit: OpenUnit, clock: Clock
) -> tuple[int, ...]:
    """Ids of those who may be called now, ascending; a campaign makes them its leads."""
    async with open_unit() as unit:
        return await unit.selection.allowed(segment, rules, at=clock.now())


async def preview_segment(
    segment: Segment, rules: SelectionRules, *, open_unit: OpenUnit, clock: Clock, examples: int = 10
) -> SegmentPreview:
    """The numbers, some of those who may be called, and why each of the others may not."""
    async with open_unit() as unit:
        return await unit.selection.preview(segment, rules, at=clock.now(), examples=examples)
