"""`voicebot why CUSTOMER`: the answer to «why was I called?»."""

import asyncio
import json
from typing import TYPE_CHECKING, Annotated

import typer

from voicebot.config import read_settings

if TYPE_CHECKING:
    from voicebot.application.explain_contact import Explanation


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(why)


def why(
    customer: Annotated[str, typer.Argument(help="External id of the customer.")],
    full: Annotated[bool, typer.Option("--full", help="Show name and numbers; needs --by.")] = False,
    by: Annotated[str, typer.Option("--by", help="Your name: a full report is written into the audit log.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Tell why a customer was called: consents, stop-list, releases, attempts, verdicts. Times are the customer's."""
    from voicebot.bootstrap import dialplan_in_force
    from voicebot.entrypoints.cli.why_json import why_json
    from voicebot.entrypoints.cli.why_report import Reader, why_lines

    trunks = {trunk.name: trunk for trunk in asyncio.run(dialplan_in_force(read_settings())).trunks}
    reader = Reader(full=full, trunks=trunks)
    explanation = asyncio.run(_explain(customer, full=full, by=by))
    if as_json:
        typer.echo(json.dumps(why_json(explanation, reader), ensure_ascii=False, indent=2))
        return
    for line in why_lines(explanation, reader):
        typer.echo(line)


async def _explain(customer: str, *, full: bool, by: str) -> "Explanation":
    from voicebot.adapters.system_clock import SystemClock
    from voicebot.application.explain_contact import explain_contact
    from voicebot.bootstrap import open_store

    async with open_store(read_settings()) as store:
        return await explain_contact(store.open_unit, customer, now=SystemClock().now(), full=full, by=by)
