"""Routing decisions."""

from datetime import timedelta
from decimal import Decimal

import pytest

from voicebot.domain.dialplan import (
    Dialplan,
    MassCallLabel,
    NoRoute,
    Route,
    RouteRule,
    Transport,
    Trunk,
    route_call,
    uri_on,
)
from voicebot.domain.phone import Phone

MOSCOW, MOBILE, BERLIN = Phone("+74951112233"), Phone("+79161234567"), Phone("+493012345678")


def trunk(name: str, *, transport: Transport = Transport.UDP, ids: int = 1) -> Trunk:
    return Trunk(
        name=name,
        host=f"{name}.example",
        transport=transport,
        caller_ids=tuple(Phone(f"+7495000000{number}") for number in range(ids)),
    )


def plan(*rules: RouteRule) -> Dialplan:
    return Dialplan(name="test", trunks=(trunk("one"), trunk("two", transport=Transport.TCP)), routes=rules)


@pytest.mark.parametrize(
    ("pattern", "phone", "matches"),
    [
        ("*", BERLIN, True),
        ("+*", BERLIN, True),
        ("+7*", MOBILE, True),
        ("+7*", BERLIN, False),
        ("+7495XXXXXXX", MOSCOW, True),
        ("+7495XXXXXX", MOSCOW, False),
        ("+7495XXXXXXXX", MOSCOW, False),
        ("+79X6*", MOBILE, True),
        ("+79X7*", MOBILE, False),
        ("+79161234567", MOBILE, True),
        ("+79161234567*", MOBILE, True),
        ("X79161234567", MOBILE, False),
    ],
)
def test_a_pattern_matches_digit_by_digit(pattern: str, phone: Phone, matches: bool) -> None:
    assert RouteRule(pattern=pattern, trunks=("one",)).matches(phone) is matches


def test_the_first_route_that_matches_counts() -> None:
    route = route_call(
        plan(RouteRule(pattern="+7495*", trunks=("two",)), RouteRule(pattern="+7*", trunks=("one",))), MOSCOW
    )
    assert isinstance(route, Route)
    assert route.trunk.name == "two"
    assert route.uri == "sip:+74951112233@two.example:5060;transport=tcp"


def test_a_trunk_that_failed_is_passed_over() -> None:
    rules = plan(RouteRule(pattern="*", trunks=("one", "two")))
    route = route_call(rules, MOBILE, tried={"one"})
    assert isinstance(route, Route)
    assert route.trunk.name == "two"
    assert "trunk 'one' was tried already" in route.explanation
    assert isinstance(route_call(rules, MOBILE, tried={"one", "two"}), NoRoute)


def test_the_number_is_rewritten_as_the_trunk_wants_it() -> None:
    route = route_call(plan(RouteRule(pattern="+7*", trunks=("one",), strip="+7", prepend="8")), MOBILE)
    assert isinstance(route, Route)
    assert route.uri == "sip:89161234567@one.example:5060"


def test_a_number_no_route_is_meant_for_is_explained() -> None:
    route = route_call(plan(RouteRule(pattern="+7*", trunks=("one",))), BERLIN)
    assert route == NoRoute(explanation=("route 1 '+7*' does not match +4930***5678", "no route matches"))


def test_a_customer_always_sees_the_same_of_several_numbers_and_customers_differ() -> None:
    dialplan = Dialplan(name="test", trunks=(trunk("one", ids=3),), routes=(RouteRule(pattern="*", trunks=("one",)),))

    def shown(phone: Phone) -> str:
        route = route_call(dialplan, phone)
        assert isinstance(route, Route)
        return route.caller_id

    assert shown(MOBILE) == shown(MOBILE)
    assert {shown(Phone(f"+7916123456{number}")) for number in range(3)} == {
        f"+7495000000{number}" for number in range(3)
    }


def test_explanations_never_name_a_whole_number() -> None:
    route = route_call(plan(RouteRule(pattern="*", trunks=("one",))), MOBILE)
    assert MOBILE.e164 not in " ".join(route.explanation)


def test_an_address_with_colons_is_put_in_brackets() -> None:
    assert uri_on(Trunk(name="six", host="::1", transport=Transport.TLS), "x") == "sip:x@[::1]:5060;transport=tls"


def test_a_password_is_in_no_representation() -> None:
    assert "hush" not in repr(Trunk(name="one", host="h", username="u", password="hush"))


def test_a_dialplan_is_labelled_when_every_trunk_customers_are_reached_over_is() -> None:
    label = MassCallLabel(contract="77-1", name="Пример", category="реклама")
    one, other = Trunk(name="one", host="192.0.2.1", label=label), Trunk(name="other", host="192.0.2.2")
    to_one, to_both = RouteRule(pattern="*", trunks=("one",)), RouteRule(pattern="*", trunks=("one", "other"))
    assert Dialplan(name="plan", trunks=(one, other), routes=(to_one,)).labelled, "a trunk no route uses is no matter"
    assert not Dialplan(name="plan", trunks=(one, other), routes=(to_both,)).labelled


@pytest.mark.parametrize(("seconds", "cost"), [(0.4, "1.85"), (60, "1.85"), (60.1, "3.70"), (299, "9.25")])
def test_every_started_minute_is_paid(seconds: float, cost: str) -> None:
    trunk = Trunk(name="one", host="h", price_per_minute=Decimal("1.85"))
    assert trunk.cost_of(timedelta(seconds=seconds)) == Decimal(cost)


def test_without_a_price_nothing_is_known_of_the_cost() -> None:
    assert Trunk(name="one", host="h").cost_of(timedelta(minutes=5)) is None
