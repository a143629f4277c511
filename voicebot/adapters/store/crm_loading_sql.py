"""What becomes of staged rows: one description per kind of record."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """A temporary table and the statements that empty it into the real ones."""

    table: str
    columns: Mapping[str, str]
    """Name -> SQL type; the order is that of the copied cells."""
    insert: str
    """Up to and including `ON CONFLICT (...)`."""
    update: Mapping[str, str]
    """Column of the file -> assignments for a row that is known."""
    always: str
    """Assignment made to every known row."""
    after: Mapping[str, tuple[str, ...]]
    """Column of the file -> statements that follow the upsert; left out when that column is kept."""

    @property
    def create(self) -> str:
        columns = ", ".join(f"{name} {kind}" for name, kind in self.columns.items())
        return (
            f"CREATE TEMPORARY TABLE {self.table} (seq bigint GENERATED ALWAYS AS IDENTITY, {columns}) ON COMMIT DROP"
        )

    @property
    def copy(self) -> str:
        # An empty cell is NULL, except where the column takes none: there it is an empty text.
        never_null = ", ".join(name for name, kind in self.columns.items() if kind == "text NOT NULL")
        return f"COPY {self.table} ({', '.join(self.columns)}) FROM STDIN (FORMAT csv, FORCE_NOT_NULL ({never_null}))"

    def upsert(self, keep: Collection[str]) -> str:
        """One row: how many were added, how many were known."""
        changes = [self.always, *(change for column, change in self.update.items() if column not in keep)]
        return f"""
            WITH done AS ({self.insert} DO UPDATE SET {", ".join(changes)} RETURNING (xmax = 0) AS added)
            SELECT count(*) FILTER (WHERE added) AS added, count(*) FILTER (WHERE NOT added) AS updated FROM done
        """

    def following(self, keep: Collection[str]) -> tuple[str, ...]:
        """The statements to run after `upsert`."""
        return tuple(sql for column, group in self.after.items() if column not in keep for sql in group)


def _replaced(*columns: str) -> dict[str, str]:
    return {column: f"{column} = excluded.{column}" for column in columns}


_TEXT: Final = "text NOT NULL"
_CUSTOMER_TEXTS: Final = ("last_name", "first_name", "patronymic", "email", "time_zone")

CUSTOMERS: Final = Stage(
    table="staged_customers",
    columns={
        "external_id": _TEXT,
        **dict.fromkeys(_CUSTOMER_TEXTS, _TEXT),
        "value_class": "text",
        "preferred_channel": "text",
        "phones": "text[] NOT NULL",
    },
    insert="""
        INSERT INTO customers (external_id, last_name, first_name, patronymic, email, time_zone, value_class,
                               preferred_channel)
        SELECT external_id, last_name, first_name, patronymic, email, time_zone, value_class, preferred_channel
        FROM staged_customers ORDER BY seq
        ON CONFLICT (external_id)
    """,
    update=_replaced(*_CUSTOMER_TEXTS, "value_class", "preferred_channel"),
    always="updated_at = now()",
    after={
        "phones": (
            """
            DELETE FROM customer_phones known USING staged_customers JOIN customers USING (external_id)
            WHERE known.customer_id = customers.id AND known.phone <> ALL (phones)
            """,
            """
            UPDATE customer_phones known SET is_primary = false FROM staged_customers JOIN customers USING (external_id)
            WHERE known.customer_id = customers.id AND known.is_primary AND known.phone <> phones[1]
            """,
            # A number that stays keeps its row, and with it the mark that it is wrong.
            """
            INSERT INTO customer_phones (customer_id, phone, is_primary)
            SELECT customers.id, number.phone, number.place = 1
            FROM staged_customers JOIN customers USING (external_id)
                 CROSS JOIN LATERAL unnest(phones) WITH ORDINALITY AS number (phone, place)
            ORDER BY seq, number.place
            ON CONFLICT (customer_id, phone) DO UPDATE SET is_primary = excluded.is_primary
            WHERE customer_phones.is_primary <> excluded.is_primary
            """,
        )
    },
)

ORDERS: Final = Stage(
    table="staged_orders",
    columns={
        "external_id": _TEXT,
        "customer": _TEXT,
        "placed_at": "timestamptz NOT NULL",
        "currency": _TEXT,
        "promo_code": _TEXT,
        "what": _TEXT,
        "category": _TEXT,
        "quantity": "numeric NOT NULL",
        "price": "numeric NOT NULL",
        "margin": "numeric",
    },
    insert="""
        INSERT INTO orders (external_id, customer_id, placed_at, total, currency, promo_code)
        SELECT staged.external_id, customers.id, staged.placed_at, staged.total, staged.currency, staged.promo_code
        FROM (
            SELECT external_id, min(customer) AS customer, min(placed_at) AS placed_at, min(currency) AS currency,
                   min(promo_code) AS promo_code, sum(round(price * quantity, 2)) AS total, min(seq) AS seq
            FROM staged_orders GROUP BY external_id
        ) staged JOIN customers ON customers.external_id = staged.customer
        ORDER BY staged.seq
        ON CONFLICT (external_id)
    """,
    update=_replaced("placed_at", "currency", "promo_code"),
    always="customer_id = excluded.customer_id, total = excluded.total",
    after={
        "what": (
            """
            DELETE FROM order_lines USING orders
            WHERE order_lines.order_id = orders.id AND orders.external_id IN (SELECT external_id FROM staged_orders)
            """,
            """
            INSERT INTO order_lines (order_id, position, what, category, quantity, price, margin)
            SELECT orders.id, row_number() OVER (PARTITION BY staged.external_id ORDER BY staged.seq), staged.what,
                   staged.category, staged.quantity, staged.price, staged.margin
            FROM staged_orders staged JOIN orders USING (external_id)
            ORDER BY staged.seq
            """,
        )
    },
)

CONSENTS: Final = Stage(
    table="staged_consents",
    columns={
        "customer": _TEXT,
        "scope": _TEXT,
        "kind": _TEXT,
        "source": _TEXT,
        "wording": _TEXT,
        "given_at": "timestamptz NOT NULL",
        "proof": _TEXT,
        "withdrawn_at": "timestamptz",
    },
    insert="""
        INSERT INTO consents (customer_id, scope, kind, source, wording_version, given_at, proof, withdrawn_at)
        SELECT customers.id, scope, kind, source, wording, given_at, proof, withdrawn_at
        FROM staged_consents JOIN customers ON customers.external_id = customer
        ORDER BY seq
        ON CONFLICT (customer_id, scope, kind, given_at)
    """,
    update=_replaced("source", "proof"),
    # What was withdrawn on the phone stays withdrawn, though the CRM may not know it yet.
    always="wording_version = excluded.wording_version,"
    " withdrawn_at = least(consents.withdrawn_at, excluded.withdrawn_at)",
    after={},
)

EVENTS: Final = Stage(
    table="staged_events",
    columns={"customer": _TEXT, "kind": _TEXT, "at": "timestamptz NOT NULL"},
    insert="""
        INSERT INTO customer_events (customer_id, kind, at)
        SELECT customers.id, kind, at FROM staged_events JOIN customers ON customers.external_id = customer ORDER BY seq
        ON CONFLICT (customer_id, at, kind)
    """,
    update={},
    always="kind = excluded.kind",
    after={},
)
