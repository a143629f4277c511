"""Reports by e-mail: due ones once, tried again, never doubled, without anybody's name."""

import asyncio
import functools
import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.adapters.store.test_reports import Clock, fill
from tests.application.campaigns.shop import NOON, Shop
from tests.mail_server import MailServer
from voicebot.adapters.procrastinate_worker import Periodic, ProcrastinateWorker
from voicebot.adapters.reports.letter import LetterWriter
from voicebot.adapters.smtp_mailer import SmtpMailer
from voicebot.adapters.store.desk_unit import SqlDeskUnit
from voicebot.application.desk.report_mails import send_now, subscribe
from voicebot.application.desk.reports import Prices
from voicebot.application.ports.desk_unit import OpenDeskUnit
from voicebot.application.ports.jobs import Task
from voicebot.application.ports.mailer import Mailer
from voicebot.application.send_reports import ReportPost
from voicebot.domain.errors import BadInput, GatewayError
from voicebot.domain.report import MailState, NewSubscription, Span
from voicebot.domain.user import Role, User
from voicebot.testing.fake_mailer import FakeMailer

ANNA = User(id=1, login="anna", name="Анна", roles=frozenset({Role.MANAGER}), created_at=NOON)
WEEKLY = NewSubscription(email="boss@example.ru", span=Span.WEEK, cron="30 9 * * 3", created_by="Анна")
WEDNESDAY = datetime(2026, 11, 25, 6, 30, tzinfo=UTC)  # 9:30 in Moscow, the day after NOON
AWAY = GatewayError("the mail server is away", retryable=True)


@pytest.fixture
def shop(engine: AsyncEngine) -> Shop:
    return Shop(engine)


@pytest.fixture
def open_unit(engine: AsyncEngine) -> OpenDeskUnit:
    return functools.partial(SqlDeskUnit, engine)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def post_of(open_unit: OpenDeskUnit, mailer: Mailer, clock: Clock) -> ReportPost:
    return ReportPost(
        open_unit=open_unit,
        mailer=mailer,
        write=LetterWriter(company="Пример", desk_url="https://desk.example.ru"),
        clock=clock,
        zone=ZoneInfo("Europe/Moscow"),
        prices=Prices(sms=Decimal(4), operator=Decimal(60)),
    )


async def states(shop: Shop) -> list[str]:
    return [row.state for row in await shop.rows("select state from report_mails order by id")]


async def mail_of(shop: Shop) -> int:
    found: int = await shop.value("select max(id) from report_mails")
    return found


async def test_a_subscription_fires_by_the_company_clock_and_once(
    shop: Shop, open_unit: OpenDeskUnit, clock: Clock
) -> None:
    await subscribe(open_unit, WEEKLY, by=ANNA, now=NOON)
    mailer = FakeMailer()
    post = post_of(open_unit, mailer, clock)
    clock.time = WEDNESDAY - timedelta(seconds=1)
    assert await post.queue_due() == 0
    clock.time = WEDNESDAY
    assert sum(await asyncio.gather(*(post.queue_due() for _ in range(3)))) == 1
    assert await post.queue_due() == 0
    assert await shop.value("select count(*) from procrastinate_jobs where task_name = 'mail_report'") == 1
    assert await post.send(await mail_of(shop), last_try=False) is MailState.SENT
    assert await post.send(await mail_of(shop), last_try=False) is MailState.SENT
    assert len(mailer.taken) == 1


async def test_weeks_without_a_jobs_process_make_one_letter(shop: Shop, open_unit: OpenDeskUnit, clock: Clock) -> None:
    await subscribe(open_unit, WEEKLY, by=ANNA, now=NOON)
    clock.time = WEDNESDAY + timedelta(days=40)
    assert await post_of(open_unit, FakeMailer(), clock).queue_due() == 1
    assert await post_of(open_unit, FakeMailer(), clock).queue_due() == 0
    assert await shop.value("select due_at from report_mails") == WEDNESDAY


async def test_the_letter_tells_the_week_and_names_nobody(shop: Shop, open_unit: OpenDeskUnit, clock: Clock) -> None:
    await fill(shop)
    await shop.execute("insert into call_tags (call_id, tag) select max(id), 'Иван Петрович' from calls")
    await subscribe(open_unit, WEEKLY, by=ANNA, now=NOON)
    clock.time, mailer = WEDNESDAY, FakeMailer()
    post = post_of(open_unit, mailer, clock)
    await post.queue_due()
    await post.send(await mail_of(shop), last_try=False)
    (letter,) = mailer.taken
    assert letter.to == "boss@example.ru"
    assert letter.subject.startswith("Пример: сводка, 18 нояб. 2026")
    assert "Разговоров: 2" in letter.text
    assert "Возврат" in letter.html
    assert "https://desk.example.ru/reports?from=2026-11-18&to=2026-11-24" in letter.text
    (file,) = letter.attachments
    book = load_workbook(io.BytesIO(file.content))
    cells = {str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row}
    assert "Возврат" in cells
    for personal in ("Иван", "+7916", "c1"):
        assert personal not in letter.text + letter.html + letter.subject
        assert not any(personal in cell for cell in cells)


async def test_a_server_that_is_away_is_tried_again(shop: Shop, open_unit: OpenDeskUnit, clock: Clock) -> None:
    number = await subscribe(open_unit, WEEKLY, by=ANNA, now=NOON)
    await send_now(open_unit, number, by=ANNA, now=NOON)
    mailer = FakeMailer([AWAY, AWAY])
    post = post_of(open_unit, mailer, clock)
    for _ in range(2):
        with pytest.raises(GatewayError):
            await post.send(await mail_of(shop), last_try=False)
        assert await states(shop) == ["queued"]
    assert await post.send(await mail_of(shop), last_try=False) is MailState.SENT
    assert await shop.value("select attempts from report_mails") == 3
    assert len(mailer.taken) == 1


@pytest.mark.parametrize(
    ("failure", "last_try"), [(AWAY, True), (GatewayError("refused: code 550", retryable=False), False)]
)
async def test_a_letter_is_given_up_with_its_reason(
    shop: Shop, open_unit: OpenDeskUnit, clock: Clock, failure: GatewayError, last_try: bool
) -> None:
    number = await subscribe(open_unit, WEEKLY, by=ANNA, now=NOON)
    await send_now(open_unit, number, by=ANNA, now=NOON)
    with pytest.raises(GatewayError):
        await post_of(open_unit, FakeMailer([failure]), clock).send(await mail_of(shop), last_try=last_try)
    assert await states(shop) == ["failed"]
    assert await shop.value("select error from report_mails") == str(failure)


async def test_a_letter_whose_answer_was_lost_is_not_sent_again(
    shop: Shop, open_unit: OpenDeskUnit, clock: Clock
) -> None:
    number = await subscribe(open_unit, WEEKLY, by=ANNA, now=NOON)
    await send_now(open_unit, number, by=ANNA, now=NOON)
    mailer = FakeMailer([GatewayError("broke off", retryable=False, uncertain=True)])
    post = post_of(open_unit, mailer, clock)
    assert await post.send(await mail_of(shop), last_try=False) is MailState.UNKNOWN
    assert await post.send(await mail_of(shop), last_try=False) is MailState.UNKNOWN
    assert len(mailer.taken) == 1


async def test_a_process_that_died_in_the_middle_leaves_no_second_letter(
    shop: Shop, open_unit: OpenDeskUnit, clock: Clock
) -> None:
    class Dying(FakeMailer):
        async def send(self, letter: object) -> None:
            await super().send(letter)  # type: ignore[arg-type]
            raise KeyboardInterrupt

    number = await subscribe(open_unit, WEEKLY, by=ANNA, now=NOON)
    await send_now(open_unit, number, by=ANNA, now=NOON)
    dying = Dying()
    with pytest.raises(KeyboardInterrupt):
        await post_of(open_unit, dying, clock).send(await mail_of(shop), last_try=False)
    assert len(dying.taken) == 1
    after = FakeMailer()
    with pytest.raises(GatewayError, match="being sent already"):
        await post_of(open_unit, after, clock).send(await mail_of(shop), last_try=False)
    clock.time += timedelta(minutes=4)
    assert await post_of(open_unit, after, clock).send(await mail_of(shop), last_try=False) is MailState.UNKNOWN
    assert after.taken == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"email": "anna"},
        {"email": "anna@example.ru\nBcc: all@example.ru"},
        {"email": "анна@example.ru"},
        {"cron": "*/5 * * * *"},
        {"cron": "every day at 25"},
    ],
)
async def test_what_cannot_be_is_refused(open_unit: OpenDeskUnit, wrong: dict[str, str]) -> None:
    with pytest.raises(BadInput):
        await subscribe(open_unit, replace(WEEKLY, **wrong), by=ANNA, now=NOON)  # type: ignore[arg-type]


async def test_the_jobs_process_mails_over_a_real_server(
    shop: Shop, open_unit: OpenDeskUnit, clock: Clock, database_url: str
) -> None:
    await fill(shop)
    await subscribe(open_unit, WEEKLY, by=ANNA, now=NOON)
    clock.time = WEDNESDAY
    async with MailServer(answers=["451 later"]) as server:
        mailer = SmtpMailer(host="127.0.0.1", port=server.port, security="none", sender="voicebot@example.ru")
        post = post_of(open_unit, mailer, clock)
        await post.queue_due()
        worker = ProcrastinateWorker(
            database_url,
            handlers={Task.MAIL_REPORT: post.do},
            periodic=(Periodic(task=Task.SEND_REPORTS, cron="* * * * *", do=post.queue_due),),
            first_pause_s=0,
        )
        for _ in range(50):
            await worker.run(asyncio.Event(), until_empty=True)
            if await states(shop) == ["sent"]:
                break
        ((to, content),) = server.letters
    assert await states(shop) == ["sent"]
    assert await shop.value("select attempts from report_mails") == 2
    message = message_from_bytes(content, policy=default)
    assert isinstance(message, EmailMessage)
    assert (to, message["Subject"].split(",")[0]) == ("boss@example.ru", "Пример: сводка")
    kinds = [part.get_content_type() for part in message.walk() if not part.is_multipart()]
    assert kinds[:2] == ["text/plain", "text/html"]
    assert kinds[2].endswith("spreadsheetml.sheet")
