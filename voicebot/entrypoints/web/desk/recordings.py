"""Recordings, through the application alone: heard by those who may, each time written into the audit log."""

import asyncio
import re
from pathlib import Path
from typing import Final

from aiohttp import web

from voicebot.adapters.wave_peaks import read_peaks
from voicebot.application.desk.recordings import hear_recording
from voicebot.domain.errors import BadInput, NotFound
from voicebot.domain.user import Permission
from voicebot.entrypoints.web.desk.keys import desk_of, session_of
from voicebot.entrypoints.web.desk.one_call import CALL, call_of, no_call, recording_of
from voicebot.entrypoints.web.desk.routes import get

_VIEW: Final = re.compile(r"[A-Za-z0-9_-]{8,64}")
_PRIVATE: Final = {"Cache-Control": "private, no-store"}


async def send_recording(request: web.Request) -> web.StreamResponse:
    """The sound, whole or the piece a player asks for (HTTP Range)."""
    desk, call_id = desk_of(request), call_of(request)
    file = await _file(request)
    if file is None:
        return no_call(request)
    view, download = request.query.get("view", ""), request.query.get("download") == "1"
    await hear_recording(
        desk.open_unit,
        call_id,
        view=view if _VIEW.fullmatch(view) else "",
        download=download,
        by=session_of(request).user,
        now=desk.clock.now(),
    )
    shown = "attachment" if download else "inline"
    headers = {
        **_PRIVATE,
        "Content-Type": "audio/wav",
        "Content-Disposition": f'{shown}; filename="call-{call_id}.wav"',
    }
    return web.FileResponse(file, headers=headers)


async def send_peaks(request: web.Request) -> web.StreamResponse:
    """The outline of the sound, for drawing."""
    desk = desk_of(request)
    file = await _file(request)
    if file is None:
        return no_call(request)
    try:
        peaks = await asyncio.to_thread(read_peaks, file, desk.settings.home / "peaks")
    except BadInput:
        return no_call(request)  # cut short before its first second
    return web.json_response(peaks, headers=_PRIVATE)


async def _file(request: web.Request) -> Path | None:
    desk = desk_of(request)
    try:
        async with desk.open_unit() as unit:
            stored = (await unit.call_log.show(call_of(request))).recording
    except NotFound:
        return None
    return await asyncio.to_thread(recording_of, desk, stored)


ROUTES: Final = (
    get(f"{CALL}/recording", send_recording, Permission.HEAR_CALLS),
    get(f"{CALL}/peaks", send_peaks, Permission.HEAR_CALLS),
)
