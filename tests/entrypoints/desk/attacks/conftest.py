"""A desk full of hostile data."""

from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.application.campaigns.shop import Shop
from tests.entrypoints.desk.attacks.world import World, build_world
from voicebot.entrypoints.web.desk.keys import Desk


@pytest.fixture
def shop(engine: AsyncEngine) -> Shop:
    return Shop(engine)


@pytest.fixture
async def world(shop: Shop, desk: Desk, tmp_path: Path) -> World:
    return await build_world(shop, desk, tmp_path)
