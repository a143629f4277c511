"""An SMTP server on loopback that keeps what it is given and fails on order."""

import asyncio
import ssl
from functools import partial
from types import TracebackType
from typing import Any, Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


class MailServer:
    """`async with MailServer() as server: server.port, server.letters`; answers of `answers` come first, one a letter.

    `certificate` is shown after STARTTLS, or from the first byte. An answer of "" closes the connection instead, after
    the letter has been kept: its sender cannot know.
    """

    def __init__(
        self,
        *,
        account: tuple[str, str] | None = None,
        certificate: ssl.SSLContext | None = None,
        from_the_first_byte: bool = False,
        answers: list[str] | None = None,
    ) -> None:
        self.letters: list[tuple[str, bytes]] = []
        """Recipient and content."""
        self.answers = answers or []
        self._account = account
        options: dict[str, Any] = {"authenticator": self._authenticate, "auth_exclude_mechanism": ["LOGIN"]}
        self._tls = certificate if from_the_first_byte else None
        if certificate is not None and not from_the_first_byte:
            options |= {"tls_context": certificate, "require_starttls": True, "auth_required": account is not None}
        else:
            options["auth_require_tls"] = False
        self._options = options
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        new_session = partial(SMTP, self, hostname="mail.example.ru", loop=loop, **self._options)
        self._server = await loop.create_server(new_session, "127.0.0.1", 0, ssl=self._tls)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Keep the letter, unless the answer ordered for it refuses it."""
        answer = self.answers.pop(0) if self.answers else "250 taken"
        if answer == "" or answer.startswith("2"):
            content = envelope.content
            assert isinstance(content, bytes)
            self.letters.append((envelope.rcpt_tos[0], content))
        if answer == "":
            assert server.transport is not None
            server.transport.close()
        return answer

    def _authenticate(self, server: SMTP, session: Session, envelope: Envelope, how: str, shown: object) -> AuthResult:
        if not isinstance(shown, LoginPassword) or self._account is None:
            return AuthResult(success=False, handled=False)
        given = (shown.login.decode(), shown.password.decode())
        return AuthResult(success=given == self._account, handled=False)
