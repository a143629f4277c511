"""Single calls: every approval begins anew, in the standing campaign and in no other."""

from pathlib import Path
from typing import cast

import pytest

from tests.application.campaigns.shop import Shop, a_line
from voicebot.adapters.outcome_spool import FileOutcomeSpool
from voicebot.adapters.system_clock import SystemClock
from voicebot.adapters.yaml_scripts import load_scripts
from voicebot.application.call_customer import REASONS, SingleCall, call_customer
from voicebot.application.claim_lead import claim_lead
from voicebot.application.ports.understanding import LanguageUnderstanding
from voicebot.application.record_outcome import OutcomeRules
from voicebot.application.station import Station
from voicebot.config import PROJECT
from voicebot.domain.contact_rules import Refusal
from voicebot.domain.dialplan import Dialplan, RouteRule, Trunk
from voicebot.domain.errors import BadInput
from voicebot.domain.phone import Phone
from voicebot.testing.fake_speech import FakePromptLibrary, FakeRecogniser, FakeVoiceDetector
from voicebot.testing.fake_telephone import FakeNetwork

TRUNK = Trunk(name="out", host="nowhere", caller_ids=(Phone("+74951234567"),))


@pytest.fixture
def station(shop: Shop, rules: OutcomeRules, tmp_path: Path) -> Station:
    """A line that works and reaches nobody: every call ends with 503."""
    return Station(
        open_unit=shop.open_unit,
        telephone=FakeNetwork().telephone("us"),
        recogniser=FakeRecogniser(),
        new_detector=FakeVoiceDetector,
        library=FakePromptLibrary(),
        understanding=cast(LanguageUnderstanding, None),  # nobody ever speaks
        clock=SystemClock(),
        dialplan=Dialplan(name="default", trunks=(TRUNK,), routes=(RouteRule(pattern="*", trunks=("out",)),)),
        scripts=load_scripts(PROJECT / "scripts"),
        rules=rules,
        company="Пример",
        recordings=tmp_path,
        spool=FileOutcomeSpool(tmp_path / "spool"),
    )


async def call(station: Station, campaign: str = "") -> int:
    wanted = SingleCall(customer="c1", by="Анна", campaign=campaign)
    return await call_customer(station, a_line(), wanted, dialling=lambda assignment: None)


def test_every_refusal_of_the_gate_has_words() -> None:
    assert set(REASONS) == set(Refusal)


async def test_in_the_standing_campaign_the_budget_never_ends(shop: Shop, station: Station) -> None:
    await shop.customer()
    for _ in range(6):
        await call(station)
    rows = await shop.rows("select attempt, disposition from calls order by id")
    assert [tuple(row) for row in rows] == [(attempt, "unreachable") for attempt in range(1, 7)]


async def test_an_accepted_offer_is_no_obstacle_to_another_approved_call(shop: Shop, station: Station) -> None:
    await shop.customer()
    await call(station)
    async with shop.engine.begin() as connection:
        await connection.exec_driver_sql("update leads set disposition = 'accepted', outcome_group = 'interested'")
    await call(station)
    assert await shop.value("select count(*) from calls") == 2


async def test_what_was_approved_once_is_not_redialled_by_the_lines(shop: Shop, station: Station) -> None:
    await shop.customer()
    await call(station)
    far = station.clock.now().replace(year=2099)
    assert await claim_lead(shop.open_unit, a_line(), far) is None


async def test_in_another_campaign_the_gate_keeps_its_word(shop: Shop, station: Station) -> None:
    await shop.campaign([await shop.customer()], name="Осень")
    for _ in range(4):
        await call(station, "Осень")
    with pytest.raises(BadInput, match="no attempt is left in this campaign"):
        await call(station, "Осень")
    async with shop.engine.begin() as connection:
        await connection.exec_driver_sql("update campaigns set status = 'paused'")
    with pytest.raises(BadInput, match=r"the campaign is not running[^\n]*\n[^\n]*no attempt is left"):
        await call(station, "Осень")
    assert await shop.value("select count(*) from calls") == 4


async def test_each_call_is_a_release_of_one_that_can_be_proven_later(shop: Shop, station: Station) -> None:
    await shop.customer()
    for _ in range(2):
        await call(station)
    async with shop.open_unit() as unit:
        first, second = await unit.releases.of()
        assert [await unit.releases.recomputed_hash(one.id) for one in (first, second)] == [first.hash, second.hash]
    assert (first.released_by, first.leads, second.leads) == ("Анна", 1, 1)
    assert await shop.value("select release_id from leads") == second.id
    told = await shop.rows("select details->>'hash' from audit_log where action = 'campaign.call_approved' order by id")
    assert [row[0] for row in told] == [first.hash, second.hash]


async def test_a_call_that_may_not_be_made_leaves_no_release(shop: Shop, station: Station) -> None:
    await shop.customer(consented=())
    with pytest.raises(BadInput, match="consent"):
        await call(station)
    assert await shop.value("select count(*) from releases") == 0
