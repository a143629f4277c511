"""Transcripts to take along."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from aiohttp import web

from voicebot.application.ports.call_pages import CallLine, CallPage
from voicebot.domain.errors import NotFound
from voicebot.domain.user import Permission
from voicebot.entrypoints.web.desk import titles
from voicebot.entrypoints.web.desk.keys import desk_of, session_of
from voicebot.entrypoints.web.desk.one_call import CALL, call_of, no_call
from voicebot.entrypoints.web.desk.pages import spoken_for
from voicebot.entrypoints.web.desk.routes import get

Spoken = Callable[[str], str]
"""What was said, as far as the reader may know it."""
_READABLE: Final = partial(json.dumps, ensure_ascii=False, indent=2)


async def send_text(request: web.Request) -> web.Response:
    """To read or print."""
    call = await _call(request)
    if call is None:
        return no_call(request)
    summary, spoken = call.record.summary, _spoken(request, call)
    dialled = summary.dialled_at.astimezone(desk_of(request).zone)
    lines = [
        f"{summary.campaign} · №{summary.id} · {dialled:%d.%m.%Y %H:%M}",
        *(_line_text(line, spoken) for line in call.lines),
    ]
    return _attached(request, "\n".join(lines) + "\n", "text/plain", "txt")


async def send_json(request: web.Request) -> web.Response:
    """For programs."""
    call = await _call(request)
    if call is None:
        return no_call(request)
    summary, spoken = call.record.summary, _spoken(request, call)
    whole = session_of(request).user.may(Permission.SEE_PERSONAL)
    told = {
        "call": summary.id,
        "campaign": summary.campaign,
        "customer": summary.external_id,
        "phone": summary.phone.e164 if whole else summary.phone.masked,
        "direction": summary.direction,
        "dialled_at": summary.dialled_at.isoformat(),
        "talk_seconds": summary.talk_seconds,
        "group": summary.group,
        "disposition": summary.disposition,
        "tags": summary.tags,
        "turns": [_line_json(line, spoken) for line in call.lines],
    }
    return _attached(request, _READABLE(told), "application/json", "json")


async def _call(request: web.Request) -> CallPage | None:
    try:
        async with desk_of(request).open_unit() as unit:
            return await unit.call_pages.show(call_of(request))
    except NotFound:
        return None


def _spoken(request: web.Request, call: CallPage) -> Spoken:
    return lambda text: spoken_for(session_of(request), text, call.name)


def _line_text(line: CallLine, spoken: Spoken) -> str:
    minutes, seconds = divmod(int(line.turn.started_at), 60)
    corrected = f" (распознано: {spoken(line.turn.text)})" if line.correction and line.words != line.turn.text else ""
    return f"{minutes}:{seconds:02}  {titles.SPEAKERS[line.turn.speaker]}: {spoken(line.words)}{corrected}"


def _line_json(line: CallLine, spoken: Spoken) -> dict[str, Any]:
    turn, right = line.turn, line.correction
    told: dict[str, Any] = {
        "speaker": turn.speaker,
        "state": turn.state,
        "text": spoken(turn.text),
        "started_at": turn.started_at,
        "ended_at": turn.ended_at,
        "intent": turn.intent,
        "score": turn.score,
        "confidence": turn.confidence,
        "reply_gap_ms": turn.reply_gap_ms,
        "interrupted": turn.interrupted,
    }
    if right is not None:
        told["corrected"] = {"text": spoken(right.words), "intent": right.intent, "by": right.corrected_by}
    return told


def _attached(request: web.Request, text: str, kind: str, suffix: str) -> web.Response:
    headers = {
        "Content-Disposition": f'attachment; filename="call-{call_of(request)}.{suffix}"',
        "Cache-Control": "no-store",
    }
    return web.Response(text=text, content_type=kind, charset="utf-8", headers=headers)


ROUTES: Final = (
    get(f"{CALL}/transcript.txt", send_text, Permission.SEE_CALLS),
    get(f"{CALL}/transcript.json", send_json, Permission.SEE_CALLS),
)
