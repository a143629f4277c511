"""One MetaData for all tables, with names."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, ForeignKey, Identity, MetaData, Numeric, func

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""Every table of the store; constraints get stable names, so that migrations can refer to them."""


def key() -> Column[int]:
    """The surrogate key `id` of a table."""
    return Column("id", BigInteger, Identity(always=False), primary_key=True)


def moment(name: str, *, nullable: bool = False, default_now: bool = False) -> Column[datetime]:
    """A point in time: stored in UTC, aware when read."""
    return Column(name, DateTime(timezone=True), nullable=nullable, server_default=func.now() if default_now else None)


def money(name: str, *, nullable: bool = False) -> Column[Decimal]:
    """An amount with kopecks; never a float."""
    return Column(name, Numeric(14, 2), nullable=nullable)


def belongs_to(table: str, *, column: str = "", nullable: bool = False, ondelete: str = "CASCADE") -> Column[int]:
    """A foreign key to `table`.id; the column is `<table without s>_id` unless named."""
    return Column(
        column or f"{table.removesuffix('s')}_id",
        BigInteger,
        ForeignKey(f"{table}.id", ondelete=ondelete),
        nullable=nullable,
    )


def one_of(column: str, values: Iterable[StrEnum]) -> CheckConstraint:
    """Lets only an enum's values (and NULL, where the column allows it) into a text column."""
    allowed = ", ".join(f"'{value.value}'" for value in values)
    return CheckConstraint(f"{column} IN ({allowed})", name=column)
