"""A person who asks for it is forgotten, everywhere and for good."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.application.campaigns.shop import TURNS, Shop, answered, outcome
from tests.entrypoints.desk.conftest import NOON
from voicebot.adapters.call_files import DiskCallFiles
from voicebot.adapters.table_files import open_table
from voicebot.application.desk.erase_customer import ErasureRequest, erase_customer, finish_erasures
from voicebot.application.import_columns import CrmTable
from voicebot.application.import_crm import import_table
from voicebot.application.record_outcome import OutcomeRules, record_outcome
from voicebot.application.verify_audit import verify_audit
from voicebot.domain.contact_hours import AROUND_THE_CLOCK
from voicebot.domain.contact_policy import ContactPolicy
from voicebot.domain.erasure import ErasureGround, due_on
from voicebot.domain.errors import BadInput
from voicebot.domain.message import MessageTemplate, Sender
from voicebot.domain.outcome import ActionKind, Disposition, FollowUp, Group
from voicebot.entrypoints.web.desk.keys import Desk

PHONE, EMAIL = "+79161112233", "agrafena@example.org"
TRACES = ("салтыков", "аграфен", "ильиничн", "9161112233", "916 111-22-33", "agrafena", "Yekaterinburg", "+05:00")
SPOKEN = "я Аграфена Ильинична Салтыкова, звоните на 8 (916) 111-22-33"
RULES = OutcomeRules(
    policy=ContactPolicy(hours=AROUND_THE_CLOCK),
    templates={"promo": MessageTemplate(name="promo", text="{name}, код {code} до {until}")},
    sender=Sender(company="Пример", rules_url="https://example.ru"),
    draw=lambda below: 7 % below,
)


@pytest.fixture
def shop(engine: AsyncEngine) -> Shop:
    return Shop(engine)


@pytest.fixture
async def person(shop: Shop, desk: Desk) -> int:
    """Somebody who has left traces wherever a person can."""
    person = await shop.customer(phones=[PHONE], zone="Asia/Yekaterinburg", spent=5000)
    await shop.execute(
        f"update customers set last_name = 'Салтыкова', first_name = 'Аграфена', patronymic = 'Ильинична',"
        f" email = '{EMAIL}', preferred_channel = 'sms', value_class = 'A' where id = {person}"
    )
    await shop.execute(f"update consents set proof = 'анкета Салтыковой А. И., {EMAIL}' where scope = 'call'")
    await shop.execute("update order_lines set what = 'Торт «Аграфене»'")
    await shop.campaign([person], name="Возврат")
    claimed = await shop.claim()
    angry = outcome(
        Disposition.COMPLAINT,
        FollowUp(kind=ActionKind.ESCALATE, urgent=True, reason=SPOKEN),
        FollowUp(kind=ActionKind.PROMO, offer="first"),
        FollowUp(kind=ActionKind.SMS, template="promo"),
        group=Group.NEGATIVE,
        tags=("complaint",),
        answers={"why": SPOKEN},
    )
    await record_outcome(shop.open_unit, claimed.call.id, answered(turns=TURNS), angry, RULES)
    call = claimed.call.id
    await shop.execute(f"update turns set text = '{SPOKEN}' where call_id = {call}")
    await shop.execute(
        f"insert into corrections (turn_id, state, heard, words, intent, corrected_by, at)"
        f" select id, 'greeting', '{SPOKEN}', '{SPOKEN}', 'yes', 'Анна', now() from turns where speaker = 'customer'"
    )
    await shop.execute(
        f"insert into escalation_notes (escalation_id, author, text, at)"
        f" select id, 'Анна', '{SPOKEN}', now() from escalations"
    )
    await shop.execute("update escalations set result = 'перезвонили Салтыковой'")
    details = json.dumps({"name": "Аграфена Салтыкова", "phone": PHONE}, ensure_ascii=False)
    await shop.execute(
        f"insert into crm_events (key, customer_id, kind, at, received_at, details)"
        f" values ('cart-{EMAIL}', {person}, 'cart', now(), now(), '{details}')"
    )
    await shop.execute(f"insert into seasonal_list (customer_id, since, reason) values ({person}, now(), 'declined')")
    await shop.execute(f"insert into customer_events (customer_id, kind, at) values ({person}, 'visit', now())")
    await shop.execute(
        f"insert into customer_tags (customer_id, tag, at) values ({person}, 'сестра салтыковой', now())"
    )
    await shop.execute(f"insert into call_tags (call_id, tag) values ({call}, 'салтыкова')")
    await shop.execute(
        f"insert into lifted_stops (customer_id, since, source, lifted_by, reason, at)"
        f" values ({person}, now(), 'desk', 'Анна', 'Салтыкова передумала', now())"
    )
    file = desk.settings.recordings / "call.wav"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"RIFF")
    (desk.settings.home / "peaks").mkdir()
    (desk.settings.home / "peaks" / "call-4-1.json").write_text("{}")
    return person


def test_the_law_gives_each_ground_its_own_term() -> None:
    friday = date(2026, 10, 30)
    assert due_on(ErasureGround.WITHDRAWAL, friday) == date(2026, 11, 29)
    # National Unity Day, 4 November, is no working day.
    assert due_on(ErasureGround.UNLAWFUL, friday) == date(2026, 11, 16)
    assert due_on(ErasureGround.NOT_NEEDED, friday) == date(2026, 11, 11)


async def test_nothing_in_any_table_tells_afterwards_who_it_was(
    shop: Shop, desk: Desk, person: int, engine: AsyncEngine
) -> None:
    assert len(await traces(engine)) >= 15  # the search finds what is there
    await erase(desk, person)
    assert await traces(engine) == {}


async def test_orders_and_calls_stay_as_figures(shop: Shop, desk: Desk, person: int) -> None:
    await erase(desk, person)
    (row,) = await shop.rows(
        "select calls.disposition, calls.outcome_group, answered_at is not null as talked, external_id, value_class,"
        " (select count(*) from turns) as turns, (select sum(total) from orders) as spent,"
        " (select count(*) from promo_codes) as codes"
        " from calls join customers on customers.id = customer_id"
    )
    assert tuple(row) == ("complaint", "negative", True, "c1", "A", len(TURNS), 5000, 1)


async def test_the_audit_log_and_the_released_list_still_hold(shop: Shop, desk: Desk, person: int) -> None:
    await erase(desk, person)
    report = await verify_audit(desk.open_unit)
    assert report.intact
    assert report.releases == 1


async def test_proofs_of_consent_stay_and_no_consent_holds(shop: Shop, desk: Desk, person: int) -> None:
    await erase(desk, person)
    rows = await shop.rows("select source, wording_version, proof, withdrawn_at from consents where scope = 'call'")
    assert [tuple(row) for row in rows] == [("till", "1", "анкета [стёрто] А. И., [стёрто]", NOON)]


async def test_the_sound_and_what_was_worked_out_from_it_are_deleted(desk: Desk, person: int) -> None:
    await erase(desk, person)
    assert list(desk.settings.recordings.iterdir()) == []
    assert list((desk.settings.home / "peaks").iterdir()) == []


async def test_a_message_that_waits_is_never_sent(shop: Shop, desk: Desk, person: int) -> None:
    await shop.execute("update messages set state = 'queued'")
    await erase(desk, person)
    assert await shop.value("select state || ' ' || error from messages") == "blocked erased"


async def test_a_number_that_comes_back_with_another_import_is_on_the_stop_list(
    shop: Shop, desk: Desk, person: int
) -> None:
    await erase(desk, person)
    assert await shop.value(f"select count(*) from stop_list where phone = '{PHONE}'") == 0
    again = await shop.customer(phones=[PHONE])
    assert await shop.value("select source from stop_list where phone is not null") == "erasure"
    async with desk.open_unit() as unit:
        assert await unit.stop_list.since(again) == NOON
    other = await shop.customer(phones=["+79160000001"])
    async with desk.open_unit() as unit:
        assert await unit.stop_list.since(other) is None


async def test_a_crm_that_has_not_forgotten_brings_nobody_back(
    shop: Shop, desk: Desk, person: int, tmp_path: Path
) -> None:
    await erase(desk, person)
    table = tmp_path / "customers.csv"
    table.write_text(f"external_id,last_name,first_name,phones,email\nc1,Салтыкова,Аграфена,{PHONE},{EMAIL}\n")
    await import_table(CrmTable.CUSTOMERS, open_table(table), open_unit=desk.open_unit, clock=desk.clock)
    (row,) = await shop.rows("select last_name, first_name, email from customers where external_id = 'c1'")
    assert tuple(row) == ("", "", "")
    assert await shop.value("select count(*) from customer_phones") == 0
    assert await shop.value("select count(*) from stop_list where phone is not null") == 0


async def test_a_number_that_a_relative_has_too_stays_theirs(shop: Shop, desk: Desk, person: int) -> None:
    relative = await shop.customer(phones=[PHONE])
    await erase(desk, person)
    async with desk.open_unit() as unit:
        assert await unit.stop_list.since(relative) is None
        assert (await unit.customers.get(relative)).dialable is not None


async def test_a_caller_known_by_their_number_alone_loses_that_name_too(shop: Shop, desk: Desk) -> None:
    stranger = await shop.customer(phones=[PHONE])
    await shop.execute(f"update customers set external_id = 'phone\\:{PHONE}'")
    await erase(desk, stranger, confirmed=f"phone:{PHONE}")
    assert await shop.value("select external_id from customers") == f"erased:{stranger}"


async def test_nobody_is_erased_in_the_middle_of_a_call(shop: Shop, desk: Desk) -> None:
    person = await shop.customer()
    await shop.campaign([person])
    await shop.claim()
    with pytest.raises(BadInput, match="is in a call"):
        await erase(desk, person, confirmed="c1")


async def test_files_that_could_not_be_deleted_are_deleted_later(desk: Desk, person: int) -> None:
    class Broken(DiskCallFiles):
        async def remove(self, recordings: Any) -> None:
            raise OSError("the disk is away")

    with pytest.raises(OSError, match="away"):
        await erase(desk, person, files=Broken(desk.settings.recordings))
    async with desk.open_unit() as unit:
        assert [one.files for one in await unit.erasures.incomplete()] == [("call.wav",)]
    assert await finish_erasures(desk.open_unit, files_of(desk), NOON) == 1
    assert list(desk.settings.recordings.iterdir()) == []
    async with desk.open_unit() as unit:
        assert await unit.erasures.incomplete() == ()


async def erase(desk: Desk, person: int, *, confirmed: str = "c1", files: DiskCallFiles | None = None) -> int:
    wanted = ErasureRequest(
        customer_id=person,
        ground=ErasureGround.WITHDRAWAL,
        requested=(NOON - timedelta(days=2)).date(),
        confirmed=confirmed,
        by="Анна Смирнова",
    )
    return await erase_customer(desk.open_unit, files or files_of(desk), wanted, NOON)


def files_of(desk: Desk) -> DiskCallFiles:
    return DiskCallFiles(desk.settings.recordings, desk.settings.home / "peaks")


async def traces(engine: AsyncEngine) -> dict[str, str]:
    """Column -> value, for every text or JSON of every table that names the person."""
    found = {}
    async with engine.connect() as connection:
        columns = await connection.execute(
            text(
                "select table_name, column_name from information_schema.columns where table_schema = 'public'"
                " and data_type in ('text', 'jsonb', 'json', 'character varying', 'tsvector', 'ARRAY', 'USER-DEFINED')"
            )
        )
        for table, column in columns.all():
            query = text(f'select cast("{column}" as text) from "{table}" where "{column}" is not null')
            for (value,) in (await connection.execute(query)).all():
                if any(trace.lower() in value.lower() for trace in TRACES):
                    found[f"{table}.{column}"] = value
    return found
