"""The signed webhook: what it sends, and what it makes of the answers."""

import socket
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from tests.contracts.test_crm_gateway import news
from voicebot.adapters.crm_webhook import WebhookCrm, sign
from voicebot.domain.errors import GatewayError
from voicebot.testing.crm_server import SECRET, CrmServer


async def _failure(crm: WebhookCrm) -> GatewayError:
    with pytest.raises(GatewayError) as caught:
        await crm.tell(news("call:1", "C-77"))
    await crm.close()
    assert "C-77" not in str(caught.value)
    return caught.value


def test_the_signature_is_the_documented_one() -> None:
    assert sign("key", "1700000000", b'{"a":1}') == (
        "sha256=a438e398bfafc57e4396bb7fc2304422f0f768e965d073ca313cb52e22e6ad03"
    )


async def test_a_wrong_secret_is_refused_for_good() -> None:
    async with CrmServer() as server:
        failure = await _failure(WebhookCrm(url=server.url, secret="x" * 20))
    assert (str(failure), failure.retryable, server.taken) == ("the CRM answered HTTP 401", False, {})


async def test_an_old_request_played_again_is_refused_by_the_server() -> None:
    async with CrmServer() as server:
        old = WebhookCrm(url=server.url, secret=SECRET, wall_clock=lambda: time.time() - 3600)
        assert "401" in str(await _failure(old))


@pytest.mark.parametrize(
    ("status", "retryable"),
    [
        (400, False),
        (404, False),
        (409, False),
        (422, False),
        (302, False),
        (408, True),
        (429, True),
        (500, True),
        (503, True),
    ],
)
async def test_a_status_tells_whether_to_try_again(status: int, retryable: bool) -> None:
    async with CrmServer([(status, {"Location": "/elsewhere"})]) as server:
        crm = WebhookCrm(url=server.url, secret=SECRET)
        failure = await _failure(crm)
        assert (failure.retryable, server.requests) == (retryable, 1)  # no redirect was followed
        await crm.tell(news("call:1"))
        await crm.close()
        assert list(server.taken) == ["call:1"]


@pytest.mark.parametrize(("asked", "seconds"), [("120", 120), ("86400", 3600), ("soon", None), ("", None)])
async def test_retry_after_is_honoured_up_to_an_hour(asked: str, seconds: float | None) -> None:
    async with CrmServer([(503, {"Retry-After": asked})]) as server:
        failure = await _failure(WebhookCrm(url=server.url, secret=SECRET))
    assert failure.retry_after_s == seconds


async def test_retry_after_may_be_a_date() -> None:
    then = datetime.now(UTC) + timedelta(seconds=90)
    async with CrmServer([(429, {"Retry-After": format_datetime(then, usegmt=True)})]) as server:
        failure = await _failure(WebhookCrm(url=server.url, secret=SECRET))
    assert failure.retry_after_s is not None
    assert 85 < failure.retry_after_s <= 90


async def test_a_crm_that_is_away_or_mute_is_tried_again() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert (await _failure(WebhookCrm(url=f"http://127.0.0.1:{port}/", secret=SECRET))).retryable

    with socket.create_server(("127.0.0.1", 0)) as mute:  # takes connections and never reads
        url = f"http://127.0.0.1:{mute.getsockname()[1]}/"
        failure = await _failure(WebhookCrm(url=url, secret=SECRET, timeout_s=0.1))
    assert (str(failure), failure.retryable) == ("the CRM did not answer in time", True)


async def test_a_check_finds_nobody() -> None:
    crm = WebhookCrm(url="http://127.0.0.1:1/", secret=SECRET)
    with pytest.raises(GatewayError, match="away"):
        await crm.check()
    await crm.close()
