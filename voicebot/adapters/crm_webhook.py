"""News for the CRM as signed POST requests."""

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final

import aiohttp

from voicebot import __version__
from voicebot.application.ports.crm_gateway import CrmNews
from voicebot.domain.errors import GatewayError

TIMESTAMP: Final = "X-Voicebot-Timestamp"
"""Seconds since 1970, when the request was signed: the CRM refuses old ones, so that none can be played again."""
SIGNATURE: Final = "X-Voicebot-Signature"
"""`sha256=` and the hexadecimal HMAC-SHA256 of the timestamp, a point and the body."""
IDEMPOTENCY: Final = "Idempotency-Key"
_TRY_AGAIN: Final = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)
_LONGEST_WAIT_S: Final = 3600.0
"""A CRM that asks for more patience than this is asked again all the same."""


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """What the signature header must hold."""
    return "sha256=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


class WebhookCrm:
    """2xx means taken; 408, 429, 5xx and silence are tried again, everything else has failed for good."""

    def __init__(
        self, *, url: str, secret: str, timeout_s: float = 10.0, wall_clock: Callable[[], float] = time.time
    ) -> None:
        self._url = url
        self._secret = secret
        self._wall_clock = wall_clock
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._session: aiohttp.ClientSession | None = None

    async def tell(self, news: CrmNews) -> None:
        """Post the news; raises GatewayError naming the status, never what was sent."""
        body = json.dumps(dict(news.payload), ensure_ascii=False, separators=(",", ":")).encode()
        timestamp = str(int(self._wall_clock()))
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": f"voicebot/{__version__}",
            TIMESTAMP: timestamp,
            SIGNATURE: sign(self._secret, timestamp, body),
            IDEMPOTENCY: news.key,
        }
        status, retry_after = await self._request("POST", headers, body)
        if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            return
        retryable = status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _TRY_AGAIN
        wait_s = self._seconds(retry_after) if retryable else None
        raise GatewayError(f"the CRM answered HTTP {status}", retryable=retryable, retry_after_s=wait_s)

    async def check(self) -> str:
        """Ask for the head of the page: whatever the answer, somebody is there; raises GatewayError when nobody is."""
        status, _ = await self._request("HEAD", {}, b"")
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR and status != HTTPStatus.NOT_IMPLEMENTED:
            raise GatewayError(f"the CRM answers HTTP {status}", retryable=True)
        return "the CRM's webhook answers"

    async def close(self) -> None:
        """Close the connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _request(self, method: str, headers: dict[str, str], body: bytes) -> tuple[int, str]:
        """Status and Retry-After; the body of the answer is not read: nobody needs it."""
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout)
        try:
            # No redirect is followed: it would carry the customer's words to an address nobody has set.
            async with self._session.request(
                method, self._url, data=body or None, headers=headers, allow_redirects=False
            ) as response:
                return response.status, response.headers.get("Retry-After", "")
        except TimeoutError as error:
            raise GatewayError("the CRM did not answer in time", retryable=True, uncertain=True) from error
        except ValueError as error:  # aiohttp's InvalidURL
            raise GatewayError("VOICEBOT_CRM_URL is no address", retryable=False) from error
        except aiohttp.ClientError as error:
            raise GatewayError(f"the CRM is away: {type(error).__name__}", retryable=True) from error

    def _seconds(self, retry_after: str) -> float | None:
        """What Retry-After (RFC 9110, 10.2.3: seconds or a date) asks for; None when it says nothing we can read."""
        if retry_after.isdecimal():
            return min(float(retry_after), _LONGEST_WAIT_S)
        try:
            moment = parsedate_to_datetime(retry_after)
        except ValueError:
            return None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        wait_s = (moment - datetime.fromtimestamp(self._wall_clock(), UTC)).total_seconds()
        return min(max(wait_s, 0.0), _LONGEST_WAIT_S)
