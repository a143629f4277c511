"""What goes on now, what the day came to, what is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from aiohttp import web

from voicebot.application.desk.today import Picture
from voicebot.application.ports.today import LiveCall
from voicebot.domain.alarms import AlarmKind
from voicebot.domain.api_token import Scope
from voicebot.domain.call import Direction
from voicebot.entrypoints.web.api.keys import Api
from voicebot.entrypoints.web.api.masks import name_for, phone_for
from voicebot.entrypoints.web.api.routes import Asked, Reply, get
from voicebot.entrypoints.web.desk.streams import Shared
from voicebot.entrypoints.web.desk.today import share_picture

TODAY: Final = web.AppKey("api_today", Shared[Picture])
"""What all programs that ask this process are shown."""
_LOOK_S: Final = 2.0
"""How old what is shown may be; the desk shows it as old."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LiveItem:
    """A call under way."""

    call_id: int
    campaign: str
    customer_id: int
    name: Annotated[str, "Masked without personal:read."]
    phone: Annotated[str | None, "Masked without personal:read."]
    direction: Direction
    dialled_at: datetime
    answered_at: Annotated[datetime | None, "null while it rings."]
    state: Annotated[str, "Script state of the last words; empty before any."]
    last_words: Annotated[str | None, "Of the customer; null without transcripts:read."]


@dataclass(frozen=True, kw_only=True, slots=True)
class DayFunnel:
    """How far the people of today have come."""

    waiting: Annotated[int, "People on the lists of running campaigns who wait for a call."]
    dialled: int
    answered: int
    by_group: Mapping[str, int]
    codes: Annotated[int, "Promo codes issued."]
    orders: Annotated[int, "Codes redeemed."]


@dataclass(frozen=True, kw_only=True, slots=True)
class QueueItem:
    """The managers' queue in short."""

    open: int
    urgent: int
    oldest_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class AlarmItem:
    """One thing to look at."""

    kind: AlarmKind
    value: Annotated[float | None, "The share that set it off, 0-1."]
    usual: Annotated[float | None, "What it is compared with, 0-1."]
    subject: Annotated[str, "Name of the trunk."]
    until: Annotated[datetime | None, "When the trunk is tried again."]


@dataclass(frozen=True, kw_only=True, slots=True)
class TodayItem:
    """The state of a moment."""

    at: datetime
    live: Annotated[tuple[LiveItem, ...] | None, "Calls under way, the longest first; null without calls:read."]
    funnel: DayFunnel
    escalations: QueueItem
    alarms: Annotated[tuple[AlarmItem, ...], "The worst first; empty: all is well."]


def build_today(api: Api) -> Shared[Picture]:
    """Nobody looks before somebody asks."""
    zone = ZoneInfo(api.settings.time_zone)
    return share_picture(api.open_unit, api.clock, zone, look_s=_LOOK_S, fresh_s=_LOOK_S)


async def get_today(asked: Asked) -> Reply:
    """As of the last seconds."""
    seen = await asked.request.app[TODAY].see()
    funnel, queue = seen.funnel, seen.queue
    item = TodayItem(
        at=seen.now,
        live=tuple(_live(asked, one) for one in seen.live) if asked.may(Scope.CALLS_READ) else None,
        funnel=DayFunnel(
            waiting=seen.waiting,
            dialled=funnel.dialled,
            answered=funnel.answered,
            by_group=funnel.by_group,
            codes=funnel.codes,
            orders=funnel.orders,
        ),
        escalations=QueueItem(open=queue.open, urgent=queue.urgent, oldest_at=queue.oldest_at),
        alarms=tuple(
            AlarmItem(kind=one.kind, value=one.value, usual=one.usual, subject=one.subject, until=one.until)
            for one in seen.alarms
        ),
    )
    return Reply(body=item)


def _live(asked: Asked, call: LiveCall) -> LiveItem:
    return LiveItem(
        call_id=call.id,
        campaign=call.campaign,
        customer_id=call.customer_id,
        name=name_for(asked, call.name),
        phone=phone_for(asked, call.phone),
        direction=call.direction,
        dialled_at=call.dialled_at,
        answered_at=call.answered_at,
        state=call.state,
        last_words=call.last_words if asked.may(Scope.TRANSCRIPTS_READ) else None,
    )


ROUTES: Final = (
    get(
        "/api/v1/today",
        get_today,
        Scope.REPORTS_READ,
        name="getToday",
        summary="Live calls, today's figures, the managers' queue and what is wrong",
        tag="Today",
        answer=TodayItem,
        details="As the first page of the desk shows it; a few seconds old, at most.",
    ),
)
