"""Trying a campaign on oneself: a line rings the manager and speaks as to a customer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from voicebot.application.ports.desk_unit import OpenDeskUnit
from voicebot.application.prepare_conversation import ConversationFacts, prepare_conversation
from voicebot.application.try_script import close_lost_trial_calls
from voicebot.domain.customer import PersonName
from voicebot.domain.offer import OfferPolicy, personal_offers
from voicebot.domain.order import PurchaseHistory
from voicebot.domain.trial_call import NewTrialCall
from voicebot.domain.user import User

_SILENCE: Final = timedelta(days=95)
_SPENT: Final = Decimal(12_000)


class TrialAnswer(StrEnum):
    """What came of asking for one."""

    ASKED = "asked"
    NO_PHONE = "no_phone"  # the user has no phone to ring
    UNDER_WAY = "under_way"  # one at a time


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """What is to be tried."""

    script: str
    dialplan: str
    variables: Mapping[str, str]
    about: str
    """Where the desk shows it: `draft:3`, `campaign:7`, `script:winback`."""


async def order_trial(
    open_unit: OpenDeskUnit, trial: Trial, *, by: User, now: datetime, actor: str = ""
) -> TrialAnswer:
    """Ask the lines to ring this user; an idle one is woken. `actor`: who has asked for it, if it is somebody else."""
    if not by.phone:
        return TrialAnswer.NO_PHONE
    await close_lost_trial_calls(open_unit, now)
    async with open_unit() as unit:
        wanted = NewTrialCall(
            requested_by=by.login,
            address=by.phone,
            script=trial.script,
            dialplan=trial.dialplan,
            variables=trial.variables,
            about=trial.about,
            requested_at=now,
        )
        number = await unit.trial_calls.request(wanted)
        if number is None:
            return TrialAnswer.UNDER_WAY
        await unit.wake.lines()
        await unit.audit.record(
            at=now,
            actor=actor or by.name,
            action="trial_call.asked",
            subject=trial.about,
            details={"script": trial.script},
        )
        await unit.commit()
    return TrialAnswer.ASKED


def sample_words(offer: OfferPolicy, company: str, now: datetime) -> dict[str, str]:
    """What the bot would say to somebody who bought coffee three months ago; `now`: on the listener's clock."""
    history = PurchaseHistory(orders=3, total=_SPENT, margin=_SPENT / 3, last_at=now - _SILENCE)
    offers = personal_offers(offer, history, now)
    facts = ConversationFacts(
        company=company,
        name=PersonName(last="Соколова", first="Анна", patronymic="Сергеевна"),
        last_goods="Кофе в зёрнах",
        last_order_on=(now - _SILENCE).date(),
        first=offers.first,
        better=offers.better,
        today=now.date(),
    )
    return prepare_conversation(facts)
