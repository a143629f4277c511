"""`voicebot calls ...`: what was said and what came of it."""

import asyncio
import json
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from voicebot.config import read_settings
from voicebot.domain.attempt import CallFilter, CallRecord, CallSummary
from voicebot.domain.call import Direction, Turn
from voicebot.domain.outcome import Disposition, Group

if TYPE_CHECKING:
    from rich.table import Table

calls_app = typer.Typer(no_args_is_help=True, help="Calls: lists, transcripts and outcomes.")
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(calls_app, name="calls")


@calls_app.command("list")
def list_calls(
    campaign: Annotated[str, typer.Option(help="Only calls of this campaign.")] = "",
    customer: Annotated[str, typer.Option(help="Only calls to this customer (external id).")] = "",
    group: Annotated[Group | None, typer.Option(help="Only this group.")] = None,
    disposition: Annotated[Disposition | None, typer.Option(help="Only calls that ended so.")] = None,
    tag: Annotated[str, typer.Option(help="Only calls with this tag.")] = "",
    since: Annotated[datetime | None, typer.Option(help="Dialled then or later (local time).")] = None,
    limit: Annotated[int, typer.Option(min=1, help="The newest ones.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List calls, newest first."""
    found = asyncio.run(
        _find(
            CallFilter(
                group=group,
                disposition=disposition,
                tag=tag,
                since=since.astimezone() if since else None,
                limit=limit,
            ),
            campaign=campaign,
            customer=customer,
        )
    )
    if as_json:
        typer.echo(json.dumps([_summary_json(one) for one in found], ensure_ascii=False, indent=2))
        return
    if not found:
        typer.echo("no such calls")
        return
    _print(_list_table(found))


@calls_app.command()
def show(call: Annotated[int, typer.Argument(help="Number of the call.")], as_json: AsJson = False) -> None:
    """Show one call: its transcript and everything that came of it."""
    record = asyncio.run(_show(call))
    if as_json:
        typer.echo(json.dumps(call_json(record), ensure_ascii=False, indent=2))
        return
    print_call(record)


def print_call(record: CallRecord) -> None:
    """One call for a person's eyes: headline, transcript, consequences."""
    for line in _headline(record):
        typer.echo(line)
    if record.turns:
        _print(_turns_table(record.turns))
    for line in _consequences(record):
        typer.echo(line)


async def _find(wanted: CallFilter, *, campaign: str, customer: str) -> tuple[CallSummary, ...]:
    from dataclasses import replace

    from voicebot.bootstrap import open_store

    async with open_store(read_settings()) as store, store.open_unit() as unit:
        if campaign:
            wanted = replace(wanted, campaign_id=(await unit.campaigns.named(campaign)).id)
        if customer:
            wanted = replace(wanted, customer_id=(await unit.customers.named(customer)).id)
        return await unit.call_log.find(wanted)


async def _show(call_id: int) -> CallRecord:
    from voicebot.bootstrap import open_store

    async with open_store(read_settings()) as store, store.open_unit() as unit:
        return await unit.call_log.show(call_id)


def _print(table: "Table") -> None:
    from rich.console import Console

    Console().print(table)


def _list_table(found: tuple[CallSummary, ...]) -> "Table":
    from rich.box import SIMPLE_HEAD
    from rich.table import Column, Table

    table = Table(
        Column("call", no_wrap=True),
        Column("", no_wrap=True),
        Column("begun", no_wrap=True),
        Column("campaign", overflow="fold"),
        Column("customer", min_width=12),
        Column("talk", no_wrap=True, justify="right"),
        Column("came to", min_width=11),
        Column("tags", overflow="fold"),
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
    )
    for one in found:
        table.add_row(
            str(one.id),
            one.direction,
            f"{one.dialled_at.astimezone():%Y-%m-%d %H:%M}",
            one.campaign,
            f"{one.external_id} {one.customer} {one.phone.masked}",
            "" if one.talk_seconds is None else f"{one.talk_seconds:.0f} s",
            " ".join(filter(None, (one.group, one.disposition))) or ("in progress" if one.ended_at is None else ""),
            " ".join(one.tags),
        )
    return table


def _turns_table(turns: tuple[Turn, ...]) -> "Table":
    from rich.box import SIMPLE_HEAD
    from rich.table import Column, Table

    table = Table(
        *(Column(name, no_wrap=True) for name in ("at, s", "who", "state")),
        Column("text", ratio=1),
        *(Column(name, no_wrap=True) for name in ("intent", "sure", "gap, ms")),
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
    )
    for turn in turns:
        table.add_row(
            f"{turn.started_at:.1f}",
            turn.speaker,
            turn.state,
            turn.text + (" (interrupted)" if turn.interrupted else ""),
            turn.intent or "",
            "" if turn.score is None else f"{turn.score:.2f}",
            "" if turn.reply_gap_ms is None else str(turn.reply_gap_ms),
        )
    return table


def _headline(record: CallRecord) -> list[str]:
    one = record.summary
    talk = "not answered" if one.talk_seconds is None else f"{one.talk_seconds:.0f} s of talk"
    whom = f"{one.external_id} {one.customer} {one.phone.masked}"
    lines = [
        f"call {one.id}: {whom}, campaign '{one.campaign}', {_which(one)}",
        f"{one.dialled_at.astimezone():%Y-%m-%d %H:%M:%S}, {one.cause or 'under way'} (SIP {record.sip_code}), {talk}",
        f"group {one.group or '-'}, disposition {one.disposition or '-'}, tags {', '.join(one.tags) or '-'}",
    ]
    if record.hangup_state:
        lines.append(f"the customer hung up in state '{record.hangup_state}'")
    if record.nps is not None:
        lines.append(f"NPS {record.nps}")
    return lines


def _which(one: CallSummary) -> str:
    return "rung by the customer" if one.direction is Direction.IN else f"attempt {one.attempt}"


def _consequences(record: CallRecord) -> list[str]:
    lines = []
    if record.promo is not None:
        lines.append(
            f"promo code {record.promo.code}: {record.promo.discount.percent.normalize():f} %"
            f" until {record.promo.valid_until.astimezone():%Y-%m-%d %H:%M}"
        )
    for message in record.messages:
        error = f" ({message.error})" if message.error else ""
        lines.append(f"SMS '{message.template}' {message.state}{error}: {message.text}")
    for one in record.escalations:
        lines.append(f"{'urgent ' if one.urgent else ''}{one.kind}: {one.reason}")
    if record.recording:
        lines.append(f"recording {read_settings().recordings / record.recording} (left the bot, right the customer)")
    return lines


def call_json(record: CallRecord) -> dict[str, object]:
    """One call as `calls show --json` prints it; the phone is masked."""
    return {
        **_summary_json(record.summary),
        "sip_code": record.sip_code,
        "hung_up_by": record.hung_up_by,
        "hangup_state": record.hangup_state,
        "nps": record.nps,
        "recording": record.recording,
        "verdict": record.verdict,
        "answers": record.answers,
        "actions": list(record.actions),
        "turns": [asdict(turn) for turn in record.turns],
        "promo": None
        if record.promo is None
        else {
            "code": record.promo.code,
            "percent": f"{record.promo.discount.percent.normalize():f}",
            "valid_until": record.promo.valid_until.isoformat(),
        },
        "messages": [
            {"template": one.template, "state": one.state, "error": one.error, "text": one.text}
            for one in record.messages
        ],
        "escalations": [{"kind": one.kind, "urgent": one.urgent, "reason": one.reason} for one in record.escalations],
    }


def _summary_json(one: CallSummary) -> dict[str, object]:
    return {
        "call": one.id,
        "direction": one.direction,
        "campaign": one.campaign,
        "external_id": one.external_id,
        "customer": one.customer,
        "phone": one.phone.masked,
        "attempt": one.attempt,
        "dialled_at": one.dialled_at.isoformat(),
        "cause": one.cause,
        "talk_seconds": one.talk_seconds,
        "group": one.group,
        "disposition": one.disposition,
        "tags": list(one.tags),
    }
