"""`voicebot run`: starts, answers, stops in order, and survives the death of a line process."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.application.campaigns.shop import Shop
from tests.entrypoints.street import BUSY, LISTENS, released, telephones
from tests.entrypoints.terminal import Terminal, terminal_in

LISTENING, ENGAGED = "+79160000001", "+79160000002"
IN_A_CALL = "select count(*) from calls where ended_at is null"


@pytest.fixture
def shop(engine: AsyncEngine) -> Shop:
    return Shop(engine)


@asynccontextmanager
async def running(terminal: Terminal) -> AsyncIterator[asyncio.subprocess.Process]:
    """`voicebot run`; killed if a test breaks off."""
    process = await terminal.start("run")
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def ended(process: asyncio.subprocess.Process) -> tuple[int, str]:
    """Exit code and everything it said."""
    async with asyncio.timeout(90):
        _, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, err.decode()


async def until(shop: Shop, query: str, wanted: object, *, seconds: float = 90.0) -> None:
    async with asyncio.timeout(seconds):
        while await shop.value(query) != wanted:  # noqa: ASYNC110  # other processes write it: there is no event
            await asyncio.sleep(0.1)


async def healthy(terminal: Terminal) -> bool:
    url = f"http://127.0.0.1:{terminal.variables['VOICEBOT_WEB_PORT']}/healthz"
    async with asyncio.timeout(60):
        while True:
            try:
                async with aiohttp.ClientSession() as session, session.get(url) as reply:
                    return bool((await reply.json())["status"] == "ok")
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.1)  # a real process starts in real time


async def test_a_call_under_way_is_finished_before_the_machine_stops(
    tmp_path: Path, database_url: str, shop: Shop
) -> None:
    await released(shop, [await shop.customer(phones=(LISTENING,)), await shop.customer(phones=("+79160000009",))])
    async with telephones({LISTENING: LISTENS}, tmp_path) as (_, plan):
        terminal = terminal_in(tmp_path, database_url).with_(dialplan=str(plan))
        async with running(terminal) as process:
            assert await healthy(terminal)
            await until(shop, IN_A_CALL, 1)
            await asyncio.sleep(1.0)  # the bot is speaking
            process.send_signal(signal.SIGTERM)
            code, told = await ended(process)
    assert code == 0, told
    assert "Traceback" not in told
    ((cause, disposition, turns),) = await shop.rows(
        "select cause, disposition, (select count(*) from turns where call_id = calls.id) from calls"
    )
    assert (cause, disposition) == ("answered", "hung_up")
    assert turns >= 1
    (talked_to, next_one) = await shop.rows("select state, lease_owner from leads order by id")
    assert tuple(talked_to) == ("scheduled", ""), "who hangs up before the offer is called once more"
    assert tuple(next_one) == ("queued", ""), "no new call after SIGTERM"


async def test_the_call_of_a_killed_line_is_interrupted_and_the_next_process_goes_on(
    tmp_path: Path, database_url: str, shop: Shop
) -> None:
    await released(shop, [await shop.customer(phones=(LISTENING,)), await shop.customer(phones=(ENGAGED,))])
    async with telephones({LISTENING: LISTENS, ENGAGED: BUSY}, tmp_path) as (_, plan):
        terminal = terminal_in(tmp_path, database_url).with_(dialplan=str(plan), lease_seconds="3")
        async with running(terminal) as process:
            await until(shop, IN_A_CALL, 1)
            owner = str(await shop.value("select owner from calls"))
            os.kill(int(owner.split(":")[1]), signal.SIGKILL)
            await until(shop, "select count(*) from calls where cause = 'busy'", 1)
            await until(shop, IN_A_CALL, 0)
            process.send_signal(signal.SIGTERM)
            code, told = await ended(process)
    assert code == 0, told
    assert "process 'line-0' died (exit code -9); starting it again in 1 s" in told
    (first, second) = await shop.rows("select cause, owner from calls order by id")
    assert (first.cause, second.cause) == ("interrupted", "busy")
    assert first.owner.split(":")[1] != second.owner.split(":")[1]
    (lead, _) = await shop.rows("select state, attempts, next_attempt_at > now() from leads order by id")
    assert tuple(lead) == ("scheduled", 1, True)
