"""The document of the API is true: schemathesis calls every address as it says, and otherwise."""

import asyncio
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import schemathesis
from aiohttp import web
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from tests.application.campaigns.shop import NOON, Shop
from tests.entrypoints.desk.conftest import MovingClock
from tests.entrypoints.web.conftest import SECRET, escalated
from voicebot.adapters.call_files import DiskCallFiles
from voicebot.adapters.store.desk_unit import SqlDeskUnit
from voicebot.adapters.store.engine import check_database, open_engine
from voicebot.application.desk.api_tokens import make_token
from voicebot.application.desk.campaigns import begin_draft
from voicebot.application.desk.erase_customer import ErasureRequest, erase_customer
from voicebot.application.desk.report_mails import subscribe
from voicebot.config import Settings
from voicebot.domain.api_token import Scope
from voicebot.domain.erasure import ErasureGround
from voicebot.domain.report import NewSubscription, Span
from voicebot.domain.user import User
from voicebot.entrypoints.web.api.application import ROUTES, mount_api
from voicebot.entrypoints.web.api.keys import Api
from voicebot.entrypoints.web.api.openapi import build_document

DOCUMENT = build_document(ROUTES)
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
OPERATIONS = [one.ok() for one in SCHEMA.get_all_operations()]
BY = User(id=0, login="test", name="test", roles=frozenset(), created_at=NOON)
LETTER = NewSubscription(email="boss@example.ru", span=Span.WEEK, cron="0 9 * * 1", created_by="test")
EXAMPLES = 4
"""Of each address and kind: half a minute in all, alone on the machine."""
THERE = {"script": "winback", "shared": "interrupts", "phrases": "f-answers", "dialplan": "default"}
"""A document of each kind."""
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
    checks.unsupported_method,
]
"""Not positive_data_acceptance: that a customer or a code exists is no matter of schemas."""


@pytest.fixture
def served(database_url: str, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """The address of a server with some data, and a token of every scope; the server has a loop of its own."""
    found: dict[str, str] = {}
    ready, stop = threading.Event(), threading.Event()

    async def serve() -> None:
        engine = open_engine(database_url)
        shop = Shop(engine)
        for _ in range(3):
            await escalated(shop)
        api = Api(
            settings=Settings(home=tmp_path, recordings=tmp_path, webhook_secret=SECRET, api_rate=0),
            open_unit=partial(SqlDeskUnit, engine),
            clock=MovingClock(NOON),
            check=lambda: check_database(engine),
        )
        for name in ("раз", "два"):
            await begin_draft(api.open_unit, {"name": name}, by=BY, now=NOON)
        await shop.execute("update campaigns set status = 'awaiting_release' where id = 2")
        for _ in range(3):
            await subscribe(api.open_unit, LETTER, by=BY, now=NOON)
        await erase_customer(
            api.open_unit,
            DiskCallFiles(tmp_path, tmp_path / "peaks"),
            ErasureRequest(
                customer_id=await shop.customer(),
                ground=ErasureGround.WITHDRAWAL,
                requested=NOON.date(),
                confirmed=str(await shop.value("select external_id from customers order by id desc limit 1")),
                by="test",
            ),
            NOON,
        )
        token, _ = await make_token(api.open_unit, "test", tuple(Scope), days=None, by="test", now=NOON)
        app = web.Application()
        mount_api(app, api)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        found.update(url=f"http://{host}:{port}", token=token)
        ready.set()
        await asyncio.to_thread(stop.wait)
        await runner.cleanup()
        await engine.dispose()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), name="served")
    thread.start()
    assert ready.wait(30)
    yield found["url"], found["token"]
    stop.set()
    thread.join(30)


def aim(case: schemathesis.Case, called: int) -> None:
    """At the few things that are there, and at one that is not."""
    places = case.path_parameters
    for name in {"id", "turn"} & set(places):
        places[name] = 1 + called % 4
    if "name" in places and called % 4:
        kind = places.get("kind") or next(one for one in THERE if f"/{one}/" in case.path)
        places["name"] = THERE[kind]


@pytest.mark.timeout(120)
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda mode: mode.value)
def test_every_address_answers_as_the_document_says(mode: GenerationMode, served: tuple[str, str]) -> None:
    url, token = served
    headers = {"Authorization": f"Bearer {token}"}
    called = 0
    for operation in OPERATIONS:
        if mode is GenerationMode.NEGATIVE and not (operation.query or operation.path_parameters or operation.body):
            continue

        @seeded(1)
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def answers(case: schemathesis.Case) -> None:
            nonlocal called
            called += 1
            if mode is GenerationMode.POSITIVE:
                aim(case, called)
            case.call_and_validate(base_url=url, headers=headers, checks=CHECKS)

        answers()
    assert called > len(OPERATIONS)
