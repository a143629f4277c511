"""SMS through the MTS Exolve HTTP API."""

from collections.abc import AsyncIterator, Mapping
from http import HTTPStatus
from typing import Any, Final

import aiohttp

from voicebot.adapters.sms_once import OncePerKey
from voicebot.application.ports.messages import DeliveryReport, DeliveryState, Receipt, ShortMessage
from voicebot.domain.errors import GatewayError

_SEND: Final = "/messaging/v1/SendSMS"
_LIST: Final = "/messaging/v1/GetList"
_TRY_AGAIN: Final = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)
_GATEWAY_LOST: Final = (HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT)
"""A proxy in between lost the answer: the message may have been taken."""
_SECRETS: Final = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)

_NO_REPORTS: Final[tuple[DeliveryReport, ...]] = ()


class ExolveSmsGateway:
    """POST /messaging/v1/SendSMS with a Bearer key; the API has no idempotency key, so this process keeps its own."""

    def __init__(self, *, url: str, key: str, sender: str, timeout_s: float = 15.0) -> None:
        self._url = url.rstrip("/")
        self._sender = sender
        self._headers = {"Authorization": f"Bearer {key}"}
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._session: aiohttp.ClientSession | None = None
        self._once = OncePerKey()

    @property
    def idempotent(self) -> bool:
        """The protocol knows no keys: ours are forgotten with the process."""
        return False

    async def send(self, message: ShortMessage) -> Receipt:
        """Hand the message over; 4xx but 408 and 429 is final, everything else may be tried again."""
        return await self._once.send(message.key, lambda: self._send(message))

    async def reports(self) -> AsyncIterator[DeliveryReport]:
        """None: Exolve reports to a web hook of the account, which is not wired yet."""
        for report in _NO_REPORTS:
            yield report

    async def check(self) -> str:
        """Ask for one message; raises GatewayError when the API is away or refuses the key."""
        status, _ = await self._post(_LIST, {"limit": 1})
        if status in _SECRETS:
            raise GatewayError("MTS Exolve refuses the key: check VOICEBOT_EXOLVE_KEY", retryable=False)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise GatewayError(f"MTS Exolve answers HTTP {status}", retryable=True)
        return f"MTS Exolve answers at {self._url}"

    async def close(self) -> None:
        """Close the connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _send(self, message: ShortMessage) -> Receipt:
        body = {
            "number": self._sender.removeprefix("+"),
            "destination": message.to.e164.removeprefix("+"),
            "text": message.text,
        }
        status, answer = await self._post(_SEND, body)
        if status in _SECRETS:
            raise GatewayError("MTS Exolve refuses the key: check VOICEBOT_EXOLVE_KEY", retryable=False)
        if status != HTTPStatus.OK:
            retryable = status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _TRY_AGAIN
            uncertain = status in _GATEWAY_LOST
            raise GatewayError(f"MTS Exolve refused a message: HTTP {status}", retryable=retryable, uncertain=uncertain)
        if not answer.get("message_id"):
            # Taken, as the status says; trying again would send it twice.
            raise GatewayError("MTS Exolve took a message and named no message_id", retryable=False)
        return Receipt(gateway_id=str(answer["message_id"]), state=DeliveryState.SENT)

    async def _post(self, path: str, body: Mapping[str, object]) -> tuple[int, dict[str, Any]]:
        if self._session is None:
            self._session = aiohttp.ClientSession(headers=self._headers, timeout=self._timeout)
        try:
            async with self._session.post(self._url + path, json=body) as response:
                answer = await response.json(content_type=None) if response.status == HTTPStatus.OK else {}
                return response.status, answer if isinstance(answer, dict) else {}
        except ValueError as error:
            # aiohttp's InvalidURL is a ValueError too; so is an answer that is no JSON.
            raise GatewayError(
                "MTS Exolve answered something else than JSON, or its URL is wrong", retryable=False
            ) from error
        except TimeoutError as error:
            raise GatewayError("MTS Exolve did not answer in time", retryable=True, uncertain=True) from error
        except aiohttp.ClientConnectorError as error:
            raise GatewayError(f"MTS Exolve is away: {type(error).__name__}", retryable=True) from error
        except aiohttp.ClientError as error:  # the connection broke after it had been made
            message = f"MTS Exolve broke off: {type(error).__name__}"
            raise GatewayError(message, retryable=True, uncertain=True) from error
