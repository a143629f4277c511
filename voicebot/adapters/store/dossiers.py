"""Campaigns, customers, purchases and promo codes of leads in two statements, however many they are."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from sqlalchemy import ARRAY, BigInteger, any_, bindparam, func, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.store.campaign_columns import campaign_of
from voicebot.adapters.store.campaign_tables import campaigns, promo_codes
from voicebot.adapters.store.crm_tables import customers
from voicebot.adapters.store.customers import CUSTOMER_COLUMNS, customer_of, history_of, purchases_of
from voicebot.adapters.store.promo_codes import promo_of
from voicebot.application.ports.dossiers import Dossier
from voicebot.domain.campaign import Campaign
from voicebot.domain.lead import Lead

_ASKED = (
    func.unnest(bindparam("customers", type_=ARRAY(BigInteger)), bindparam("campaigns", type_=ARRAY(BigInteger)))
    .table_valued("customer_id", "campaign_id", with_ordinality="position")
    .render_derived(name="asked")
)
_HISTORY = purchases_of("asked.customer_id").lateral("history")
_PARTS = (CUSTOMER_COLUMNS, tuple(_HISTORY.c), tuple(promo_codes.c))
_DOSSIERS = (
    # The labels keep apart what three tables call by one name.
    select(
        _ASKED.c.campaign_id,
        *(column.label(f"c{number}_{column.name}") for number, part in enumerate(_PARTS) for column in part),
    )
    .select_from(
        _ASKED.join(customers, customers.c.id == _ASKED.c.customer_id)
        .join(_HISTORY, true())
        .outerjoin(
            promo_codes,
            (promo_codes.c.customer_id == customers.c.id) & (promo_codes.c.campaign_id == _ASKED.c.campaign_id),
        )
    )
    .order_by(_ASKED.c.position)
)
_CAMPAIGNS = select(campaigns).where(campaigns.c.id == any_(bindparam("ids", type_=ARRAY(BigInteger))))


class SqlDossiers:
    """The dossiers as of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def of(self, leads: Sequence[Lead]) -> tuple[Dossier, ...]:
        asked = {"customers": [one.customer_id for one in leads], "campaigns": [one.campaign_id for one in leads]}
        found = (await self._connection.execute(_DOSSIERS, asked)).all()
        ids = {"ids": sorted({lead.campaign_id for lead in leads})}
        known = {row.id: campaign_of(row) for row in await self._connection.execute(_CAMPAIGNS, ids)}
        return tuple(_dossier(known[row[0]], list(row[1:])) for row in found)


def _dossier(campaign: Campaign, cells: list[Any]) -> Dossier:
    rows: list[Any] = []
    for part in _PARTS:
        rows.append(SimpleNamespace(**dict(zip((column.name for column in part), cells, strict=False))))
        del cells[: len(part)]
    customer, history, promo = rows
    return Dossier(
        campaign=campaign,
        customer=customer_of(customer),
        history=history_of(history),
        promo=promo_of(promo) if promo.id is not None else None,
    )
