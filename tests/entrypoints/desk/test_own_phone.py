"""Both buttons that ring one's own phone: real SIP, real speech, a real database and the real line process."""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from tests.application.campaigns.shop import NOON, TURNS, Shop, a_line, answered, outcome
from tests.entrypoints.desk.conftest import MovingClock
from tests.entrypoints.desk.visitor import Visitor
from tests.entrypoints.street import telephones
from tests.entrypoints.terminal import Terminal, terminal_in
from voicebot.application.desk.documents import Draft, save_draft
from voicebot.application.record_outcome import OutcomeRules, record_outcome
from voicebot.domain.contact_hours import AROUND_THE_CLOCK
from voicebot.domain.contact_policy import ContactPolicy
from voicebot.domain.document import DocumentId, DocumentKind, NewVersion
from voicebot.domain.message import Sender
from voicebot.domain.outcome import ActionKind, Disposition, FollowUp, Group
from voicebot.domain.user import Role as May
from voicebot.entrypoints.web.desk.keys import Desk
from voicebot.rehearsal.persona import Answers, Expectation, HangUp, KeepSilent, Persona, Role, Say, WaitBot
from voicebot.rehearsal.witness import CallWitness, read_witnesses

ANNAS, CUSTOMERS, BORISES = "+74950000001", "+79160000001", "+74950000002"
ANNA = Persona(
    name="anna",
    description="менеджер: слышит, что её соединяют, слышит клиента, отвечает ему и кладёт трубку",
    role=Role.MANAGER,
    line=Answers(after_ms=300),
    script=(
        WaitBot(silence_ms=500),
        WaitBot(silence_ms=500),
        Say(text="здравствуйте это менеджер"),
        KeepSilent(length_ms=500),
        HangUp(),
    ),
)
WAITED = Persona(
    name="waited",
    description="клиент, который ждал звонка и не кладёт трубку сам",
    line=Answers(after_ms=1500),
    script=(KeepSilent(length_ms=700), Say(text="алло слушаю вас"), WaitBot(), KeepSilent(length_ms=60_000)),
    expect=Expectation(group=Group.NEGATIVE, disposition=Disposition.COMPLAINT),
)
BORIS = Persona(
    name="boris",
    description="менеджер: слушает, как робот говорит с клиентом, и соглашается за него",
    line=Answers(after_ms=100),
    script=(WaitBot(silence_ms=500), Say(text="да удобно"), WaitBot()),
    expect=Expectation(group=Group.INTERESTED, disposition=Disposition.ACCEPTED),
)
RULES = OutcomeRules(
    policy=ContactPolicy(hours=AROUND_THE_CLOCK),
    templates={},
    sender=Sender(company="Пример", rules_url="https://example.ru/promo"),
    draw=lambda below: 7 % below,
)
WINBACK = DocumentId(kind=DocumentKind.SCRIPT, name="winback")
SHORTER = {
    "Здравствуйте! Это робот компании {company}, разговор записывается.": "Это робот {company}, разговор записывается.",
    "{full_name}, вам удобно говорить?": "Удобно?",
    "yes: offer\n      no: agree_time": "yes: accepted\n      no: agree_time",
    "Отлично! Промокод сейчас придёт в смс, срок указан в сообщении. Спасибо, до свидания!": "Спасибо, до свидания!",
}
"""The words of the saved version: the test takes as long as they do."""
TOUCHED = {"trial_calls", "click_calls", "trunks", "processes", "audit_log", "sessions"}
"""Tables that two such calls write to, or that live by the clock."""


async def test_a_manager_is_bridged_to_a_customer_while_another_hears_the_script(
    tmp_path: Path,
    database_url: str,
    engine: AsyncEngine,
    desk: Desk,
    clock: MovingClock,
    sign_in: Callable[..., Awaitable[Visitor]],
) -> None:
    shop = Shop(engine)
    escalation = await _escalated(shop)
    clock.time = datetime.now(UTC)  # the line lives by the machine's clock
    await _saved(desk, clock)
    anna, boris = await sign_in(May.MANAGER, login="anna"), await sign_in(May.MANAGER, login="boris")
    for visitor, phone in ((anna, ANNAS), (boris, BORISES)):
        await visitor.send("/account/phone", {"phone": phone})
    await anna.send(f"/escalations/{escalation}/take")
    before = await _contents(shop)

    cast = {ANNAS: ANNA, CUSTOMERS: WAITED, BORISES: BORIS}
    async with telephones(cast, tmp_path) as (_, dialplan), asyncio.timeout(90):
        terminal = terminal_in(tmp_path, database_url).with_(dialplan=str(dialplan))
        async with _lines(terminal):
            await _until(shop, "select count(*) > 0 from processes")
            assert (await anna.send(f"/escalations/{escalation}/call")).status == 303
            assert (await boris.send("/scripts/winback/call")).status == 200
            await _until(shop, "select answered_at is not null from trial_calls")
            assert "робот говорит с вами" in await boris.text("/scripts/winback")
            for table in ("trial_calls", "click_calls"):
                await _until(shop, f"select ended_at is not null from {table}")

    (row,) = await shop.rows("select result, manager_answered_at < customer_answered_at from click_calls")
    assert tuple(row) == ("talked", True)
    manager, customer = _of("anna", tmp_path), _of("waited", tmp_path)
    assert len(manager.bot_began) >= 2, "«соединяю», then the customer"
    assert len(customer.bot_began) == 1, "the manager, and nothing of what the manager was told"
    assert manager.left_by_itself
    assert not customer.left_by_itself, "who is left alone is hung up on"
    assert customer.caller.lstrip("+") == "74951234567"

    page = await boris.text("/scripts/winback")
    assert "поговорили · клиент попал бы в группу «интересно»" in page
    said = ['<li class="bot">Удобно?</li>', '<li class="customer">да удобно</li>', '<li class="bot">Спасибо, до']
    assert sorted(map(page.find, said)) == [page.find(words) for words in said]
    assert said[0] in page
    assert await shop.value("select disposition from trial_calls") == Disposition.ACCEPTED
    assert len(_of("boris", tmp_path).bot_began) == 2, "the question; what it says to a yes"

    assert await _contents(shop) == before, "no lead, call, code, message, consent or figure knows of either"
    assert not (tmp_path / "recordings").exists(), "and nobody is recorded"


async def _escalated(shop: Shop) -> int:
    await shop.campaign([await shop.customer(phones=(CUSTOMERS,))], dialplan="street")
    call = (await shop.claim(a_line("earlier"))).call
    wish = FollowUp(kind=ActionKind.ESCALATE, urgent=True, reason="курьер нагрубил")
    complaint = outcome(Disposition.COMPLAINT, wish, group=Group.NEGATIVE)
    await record_outcome(shop.open_unit, call.id, answered(NOON, TURNS), complaint, RULES)
    return int(await shop.value("select id from escalations"))


async def _saved(desk: Desk, clock: MovingClock) -> None:
    """A short version of the script in force."""
    text = desk.reader.text_of(WINBACK) or ""
    for long, short in SHORTER.items():
        assert long in text
        text = text.replace(long, short, 1)
    draft = Draft(document=WINBACK, text=text, base=0)
    assert isinstance(await save_draft(desk.open_unit, desk.reader, draft, by="test", now=clock.now()), NewVersion)


@asynccontextmanager
async def _lines(terminal: Terminal) -> AsyncIterator[None]:
    """A process of two lines as long as the block runs."""
    process = await terminal.start("dial", "--lines", "2")
    try:
        yield
        process.send_signal(signal.SIGTERM)
        _, told = await process.communicate()
        assert process.returncode == 0, told.decode()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _until(shop: Shop, query: str) -> None:
    while not await shop.value(query):  # noqa: ASYNC110  # another process
        await asyncio.sleep(0.1)


async def _contents(shop: Shop) -> dict[str, str]:
    """A digest of every table that none of this may touch."""
    tables = await shop.rows(
        "select tablename from pg_tables where schemaname = 'public' and tablename not like 'procrastinate%'"
    )
    digest = "select md5(coalesce(string_agg(t::text, '' order by t::text), '')) from {} t"
    return {name: await shop.value(digest.format(name)) for (name,) in tables if name not in TOUCHED}


def _of(persona: str, folder: Path) -> CallWitness:
    (one,) = (one for one in read_witnesses(folder / "callees") if one.persona == persona)
    return one
