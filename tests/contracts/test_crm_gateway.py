"""What everybody who tells the CRM keeps, the fake included."""

import asyncio
import csv
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from voicebot.adapters.crm_csv import CsvCrm
from voicebot.adapters.crm_json_lines import JsonLinesCrm
from voicebot.adapters.crm_webhook import WebhookCrm
from voicebot.application.ports.crm_gateway import CrmGateway, CrmNews
from voicebot.testing.crm_server import SECRET, CrmServer
from voicebot.testing.fake_crm import FakeCrm

Taken = Callable[[], list[tuple[str, str]]]
"""Key and customer of everything the CRM has, in order."""


@asynccontextmanager
async def _fake(_: Path) -> AsyncIterator[tuple[CrmGateway, Taken]]:
    crm = FakeCrm()
    yield crm, lambda: [(key, one["customer"]) for key, one in crm.taken.items()]


@asynccontextmanager
async def _json(folder: Path) -> AsyncIterator[tuple[CrmGateway, Taken]]:
    file = folder / "out" / "crm.jsonl"
    rows = lambda: [json.loads(line) for line in file.read_text().splitlines()]  # noqa: E731  # read when asked
    yield JsonLinesCrm(file), lambda: [(row["key"], row["customer"]) for row in rows()]


@asynccontextmanager
async def _csv(folder: Path) -> AsyncIterator[tuple[CrmGateway, Taken]]:
    file = folder / "out" / "crm.csv"
    rows = lambda: list(csv.DictReader(file.read_text().splitlines()))  # noqa: E731  # read when asked
    yield CsvCrm(file), lambda: [(row["key"], row["customer"]) for row in rows()]


@asynccontextmanager
async def _webhook(_: Path) -> AsyncIterator[tuple[CrmGateway, Taken]]:
    async with CrmServer() as server:
        crm = WebhookCrm(url=server.url, secret=SECRET)
        yield crm, lambda: [(key, one["customer"]) for key, one in server.taken.items()]
        await crm.close()


@pytest.fixture(params=[_fake, _json, _csv, _webhook], ids=["fake", "json", "csv", "webhook"])
async def office(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[tuple[CrmGateway, Taken]]:
    async with request.param(tmp_path) as pair:
        yield pair


def news(key: str, customer: str = "C-1", **rest: object) -> CrmNews:
    head = {"version": 1, "kind": "call", "key": key, "at": "2026-11-24T09:00:45+00:00", "campaign": "весна"}
    return CrmNews(key=key, payload={**head, "customer": customer, "number": 1, **rest})


async def test_news_arrives_in_the_order_it_was_told(office: tuple[CrmGateway, Taken]) -> None:
    crm, taken = office
    await crm.tell(news("call:2"))
    await crm.tell(news("call:1", "Ё-2"))
    assert taken() == [("call:2", "C-1"), ("call:1", "Ё-2")]


async def test_the_same_key_is_one_piece_of_news_however_often_it_is_told(office: tuple[CrmGateway, Taken]) -> None:
    crm, taken = office
    for _ in range(2):
        await crm.tell(news("call:1"))
    await asyncio.gather(*(crm.tell(news("call:1")) for _ in range(4)))
    assert taken() == [("call:1", "C-1")]


async def test_a_key_that_begins_like_another_is_news_of_its_own(office: tuple[CrmGateway, Taken]) -> None:
    crm, taken = office
    await crm.tell(news("call:12"))
    await crm.tell(news("call:1"))
    assert [key for key, _ in taken()] == ["call:12", "call:1"]


async def test_line_breaks_quotes_and_commas_change_nothing(office: tuple[CrmGateway, Taken]) -> None:
    crm, taken = office
    said = 'он сказал: "да",\r\nи\n\nположил трубку'
    turn = {"speaker": "customer", "text": said, "state": "offer"}
    await crm.tell(news("call:1", transcript=[turn], outcome={"answers": {"reason": said}, "tags": ["a", "b"]}))
    await crm.tell(news("call:1"))
    await crm.tell(news("call:2"))
    assert [key for key, _ in taken()] == ["call:1", "call:2"]


async def test_a_check_says_who_is_told_and_tells_nothing(office: tuple[CrmGateway, Taken]) -> None:
    crm, taken = office
    assert (await crm.check()).strip()
    assert taken() == []
    await crm.close()
    await crm.close()
