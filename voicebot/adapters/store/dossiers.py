"""Campaign, customer, purchases and promo code of a lead in one statement."""

from types import SimpleNamespace
from typing import Any

from sqlalchemy import bindparam, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.store.campaign_columns import campaign_of
from voicebot.adapters.store.campaign_tables import campaigns, promo_codes
from voicebot.adapters.store.crm_tables import customers
from voicebot.adapters.store.customers import CUSTOMER_COLUMNS, HISTORY, customer_of, history_of
from voicebot.adapters.store.promo_codes import promo_of
from voicebot.application.ports.dossiers import Dossier
from voicebot.domain.lead import Lead

_HISTORY = HISTORY.subquery("history")
_PARTS = (tuple(campaigns.c), CUSTOMER_COLUMNS, tuple(_HISTORY.c), tuple(promo_codes.c))
_DOSSIER = (
    # The labels keep apart what four tables call by one name.
    select(*(column.label(f"c{number}_{column.name}") for number, part in enumerate(_PARTS) for column in part))
    .select_from(
        campaigns.join(customers, customers.c.id == bindparam("customer"))
        .join(_HISTORY, true())
        .outerjoin(
            promo_codes,
            (promo_codes.c.customer_id == customers.c.id) & (promo_codes.c.campaign_id == campaigns.c.id),
        )
    )
    .where(campaigns.c.id == bindparam("campaign"))
)


class SqlDossiers:
    """The dossiers as of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def of(self, lead: Lead) -> Dossier:
        values = {"customer": lead.customer_id, "campaign": lead.campaign_id}
        cells = list((await self._connection.execute(_DOSSIER, values)).one())
        rows: list[Any] = []
        for part in _PARTS:
            rows.append(SimpleNamespace(**dict(zip((column.name for column in part), cells, strict=False))))
            del cells[: len(part)]
        campaign, customer, history, promo = rows
        return Dossier(
            campaign=campaign_of(campaign),
            customer=customer_of(customer),
            history=history_of(history),
            promo=promo_of(promo) if promo.id is not None else None,
        )
