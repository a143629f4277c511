"""`voicebot call` over real SIP, and everything that forbids it."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.application.campaigns.shop import Shop
from tests.entrypoints.street import BUSY, LISTENS, STOPS, resident, telephones
from tests.entrypoints.terminal import Terminal, terminal_in
from voicebot.domain.phone import Phone
from voicebot.rehearsal.witness import read_witnesses

CUSTOMER, MY_OWN = "+79160000001", "+79160000002"
STANDING = "Звонки по одному: winback, street"


@pytest.fixture
def shop(engine: AsyncEngine) -> Shop:
    return Shop(engine)


async def test_a_single_call_is_approved_made_and_shown(tmp_path: Path, database_url: str, shop: Shop) -> None:
    customer = await resident(shop, CUSTOMER)
    async with telephones({CUSTOMER: STOPS}, tmp_path) as (_, plan):
        terminal = terminal_in(tmp_path, database_url).with_(dialplan=str(plan))
        said = await terminal.types("call", "--customer", customer, "--by", "Анна Смирнова", "--json")
        assert said.code == 0, said.err
        refused = await terminal.types("call", "--customer", customer, "--by", "Анна Смирнова")
    call = json.loads(said.out)
    assert (call["group"], call["disposition"], call["cause"]) == ("negative", "stop", "answered")
    assert (call["campaign"], call["phone"]) == (STANDING, "+7916***0001")
    assert "stop" in [turn["intent"] for turn in call["turns"]]
    assert (tmp_path / "recordings" / call["recording"]).stat().st_size > 100_000
    assert said.err == f"calling Иван +7916***0001, call {call['call']} of campaign '{STANDING}'\n"
    approved = await shop.rows("select actor, details->>'call' from audit_log where action = 'campaign.call_approved'")
    assert [tuple(row) for row in approved] == [("Анна Смирнова", str(call["call"]))]
    (campaign,) = await shop.rows("select kind, status, released_by, dialplan from campaigns")
    assert tuple(campaign) == ("advertising", "running", "Анна Смирнова", "street")

    assert refused.code == 2
    assert f"customer '{customer}': is on the stop-list: asked never to be called" in refused.err
    assert await shop.value("select count(*) from calls") == 1


async def test_a_test_call_reaches_the_address_only_and_may_be_repeated(
    tmp_path: Path, database_url: str, shop: Shop
) -> None:
    customer = await resident(shop, CUSTOMER)
    async with telephones({CUSTOMER: LISTENS, MY_OWN: BUSY}, tmp_path) as (hall, plan):
        terminal = terminal_in(tmp_path, database_url).with_(dialplan=str(plan))
        for attempt in (1, 2):
            said = await terminal.types("call", "--customer", customer, "--to", hall.uri_for(Phone(MY_OWN)))
            assert said.code == 0, said.err
            assert f"campaign '{STANDING}', attempt {attempt}\n" in said.out
            assert "disposition busy" in said.out
            (lead,) = await shop.rows("select state, next_attempt_at from leads")
            assert tuple(lead) == ("done", None), "busy, and yet nobody redials: the approval was for one call"
    assert {witness.called for witness in read_witnesses(tmp_path / "callees")} == {MY_OWN}


LABEL = ', label: {contract: "77-1/2026", name: "Ромашка", category: "реклама"}'


def office(folder: Path, database_url: str, *, hours: str = "around_the_clock", label: str = LABEL) -> Terminal:
    """A terminal whose dialplan leads to nobody."""
    plan = folder / "street.yaml"
    plan.write_text(
        f'trunks: {{out: {{host: 127.0.0.1, port: 9, caller_ids: ["+74951234567"]{label}}}}}\n'
        f'routes: [{{match: "+7916*", trunks: [out]}}]\nhours: {hours}\nholidays: call\n'
    )
    return terminal_in(folder, database_url).with_(dialplan=str(plan))


async def test_every_reason_against_a_call_is_told_and_nothing_is_dialled(
    tmp_path: Path, database_url: str, shop: Shop
) -> None:
    # Noon wherever it is midnight in Moscow: the hours that are open are never now.
    opposite = (datetime.now(UTC) + timedelta(hours=3 + 12)).replace(minute=0)
    window = f'["{opposite:%H}:00-{opposite:%H}:30"]'
    terminal = office(tmp_path, database_url, hours=f"{{every_day: {window}}}", label="")
    silent = await resident(shop, "+390612345678", consented=())
    forbidden, wrong = await asyncio.gather(
        terminal.types("call", "--customer", silent),
        terminal.types(
            "call", "--customer", silent, "--script", "winbak", "--to", "me", "--by", " ", "--campaign", "A"
        ),
    )
    assert (forbidden.code, wrong.code) == (2, 2)
    assert forbidden.err == (
        f"voicebot: customer '{silent}': no provable consent to calls holds now (import the consent and its proof)\n"
        f"customer '{silent}': advertising over a trunk without the contract and label of mass calls, "
        "126-FZ art. 44.1 (`label:` of the trunk in the dialplan)\n"
        f"customer '{silent}': outside the hours in which this customer may be called (`hours:` of the dialplan)\n"
        f"customer '{silent}': dialplan 'street' leads nowhere: route 1 '+7916*' does not match +3906***5678; "
        "no route matches\n"
    )
    assert wrong.err == (
        "voicebot: --by: nobody is named (give your name)\n"
        "--script: there is no script 'winbak' (use one of inbound, quality, reminder, winback)\n"
        "--to: a test call would use up the customer's place in the campaign (leave out --campaign)\n"
        "--to: 'me' is no SIP address (write sip:user@host:port)\n"
    )
    for table in ("calls", "leads", "campaigns"):
        assert await shop.value(f"select count(*) from {table}") == 0
    refused = await shop.rows("select details->'refusals' from audit_log where action = 'call.refused'")
    assert [row[0] for row in refused] == [["no_call_consent", "no_call_label", "out_of_hours"]]


async def test_a_campaign_of_another_dialplan_and_a_live_call_are_refused(
    tmp_path: Path, database_url: str, shop: Shop
) -> None:
    await shop.campaign([await shop.customer(phones=(CUSTOMER,))], name="Осень")
    terminal = office(tmp_path, database_url)
    await shop.claim()
    call = ("call", "--customer", "c1", "--by", "Анна")
    other, busy = await asyncio.gather(terminal.types(*call, "--campaign", "Осень"), terminal.types(*call))
    assert (other.code, busy.code) == (2, 2)
    assert "--campaign: campaign 'Осень' is dialled by dialplan 'default', not 'street'" in other.err
    assert "is in another call just now (try again when it is over)" in busy.err
    assert await shop.value("select count(*) from calls") == 1
