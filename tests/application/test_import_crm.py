"""An import brings a table in whole, or says everything that is wrong with it and changes nothing."""

from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from voicebot.adapters.csv_writer import write_table
from voicebot.adapters.store.unit_of_work import SqlUnitOfWork
from voicebot.adapters.table_files import open_table
from voicebot.application.import_columns import COLUMNS, CrmTable
from voicebot.application.import_crm import ImportReport, import_table
from voicebot.application.sample.crm import generate_sample
from voicebot.domain.consent import ConsentKind
from voicebot.domain.errors import BadInput
from voicebot.testing.stopped_clock import StoppedClock

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
Import = Callable[..., Coroutine[Any, Any, ImportReport]]


@pytest.fixture
def bring(engine: AsyncEngine, tmp_path: Path) -> Import:
    """Imports lines as a file `<table>.csv`."""

    async def run(kind: CrmTable, *lines: str, skip_bad: bool = False) -> ImportReport:
        path = tmp_path / f"{kind}.csv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return await import_table(
            kind,
            open_table(path),
            open_unit=lambda: SqlUnitOfWork(engine),
            clock=StoppedClock(NOW),
            skip_bad=skip_bad,
        )

    return run


async def test_phones_are_normalised_and_a_second_import_updates(bring: Import, engine: AsyncEngine) -> None:
    header = "external_id;last_name;first_name;phones;value_class"
    report = await bring(CrmTable.CUSTOMERS, header, "C-1;Соколова;Анна;8 (916) 123-45-67, +7 495 123-45-67;c")
    assert (report.rows, report.counts.added, report.counts.updated) == (1, 1, 0)
    report = await bring(CrmTable.CUSTOMERS, header, "C-1;Орлова;Анна;74951234567;B", "C-2;;Иван;;")
    assert (report.counts.added, report.counts.updated) == (1, 1)
    async with SqlUnitOfWork(engine) as unit:
        anna = await unit.customers.named("C-1")
    assert (anna.name.last, anna.value_class) == ("Орлова", "B")
    assert [(one.phone.e164, one.primary) for one in anna.phones] == [("+74951234567", True)]


async def test_what_a_call_taught_us_survives_the_next_import(bring: Import, engine: AsyncEngine) -> None:
    row = "C-1,8 916 123-45-67;8 495 123-45-67"
    await bring(CrmTable.CUSTOMERS, "external_id,phones", row)
    consent = ("customer,scope,source,wording,given_at", "C-1,call,анкета,1,2025-10-02")
    await bring(CrmTable.CONSENTS, *consent)
    async with SqlUnitOfWork(engine) as unit:
        anna = await unit.customers.named("C-1")
        await unit.customers.mark_wrong_number(anna.id, anna.phones[0].phone, NOW)
        await unit.commit()
    async with engine.begin() as connection:
        await connection.execute(text("update consents set withdrawn_at = '2026-01-01'"))
    await bring(CrmTable.CUSTOMERS, "external_id,phones", row)
    await bring(CrmTable.CONSENTS, *consent)
    async with SqlUnitOfWork(engine) as unit:
        again = await unit.customers.named("C-1")
        assert again == await unit.customers.get(anna.id)
        assert [one.wrong_number_at for one in again.phones] == [NOW, None]
        (known,) = await unit.customers.consents(anna.id)
    assert (known.kind, known.withdrawn_at) == (ConsentKind.ADVERTISING, datetime(2026, 1, 1, tzinfo=UTC))


async def test_columns_the_file_does_not_have_keep_their_values(bring: Import, engine: AsyncEngine) -> None:
    await bring(CrmTable.CUSTOMERS, "external_id,first_name,phones,email", "C-1,Анна,89161234567,a@example.org")
    await bring(CrmTable.CUSTOMERS, "external_id,last_name", "C-1,Соколова")
    async with SqlUnitOfWork(engine) as unit:
        anna = await unit.customers.named("C-1")
    assert (anna.name.full, anna.email, len(anna.phones)) == ("Соколова Анна", "a@example.org", 1)


async def test_every_problem_is_reported_and_nothing_is_changed(bring: Import, engine: AsyncEngine) -> None:
    with pytest.raises(BadInput) as refused:
        await bring(
            CrmTable.CUSTOMERS,
            "external_id,first_name,phones,email,time_zone,value_class,preferred_channel",
            "C-1,Анна,89161234567,anna@example.org,Europe/Moscow,A,sms",
            "C-2,Иван,89161234;+7 495 123-45-67,ivan at example,Mars/Base,E,pigeon",
            ",Пётр,,,,,",
            "C-1,Анна,,,,,",
            "C-3,Ольга",
        )
    assert found(refused.value) == {
        "3:phones": "number 1 of 2: a phone number of an impossible length",
        "3:email": "not an e-mail address",
        "3:time_zone": "not an IANA time zone, such as Europe/Moscow or Asia/Yekaterinburg",
        "3:value_class": "not one of A, B, C, D",
        "3:preferred_channel": "not one of call, sms, email, messenger",
        "4:external_id": "empty",
        "5:external_id": "the same as row 2",
        "6": "has 2 cells, the header names 7 columns",
    }
    assert "89161234" not in str(refused.value)
    assert await count(engine, "customers") == 0


async def test_skip_bad_loads_the_good_rows_and_reports_the_others(bring: Import, engine: AsyncEngine) -> None:
    report = await bring(CrmTable.CUSTOMERS, "external_id,phones", "C-1,89161234567", "C-2,12", skip_bad=True)
    assert (report.counts.added, [one.where for one in report.problems]) == (1, ["3:phones"])
    assert await count(engine, "customers") == 1


async def test_lines_of_an_order_add_up_wherever_they_stand(bring: Import, engine: AsyncEngine) -> None:
    await bring(CrmTable.CUSTOMERS, "external_id", "C-1")
    header = "external_id,customer,placed_at,what,category,quantity,price,margin"
    lines = (
        'O-1,C-1,31.03.2026 18:05,Кофе,Кофе,2,"1 290,50",640',
        "O-2,C-1,2026-04-01,Чай,Чай,,400,",
        "O-1,C-1,31.03.2026 18:05,Чай,Чай,1,400,-10",
    )
    report = await bring(CrmTable.ORDERS, header, *lines)
    assert (report.rows, report.counts.added) == (3, 2)
    report = await bring(CrmTable.ORDERS, header, *lines)
    assert (report.counts.added, report.counts.updated) == (0, 2)
    assert (await count(engine, "orders"), await count(engine, "order_lines")) == (2, 3)
    async with engine.connect() as connection:
        row = (await connection.execute(text("select total, placed_at from orders where external_id = 'O-1'"))).one()
    assert tuple(row) == (Decimal("2981.00"), datetime(2026, 3, 31, 15, 5, tzinfo=UTC))


async def test_an_order_that_contradicts_itself_or_its_customers_is_refused(bring: Import, engine: AsyncEngine) -> None:
    await bring(CrmTable.CUSTOMERS, "external_id", "C-1")
    header = "external_id,customer,placed_at,what,quantity,price"
    bad = (
        "O-1,C-1,2026-04-01,Чай,1,400",
        "O-1,C-1,2026-04-02,Чай,1,400",
        "O-2,C-404,2026-04-01,Чай,1,400",
        "O-3,C-1,2027-04-01,Чай,0,-4",
        "O-4,C-1,вчера,Чай,nan,9e40",
        "O-5,C-1,2027-04-01,Чай,1,400",
        "O-6,C-1,2026-04-01,Чай,999999999,999999",
    )
    with pytest.raises(BadInput) as refused:
        await bring(CrmTable.ORDERS, header, *bad)
    assert set(found(refused.value)) == {
        "3:external_id",
        "4:customer",
        "5:quantity",
        "5:price",
        "6:placed_at",
        "6:quantity",
        "6:price",
        "7:placed_at",
        "8:price",
    }
    assert await count(engine, "orders") == 0


async def test_skip_bad_never_loads_an_order_in_part(bring: Import, engine: AsyncEngine) -> None:
    await bring(CrmTable.CUSTOMERS, "external_id", "C-1")
    report = await bring(
        CrmTable.ORDERS,
        "external_id,customer,placed_at,what,price",
        "O-1,C-1,2026-04-01,Чай,400",
        "O-2,C-1,2026-04-01,Чай,400",
        "O-1,C-1,2026-04-01,Кофе,дорого",
        skip_bad=True,
    )
    assert report.counts.added == 1
    assert await count(engine, "order_lines") == 1


async def test_consents_of_nobody_from_the_future_or_upside_down_are_refused(bring: Import) -> None:
    await bring(CrmTable.CUSTOMERS, "external_id", "C-1")
    with pytest.raises(BadInput) as refused:
        await bring(
            CrmTable.CONSENTS,
            "customer,scope,source,wording,given_at,withdrawn_at",
            "C-1,call,анкета,1,2025-10-02,2025-10-01",
            "C-9,call,анкета,1,2025-10-02,",
            "C-1,call,анкета,1,2027-10-02,",
            "C-1,dance,,1,2025-10-02,",
        )
    assert set(found(refused.value)) == {"2:withdrawn_at", "3:customer", "4:given_at", "5:scope", "5:source"}


async def test_missing_unknown_and_double_columns_are_named_with_the_repair(bring: Import) -> None:
    with pytest.raises(BadInput) as refused:
        await bring(CrmTable.ORDERS, "external_id,custmer,what,what,price", "O-1,C-1,Чай,Чай,400")
    message = str(refused.value)
    assert "unknown column 'custmer' (did you mean 'customer'?)" in message
    assert "the column 'customer' is missing" in message
    assert "the column 'placed_at' is missing" in message
    assert "the column 'what' comes twice" in message


async def test_a_table_without_rows_is_no_import(bring: Import) -> None:
    with pytest.raises(BadInput, match="no rows"):
        await bring(CrmTable.CUSTOMERS, "external_id,phones")


async def test_an_import_leaves_a_line_in_the_audit_log(bring: Import, engine: AsyncEngine) -> None:
    await bring(CrmTable.CUSTOMERS, "external_id", "C-1")
    async with engine.connect() as connection:
        row = (await connection.execute(text("select at, actor, action, details from audit_log"))).one()
    assert tuple(row) == (NOW, "import", "customers.imported", {"rows": 1, "added": 1, "updated": 0, "bad": 0})


async def test_the_documented_examples_can_be_imported(bring: Import) -> None:
    for kind in CrmTable:
        columns = COLUMNS[kind]
        cells = (f'"{column.example}"' for column in columns)
        report = await bring(kind, ",".join(column.name for column in columns), ",".join(cells))
        assert report.counts.added == 1


async def test_a_sample_written_to_files_comes_back_the_same(engine: AsyncEngine, tmp_path: Path) -> None:
    sample = generate_sample(customers=40, seed=2, now=NOW)
    records = {
        CrmTable.CUSTOMERS: sample.customers,
        CrmTable.ORDERS: sample.orders,
        CrmTable.CONSENTS: sample.consents,
        CrmTable.EVENTS: sample.events,
    }
    for kind, table in records.items():
        file = open_table(write_table(tmp_path, kind, table))
        open_unit = lambda: SqlUnitOfWork(engine)  # noqa: E731  # the shape of the port
        report = await import_table(kind, file, open_unit=open_unit, clock=StoppedClock(NOW))
        assert (report.counts.added, report.problems) == (len(table), ())
    async with SqlUnitOfWork(engine) as unit:
        for wanted in sample.customers[:10]:
            stored = await unit.customers.named(wanted.external_id)
            assert (stored.name, tuple(one.phone for one in stored.phones)) == (wanted.name, wanted.phones)
            orders = [one for one in sample.orders if one.customer == wanted.external_id]
            history = await unit.customers.history(stored.id)
            assert (history.orders, history.total) == (len(orders), sum(one.total for one in orders))


def found(error: BadInput) -> dict[str, str]:
    return {problem.where: problem.message for problem in error.problems}


async def count(engine: AsyncEngine, table: str) -> int:
    async with engine.connect() as connection:
        return int(await connection.scalar(text(f"select count(*) from {table}")) or 0)
