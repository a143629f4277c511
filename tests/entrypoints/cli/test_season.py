"""`voicebot season ...` as a manager meets it."""

import json
from pathlib import Path

import pytest

from tests.application.campaigns.shop import Shop, answered, outcome
from tests.entrypoints.cli.manager import Manager
from tests.entrypoints.cli.test_calls import RULES
from voicebot.application.record_outcome import record_outcome
from voicebot.domain.errors import BadInput
from voicebot.domain.outcome import Disposition


@pytest.fixture(autouse=True)
def labelled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = tmp_path / "labelled.yaml"
    plan.write_text(
        """
trunks:
  main: {host: 10.0.0.1, caller_ids: ["+74951234567"], label: {contract: "1", name: "Пример", category: "реклама"}}
routes:
  - {match: "*", trunks: [main]}
""",
        encoding="utf-8",
    )
    monkeypatch.setenv("VOICEBOT_DIALPLAN", str(plan))


async def _two_refusals_long_ago(shop: Shop) -> None:
    await shop.campaign([await shop.customer(), await shop.customer()], name="Осень")
    for _ in range(2):
        claimed = await shop.claim()
        await record_outcome(shop.open_unit, claimed.call.id, answered(), outcome(Disposition.DECLINED), RULES)
    await shop.execute("update calls set dialled_at = dialled_at - interval '90 days'")


def test_nobody_is_lost_and_a_season_has_nobody_to_call(manager: Manager) -> None:
    assert manager.types("season", "list") == "nobody is on the seasonal list\n"
    with pytest.raises(BadInput, match="nobody on the seasonal list may be called"):
        manager.types("season", "start", "Весна", "--by", "Анна")


def test_the_lost_are_counted_by_reason_and_called_on_a_reason(manager: Manager) -> None:
    manager.shop(_two_refusals_long_ago)
    assert "2  said no to an offer" in manager.types("season", "list")
    assert json.loads(manager.types("season", "list", "--json")) == {"people": 2, "by_reason": {"declined": 2}}
    written = manager.types("season", "start", "Весна", "--by", "Анна", "--why", "новые ткани", "--percent", "30")
    assert "campaign 'Весна': 2 customers of the seasonal list await their release" in written
    (campaign,) = [one for one in json.loads(manager.types("campaign", "list", "--json")) if one["campaign"] == "Весна"]
    assert (campaign["status"], campaign["season"]) == ("awaiting_release", "новые ткани")
    with pytest.raises(BadInput, match="there is a campaign 'Весна' already"):
        manager.types("season", "start", "Весна", "--by", "Анна")
    with pytest.raises(BadInput, match="nobody is named"):
        manager.types("season", "start", "Лето", "--by", " ")
