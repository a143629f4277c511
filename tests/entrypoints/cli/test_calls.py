"""`voicebot calls ...` as a manager meets it."""

import json

import pytest

from tests.application.campaigns.shop import TURNS, Shop, answered, outcome
from tests.entrypoints.cli.manager import Manager
from voicebot.application.record_outcome import OutcomeRules, record_outcome
from voicebot.domain.contact_hours import AROUND_THE_CLOCK
from voicebot.domain.contact_policy import ContactPolicy
from voicebot.domain.errors import NotFound
from voicebot.domain.message import MessageTemplate, Sender
from voicebot.domain.outcome import ActionKind, Disposition, FollowUp, Group

RULES = OutcomeRules(
    policy=ContactPolicy(hours=AROUND_THE_CLOCK),
    templates={"promo": MessageTemplate(name="promo", text="{name}, код {code}")},
    sender=Sender(company="Пример", rules_url=""),
    draw=lambda _: 4711,
)


async def _one_acceptance(shop: Shop) -> int:
    await shop.campaign([await shop.customer(), await shop.customer()], name="Осень")
    claimed = await shop.claim()
    accepted = outcome(
        Disposition.ACCEPTED,
        FollowUp(kind=ActionKind.PROMO),
        FollowUp(kind=ActionKind.SMS, template="promo"),
        FollowUp(kind=ActionKind.ESCALATE, urgent=True, reason="хочу человека"),
        group=Group.INTERESTED,
        tags=("price",),
    )
    await record_outcome(shop.open_unit, claimed.call.id, answered(turns=TURNS), accepted, RULES)
    return claimed.call.id


def test_a_list_shows_masked_phones_and_what_came_of_each_call(manager: Manager) -> None:
    call_id = manager.shop(_one_acceptance)
    written = manager.types("calls", "list")
    for word in (str(call_id), "Осень", "accepted", "interested", "price", "40 s", "+7916***0001"):
        assert word in written
    assert "+79160000001" not in written
    (found,) = json.loads(manager.types("calls", "list", "--campaign", "Осень", "--json"))
    assert (found["call"], found["phone"], found["tags"]) == (call_id, "+7916***0001", ["price"])
    assert found["external_id"] in written
    assert json.loads(manager.types("calls", "list", "--group", "negative", "--json")) == []
    assert manager.types("calls", "list", "--group", "negative") == "no such calls\n"
    with pytest.raises(NotFound, match="Весна"):
        manager.types("calls", "list", "--campaign", "Весна")


def test_one_call_is_shown_with_transcript_code_message_and_escalation(manager: Manager) -> None:
    call_id = manager.shop(_one_acceptance)
    written = manager.types("calls", "show", str(call_id))
    for words in ("Здравствуйте", "yes", "700", "promo code ", "10 %", "SMS 'promo' queued", "urgent manager: хочу"):
        assert words in written
    shown = json.loads(manager.types("calls", "show", str(call_id), "--json"))
    assert [turn["text"] for turn in shown["turns"]] == ["Здравствуйте", "да", "Скидка"]
    assert shown["promo"]["percent"] == "10"
    assert shown["messages"][0]["state"] == "queued"
    assert shown["verdict"]["allowed"] is True
    with pytest.raises(NotFound, match="no call 999"):
        manager.types("calls", "show", "999")
