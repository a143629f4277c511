"""Segments compiled to SQL: who is lapsed, and what speaks against calling them."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import (
    ColumnElement,
    Exists,
    Select,
    and_,
    exists,
    false,
    func,
    literal_column,
    not_,
    or_,
    select,
    union_all,
)

from voicebot.adapters.store.campaign_tables import calls
from voicebot.adapters.store.crm_tables import (
    consents,
    customer_events,
    customer_phones,
    customers,
    order_lines,
    orders,
    stop_list,
)
from voicebot.adapters.store.engine_tables import seasonal_list
from voicebot.domain.call import Direction
from voicebot.domain.consent import ConsentKind, ConsentScope
from voicebot.domain.contact_rules import OPERATOR
from voicebot.domain.outcome import Group
from voicebot.domain.segment import (
    CONTROL_BUCKETS,
    CONTROL_MULTIPLIER,
    ExclusionReason,
    Interested,
    LapseRule,
    Segment,
    SelectionRules,
    Shrunk,
    Silent,
    months_before,
)

_Id = ColumnElement[int]


def lapsed(segment: Segment, at: datetime) -> Select[int]:
    """Ids of everybody in the segment, whether they may be called or not."""
    customer = customers.c.id
    conditions = [*_rule(segment.rule, customer, at), *_bounds(segment, customer, at)]
    if segment.value_classes:
        conditions.append(customers.c.value_class.in_(segment.value_classes))
    if segment.categories:
        conditions.append(_bought(customer, segment.categories))
    if segment.no_reaction_to_last:
        conditions.append(_unmoved(customer, segment.no_reaction_to_last))
    return select(customer).where(*conditions)


def permitted(customer: _Id, rules: SelectionRules, at: datetime) -> ColumnElement[bool]:
    """Nothing speaks against a call; the same as none of `objections`, in a form that joins cheaply."""
    return and_(_callable(customer, rules, at), not_(_in_control_group(customer, rules.control_share)))


def spared(customer: _Id, rules: SelectionRules, at: datetime) -> ColumnElement[bool]:
    """Nothing speaks against a call but the control group."""
    return and_(_callable(customer, rules, at), _in_control_group(customer, rules.control_share))


def objections(customer: _Id, rules: SelectionRules, at: datetime) -> Mapping[ExclusionReason, ColumnElement[bool]]:
    """When each reason holds against a customer."""
    known = exists().where(customer_phones.c.customer_id == customer)
    return {
        ExclusionReason.NO_CONSENT: not_(_consented(customer, rules.purpose, at)),
        ExclusionReason.STOP_LIST: _stopped(customer, stop_list.c.source != OPERATOR),
        ExclusionReason.OPERATOR_REFUSAL: _stopped(customer, stop_list.c.source == OPERATOR),
        ExclusionReason.NO_PHONE: not_(known),
        ExclusionReason.WRONG_NUMBER: and_(known, not_(_dialable(customer))),
        ExclusionReason.RECENTLY_CONTACTED: _contacted(customer, at - timedelta(days=rules.quiet_days)),
        ExclusionReason.MONTH_CAP: _talked_enough(customer, rules.month_cap, at),
        ExclusionReason.SERIES_OVER: lost(customer) if rules.spares_the_lost else false(),
        ExclusionReason.CONTROL_GROUP: _in_control_group(customer, rules.control_share),
    }


def control_bucket(customer: _Id) -> ColumnElement[int]:
    """`domain.segment.control_bucket` in SQL; the numbers are written out, for `>>` takes no bigint parameter."""
    low = customer.bitwise_and(_number(0x7FFF_FFFF))
    return (low * _number(CONTROL_MULTIPLIER)).bitwise_and(_number(0xFFFF_FFFF)).bitwise_rshift(_number(16))


def _callable(customer: _Id, rules: SelectionRules, at: datetime) -> ColumnElement[bool]:
    return and_(
        _dialable(customer),
        _consented(customer, rules.purpose, at),
        not_(_stopped(customer)),
        not_(_contacted(customer, at - timedelta(days=rules.quiet_days))),
        not_(_talked_enough(customer, rules.month_cap, at)),
        *([not_(lost(customer))] if rules.spares_the_lost else []),
    )


def _rule(rule: LapseRule, customer: _Id, at: datetime) -> list[ColumnElement[bool]]:
    since = months_before(at, rule.months)
    match rule:
        case Silent():
            return [_ordered(customer), not_(_ordered(customer, since))]
        case Interested():
            return [not_(_ordered(customer, since)), _showed_interest(rule, customer, since)]
        case Shrunk():
            return [_ordered(customer, since), _fell(rule, customer, at)]


def _ordered(customer: _Id, since: datetime | None = None) -> Exists:
    found = exists().where(orders.c.customer_id == customer)
    return found if since is None else found.where(orders.c.placed_at >= since)


def _showed_interest(rule: Interested, customer: _Id, since: datetime) -> ColumnElement[bool]:
    signs = (
        customer_events.c.customer_id == customer,
        customer_events.c.at >= since,
        customer_events.c.kind.in_(rule.signals),
    )
    if rule.min_signals == 1:
        return exists().where(*signs)
    return select(func.count()).where(*signs).scalar_subquery() >= rule.min_signals


def _fell(rule: Shrunk, customer: _Id, at: datetime) -> ColumnElement[bool]:
    """The recent monthly sum against the former one, multiplied out so that nothing is divided."""
    since = months_before(at, rule.months)
    before = months_before(at, rule.months + rule.former_months)
    recent = func.coalesce(func.sum(orders.c.total).filter(orders.c.placed_at >= since), 0)
    former = func.sum(orders.c.total).filter(orders.c.placed_at < since)
    of_both = (orders.c.customer_id == customer, orders.c.placed_at >= before)
    return (
        select(and_(former > 0, recent * rule.former_months <= former * rule.share * rule.months))
        .where(*of_both)
        .scalar_subquery()
    )


def _bounds(segment: Segment, customer: _Id, at: datetime) -> list[ColumnElement[bool]]:
    """Frequency, money and recency over all orders of a lifetime; nothing where the rule says as much already."""
    count, spent, last = func.count(), func.coalesce(func.sum(orders.c.total), 0), func.max(orders.c.placed_at)
    bounds: list[ColumnElement[bool]] = []
    if segment.min_orders > 1:
        bounds.append(count >= segment.min_orders)
    if segment.max_orders is not None:
        bounds.append(count <= segment.max_orders)
    if segment.min_spent is not None:
        bounds.append(spent >= segment.min_spent)
    if segment.max_spent is not None:
        bounds.append(spent <= segment.max_spent)
    if segment.last_order_within_months is not None:
        bounds.append(last >= months_before(at, segment.last_order_within_months))
    if bounds:
        return [select(and_(*bounds)).where(orders.c.customer_id == customer).scalar_subquery()]
    # Every other rule implies an order.
    return [_ordered(customer)] if segment.min_orders == 1 and isinstance(segment.rule, Interested) else []


def _bought(customer: _Id, categories: tuple[str, ...]) -> Exists:
    return exists().where(
        orders.c.customer_id == customer,
        order_lines.c.order_id == orders.c.id,
        order_lines.c.category.in_(categories),
    )


def _unmoved(customer: _Id, contacts: int) -> ColumnElement[bool]:
    last = (
        select(calls.c.outcome_group)
        .where(calls.c.customer_id == customer)
        .order_by(calls.c.dialled_at.desc())
        .limit(contacts)
        .correlate(customers)
        .subquery()
    )
    moved = func.count().filter(last.c.outcome_group == Group.INTERESTED)
    return select(and_(func.count() == contacts, moved == 0)).select_from(last).scalar_subquery()


def _dialable(customer: _Id) -> Exists:
    return exists().where(customer_phones.c.customer_id == customer, customer_phones.c.wrong_number_at.is_(None))


def _consented(customer: _Id, purpose: ConsentKind, at: datetime) -> Exists:
    # Consent to advertising covers service calls, not the other way round: `Consent.allows`.
    enough = (purpose,) if purpose is ConsentKind.ADVERTISING else tuple(ConsentKind)
    return exists().where(
        consents.c.customer_id == customer,
        consents.c.scope == ConsentScope.CALL,
        or_(*(consents.c.kind == kind for kind in enough)),
        consents.c.given_at <= at,
        or_(consents.c.withdrawn_at.is_(None), consents.c.withdrawn_at > at),
    )


def lost(customer: _Id) -> Exists:
    """On the seasonal list, and not come back since."""
    return exists().where(seasonal_list.c.customer_id == customer, ~came_back())


def came_back() -> Exists:
    """Whoever ordered after they were put on the seasonal list is no longer lost."""
    return exists().where(
        orders.c.customer_id == seasonal_list.c.customer_id, orders.c.placed_at > seasonal_list.c.since
    )


def _stopped(customer: _Id, *by: ColumnElement[bool]) -> Exists:
    """A stop of the person or of any number of theirs: it is one person who asked, or their operator."""
    stopped = union_all(
        select(stop_list.c.customer_id).where(stop_list.c.customer_id.is_not(None), *by),
        select(customer_phones.c.customer_id).join(stop_list, stop_list.c.phone == customer_phones.c.phone).where(*by),
    ).subquery()
    return exists().where(stopped.c.customer_id == customer)


def _contacted(customer: _Id, since: datetime) -> Exists:
    return exists().where(calls.c.customer_id == customer, calls.c.dialled_at >= since)


def _talked_enough(customer: _Id, most: int, at: datetime) -> ColumnElement[bool]:
    """As `contact_rules` counts them: answered calls of our own making within 30 days."""
    often = (
        select(calls.c.customer_id)
        .where(
            calls.c.dialled_at > at - timedelta(days=30),
            calls.c.answered_at.is_not(None),
            calls.c.direction == Direction.OUT,
            ~calls.c.wanted,
        )
        .group_by(calls.c.customer_id)
        .having(func.count() >= most)
        .subquery()
    )
    return exists().where(often.c.customer_id == customer)


def _in_control_group(customer: _Id, share: Decimal) -> ColumnElement[bool]:
    return control_bucket(customer) < _number(int(share * CONTROL_BUCKETS))


def _number(value: int) -> ColumnElement[int]:
    return literal_column(str(value))
