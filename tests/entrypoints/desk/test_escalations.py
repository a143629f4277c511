"""The managers' queue: who holds what, what is written, who is rung, how fast it goes."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.application.campaigns.shop import TURNS, Shop, a_line, outcome
from tests.application.campaigns.shop import answered as talked
from tests.entrypoints.desk.conftest import NOON, MovingClock
from tests.entrypoints.desk.visitor import Visitor
from voicebot.application.bridge_manager import ClaimedClick, claim_click_call, close_lost_click_calls
from voicebot.application.ports.contact_facts import Asked
from voicebot.application.record_outcome import OutcomeRules, record_outcome
from voicebot.domain.click_call import ClickResult, phone_or_address
from voicebot.domain.contact_hours import AROUND_THE_CLOCK
from voicebot.domain.contact_policy import ContactPolicy
from voicebot.domain.escalation_work import Closed, Reaction, Resolution, work_figures
from voicebot.domain.message import Sender
from voicebot.domain.outcome import ActionKind, Disposition, FollowUp, Group
from voicebot.domain.phone import Phone
from voicebot.domain.user import Role

SignIn = Callable[..., Awaitable[Visitor]]
RULES = OutcomeRules(
    policy=ContactPolicy(hours=AROUND_THE_CLOCK),
    templates={},
    sender=Sender(company="Пример", rules_url="https://example.ru/promo"),
    draw=lambda below: 7 % below,
)


@pytest.fixture
def shop(engine: AsyncEngine) -> Shop:
    return Shop(engine)


async def escalate(shop: Shop, *, reason: str = "курьер нагрубил", urgent: bool = True, at: Any = NOON) -> int:
    """A customer whose call has ended with a wish for a manager; the number of the escalation."""
    await shop.campaign([await shop.customer()])
    call = (await shop.claim(now=at)).call
    wish = FollowUp(kind=ActionKind.ESCALATE, urgent=urgent, reason=reason)
    complaint = outcome(Disposition.COMPLAINT, wish, group=Group.NEGATIVE)
    await record_outcome(shop.open_unit, call.id, talked(at, TURNS), complaint, RULES)
    return int(await shop.value(f"select id from escalations where call_id = {call.id}"))


async def audited(shop: Shop) -> list[str]:
    rows = await shop.rows("select action from audit_log where subject like 'escalation:%' order by id")
    return [row.action for row in rows]


async def with_phone(visitor: Visitor, phone: str = "sip:anna@office.example.ru") -> Visitor:
    assert (await visitor.send("/account/phone", {"phone": phone})).status == 303
    return visitor


async def test_the_urgent_come_first_then_those_who_wait_longest(
    sign_in: SignIn, shop: Shop, clock: MovingClock
) -> None:
    late = await escalate(shop, reason="вторая", urgent=False, at=NOON + timedelta(minutes=1))
    early = await escalate(shop, reason="первая", urgent=False)
    urgent = await escalate(shop, reason="<i>срочная</i>", at=NOON + timedelta(minutes=2))
    clock.time = NOON + timedelta(hours=1, minutes=1)
    page = await (await sign_in(Role.MANAGER)).text("/escalations")
    places = [page.index(f'href="/escalations/{one}"') for one in (urgent, early, late)]
    assert places == sorted(places)
    assert "&lt;i&gt;срочная&lt;/i&gt;" in page
    assert "1 ч" in page
    assert "+79160000001" in page


async def test_a_long_queue_goes_on_behind_the_last_one_shown(sign_in: SignIn, shop: Shop) -> None:
    first = await escalate(shop)
    numbers = [await copy_of(shop, first, number) for number in range(32)]
    visitor = await sign_in(Role.MANAGER)
    page = await visitor.text("/escalations")
    following = page.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    rest = await visitor.text(following)
    shown = [number for number in (first, *numbers) if f'href="/escalations/{number}"' in page]
    then = [number for number in (first, *numbers) if f'href="/escalations/{number}"' in rest]
    assert len(shown) == 30
    assert sorted(shown + then) == [first, *numbers]
    assert (await visitor.get("/escalations?behind=1~yesterday~x")).status == 200


async def copy_of(shop: Shop, escalation: int, number: int) -> int:
    """Another one, of a call of its own."""
    call = await shop.value(f"select call_id from escalations where id = {escalation}")
    columns = [
        row.column_name
        for row in await shop.rows(
            "select column_name from information_schema.columns where table_name = 'calls'"
            " and column_name not in ('id', 'attempt') and is_generated = 'NEVER'"
        )
    ]
    names = ", ".join(columns)
    await shop.execute(
        f"insert into calls (attempt, {names}) select {number + 100}, {names} from calls where id = {call}"
    )
    await shop.execute(
        "insert into escalations (customer_id, campaign_id, call_id, kind, urgent, reason, created_at)"
        f" select customer_id, campaign_id, (select max(id) from calls), kind, {number % 2 == 0},"
        f" 'речь {number}', created_at from escalations where id = {escalation}"
    )
    return int(await shop.value("select max(id) from escalations"))


async def test_of_two_managers_at_once_one_gets_it_and_the_other_learns_who(sign_in: SignIn, shop: Shop) -> None:
    number = await escalate(shop)
    anna, boris = await sign_in(Role.MANAGER, login="anna"), await sign_in(Role.MANAGER, login="boris")
    replies = await asyncio.gather(*(one.send(f"/escalations/{number}/take") for one in (anna, boris)))
    assert sorted(reply.status for reply in replies) == [303, 409]
    winner = "anna" if replies[0].status == 303 else "boris"
    lost = await replies[0 if winner == "boris" else 1].text()
    assert "уже в работе у другого менеджера" in lost
    assert f"<strong>Имя {winner}</strong>" in lost
    assert await shop.value("select taken_by from escalations") == winner
    assert await audited(shop) == ["escalation.taken"]


async def test_who_does_not_hold_it_can_neither_call_nor_resolve(sign_in: SignIn, shop: Shop) -> None:
    number = await escalate(shop)
    anna, boris = (
        await sign_in(Role.MANAGER, login="anna"),
        await with_phone(await sign_in(Role.MANAGER, login="boris")),
    )
    await anna.send(f"/escalations/{number}/take")
    assert (await boris.send(f"/escalations/{number}/call")).status == 409
    refused = await boris.send(f"/escalations/{number}/resolve", {"resolution": "won_back", "result": "мой текст"})
    assert refused.status == 409
    assert await shop.value("select count(*) from escalations where resolved_at is null") == 1
    assert (await anna.send(f"/escalations/{number}/give-back")).status == 303
    assert (await boris.send(f"/escalations/{number}/take")).status == 303


async def test_a_hold_can_be_taken_over_only_when_nothing_was_done_for_half_an_hour(
    sign_in: SignIn, shop: Shop, clock: MovingClock
) -> None:
    number = await escalate(shop)
    anna, boris = await sign_in(Role.MANAGER, login="anna"), await sign_in(Role.MANAGER, login="boris")
    await anna.send(f"/escalations/{number}/take")
    clock.time = NOON + timedelta(minutes=20)
    await anna.send(f"/escalations/{number}/note", {"text": "думаю"})
    clock.time = NOON + timedelta(minutes=45)
    assert (await boris.send(f"/escalations/{number}/take", {"relieve": "yes"})).status == 409
    clock.time = NOON + timedelta(minutes=50)
    page = await boris.text(f"/escalations/{number}")
    assert "больше получаса без движения" in page
    assert "Забрать себе" in page
    assert (await boris.send(f"/escalations/{number}/take")).status == 409, "not without knowing it"
    assert (await boris.send(f"/escalations/{number}/take", {"relieve": "yes"})).status == 303
    assert await shop.value("select taken_by from escalations") == "boris"
    assert await shop.value("select first_taken_at from escalations") == NOON, "the reaction was Anna's"


async def test_notes_are_kept_with_their_author_and_escaped(sign_in: SignIn, shop: Shop) -> None:
    number = await escalate(shop)
    anna = await sign_in(Role.MANAGER, login="anna")
    assert (await anna.send(f"/escalations/{number}/note", {"text": " <script>alert(1)</script> "})).status == 303
    page = await anna.text(f"/escalations/{number}")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "Имя anna" in page
    assert (await anna.send(f"/escalations/{number}/note", {"text": "  "})).status == 422
    assert await audited(shop) == ["escalation.noted"]


async def test_resolving_writes_the_result_the_history_and_the_news(
    sign_in: SignIn, shop: Shop, clock: MovingClock
) -> None:
    number = await escalate(shop)
    clock.time = NOON + timedelta(minutes=12)
    anna = await sign_in(Role.MANAGER, login="anna")
    await anna.send(f"/escalations/{number}/take")
    empty = await anna.send(f"/escalations/{number}/resolve", {"result": "купит в декабре"})
    assert empty.status == 422
    assert "купит в декабре" in await empty.text(), "what was typed is not lost"
    done = await anna.send(f"/escalations/{number}/resolve", {"resolution": "won_back", "result": "купит в декабре"})
    assert (done.status, done.headers["Location"]) == (303, "/escalations")
    history = await anna.text("/escalations/history")
    assert "купит в декабре" in history
    assert "вернули" in history
    queue = await anna.text("/escalations")
    assert "Очередь пуста" in queue
    assert "11 мин" in queue, "from the end of the call to the reaction"
    news = await shop.value("select payload from crm_updates where kind = 'escalation_resolved'")
    assert (news["resolution"], news["by"]) == ("won_back", "Имя anna")
    assert await audited(shop) == ["escalation.taken", "escalation.resolved"]
    assert (await anna.send(f"/escalations/{number}/resolve", {"resolution": "refused"})).status == 409


async def test_a_call_back_waits_for_a_line_which_takes_it_before_any_lead(
    sign_in: SignIn, shop: Shop, clock: MovingClock
) -> None:
    number = await escalate(shop)
    anna = await with_phone(await sign_in(Role.MANAGER, login="anna"))
    await anna.send(f"/escalations/{number}/take")
    assert (await anna.send(f"/escalations/{number}/call")).status == 303
    assert "ищем свободную линию" in await anna.text(f"/escalations/{number}")
    again = await anna.send(f"/escalations/{number}/call")
    assert again.status == 409
    claimed = await claim_click_call(shop.open_unit, a_line(), NOON)
    assert isinstance(claimed, ClaimedClick)
    assert claimed.click.manager_address == "sip:anna@office.example.ru"
    assert claimed.customer == Phone("+79160000001")
    assert await claim_click_call(shop.open_unit, a_line("line-2"), NOON) is None, "one line carries it out"
    assert "звоним вам" in await anna.text(f"/escalations/{number}")
    async with shop.open_unit() as unit:
        click = claimed.click
        asked = Asked(customer_id=click.customer_id, campaign_id=click.campaign_id, phone=claimed.customer)
        (facts,) = await unit.contact_facts.of((asked,))
    assert facts.in_call, "no robot rings the customer meanwhile"
    assert await close_lost_click_calls(shop.open_unit, NOON + timedelta(minutes=1)) == 1
    assert "звонок прервался" in await anna.text(f"/escalations/{number}")
    assert await audited(shop) == ["escalation.taken", "escalation.called"]


async def test_a_call_back_no_line_takes_is_given_up(sign_in: SignIn, shop: Shop, clock: MovingClock) -> None:
    number = await escalate(shop)
    anna = await with_phone(await sign_in(Role.MANAGER, login="anna"))
    await anna.send(f"/escalations/{number}/take")
    await anna.send(f"/escalations/{number}/call")
    clock.time = NOON + timedelta(minutes=3)
    assert await claim_click_call(shop.open_unit, a_line(), clock.time) is None
    assert (await anna.send(f"/escalations/{number}/call")).status == 303
    assert await shop.value("select array_agg(result order by id) from click_calls") == ["expired", None]


async def test_who_lets_go_of_an_escalation_is_not_rung_for_it_any_more(sign_in: SignIn, shop: Shop) -> None:
    number = await escalate(shop)
    anna = await with_phone(await sign_in(Role.MANAGER, login="anna"))
    await anna.send(f"/escalations/{number}/take")
    await anna.send(f"/escalations/{number}/call")
    await anna.send(f"/escalations/{number}/give-back")
    assert await claim_click_call(shop.open_unit, a_line(), NOON) is None
    assert await shop.value("select result from click_calls") == ClickResult.GAVE_UP


async def test_nobody_on_the_stop_list_is_called_back(sign_in: SignIn, shop: Shop) -> None:
    number = await escalate(shop)
    anna = await with_phone(await sign_in(Role.MANAGER, login="anna"))
    await anna.send(f"/escalations/{number}/take")
    await anna.send(f"/escalations/{number}/call")
    customer = await shop.value("select customer_id from escalations")
    async with shop.open_unit() as unit:
        await unit.stop_list.add(customer, at=NOON, reason="просил", source="desk")
        await unit.commit()
    assert await claim_click_call(shop.open_unit, a_line(), NOON) is None, "asked for before, and yet"
    assert await shop.value("select result from click_calls") == ClickResult.STOPPED
    assert (await anna.send(f"/escalations/{number}/call")).status == 409
    assert "звонить нельзя" in await anna.text(f"/escalations/{number}")


async def test_without_a_phone_of_their_own_managers_are_told_where_to_write_it(sign_in: SignIn, shop: Shop) -> None:
    number = await escalate(shop)
    anna = await sign_in(Role.MANAGER, login="anna")
    await anna.send(f"/escalations/{number}/take")
    refused = await anna.send(f"/escalations/{number}/call")
    assert refused.status == 409
    assert 'href="/account"' in await refused.text()
    assert (await anna.send("/account/phone", {"phone": "sip:не адрес"})).status == 422
    assert (await anna.send("/account/phone", {"phone": "8 (916) 123-45-67"})).status == 303
    assert 'value="+79161234567"' in await anna.text("/account")
    assert (await anna.send(f"/escalations/{number}/call")).status == 303


async def test_the_stream_tells_others_that_it_was_taken(sign_in: SignIn, shop: Shop) -> None:
    number = await escalate(shop)
    anna, boris = await sign_in(Role.MANAGER, login="anna"), await sign_in(Role.MANAGER, login="boris")
    reply = await boris.get("/escalations/stream")
    assert await reply.content.readline() == b"event: live\n"
    await anna.send(f"/escalations/{number}/take")
    seen = b""
    while "Имя anna".encode() not in seen:
        seen = await reply.content.readline()
    reply.close()


@pytest.mark.parametrize("role", [Role.ADMIN, Role.RELEASER, Role.AUDITOR])
async def test_only_managers_work_the_queue(role: Role, sign_in: SignIn, shop: Shop) -> None:
    number = await escalate(shop)
    visitor = await sign_in(role)
    for address in ("/escalations", "/escalations/history", f"/escalations/{number}", "/escalations/stream"):
        reply = await visitor.get(address)
        assert reply.status == 403
        assert "курьер" not in await reply.text()
    assert (await visitor.send(f"/escalations/{number}/take")).status == 403


async def test_what_is_not_there_is_404(sign_in: SignIn) -> None:
    visitor = await sign_in(Role.MANAGER)
    assert (await visitor.get("/escalations/17")).status == 404
    assert (await visitor.get("/escalations/17/stream")).status == 404
    for what in ("take", "give-back", "note", "call", "resolve"):
        reply = await visitor.send(f"/escalations/17/{what}", {"text": "да", "resolution": "wrong"})
        assert reply.status in (404, 409), what


def test_the_figures_are_median_p90_and_the_share_settled_in_the_first_talk() -> None:
    reactions = [
        Reaction(created_at=NOON, taken_at=NOON + timedelta(minutes=minutes))
        for minutes in (1, 2, 3, 4, 5, 6, 7, 8, 9, 60)
    ]
    closed = [
        Closed(resolved_at=NOON, resolution=resolution, talks=talks)
        for resolution, talks in (
            (Resolution.WON_BACK, 1),
            (Resolution.PROMISED, 2),
            (Resolution.UNREACHABLE, 1),
            (Resolution.WRONG, 0),
            (Resolution.REFUSED, 1),
        )
    ]
    figures = work_figures(reactions, closed, since=NOON)
    assert (figures.median, figures.p90) == (timedelta(minutes=5), timedelta(minutes=9))
    assert (figures.resolved, figures.first_contact) == (5, 0.5)
    later = work_figures(reactions, closed, since=NOON + timedelta(minutes=30))
    assert (later.taken, later.median, later.resolved, later.first_contact) == (1, timedelta(minutes=60), 0, None)
    assert work_figures((), (), since=NOON).p90 is None


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("8 (916) 123-45-67", Phone("+79161234567")),
        ("sip:anna@10.0.0.7:5070", "sip:anna@10.0.0.7:5070"),
        ("sips:anna@office.example.ru", "sips:anna@office.example.ru"),
    ],
)
def test_a_managers_phone_is_a_number_or_a_sip_address(written: str, kept: object) -> None:
    assert phone_or_address(written) == kept


@pytest.mark.parametrize("written", ["sip:anna", "sip:anna@host;transport=tcp?x", "sip:a b@c", "12", "http://a@b"])
def test_anything_else_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        phone_or_address(written)
