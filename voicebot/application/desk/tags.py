"""Tags that people give to calls."""

import re
from datetime import datetime
from typing import Final

from voicebot.application.ports.desk_unit import DeskUnit, OpenDeskUnit
from voicebot.domain.errors import BadInput
from voicebot.domain.user import User

_TAG: Final = re.compile(r"[\w][\w .+-]{0,39}")


def read_tag(typed: str) -> str:
    """As tags are kept; raises BadInput for what is none."""
    written = " ".join(typed.split()).lower()
    if not _TAG.fullmatch(written):
        raise BadInput.one("tag", "is no tag", repair="up to 40 letters, digits, spaces, dots, hyphens")
    return written


async def add_tag(open_unit: OpenDeskUnit, call_id: int, tag: str, *, by: User, now: datetime) -> None:
    """Tag a call and its customer; raises NotFound, and BadInput for what is no tag."""
    written = read_tag(tag)
    async with open_unit() as unit:
        await unit.calls.lock(call_id)
        if await unit.call_marks.tag(call_id, written, at=now):
            await _record(unit, "call.tagged", call_id, by, now)
            await unit.commit()


async def remove_tag(open_unit: OpenDeskUnit, call_id: int, tag: str, *, by: User, now: datetime) -> None:
    """Take a tag back; raises NotFound."""
    async with open_unit() as unit:
        await unit.calls.lock(call_id)
        if await unit.call_marks.untag(call_id, tag):
            await _record(unit, "call.untagged", call_id, by, now)
            await unit.commit()


async def _record(unit: DeskUnit, action: str, call_id: int, by: User, now: datetime) -> None:
    """Without the tag: free text has no place in a log that forgets nobody."""
    await unit.audit.record(at=now, actor=by.name, action=action, subject=f"call:{call_id}")
