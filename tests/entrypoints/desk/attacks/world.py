"""A company whose data attacks: payloads wherever a stranger's words can get in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from sqlalchemy import text

from tests.application.campaigns.shop import TURNS, Shop, answered, outcome
from tests.entrypoints.desk.attacks.addresses import GETS, address_of
from tests.entrypoints.desk.conftest import NOON
from tests.entrypoints.desk.test_erasure import RULES
from tests.entrypoints.desk.visitor import Visitor
from voicebot.adapters.call_files import DiskCallFiles
from voicebot.adapters.table_files import open_table
from voicebot.application.desk.erase_customer import ErasureRequest, erase_customer
from voicebot.application.gather_list import gather_list
from voicebot.application.import_columns import CrmTable
from voicebot.application.import_crm import import_table
from voicebot.application.record_outcome import record_outcome
from voicebot.application.release_campaign import add_leads, create_campaign
from voicebot.domain.campaign import CampaignKind, NewCampaign
from voicebot.domain.erasure import ErasureGround
from voicebot.domain.outcome import ActionKind, Disposition, FollowUp, Group
from voicebot.entrypoints.web.desk.keys import Desk

PAYLOAD: Final = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>"
"""What would run if a page did not escape it."""
SECRETS: Final = ("Салтыков", "Ильиничн", "9161112233", "saltykova@example.org", "тайна-вкладов")
"""What those without a right to it must not read anywhere."""


@dataclass(frozen=True, kw_only=True)
class World:
    """The company, and the addresses of one of everything."""

    shop: Shop
    known: Mapping[str, str]


async def build_world(shop: Shop, desk: Desk, folder: Path, payload: str = PAYLOAD) -> World:
    """Somebody imported from a CSV file, their call with everything that came of it, and somebody who was erased."""
    forgotten = await shop.customer()
    person = await _imported(shop, desk, folder, payload)
    campaign = await shop.campaign([person], name=f"Возврат {payload}")
    call = (await shop.claim()).call.id
    waiting = await _awaiting_release(shop, person, payload)
    words = f"тайна-вкладов Салтыковой {payload}"
    angry = outcome(
        Disposition.COMPLAINT,
        FollowUp(kind=ActionKind.ESCALATE, urgent=True, reason=words),
        FollowUp(kind=ActionKind.PROMO, offer="first"),
        FollowUp(kind=ActionKind.SMS, template="promo"),
        group=Group.NEGATIVE,
        tags=("complaint", payload or "vip"),
        answers={"why": words},
    )
    await record_outcome(shop.open_unit, call, answered(turns=TURNS), angry, RULES)
    await _run(shop, "update turns set text = :words where call_id = :call", words=words, call=call)
    note = "insert into escalation_notes (escalation_id, author, text, at) select id, 'Анна', :words, now()"
    await _run(shop, f"{note} from escalations", words=words)
    tag = "insert into customer_tags (customer_id, tag, at) values (:person, :tag, now())"
    await _run(shop, tag, person=person, tag=f"{payload}2")
    files = DiskCallFiles(desk.settings.recordings, desk.settings.home / "peaks")
    wanted = ErasureRequest(
        customer_id=forgotten, ground=next(iter(ErasureGround)), requested=date(2026, 11, 24), confirmed="c1", by="Анна"
    )
    act = await erase_customer(desk.open_unit, files, wanted, NOON)
    return World(
        shop=shop,
        known={
            "calls.id": str(call),
            "calls.turn": str(await shop.value("select max(id) from turns where speaker = 'customer'")),
            "campaigns.draft": await _draft(desk, payload),
            "campaigns.id": str(campaign.id),
            "customers.id": str(person),
            "dialplans.name": "default",
            "erasures.id": str(act),
            "escalations.id": str(await shop.value("select max(id) from escalations")),
            "invitation.token": "x" * 32,
            "releases.id": str(waiting),
        },
    )


async def pages_of(visitor: Visitor, world: World) -> list[str]:
    """The addresses that are whole pages: no files, no streams, no parts of pages."""
    found = []
    for address in (address_of(route, world.known) for route in GETS):
        reply = await visitor.get(address)
        is_text = reply.status < 300 and reply.content_type == "text/html"
        if is_text and (await reply.text()).startswith("<!doctype html>"):
            found.append(address)
        reply.close()
    return found


async def _awaiting_release(shop: Shop, person: int, payload: str) -> int:
    """A campaign whose list nobody has answered for."""
    wanted = NewCampaign(name=f"Новые {payload}", kind=CampaignKind.ADVERTISING, script="winback")
    campaign = await create_campaign(shop.open_unit, wanted, by="Анна", now=NOON)
    await add_leads(shop.open_unit, campaign.id, [person], by="Анна", now=NOON)
    await gather_list(shop.open_unit, campaign.id, by="Анна", now=NOON)
    return campaign.id


async def _draft(desk: Desk, payload: str) -> str:
    """A campaign somebody is typing."""
    async with desk.open_unit() as unit:
        fields = {"name": payload, "season": payload, "categories": payload, "people": "silent", "seen": "whom"}
        number = await unit.campaign_pages.add_draft(fields, author="anna", at=NOON)
        await unit.commit()
    return str(number)


async def fingerprint(shop: Shop) -> dict[str, str]:
    """What every table holds, as a hash."""
    names = await shop.rows(
        "select table_name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'"
    )
    return {
        row.table_name: await shop.value(
            f"select md5(coalesce(string_agg(t::text, '|' order by t::text), '')) from {row.table_name} t"
        )
        for row in names
    }


async def _imported(shop: Shop, desk: Desk, folder: Path, payload: str) -> int:
    people = folder / "customers.csv"
    quoted = payload.replace('"', '""')
    people.write_text(
        "external_id,last_name,first_name,patronymic,phones,email,time_zone\n"
        f'evil-1,"Салтыкова {quoted}",Аграфена,"Ильинична {quoted}",+79161112233,saltykova@example.org,Europe/Moscow\n',
        encoding="utf-8",
    )
    await import_table(
        CrmTable.CUSTOMERS, open_table(people), open_unit=shop.open_unit, clock=desk.clock, actor=f"CRM {payload}"
    )
    person = int(await shop.value("select id from customers where external_id = 'evil-1'"))
    await _run(
        shop,
        "insert into consents (customer_id, scope, kind, source, wording_version, given_at, proof)"
        " select :person, scope, kind, 'till', '1', now() - interval '400 days', :proof"
        " from consents where customer_id = (select min(id) from customers)",
        person=person,
        proof=payload,
    )
    return person


async def _run(shop: Shop, statement: str, **values: object) -> None:
    async with shop.engine.begin() as connection:
        await connection.execute(text(statement), values)
