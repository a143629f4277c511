"""Who gets the summary by e-mail, and when."""

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from voicebot.adapters.reports.words import SPANS
from voicebot.application.desk.report_mails import send_now, subscribe, unsubscribe
from voicebot.domain.errors import BadInput, NotFound, Problem
from voicebot.domain.report import MailState, NewSubscription, Span
from voicebot.domain.schedule import Schedule
from voicebot.domain.user import Permission
from voicebot.entrypoints.web.desk.asked import asked_of, member, number
from voicebot.entrypoints.web.desk.keys import desk_of, session_of
from voicebot.entrypoints.web.desk.pages import LANGUAGES, language_of, page, see_other
from voicebot.entrypoints.web.desk.routes import get, post

_PAGE: Final = "/reports/mails"
_ONE: Final = r"/reports/mails/{id:\d{1,18}}"
_DAYS: Final[Mapping[str, str]] = {
    "*": "каждый день",
    "1-5": "по будням",
    "1": "по понедельникам",
    "2": "по вторникам",
    "3": "по средам",
    "4": "по четвергам",
    "5": "по пятницам",
    "6": "по субботам",
    "0": "по воскресеньям",
    "first": "первого числа",
}
"""When a letter goes, as the form offers it: the last field of cron."""
STATES: Final[Mapping[MailState, str]] = {
    MailState.QUEUED: "ждёт отправки",
    MailState.SENT: "отправлено",
    MailState.FAILED: "не ушло",
    MailState.UNKNOWN: "неизвестно, ушло ли",
}
_KINDS: Final = {MailState.SENT: "good", MailState.FAILED: "bad", MailState.UNKNOWN: "warn"}


async def show_mails(request: web.Request) -> web.Response:
    """The subscriptions, and a form for another one."""
    return await _page(request)


async def add(request: web.Request) -> web.Response:
    """Subscribe somebody."""
    desk, user = desk_of(request), session_of(request).user
    form = asked_of({name: value for name, value in (await request.post()).items() if isinstance(value, str)})
    language = form.get("language", "")
    wanted = NewSubscription(
        email=form.get("email", ""),
        span=member(Span, form.get("span", "")) or Span.WEEK,
        campaign_id=number(form.get("campaign", "")),
        cron=_cron(form),
        language=language if language in LANGUAGES else LANGUAGES[0],
        workbook="workbook" in form,
        created_by=user.name,
    )
    try:
        await subscribe(desk.open_unit, wanted, by=user, now=desk.clock.now())
    except BadInput as error:
        return await _page(request, form=form, problems=error.problems, status=422)
    except NotFound:
        gone = Problem(
            source="campaign", where="", message="there is no such campaign", repair="choose one of the list"
        )
        return await _page(request, form=form, problems=(gone,), status=422)
    return see_other(_PAGE)


async def remove(request: web.Request) -> web.Response:
    """Send nothing more; somebody may have been quicker."""
    desk, user = desk_of(request), session_of(request).user
    try:
        await unsubscribe(desk.open_unit, int(request.match_info["id"]), by=user, now=desk.clock.now())
    except NotFound:
        return see_other(_PAGE)
    return see_other(_PAGE)


async def send(request: web.Request) -> web.Response:
    """One letter now."""
    desk, user = desk_of(request), session_of(request).user
    try:
        await send_now(desk.open_unit, int(request.match_info["id"]), by=user, now=desk.clock.now())
    except NotFound:
        return see_other(_PAGE)
    return see_other(f"{_PAGE}?queued=yes")


async def _page(
    request: web.Request,
    *,
    form: Mapping[str, str] | None = None,
    problems: tuple[Problem, ...] = (),
    status: int = 200,
) -> web.Response:
    desk = desk_of(request)
    async with desk.open_unit() as unit:
        subscriptions = await unit.report_mails.all()
        last = await unit.report_mails.last()
        choices = await unit.reports.choices()
    now = desk.clock.now()
    return page(
        request,
        "reports/mails.html",
        status=status,
        subscriptions=subscriptions,
        last=last,
        next_at={one.id: Schedule(cron=one.cron).next_after(now, desk.zone) for one in subscriptions},
        said={one.id: _said(one.cron) for one in subscriptions},
        campaigns=dict(choices.campaigns),
        spans={span: words(language_of(request)) for span, words in SPANS.items()},
        states=STATES,
        state_kinds=_KINDS,
        days=_DAYS,
        form=form or {"days": "1", "time": "09:00", "span": Span.WEEK, "workbook": "1"},
        problems=problems,
        queued="queued" in request.query,
        with_server=bool(desk.settings.smtp_host),
        zone=desk.zone,
    )


def _cron(form: Mapping[str, str]) -> str:
    """What the form says, in five fields; its own words when it says nothing."""
    if form.get("cron"):
        return form["cron"]
    hour, _, minute = form.get("time", "").partition(":")
    if not (hour.isdecimal() and minute.isdecimal()):
        return form.get("time", "")
    days = form.get("days", "")
    if days == "first":
        return f"{int(minute)} {int(hour)} 1 * *"
    return f"{int(minute)} {int(hour)} * * {days if days in _DAYS else '*'}"


def _said(cron: str) -> tuple[str, str]:
    """Days and time as the page says them; the fields of cron where it has no words."""
    minute, hour, day, month, week = cron.split()
    days = "first" if (day, month, week) == ("1", "*", "*") else week if (day, month) == ("*", "*") else ""
    if days in _DAYS and minute.isdecimal() and hour.isdecimal():
        return _DAYS[days], f"{int(hour)}:{int(minute):02}"
    return "", cron


ROUTES: Final = (
    get(_PAGE, show_mails, Permission.SEE_REPORTS),
    post(_PAGE, add, Permission.SEE_REPORTS),
    post(f"{_ONE}/remove", remove, Permission.SEE_REPORTS),
    post(f"{_ONE}/send", send, Permission.SEE_REPORTS),
)
