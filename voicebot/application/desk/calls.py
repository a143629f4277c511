"""Reading a call."""

from datetime import datetime

from voicebot.application.ports.call_pages import CallPage
from voicebot.application.ports.desk_unit import OpenDeskUnit
from voicebot.domain.call import Speaker
from voicebot.domain.user import Permission, User


async def read_call(open_unit: OpenDeskUnit, call_id: int, *, by: User, now: datetime) -> CallPage:
    """The call; raises NotFound. Its words count as read once somebody looks who could set them right."""
    async with open_unit() as unit:
        shown = await unit.call_pages.show(call_id)
        said = any(line.turn.speaker is not Speaker.BOT for line in shown.lines)
        if said and not shown.reviewed_by and by.may(Permission.CORRECT) and shown.record.summary.cause is not None:
            await unit.call_marks.reviewed(call_id, by=by.name, at=now)
            await unit.commit()
    return shown
