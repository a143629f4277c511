"""Rows out of arrays, in statements that stay planned."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ARRAY, TableValuedAlias, bindparam, column, func, select
from sqlalchemy.types import TypeEngine


def rows_asked(columns: Mapping[str, TypeEngine[Any]], *, position: str = "") -> TableValuedAlias:
    """`asked`: a row for each place of the arrays; each column's name is the name of the parameter with its array.

    `position`: the name of a column that counts the rows from 1; empty for none. The arrays stand in subqueries: a
    planner that sees how long they are finds a plan for just that length cheaper than one for any, and plans the
    prepared statement anew each time, which took longer than running it (psycopg prepares what is run five times).
    """
    arrays = [select(bindparam(name, type_=ARRAY(kind))).scalar_subquery() for name, kind in columns.items()]
    counted = {"with_ordinality": position} if position else {}
    typed = [column(name, kind) for name, kind in columns.items()]
    return func.unnest(*arrays).table_valued(*typed, **counted).render_derived(name="asked")
