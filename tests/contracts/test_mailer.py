"""What every mailer keeps, the fake included."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest

from tests.mail_server import MailServer
from voicebot.adapters.smtp_mailer import SmtpMailer
from voicebot.application.ports.mailer import Attachment, Letter, Mailer
from voicebot.testing.fake_mailer import FakeMailer

LETTER = Letter(
    key="report-7",
    to="anna@example.ru",
    subject="Сводка за неделю: разговоры, заказы и ещё много длинных слов, которые не войдут в одну строку",
    text="Разговоров: 12\n.\n.точка в начале строки\n" + "x" * 2000,
    html="<p>Разговоров: <b>12</b></p>",
    attachments=(Attachment(name="отчёт.xlsx", content=bytes(range(256)) * 9, kind="application/octet-stream"),),
)


@dataclass(frozen=True)
class Seen:
    """What arrived."""

    to: str
    subject: str
    text: str
    html: str
    files: tuple[tuple[str, bytes], ...]


Received = Callable[[], list[Seen]]


@asynccontextmanager
async def _fake() -> AsyncIterator[tuple[Mailer, Received]]:
    mailer = FakeMailer()
    yield (
        mailer,
        lambda: [
            Seen(one.to, one.subject, one.text, one.html, tuple((file.name, file.content) for file in one.attachments))
            for one in mailer.taken
        ],
    )


@asynccontextmanager
async def _smtp() -> AsyncIterator[tuple[Mailer, Received]]:
    async with MailServer() as server:
        mailer = SmtpMailer(host="127.0.0.1", port=server.port, security="none", sender="voicebot@example.ru")
        yield mailer, lambda: [_seen(to, content) for to, content in server.letters]


def _seen(to: str, content: bytes) -> Seen:
    message = message_from_bytes(content, policy=default)
    assert isinstance(message, EmailMessage)
    assert message["To"] == to
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    files = tuple((str(one.get_filename()), one.get_content()) for one in message.iter_attachments())
    return Seen(to, message["Subject"], _lines(text.get_content()), html.get_content().strip(), files)


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").removesuffix("\n")


@pytest.fixture(params=[_fake, _smtp], ids=["fake", "smtp"])
async def post(request: pytest.FixtureRequest) -> AsyncIterator[tuple[Mailer, Received]]:
    async with request.param() as pair:
        yield pair


async def test_a_letter_arrives_whole(post: tuple[Mailer, Received]) -> None:
    mailer, received = post
    await mailer.send(LETTER)
    files = tuple((one.name, one.content) for one in LETTER.attachments)
    assert received() == [Seen(LETTER.to, LETTER.subject, LETTER.text, LETTER.html, files)]


async def test_letters_arrive_one_by_one(post: tuple[Mailer, Received]) -> None:
    mailer, received = post
    await mailer.send(LETTER)
    await mailer.send(Letter(key="report-8", to="boris@example.ru", subject="Вторая", text="x", html="<p>x</p>"))
    assert [(one.to, one.subject) for one in received()] == [
        (LETTER.to, LETTER.subject),
        ("boris@example.ru", "Вторая"),
    ]


async def test_a_check_says_who_answers_and_sends_nothing(post: tuple[Mailer, Received]) -> None:
    mailer, received = post
    assert (await mailer.check()).strip()
    assert received() == []
