"""Finding the customers of a segment."""

from datetime import datetime
from typing import Protocol

from voicebot.domain.segment import Segment, SegmentPreview, SelectionRules


class CustomerSelection(Protocol):
    """Answers who belongs to a segment and who of them may be called."""

    async def allowed(self, segment: Segment, rules: SelectionRules, *, at: datetime) -> tuple[int, ...]:
        """Ids of the lapsed customers who may be called, ascending; `at` is now, aware."""

    async def preview(self, segment: Segment, rules: SelectionRules, *, at: datetime, examples: int) -> SegmentPreview:
        """The numbers and at most `examples` customers of each kind: allowed, and excluded by each reason."""

    async def controls(self, segment: Segment, rules: SelectionRules, *, at: datetime) -> tuple[int, ...]:
        """Ids of the control group, ascending: they might be called, and are left alone on purpose."""
