"""Mass loading of what the company's CRM knows."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from voicebot.domain.consent import NewConsent
from voicebot.domain.customer import NewCustomer, NewInterest
from voicebot.domain.order import NewOrder

CrmRecord = NewCustomer | NewOrder | NewConsent | NewInterest


@dataclass(frozen=True, kw_only=True, slots=True)
class LoadCounts:
    """What a load did."""

    added: int = 0
    updated: int = 0
    """Rows that were known before."""


class CrmLoader(Protocol):
    """Takes records in masses: any number of `stage`, then one `apply`."""

    async def known_customers(self, external_ids: Collection[str]) -> frozenset[str]:
        """Those of the ids that are customers already."""

    async def stage(self, records: Sequence[CrmRecord]) -> None:
        """Put records of one type aside. An order may come in parts: its lines add up."""

    async def apply(self, *, without: Collection[str] = (), keep: Collection[str] = ()) -> LoadCounts:
        """Bring everything staged into the tables, adding what is new and updating what is known.

        `without`: external ids of staged orders or customers to leave out after all;
        `keep`: columns of known customers the records say nothing about (`phones`, `email` ...).
        What a contact taught us survives: marks of wrong numbers, withdrawals of consent.
        """


@dataclass(frozen=True, kw_only=True, slots=True)
class TableRow:
    """One row of a table file."""

    number: int
    """As a spreadsheet shows it; the header is row 1."""
    cells: Sequence[str]
    """As many as the table has columns, without blanks around them."""
    fault: str = ""
    """Why the row cannot be read; empty when it can."""


class TableFile(Protocol):
    """A table somebody exported."""

    @property
    def name(self) -> str:
        """The file as the user named it."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The header, lower-case."""

    @property
    def expected_rows(self) -> int:
        """About how many rows follow the header."""

    def rows(self) -> Iterator[TableRow]:
        """The rows after the header; empty ones are left out. Raises BadInput when the file breaks off."""
