"""Hearing the recording of a call."""

from datetime import datetime, timedelta
from typing import Final

from voicebot.application.ports.audit import AuditFilter
from voicebot.application.ports.desk_unit import OpenDeskUnit
from voicebot.domain.user import User

HEARD: Final = "recording.heard"
_ONE_VIEW: Final = timedelta(hours=8)
"""A page left open longer is a new view."""
_ENTRIES: Final = 200


async def hear_recording(
    open_unit: OpenDeskUnit, call_id: int, *, view: str, download: bool, by: User, now: datetime
) -> None:
    """Write down that somebody hears a call: once for each time they opened its page, however many pieces they fetch.

    `view` names the opened page; without it every request counts.
    """
    subject = f"call:{call_id}"
    async with open_unit() as unit:
        wanted = AuditFilter(subjects=(subject,), actor=by.name, since=now - _ONE_VIEW, limit=_ENTRIES)
        details = {"view": view, "download": download}
        if view and any(
            one.entry.action == HEARD and one.entry.details == details for one in await unit.audit.find(wanted)
        ):
            return
        await unit.audit.record(at=now, actor=by.name, action=HEARD, subject=subject, details=details)
        await unit.commit()
