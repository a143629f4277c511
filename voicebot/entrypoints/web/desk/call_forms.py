"""What people write on a call: corrections and tags."""

from typing import Final

from aiohttp import web

from voicebot.application.desk.corrections import correct_line, withdraw_correction
from voicebot.application.desk.tags import add_tag, remove_tag
from voicebot.domain.errors import BadInput, NotFound
from voicebot.domain.intent import Intent
from voicebot.domain.user import Permission
from voicebot.entrypoints.web.desk.calls import call_page
from voicebot.entrypoints.web.desk.keys import desk_of, session_of
from voicebot.entrypoints.web.desk.one_call import CALL, call_of, no_call
from voicebot.entrypoints.web.desk.pages import see_other
from voicebot.entrypoints.web.desk.routes import post


async def correct(request: web.Request) -> web.StreamResponse:
    """Set a line right, or leave it as it was."""
    form, call_id, turn_id = await request.post(), call_of(request), int(request.match_info["turn"])
    desk, user = desk_of(request), session_of(request).user
    try:
        if form.get("undo") == "yes":
            await withdraw_correction(desk.open_unit, call_id, turn_id, by=user, now=desk.clock.now())
        else:
            words, meant = _text(str(form.get("words", ""))), _intent(str(form.get("intent", "")))
            await correct_line(
                desk.open_unit, call_id, turn_id, words=words, intent=meant, by=user, now=desk.clock.now()
            )
    except NotFound:
        return no_call(request)
    except BadInput as error:
        return await call_page(request, problems=tuple(error.problems), status=422)
    return see_other(f"/calls/{call_id}#turn-{turn_id}")


async def change_tags(request: web.Request) -> web.StreamResponse:
    """Give the call a tag, or take one back."""
    form, desk, call_id = await request.post(), desk_of(request), call_of(request)
    change = remove_tag if form.get("action") == "remove" else add_tag
    try:
        tag = _text(str(form.get("tag", "")))
        await change(desk.open_unit, call_id, tag, by=session_of(request).user, now=desk.clock.now())
    except NotFound:
        return no_call(request)
    except BadInput as error:
        return await call_page(request, problems=tuple(error.problems), status=422)
    return see_other(f"/calls/{call_id}#tags")


def _intent(written: str) -> Intent:
    if written not in set(Intent):
        raise BadInput.one("intent", "there is no such meaning", repair="choose one of the list")
    return Intent(written)


def _text(written: str) -> str:
    """Without characters that no text of ours has."""
    return "".join(one if one.isprintable() else " " for one in written)


ROUTES: Final = (
    post(rf"{CALL}/turns/{{turn:\d{{1,18}}}}", correct, Permission.CORRECT),
    post(f"{CALL}/tags", change_tags, Permission.CHANGE_CUSTOMERS),
)
