"""Commands for marketing: look at segments of lapsed customers."""

import asyncio
import json
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from voicebot.config import read_settings
from voicebot.domain.consent import ConsentKind
from voicebot.domain.customer import Customer, ValueClass
from voicebot.domain.errors import BadInput, Problem
from voicebot.domain.segment import (
    LAPSE_MONTHS,
    ExclusionReason,
    Interested,
    LapseRule,
    Segment,
    SegmentPreview,
    SelectionRules,
    Shrunk,
    Silent,
    contradictions,
)

segment_app = typer.Typer(no_args_is_help=True, help="Segments of lapsed customers.")
EXPLAINED = {
    ExclusionReason.NO_CONSENT: "no consent to be called about this",
    ExclusionReason.STOP_LIST: "asked never to be called (stop-list)",
    ExclusionReason.OPERATOR_REFUSAL: "their operator refuses mass calls",
    ExclusionReason.NO_PHONE: "no phone",
    ExclusionReason.WRONG_NUMBER: "every number belongs to somebody else",
    ExclusionReason.RECENTLY_CONTACTED: "contacted recently",
    ExclusionReason.MONTH_CAP: "talked to often enough in 30 days",
    ExclusionReason.SERIES_OVER: "lost for now (seasonal list)",
    ExclusionReason.CONTROL_GROUP: "control group",
}


class Kind(StrEnum):
    """Kinds of lapsed customers."""

    SILENT = "silent"  # bought, then nothing
    INTERESTED = "interested"  # shows interest, buys nothing
    SHRUNK = "shrunk"  # buys many times less


def register(app: typer.Typer) -> None:
    """Add `voicebot segment ...`."""
    app.add_typer(segment_app, name="segment")


@segment_app.command()
def preview(  # one parameter per option
    file: Annotated[Path | None, typer.Argument(help="A segment file; otherwise use the options.")] = None,
    kind: Annotated[Kind | None, typer.Option(help="Kind of lapsed customer.")] = None,
    months: Annotated[int, typer.Option(min=1, max=600, help="Months without a purchase.")] = LAPSE_MONTHS,
    min_orders: Annotated[int | None, typer.Option(min=0, help="Orders of a lifetime, at least.")] = None,
    max_orders: Annotated[int | None, typer.Option(min=1, help="Orders of a lifetime, at most.")] = None,
    min_spent: Annotated[float | None, typer.Option(min=0, help="Sum of all orders, at least.")] = None,
    max_spent: Annotated[float | None, typer.Option(min=0, help="Sum of all orders, at most.")] = None,
    last_order_within_months: Annotated[int | None, typer.Option(min=1, max=600, help="Not lost for longer.")] = None,
    category: Annotated[list[str] | None, typer.Option(help="Bought in it; may be repeated.")] = None,
    value_class: Annotated[list[ValueClass] | None, typer.Option(help="A to D; may be repeated.")] = None,
    no_reaction_to_last: Annotated[int, typer.Option(min=0, max=100, help="Contacts that interested nobody.")] = 0,
    share: Annotated[float, typer.Option(min=0, max=1, help="shrunk: what is left of the former average.")] = 0.1,
    min_signals: Annotated[int, typer.Option(min=1, help="interested: signs of interest, at least.")] = 1,
    purpose: Annotated[ConsentKind, typer.Option(help="What the calls are for.")] = ConsentKind.ADVERTISING,
    quiet_days: Annotated[int, typer.Option(min=0, help="Days left alone after a call.")] = 14,
    control_share: Annotated[float, typer.Option(min=0, max=0.5, help="Part nobody calls.")] = 0.05,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Examples to show.")] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Count a segment, show examples, and say why each of the others is not called."""
    if (file is None) == (kind is None):
        raise BadInput.one("segment preview", "takes a FILE or --kind", repair="give exactly one of them")
    if file is not None:
        from voicebot.adapters.yaml_segments import load_segment

        segment = load_segment(file)
    else:
        segment = Segment(
            name=str(kind),
            rule=_rule(kind, months=months, share=share, min_signals=min_signals),
            min_orders=(0 if kind is Kind.INTERESTED else 1) if min_orders is None else min_orders,
            max_orders=max_orders,
            min_spent=_money(min_spent),
            max_spent=_money(max_spent),
            last_order_within_months=last_order_within_months,
            categories=tuple(category or ()),
            value_classes=tuple(value_class or ()),
            no_reaction_to_last=no_reaction_to_last,
        )
        _refuse_contradictions(segment)
    rules = SelectionRules(purpose=purpose, quiet_days=quiet_days, control_share=Decimal(str(control_share)))
    found = asyncio.run(_find(segment, rules, limit))
    if as_json:
        typer.echo(json.dumps(_as_json(segment, found), ensure_ascii=False))
    else:
        _print(segment, found)


async def _find(segment: Segment, rules: SelectionRules, limit: int) -> SegmentPreview:
    from voicebot.adapters.system_clock import SystemClock
    from voicebot.application.select_customers import preview_segment
    from voicebot.bootstrap import open_store

    async with open_store(read_settings()) as store:
        return await preview_segment(segment, rules, open_unit=store.open_unit, clock=SystemClock(), examples=limit)


def _rule(kind: Kind | None, *, months: int, share: float, min_signals: int) -> LapseRule:
    if kind is Kind.INTERESTED:
        return Interested(months=months, min_signals=min_signals)
    if kind is Kind.SHRUNK:
        return Shrunk(months=months, share=Decimal(str(share)))
    return Silent(months=months)


def _refuse_contradictions(segment: Segment) -> None:
    problems = [
        Problem(source=f"--{field.replace('_', '-')}", where="", message=message)
        for field, message in contradictions(segment)
    ]
    if problems:
        raise BadInput(problems)


def _money(amount: float | None) -> Decimal | None:
    return None if amount is None else Decimal(str(amount))


def _as_json(segment: Segment, found: SegmentPreview) -> dict[str, Any]:
    return {
        "segment": segment.name,
        "at": found.at.isoformat(),
        "matched": found.matched,
        "allowed": found.allowed,
        "excluded": found.excluded,
        "examples": [_example(customer) for customer in found.examples],
        "exclusions": [
            {
                "reason": exclusion.reason,
                "count": exclusion.count,
                "examples": [_example(customer) for customer in exclusion.examples],
            }
            for exclusion in found.exclusions
        ],
    }


def _example(customer: Customer) -> dict[str, Any]:
    phone = customer.dialable
    return {
        "id": customer.id,
        "external_id": customer.external_id,
        "name": customer.name.masked,
        "phone": phone.masked if phone else None,
        "value_class": customer.value_class,
    }


def _print(segment: Segment, found: SegmentPreview) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    console.print(f"{segment.name}: {found.matched} lapsed customers, {found.allowed} may be called")
    table = Table("id", "external id", "name", "phone", "class", title="may be called, for example")
    for customer in found.examples:
        table.add_row(*(str(value or "") for value in _example(customer).values()))
    if found.examples:
        console.print(table)
    if not found.exclusions:
        return
    reasons = Table("not called because", "customers", "for example", title=f"{found.excluded} are left out")
    for exclusion in found.exclusions:
        examples = ", ".join(
            f"{shown['external_id']} {shown['name']} {shown['phone'] or ''}".strip()
            for shown in map(_example, exclusion.examples[:3])
        )
        reasons.add_row(EXPLAINED[exclusion.reason], str(exclusion.count), examples)
    console.print(reasons)
    console.print("(a customer with several reasons counts under each)")
