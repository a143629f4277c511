"""SMTP: accounts, refusals, lost connections, what a letter says of itself."""

import asyncio
import shutil
import ssl
import subprocess
from email import message_from_bytes
from pathlib import Path

import pytest

from tests.mail_server import MailServer
from voicebot.adapters.smtp_mailer import SmtpMailer
from voicebot.application.ports.mailer import Letter
from voicebot.domain.errors import GatewayError

LETTER = Letter(key="report-7", to="anna@example.ru", subject="Сводка", text="Разговоров: 12", html="<p>12</p>")


def mailer(port: int, *, security: str = "none", timeout_s: float = 5.0, **rest: object) -> SmtpMailer:
    return SmtpMailer(
        host="127.0.0.1",
        port=port,
        security=security,
        sender="voicebot@example.ru",
        timeout_s=timeout_s,
        **rest,  # type: ignore[arg-type]
    )


async def refused(one: SmtpMailer) -> GatewayError:
    with pytest.raises(GatewayError) as caught:
        await one.send(LETTER)
    assert "anna" not in str(caught.value)
    return caught.value


async def test_the_account_is_shown() -> None:
    async with MailServer(account=("robot", "secret")) as server:
        await mailer(server.port, user="robot", password="secret").send(LETTER)
        assert len(server.letters) == 1
        error = await refused(mailer(server.port, user="robot", password="wrong"))
        assert not error.retryable
        assert "VOICEBOT_SMTP_PASSWORD" in str(error)
        with pytest.raises(GatewayError, match="VOICEBOT_SMTP_USER"):
            await mailer(server.port, user="robot", password="wrong").check()


async def test_the_same_letter_names_itself_the_same() -> None:
    async with MailServer() as server:
        for _ in range(2):
            await mailer(server.port).send(LETTER)
        messages = [message_from_bytes(content) for _, content in server.letters]
        assert {one["Message-ID"] for one in messages} == {"<report-7@example.ru>"}
        assert messages[0]["Auto-Submitted"] == "auto-generated"
        assert messages[0]["From"] == "voicebot@example.ru"


@pytest.mark.parametrize(("answer", "retryable"), [("451 later", True), ("552 too big for anna@example.ru", False)])
async def test_a_refusal_is_certain_and_its_code_tells_whether_to_try_again(answer: str, retryable: bool) -> None:
    async with MailServer(answers=[answer]) as server:
        error = await refused(mailer(server.port))
        assert (error.retryable, error.uncertain) == (retryable, False)
        assert server.letters == []


async def test_a_connection_lost_after_the_last_word_leaves_it_uncertain() -> None:
    async with MailServer(answers=[""]) as server:
        error = await refused(mailer(server.port))
        assert (error.retryable, error.uncertain) == (False, True)
        assert len(server.letters) == 1


async def test_a_server_that_is_away_may_be_tried_again() -> None:
    async with MailServer() as server:
        port = server.port
    error = await refused(mailer(port))
    assert (error.retryable, error.uncertain) == (True, False)


async def test_a_server_that_says_nothing_is_given_up() -> None:
    async def keep_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(keep_silent, "127.0.0.1", 0)
    async with server:
        error = await refused(mailer(server.sockets[0].getsockname()[1], timeout_s=0.3))
    assert (error.retryable, error.uncertain) == (True, False)


async def test_nothing_is_said_in_the_clear_where_starttls_is_wanted() -> None:
    async with MailServer() as server:
        error = await refused(mailer(server.port, security="starttls"))
        assert not error.retryable
        assert server.letters == []


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed: apt-get install openssl")
    file = tmp_path_factory.mktemp("tls") / "pair.pem"
    wanted = "-x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1"
    pair = ["-keyout", str(file), "-out", f"{file}.crt"]
    subprocess.run([openssl, "req", *wanted.split(), *pair], check=True, capture_output=True)
    file.write_bytes(file.read_bytes() + Path(f"{file}.crt").read_bytes())
    return file


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_letter_travels_safely_to_a_server_one_trusts(certificate: Path, security: str) -> None:
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(certificate)
    account = ("robot", "secret")
    async with MailServer(certificate=theirs, account=account, from_the_first_byte=security == "tls") as server:
        ours = ssl.create_default_context(cafile=f"{certificate}.crt")
        await mailer(server.port, security=security, trust=ours, user="robot", password="secret").send(LETTER)
        assert len(server.letters) == 1
        stranger = await refused(mailer(server.port, security=security))
        assert (stranger.retryable, stranger.uncertain) == (False, False)
        assert len(server.letters) == 1
