"""`voicebot why`, `audit` and `campaign results` as a lawyer and a manager meet them."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

import psycopg
import pytest
import typer
from click.testing import Result
from sqlalchemy import insert, update
from typer.testing import CliRunner

from tests.application.campaigns.shop import NOON, Shop, a_line, answered, outcome
from voicebot.adapters.store.campaign_tables import calls as calls_table
from voicebot.adapters.store.campaign_tables import campaign_controls
from voicebot.adapters.store.crm_tables import consents, customers
from voicebot.adapters.store.engine import open_engine
from voicebot.application.claim_lead import claim_lead
from voicebot.application.record_outcome import OutcomeRules, record_outcome
from voicebot.domain.campaign import CampaignKind
from voicebot.domain.contact_hours import AROUND_THE_CLOCK
from voicebot.domain.contact_policy import ContactPolicy
from voicebot.domain.errors import BadInput, NotFound
from voicebot.domain.message import MessageTemplate, Sender
from voicebot.domain.outcome import ActionKind, Disposition, FollowUp, Group
from voicebot.entrypoints.cli import audit, campaign, campaign_results, why

_T = TypeVar("_T")
RULES = OutcomeRules(
    policy=ContactPolicy(hours=AROUND_THE_CLOCK),
    templates={"promo": MessageTemplate(name="promo", text="{name}, код {code}")},
    sender=Sender(company="Пример", rules_url=""),
    draw=lambda _: 4711,
)
DIALPLAN = """
trunks:
  main:
    host: 127.0.0.1
    caller_ids: ["+74951234567"]
    label: {contract: "77-1", name: "Пример", category: "реклама"}
routes: [{match: "*", trunks: [main]}]
"""


class Office:
    """Somebody at a terminal, with a database behind it."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._app = typer.Typer(pretty_exceptions_enable=False)
        audit.register(self._app)
        campaign.register(self._app)
        campaign_results.register(campaign.campaign_app)
        why.register(self._app)

    def types(self, *arguments: str) -> str:
        result = self.tries(*arguments)
        assert result.exit_code == 0, result.output
        return result.output

    def tries(self, *arguments: str) -> Result:
        return CliRunner(env={"COLUMNS": "160"}).invoke(self._app, arguments, catch_exceptions=False)

    def shop(self, work: Callable[[Shop], Awaitable[_T]]) -> _T:
        async def main() -> _T:
            engine = open_engine(self._url)
            try:
                return await work(Shop(engine))
            finally:
                await engine.dispose()

        return asyncio.run(main())

    def sql(self, *statements: str) -> None:
        with psycopg.connect(self._url, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())


@pytest.fixture
def office(database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Office:
    dialplan = tmp_path_factory.mktemp("dialplans") / "main.yaml"
    dialplan.write_text(DIALPLAN)
    monkeypatch.setenv("VOICEBOT_DATABASE_URL", database_url)
    monkeypatch.setenv("VOICEBOT_DIALPLAN", str(dialplan))
    return Office(database_url)


async def _told_to_stop(shop: Shop) -> None:
    """One who took the offer in one campaign, withdrew the consent, and was then refused to another one."""
    person = await shop.customer(zone="Asia/Vladivostok")
    other = await shop.customer()
    async with shop.engine.begin() as connection:
        await connection.execute(update(customers).values(last_name="Соколов"))
        await connection.execute(
            update(consents).where(consents.c.customer_id == person).values(proof="анкета 12, скан 5")
        )
    autumn = await shop.campaign([person], name="Осень")
    claimed = await shop.claim()
    accepted = outcome(
        Disposition.ACCEPTED,
        FollowUp(kind=ActionKind.PROMO),
        FollowUp(kind=ActionKind.SMS, template="promo"),
        group=Group.INTERESTED,
    )
    await record_outcome(shop.open_unit, claimed.call.id, answered(), accepted, RULES)
    async with shop.engine.begin() as connection:
        await connection.execute(update(calls_table).values(trunk="main"))
        await connection.execute(insert(campaign_controls).values(campaign_id=autumn.id, customer_id=other, at=NOON))
    await shop.campaign([person], name="Сервис", kind=CampaignKind.SERVICE)
    async with shop.open_unit() as unit:
        await unit.stop_list.add(person, at=NOON + timedelta(hours=1), reason="больше не звоните", source="call")
        await unit.audit.record(at=NOON, actor="Анна", action="customer.stopped", subject=f"customer:{person}")
        await unit.commit()
    async with shop.engine.begin() as connection:
        await connection.execute(
            update(consents)
            .where(consents.c.customer_id == person, consents.c.scope == "sms")
            .values(withdrawn_at=NOON + timedelta(hours=1))
        )
    assert await claim_lead(shop.open_unit, a_line(), NOON + timedelta(days=30)) is None


def test_a_person_is_told_consents_stop_releases_calls_and_refusals(office: Office) -> None:
    office.shop(_told_to_stop)
    told = office.types("why", "c1")
    for words in (
        "customer c1: Иван С., +7916***0001",
        "times are of Asia/Vladivostok",
        "call, advertising: given 2025-10-20 19:00:00, source: till, wording: 1, proof: анкета 12, скан 5",
        "; withdrawn 2026-11-24 20:00:00",
        "the person since 2026-11-24 20:00:00, by call: больше не звоните",
        "number +7916***0001 since",
        "'Осень' (advertising): on the list since 2026-11-24 19:00:00, now done",
        "released by Анна Смирнова, 2026-11-24 19:00:00: release 1, 1 people, hash ",
        "attempt 1, offer, +7916***0001",
        "checked 2026-11-24 19:00:00: allowed",
        "over trunk 'main' showing +74951234567, label 'Пример', реклама, contract 77-1",
        "answered, interested, accepted, 40 s; recorded: yes",
        "sms 'promo' of 'Осень': queued",
        "'Сервис' (service)",
        "last refused by the gate",
        "stop_list",
        "Анна: customer.stopped customer:1",
    ):
        assert words in told, words
    assert "Соколов" not in told
    assert "+79160000001" not in told


def test_the_same_is_told_to_a_program(office: Office) -> None:
    office.shop(_told_to_stop)
    told = json.loads(office.types("why", "c1", "--json"))
    assert told["phones"] == ["+7916***0001"]
    assert {one["proof"] for one in told["consents"]} == {"анкета 12, скан 5"}
    advertising, service = told["campaigns"]
    assert advertising["releases"][0]["by"] == "Анна Смирнова"
    assert len(advertising["releases"][0]["hash"]) == 64
    assert "stop_list" in service["refusals"]
    (call,) = told["calls"]
    assert (call["verdict"]["allowed"], call["recorded"], call["trunk"]) == (True, True, "main")
    assert call["dialled_at"] == "2026-11-24T19:00:00+10:00"
    assert [one["template"] for one in told["messages"]] == ["promo"]
    assert json.loads(office.types("why", "c2", "--json"))["control_group_of"] == ["Осень"]


def test_name_and_numbers_are_shown_to_a_named_person_only_and_that_is_written_down(office: Office) -> None:
    office.shop(_told_to_stop)
    with pytest.raises(BadInput, match="--by: is missing"):
        office.types("why", "c1", "--full")
    told = office.types("why", "c1", "--full", "--by", "Юрист Петрова")
    assert "Соколов Иван Петрович, +79160000001" in told
    (entry,) = json.loads(office.types("audit", "list", "--actor", "Юрист Петрова", "--json"))
    assert (entry["action"], entry["subject"]) == ("customer.disclosed", "customer:1")


def test_somebody_never_dealt_with_has_an_empty_report_and_a_stranger_none(office: Office) -> None:
    office.shop(lambda shop: shop.customer(consented=()))
    assert office.types("why", "c1").count("  none") == 5
    with pytest.raises(NotFound, match="'c2'"):
        office.types("why", "c2")


def test_the_audit_log_is_listed_and_verified(office: Office) -> None:
    office.shop(_told_to_stop)
    listed = office.types("audit", "list", "--subject", "campaign:1")
    assert "Анна Смирнова  campaign.released  campaign:1" in listed
    assert "campaign:2" not in listed
    assert office.types("audit", "list", "--since", "2100-01-01") == "no such entries\n"
    verified = json.loads(office.types("audit", "verify", "--json"))
    assert (verified["intact"], verified["releases"]) == (True, 2)
    assert "entries hold" in office.types("audit", "verify", "--head", verified["head"])
    office.sql(
        "alter table audit_log disable trigger user",
        "update audit_log set actor = 'Борис' where id = 2",
        "delete from release_leads where release_id = 1",
    )
    refused = office.tries("audit", "verify")
    assert refused.exit_code == 1
    assert "BROKEN at entry 2: content" in refused.output
    assert "BROKEN release 1: list" in refused.output
    refused = office.tries("audit", "verify", "--json")
    assert refused.exit_code == 1
    assert json.loads(refused.output)["broken"]["entry"] == 2


def test_results_are_shown_with_their_certainty(office: Office) -> None:
    async def tested(shop: Shop) -> None:
        people = [await shop.customer() for _ in range(4)]
        campaign = await shop.campaign(people[:3], name="Осень")
        async with shop.engine.begin() as connection:
            await connection.execute(
                insert(campaign_controls).values(campaign_id=campaign.id, customer_id=people[3], at=NOON)
            )

    office.shop(tested)
    office.sql("update leads set created_at = now() - interval '40 days'")
    office.sql("update campaign_controls set at = now() - interval '40 days'")
    shown = office.types("campaign", "results", "Осень")
    for words in (
        "called against control",
        "people who ordered",
        "too few people to tell anything",
        "left alone: 25.0%",
    ):
        assert words in shown, words
    told = json.loads(office.types("campaign", "results", "Осень", "--days", "10", "--json"))
    assert (told["called"]["people"], told["control"]["people"], told["days"]) == (3, 1, 10)
    assert told["lift"]["measures"]["revenue"]["interval"] is None
    assert told["funnels"][0]["released"] == 3
