"""A small shop in a real database: customers, a campaign, lines."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from itertools import count
from typing import Any

from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncEngine

from voicebot.adapters.store.crm_tables import consents, customer_phones, customers, order_lines, orders
from voicebot.adapters.store.unit_of_work import SqlUnitOfWork
from voicebot.application.claim_lead import Assignment, Line, claim_lead
from voicebot.application.ports.unit_of_work import OpenUnit
from voicebot.application.release_campaign import add_leads, change_campaign, create_campaign, release_campaign
from voicebot.domain.call import CallReport, Cause, HungUpBy, Speaker, Turn
from voicebot.domain.campaign import Campaign, CampaignEvent, CampaignKind, NewCampaign
from voicebot.domain.contact_hours import AROUND_THE_CLOCK, ContactHours
from voicebot.domain.contact_policy import ContactPolicy
from voicebot.domain.intent import Intent
from voicebot.domain.outcome import Disposition, Group, Outcome

NOON = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
"""A Tuesday, noon in Moscow."""
MAY_CALL = (("call", "advertising"), ("sms", "advertising"))


@dataclass
class Shop:
    """What the tests do to the database and ask of it."""

    engine: AsyncEngine
    numbers: "count[int]" = field(default_factory=lambda: count(1))

    @property
    def open_unit(self) -> OpenUnit:
        return partial(SqlUnitOfWork, self.engine)

    async def customer(
        self,
        *,
        phones: Iterable[str] | None = None,
        consented: Iterable[tuple[str, str]] = MAY_CALL,
        zone: str = "",
        spent: int = 0,
        margin: int = 0,
    ) -> int:
        number = next(self.numbers)
        async with self.engine.begin() as connection:
            customer_id = await connection.scalar(
                insert(customers)
                .values(external_id=f"c{number}", first_name="Иван", patronymic="Петрович", time_zone=zone)
                .returning(customers.c.id)
            )
            for position, phone in enumerate(phones if phones is not None else (f"+7916{number:07d}",)):
                await connection.execute(
                    insert(customer_phones).values(customer_id=customer_id, phone=phone, is_primary=position == 0)
                )
            for scope, kind in consented:
                await connection.execute(
                    insert(consents).values(
                        customer_id=customer_id,
                        scope=scope,
                        kind=kind,
                        source="till",
                        wording_version="1",
                        given_at=NOON - timedelta(days=400),
                    )
                )
            if spent:
                order_id = await connection.scalar(
                    insert(orders)
                    .values(
                        external_id=f"o{number}",
                        customer_id=customer_id,
                        placed_at=NOON - timedelta(days=200),
                        total=Decimal(spent),
                    )
                    .returning(orders.c.id)
                )
                await connection.execute(
                    insert(order_lines).values(
                        order_id=order_id, position=1, what="Кофе", quantity=1, price=spent, margin=Decimal(margin)
                    )
                )
        assert isinstance(customer_id, int)
        return customer_id

    async def campaign(
        self,
        customer_ids: Iterable[int],
        *,
        name: str = "",
        kind: CampaignKind = CampaignKind.ADVERTISING,
        **plan: Any,
    ) -> Campaign:
        """A released campaign with these people on its list."""
        draft = await create_campaign(
            self.open_unit,
            NewCampaign(
                name=name or f"campaign {next(self.numbers)}",
                kind=kind,
                script="winback",
                control_share=Decimal(0),  # whom a test puts on a list is called
                **plan,
            ),
            by="Анна",
            now=NOON,
        )
        await add_leads(self.open_unit, draft.id, customer_ids, by="Анна", now=NOON)
        await change_campaign(self.open_unit, draft.id, CampaignEvent.SUBMIT, by="Анна", now=NOON)
        return await release_campaign(self.open_unit, draft.id, by="Анна Смирнова", now=NOON)

    async def release(self, campaign_id: int, now: datetime = NOON) -> None:
        await release_campaign(self.open_unit, campaign_id, by="Анна Смирнова", now=now)

    async def claim(self, line: Line | None = None, now: datetime = NOON) -> Assignment:
        claimed = await claim_lead(self.open_unit, line or a_line(), now)
        assert claimed is not None
        return claimed

    async def rows(self, query: str) -> list[Any]:
        async with self.engine.connect() as connection:
            return list((await connection.execute(text(query))).all())

    async def execute(self, statement: str) -> None:
        async with self.engine.begin() as connection:
            await connection.execute(text(statement))

    async def value(self, query: str) -> Any:
        return (await self.rows(query))[0][0]


def a_line(owner: str = "line-1", hours: ContactHours = AROUND_THE_CLOCK) -> Line:
    """A line to which chance always gives the oldest campaign."""
    return Line(owner=owner, policy=ContactPolicy(hours=hours), draw=lambda: 0.0)


def answered(at: datetime = NOON, turns: tuple[Turn, ...] = ()) -> CallReport:
    return CallReport(
        cause=Cause.ANSWERED,
        sip_code=200,
        dialled_at=at,
        answered_at=at + timedelta(seconds=5),
        ended_at=at + timedelta(seconds=45),
        hung_up_by=HungUpBy.BOT,
        turns=turns,
        recording="call.wav",
    )


def unanswered_report(cause: Cause, at: datetime = NOON) -> CallReport:
    return CallReport(
        cause=cause,
        sip_code=486,
        dialled_at=at,
        answered_at=None,
        ended_at=at + timedelta(seconds=20),
        hung_up_by=None,
    )


def outcome(disposition: Disposition, *actions: Any, group: Group = Group.NEUTRAL, **rest: Any) -> Outcome:
    return Outcome(group=group, disposition=disposition, actions=actions, **rest)


TURNS = (
    Turn(speaker=Speaker.BOT, state="greeting", text="Здравствуйте", started_at=0.1, ended_at=2.0),
    Turn(
        speaker=Speaker.CUSTOMER,
        state="greeting",
        text="да",
        started_at=2.5,
        ended_at=2.9,
        intent=Intent.YES,
        confidence=0.97,
        score=0.9,
    ),
    Turn(speaker=Speaker.BOT, state="offer", text="Скидка", started_at=3.6, ended_at=6.0, reply_gap_ms=700),
)
