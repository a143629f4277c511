"""Subscriptions of reports: made, taken back, sent at once."""

import re
from datetime import datetime
from typing import Final

from voicebot.application.ports.desk_unit import OpenDeskUnit
from voicebot.application.send_reports import queue_mail
from voicebot.domain.errors import BadInput, Problem
from voicebot.domain.report import NewSubscription
from voicebot.domain.schedule import parse_schedule
from voicebot.domain.user import User

_ADDRESS: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_LONGEST: Final = 254
"""Characters of an address (RFC 5321, 4.5.3.1.3)."""


async def subscribe(open_unit: OpenDeskUnit, wanted: NewSubscription, *, by: User, now: datetime) -> int:
    """Keep the subscription and write down who made it; raises BadInput with every problem."""
    problems = list(_problems(wanted))
    if problems:
        raise BadInput(problems)
    async with open_unit() as unit:
        if wanted.campaign_id is not None:
            await unit.campaigns.get(wanted.campaign_id)
        number = await unit.report_mails.add(wanted, at=now)
        await unit.audit.record(
            at=now,
            actor=by.name,
            action="report.subscribed",
            subject=f"subscription:{number}",
            details={"span": wanted.span.value, "cron": wanted.cron, "campaign": wanted.campaign_id},
        )
        await unit.commit()
    return number


async def unsubscribe(open_unit: OpenDeskUnit, subscription_id: int, *, by: User, now: datetime) -> None:
    """Forget it; raises NotFound."""
    async with open_unit() as unit:
        await unit.report_mails.get(subscription_id)
        await unit.report_mails.remove(subscription_id)
        subject = f"subscription:{subscription_id}"
        await unit.audit.record(at=now, actor=by.name, action="report.unsubscribed", subject=subject)
        await unit.commit()


async def send_now(open_unit: OpenDeskUnit, subscription_id: int, *, by: User, now: datetime) -> None:
    """A letter besides those of the schedule; raises NotFound."""
    async with open_unit() as unit:
        await unit.report_mails.get(subscription_id)
        await queue_mail(unit, subscription_id, now)
        subject = f"subscription:{subscription_id}"
        await unit.audit.record(at=now, actor=by.name, action="report.sent_now", subject=subject)
        await unit.commit()


def _problems(wanted: NewSubscription) -> list[Problem]:
    problems = []
    if not _ADDRESS.fullmatch(wanted.email) or len(wanted.email) > _LONGEST:
        problems.append(Problem(source="email", where="", message="is no e-mail address", repair="anna@example.ru"))
    try:
        minute = parse_schedule(wanted.cron).cron.split()[0]
        if not minute.isdecimal():
            message, repair = "fires more than once an hour", "name one minute"
            problems.append(Problem(source="cron", where="", message=message, repair=repair))
    except BadInput as error:
        problems += error.problems
    return problems
