"""Forgetting people and handing out their data (152-FZ)."""

import io
import json
import zipfile
from datetime import date
from typing import Final
from urllib.parse import quote

from aiohttp import web

from voicebot.adapters.call_files import DiskCallFiles
from voicebot.application.desk.erase_customer import ErasureRequest, erase_customer, show_act
from voicebot.application.desk.export_customer import PersonalData, export_customer
from voicebot.application.desk.personal_document import personal_json, recording_name
from voicebot.domain.erasure import TERMS, ErasureGround, due_on
from voicebot.domain.errors import BadInput, NotFound
from voicebot.domain.user import Permission
from voicebot.entrypoints.web.desk.keys import Desk, desk_of, session_of
from voicebot.entrypoints.web.desk.pages import fragment, page, see_other
from voicebot.entrypoints.web.desk.routes import get, post

_ID: Final = r"{id:\d{1,18}}"
_PAGE: Final = 50


async def show_acts(request: web.Request) -> web.Response:
    """The acts, with a field to find whom the next one is about: by external id alone."""
    desk, before = desk_of(request), request.query.get("before", "")
    wanted = request.query.get("customer", "").strip()[:200]
    async with desk.open_unit() as unit:
        if wanted:
            try:
                return see_other(f"/customers/{(await unit.customers.named(wanted)).id}/erase")
            except NotFound:
                pass
        last = int(before) if before.isascii() and before.isdigit() and len(before) <= 18 else None
        acts = await unit.erasures.acts(before=last, limit=_PAGE)
    older = f"/erasures?before={acts[_PAGE - 1].id}" if len(acts) > _PAGE else ""
    return page(
        request,
        "erasures/list.html",
        acts=acts[:_PAGE],
        wanted=wanted,
        older=older,
        newer="/erasures" if last is not None else "",
        zone=desk.zone,
        status=404 if wanted else 200,
    )


async def show(request: web.Request) -> web.Response:
    """One act, to be printed."""
    desk = desk_of(request)
    try:
        act, log = await show_act(desk.open_unit, int(request.match_info["id"]))
    except NotFound:
        return page(request, "customers/nobody.html", status=404)
    return page(
        request,
        "erasures/act.html",
        act=act,
        log=log,
        term=TERMS[act.ground],
        due=due_on(act.ground, act.requested),
        zone=desk.zone,
    )


async def ask(request: web.Request) -> web.Response:
    """What will be erased, on what ground, and the last question."""
    return await _form(request)


async def erase(request: web.Request) -> web.StreamResponse:
    """Forget the person."""
    form, desk = await request.post(), desk_of(request)
    try:
        wanted = ErasureRequest(
            customer_id=int(request.match_info["id"]),
            ground=ErasureGround(str(form.get("ground", ""))),
            requested=date.fromisoformat(str(form.get("requested", ""))),
            confirmed=str(form.get("confirmed", "")),
            by=session_of(request).user.name,
        )
        act = await erase_customer(desk.open_unit, _files(desk), wanted, desk.clock.now())
    except ValueError:
        return await _form(request, wrong="form")
    except BadInput as error:
        return await _form(request, wrong=error.problems[0].source)
    except NotFound:
        return page(request, "customers/nobody.html", status=404)
    return see_other(f"/erasures/{act}")


async def export(request: web.Request) -> web.Response:
    """Everything we hold of the person: JSON, or an archive with a page to read and the recordings."""
    form, desk = await request.post(), desk_of(request)
    by, now = session_of(request).user.name, desk.clock.now()
    try:
        data = await export_customer(desk.open_unit, int(request.match_info["id"]), by=by, now=now)
    except NotFound:
        return page(request, "customers/nobody.html", status=404)
    document = json.dumps(personal_json(data), ensure_ascii=False, indent=2).encode()
    if form.get("as") == "json":
        return _download(data, document, "json", "application/json")
    readable = fragment(request, "erasures/export.html", data=data, zone=data.told.zone)
    return _download(data, await _archive(_files(desk), data, document, readable.encode()), "zip", "application/zip")


async def _form(request: web.Request, *, wrong: str = "") -> web.Response:
    desk, customer_id = desk_of(request), int(request.match_info["id"])
    try:
        async with desk.open_unit() as unit:
            customer = await unit.customers.get(customer_id)
            erased = await unit.erasures.is_erased(customer_id)
    except NotFound:
        return page(request, "customers/nobody.html", status=404)
    today = desk.clock.now().astimezone(desk.zone).date()
    return page(
        request,
        "erasures/ask.html",
        status=422 if wrong else 200,
        customer=customer,
        erased=erased,
        grounds=[(ground, TERMS[ground], due_on(ground, today)) for ground in ErasureGround],
        today=today,
        wrong=wrong,
    )


async def _archive(files: DiskCallFiles, data: PersonalData, document: bytes, readable: bytes) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("data.json", document)
        packed.writestr("data.html", readable)
        for call_id, path in data.recordings.items():
            sound = await files.read(path)
            if sound is not None:
                packed.writestr(recording_name(call_id), sound)
    return archive.getvalue()


def _download(data: PersonalData, content: bytes, ending: str, kind: str) -> web.Response:
    name = quote(f"{data.told.customer.external_id}.{ending}", safe="")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}", "Cache-Control": "no-store"}
    return web.Response(body=content, content_type=kind, headers=headers)


def _files(desk: Desk) -> DiskCallFiles:
    return DiskCallFiles(desk.settings.recordings, desk.settings.home / "peaks")


ROUTES: Final = (
    get("/erasures", show_acts, Permission.ERASE),
    get(f"/erasures/{_ID}", show, Permission.ERASE),
    get(f"/customers/{_ID}/erase", ask, Permission.ERASE),
    post(f"/customers/{_ID}/erase", erase, Permission.ERASE),
    post(f"/customers/{_ID}/export", export, Permission.ERASE),
)
