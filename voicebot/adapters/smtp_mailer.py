"""Letters over SMTP."""

import asyncio
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate
from typing import Final

from voicebot.application.ports.mailer import Letter
from voicebot.domain.errors import GatewayError

_TRANSIENT: Final = range(400, 500)
_START: Final = 354
_TAKEN: Final = range(200, 300)
STARTTLS: Final = "starttls"
TLS: Final = "tls"


class SmtpMailer:
    """A session for each letter; smtplib blocks, so it works in a thread."""

    def __init__(
        self,
        *,
        host: str,
        port: int,
        security: str,
        sender: str,
        user: str = "",
        password: str = "",
        timeout_s: float = 30.0,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        """`security`: STARTTLS, TLS or anything else for none; `trust`: certificates other than the system's."""
        self._host, self._port, self._security = host, port, security
        self._sender, self._user, self._password = sender, user, password
        self._timeout_s = timeout_s
        self._trust = trust

    async def send(self, letter: Letter) -> None:
        """Hand the letter over; 5yz is final, 4yz may be tried again (RFC 5321, 4.2.1)."""
        await asyncio.to_thread(self._send, letter, self._written(letter))

    async def check(self) -> str:
        """Sign in and leave."""
        await asyncio.to_thread(self._look)
        return f"the mail server answers at {self._host}:{self._port}"

    def _look(self) -> None:
        with self._session():
            return

    def _send(self, letter: Letter, message: bytes) -> None:
        with self._session() as server:
            with _translated():
                self._expect(server.mail(self._sender), "the sender")
                self._expect(server.rcpt(letter.to), "the recipient")
                server.putcmd("data")
                self._expect(server.getreply(), "a letter", taken=range(_START, _START + 1))
            with _translated(uncertain=True):
                server.send(message.replace(b"\r\n.", b"\r\n..") + b".\r\n")
                answer = server.getreply()
            self._expect(answer, "a letter")

    @contextmanager
    def _session(self) -> Iterator[smtplib.SMTP]:
        with _translated():
            server = self._connect()
        try:
            with _translated():
                self._sign_in(server)
            yield server
        finally:
            with suppress(smtplib.SMTPException, OSError):  # what was said is said
                server.quit()
            server.close()

    def _connect(self) -> smtplib.SMTP:
        if self._security == TLS:
            return smtplib.SMTP_SSL(self._host, self._port, timeout=self._timeout_s, context=self._context())
        return smtplib.SMTP(self._host, self._port, timeout=self._timeout_s)

    def _sign_in(self, server: smtplib.SMTP) -> None:
        if self._security == STARTTLS:
            server.starttls(context=self._context())  # refuses to go on in the clear
        server.ehlo_or_helo_if_needed()
        if self._user:
            server.login(self._user, self._password)

    def _context(self) -> ssl.SSLContext:
        return self._trust or ssl.create_default_context()

    def _expect(self, answer: tuple[int, bytes], what: str, taken: range = _TAKEN) -> None:
        code = answer[0]
        if code not in taken:  # the words of the answer may quote addresses
            raise GatewayError(f"the mail server refused {what}: code {code}", retryable=code in _TRANSIENT)

    def _written(self, letter: Letter) -> bytes:
        message = EmailMessage(policy=SMTP)
        message["From"], message["To"], message["Subject"] = self._sender, letter.to, letter.subject
        message["Date"] = formatdate(localtime=False)
        message["Message-ID"] = f"<{letter.key}@{self._sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"  # nobody's holiday note answers (RFC 3834)
        message.set_content(letter.text, cte="base64")
        message.add_alternative(letter.html, subtype="html", cte="base64")
        for one in letter.attachments:
            kind, _, subkind = one.kind.partition("/")
            message.add_attachment(one.content, maintype=kind, subtype=subkind, filename=one.name)
        return message.as_bytes()


@contextmanager
def _translated(*, uncertain: bool = False) -> Iterator[None]:
    """Errors of the libraries in our words, without addresses."""
    try:
        yield
    except smtplib.SMTPAuthenticationError as error:
        raise GatewayError(
            "the mail server refuses the account: check VOICEBOT_SMTP_USER and VOICEBOT_SMTP_PASSWORD",
            retryable=error.smtp_code in _TRANSIENT,
        ) from error
    except smtplib.SMTPNotSupportedError as error:
        message = "the mail server offers no STARTTLS or no sign-in: check VOICEBOT_SMTP_SECURITY"
        raise GatewayError(message, retryable=False) from error
    except ssl.SSLError as error:
        message = f"no safe connection to the mail server: {type(error).__name__}"
        raise GatewayError(message, retryable=False, uncertain=uncertain) from error
    except smtplib.SMTPResponseException as error:
        message = f"the mail server refused: code {error.smtp_code}"
        raise GatewayError(message, retryable=error.smtp_code in _TRANSIENT) from error
    except (smtplib.SMTPException, OSError) as error:  # away, silent, or gone in the middle
        what = "broke off" if uncertain else "is away"
        message = f"the mail server {what}: {type(error).__name__}"
        raise GatewayError(message, retryable=not uncertain, uncertain=uncertain) from error
