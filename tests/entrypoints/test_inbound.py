"""Customers who ring us: real SIP, real speech both ways, a real database and the real line process."""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.application.campaigns.shop import Shop
from tests.entrypoints.street import released
from tests.entrypoints.terminal import Terminal, terminal_in
from voicebot.domain.phone import Phone
from voicebot.rehearsal.callee import Ring
from voicebot.rehearsal.callee_process import CalleePlan, CalleeProcess
from voicebot.rehearsal.composition import speak_lines
from voicebot.rehearsal.hall import RehearsalHall
from voicebot.rehearsal.persona import Answers, HangUp, KeepSilent, Persona, Role, Say, TalkOver, WaitBot
from voicebot.rehearsal.persona_files import SHIPPED, read_persona
from voicebot.rehearsal.witness import CallWitness, read_witnesses

OURS, MANAGER = "+74951234567", "+74950000001"
RINGS_BACK, STRANGER, STOPPED = "+79160000001", "+79160000002", "+79160000003"
RINGS = replace(
    read_persona(SHIPPED / "rings_back.yaml"),
    rings_back_after_ms=500,
    script=(WaitBot(), Say(text="вы мне звонили"), TalkOver(text="да интересно", after_ms=1500)),
)
WANTS_HUMAN = Persona(
    name="stranger", description="зовёт человека", script=(WaitBot(), Say(text="соедините с оператором"))
)
WANTS_NOTHING = Persona(
    name="stopped", description="звонит, хотя просил не звонить", script=(WaitBot(), Say(text="нет"))
)
ANSWERS = Persona(
    name="manager",
    description="менеджер",
    role=Role.MANAGER,
    line=Answers(after_ms=100),
    script=(WaitBot(silence_ms=500), KeepSilent(length_ms=1000), HangUp()),
)
ENDED = "select count(*) from calls where direction = 'in' and ended_at is not null"


@pytest.fixture
def shop(engine: AsyncEngine) -> Shop:
    return Shop(engine)


def free_udp_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def dialplan(hall: RehearsalHall, folder: Path) -> Path:
    """Leads to whoever rings back, and to the manager."""
    host, port = hall.address_of(Phone(RINGS_BACK))
    plan: Mapping[str, Any] = {
        "trunks": {
            "street": {
                "host": host,
                "port": port,
                "caller_ids": [OURS],
                "calls_per_second": 50,
                "label": {"contract": "rehearsal", "name": "Пример", "category": "реклама"},
            }
        },
        "routes": [{"match": "*", "trunks": ["street"]}],
        "hours": "around_the_clock",
        "holidays": "call",
        "inbound": {"ring_s": 0.2},
        "transfer": {"manager": hall.uri_for(Phone(MANAGER))},
    }
    file = folder / "street.yaml"
    file.write_text(yaml.safe_dump(plan), encoding="utf-8")
    return file


@asynccontextmanager
async def callers(folder: Path, bot: str) -> AsyncIterator[None]:
    """Two who ring at the same moment: a stranger, and somebody on the stop-list."""
    actors = await speak_lines((WANTS_HUMAN, WANTS_NOTHING), cache=folder / "prompts")
    rings = (
        Ring(actor=actors["stranger"], number=STRANGER, called=OURS),
        Ring(actor=actors["stopped"], number=STOPPED.removeprefix("+7"), called=OURS.replace("+7", "8")),
    )
    plan = CalleePlan(name="callers", actors={}, folder=folder / "callees", bot=bot, rings=rings)
    async with CalleeProcess(plan):
        yield


@asynccontextmanager
async def lines(terminal: Terminal) -> AsyncIterator[None]:
    """`voicebot dial`; must end in order."""
    process = await terminal.start("dial", "--lines", "3")
    try:
        yield
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(40):
            _, told = await process.communicate()
        assert process.returncode == 0, told.decode()
        assert "Traceback" not in told.decode()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def until(shop: Shop, query: str, wanted: object) -> None:
    async with asyncio.timeout(60):
        while await shop.value(query) != wanted:  # noqa: ASYNC110  # other processes write it: there is no event
            await asyncio.sleep(0.2)


def of(persona: str, folder: Path) -> list[CallWitness]:
    return [one for one in read_witnesses(folder / "callees") if one.persona == persona]


async def test_customers_who_ring_us_are_recognised_and_talked_to(
    tmp_path: Path, database_url: str, shop: Shop
) -> None:
    bot = f"127.0.0.1:{free_udp_port()}"
    await released(shop, [await shop.customer(phones=(RINGS_BACK,))])
    stopped = await shop.customer(phones=(STOPPED,))
    async with shop.open_unit() as unit:
        await unit.stop_list.add(stopped, at=datetime.now(UTC), reason="said so", source="test")
        await unit.commit()
    cast = {
        Phone(RINGS_BACK): RINGS,
        Phone(MANAGER): ANSWERS,
    }
    async with RehearsalHall(cast, folder=tmp_path / "callees", cache=tmp_path / "prompts", bot=bot) as hall:
        terminal = terminal_in(tmp_path, database_url).with_(
            dialplan=str(dialplan(hall, tmp_path)), sip_port=bot.partition(":")[2]
        )
        async with lines(terminal):
            await until(shop, "select count(*) from calls where cause = 'busy'", 1)
            async with callers(tmp_path, bot):
                await until(shop, ENDED, 3)
    calls = await shop.rows("select phone, script, disposition from calls where direction = 'in' order by phone")
    assert calls == [
        (RINGS_BACK, "winback", "accepted"),
        (STRANGER, "inbound", "wants_human"),
        (STOPPED, "inbound", "informed"),
    ]
    assert await shop.rows("select direction, attempt, cause from calls where phone = '+79160000001' order by id") == [
        ("out", 1, "busy"),
        ("in", 1, "answered"),
    ]
    (lead,) = await shop.rows("select state, attempts, disposition from leads where customer_id = 1")
    assert tuple(lead) == ("done", 1, "accepted"), "settled: nobody calls them again"
    assert await shop.value("select count(*) from promo_codes") == 1
    assert await shop.rows("select template, phone from messages") == [("promo", RINGS_BACK)]
    (missed, rang) = of("rings_back", tmp_path)
    assert (missed.rang, missed.sip_code, rang.rang, rang.sip_code) == (False, 486, True, 200)
    assert len(of("manager", tmp_path)) == 1, "the stranger was put through"
    heard = await shop.rows("select text from turns where speaker = 'bot' and state like 'greeting%' order by id")
    assert any("ваш номер исключён" in text for (text,) in heard)
    recordings = await shop.rows("select recording from calls where direction = 'in'")
    assert all((tmp_path / "recordings" / name).is_file() for (name,) in recordings)
