"""A dialplan with another trunk, saved at the desk while a real line process works: taken up without a restart."""

import asyncio
import copy
import signal
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.application.campaigns.shop import Shop
from tests.entrypoints.street import BUSY, telephones
from tests.entrypoints.terminal import terminal_in
from voicebot.adapters.store.desk_unit import SqlDeskUnit
from voicebot.adapters.yaml_documents import YamlDocuments
from voicebot.application.desk.documents import Draft, save_draft
from voicebot.application.release_campaign import prepare_campaign, release_campaign
from voicebot.config import PROJECT
from voicebot.domain.campaign import CampaignKind, NewCampaign
from voicebot.domain.document import DocumentId, DocumentKind, NewVersion

OLD, NEW = "+79160000001", "+79160000002"
STREET = DocumentId(kind=DocumentKind.DIALPLAN, name="street")


pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def shop(engine: AsyncEngine) -> Shop:
    return Shop(engine)


async def call(shop: Shop, phone: str) -> None:
    """Have a customer of that number called, and wait for the end of it."""
    now = datetime.now(UTC)
    customer = await shop.customer(phones=(phone,))
    wanted = NewCampaign(name=phone, kind=CampaignKind.ADVERTISING, script="winback", dialplan="street")
    campaign, _ = await prepare_campaign(shop.open_unit, wanted, (customer,), by="Анна", now=now)
    await release_campaign(shop.open_unit, campaign.id, by="Анна Смирнова", now=now)
    async with shop.open_unit() as unit:
        await unit.wake.lines()
        await unit.commit()
    ended = f"select count(*) from calls where phone = '{phone}' and ended_at is not null"
    while not await shop.value(ended):  # noqa: ASYNC110  # another process
        await asyncio.sleep(0.2)


async def test_a_line_process_dials_over_a_trunk_that_was_added_while_it_worked(
    tmp_path: Path, database_url: str, shop: Shop
) -> None:
    async with telephones({OLD: BUSY, NEW: BUSY}, tmp_path) as (_, dialplan):
        plan: dict[str, Any] = yaml.safe_load(dialplan.read_text(encoding="utf-8"))
        old, new = plan["routes"]
        spare = copy.deepcopy(plan["trunks"][new["trunks"][0]])
        both = {**plan, "trunks": {**plan["trunks"], "spare": spare}, "routes": [old, {**new, "trunks": ["spare"]}]}
        dialplan.write_text(yaml.safe_dump({**plan, "routes": [old]}), encoding="utf-8")
        process = await terminal_in(tmp_path, database_url).with_(dialplan=str(dialplan)).start("dial", "--lines", "1")
        try:
            async with asyncio.timeout(200):
                await call(shop, OLD)
                reader = YamlDocuments(scripts=PROJECT / "scripts", dialplan=dialplan)
                draft = Draft(document=STREET, text=yaml.safe_dump(both), base=0)
                desk = partial(SqlDeskUnit, shop.engine)
                saved = await save_draft(desk, reader, draft, by="Анна", now=datetime.now(UTC))
                assert isinstance(saved, NewVersion)
                await call(shop, NEW)
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(40):
                _, told = await process.communicate()
            assert process.returncode == 0, told.decode()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    assert "the telephone is opened again" in told.decode()
    assert "starting it again" not in told.decode()
    calls = await shop.rows("select phone, cause from calls order by id")
    assert [tuple(row) for row in calls] == [(OLD, "busy"), (NEW, "busy")]
