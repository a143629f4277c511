"""Campaigns, customers, purchases and promo codes of leads in one statement, however many they are."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from sqlalchemy import BigInteger, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.store.array_rows import rows_asked
from voicebot.adapters.store.campaign_columns import campaign_of
from voicebot.adapters.store.campaign_tables import campaigns, promo_codes
from voicebot.adapters.store.crm_tables import customers
from voicebot.adapters.store.customers import CUSTOMER_COLUMNS, customer_of, history_of, purchases_of
from voicebot.adapters.store.promo_codes import promo_of
from voicebot.application.ports.dossiers import Dossier
from voicebot.domain.campaign import Campaign
from voicebot.domain.lead import Lead

_ASKED = rows_asked({"customer_id": BigInteger(), "campaign_id": BigInteger()}, position="position")
_HISTORY = purchases_of("asked.customer_id").lateral("history")
_PARTS = (tuple(campaigns.c), CUSTOMER_COLUMNS, tuple(_HISTORY.c), tuple(promo_codes.c))
_DOSSIERS = (
    # The labels keep apart what four tables call by one name.
    select(*(column.label(f"c{number}_{column.name}") for number, part in enumerate(_PARTS) for column in part))
    .select_from(
        _ASKED.join(campaigns, campaigns.c.id == _ASKED.c.campaign_id)
        .join(customers, customers.c.id == _ASKED.c.customer_id)
        .join(_HISTORY, true())
        .outerjoin(
            promo_codes,
            (promo_codes.c.customer_id == customers.c.id) & (promo_codes.c.campaign_id == _ASKED.c.campaign_id),
        )
    )
    .order_by(_ASKED.c.position)
)


class SqlDossiers:
    """The dossiers as of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def of(self, leads: Sequence[Lead]) -> tuple[Dossier, ...]:
        asked = {"customer_id": [one.customer_id for one in leads], "campaign_id": [one.campaign_id for one in leads]}
        known: dict[int, Campaign] = {}
        return tuple(_dossier(list(row), known) for row in await self._connection.execute(_DOSSIERS, asked))


def _dossier(cells: list[Any], known: dict[int, Campaign]) -> Dossier:
    """Of one row; `known`: campaigns of the rows before it, put together once each."""
    rows: list[Any] = []
    for part in _PARTS:
        rows.append(SimpleNamespace(**dict(zip((column.name for column in part), cells, strict=False))))
        del cells[: len(part)]
    campaign, customer, history, promo = rows
    if campaign.id not in known:
        known[campaign.id] = campaign_of(campaign)
    return Dossier(
        campaign=known[campaign.id],
        customer=customer_of(customer),
        history=history_of(history),
        promo=promo_of(promo) if promo.id is not None else None,
    )
