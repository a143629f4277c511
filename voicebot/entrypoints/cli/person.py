"""`voicebot erase` and `voicebot export-person`: what people may ask of us (152-FZ)."""

import asyncio
import json
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from voicebot.config import read_settings
from voicebot.domain.erasure import ErasureGround, due_on

Customer = Annotated[str, typer.Argument(help="External id of the customer.")]
By = Annotated[str, typer.Option("--by", help="Your name: it stands in the audit log and the act.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("erase")(erase)
    app.command("export-person")(export_person)


def erase(
    customer: Customer,
    ground: Annotated[ErasureGround, typer.Option(help="Why, in the words of the law: it sets the term.")],
    by: By,
    requested: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day the request came; today unless given.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
) -> None:
    """Forget a person for good: everything that tells who they are; figures, proofs and the stop remain."""
    if not yes:
        typer.confirm(f"Erase everything that tells who {customer} is? There is no way back", abort=True)
    day = (requested or datetime.now().astimezone()).date()
    act, counts = asyncio.run(_erase(customer, ground, day, by))
    typer.echo(f"act {act}: {', '.join(f'{name} {count}' for name, count in counts.items())}")
    typer.echo(f"the law's term ends on {due_on(ground, day)}; to be printed at the desk: /erasures/{act}")
    typer.echo("your CRM, the SMS provider and files handed to them must be erased separately")


def export_person(
    customer: Customer,
    by: By,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File to write; standard output unless given.")
    ] = None,
) -> None:
    """Print everything we hold of a person as JSON."""
    document = json.dumps(asyncio.run(_export(customer, by)), ensure_ascii=False, indent=2)
    if output is None:
        typer.echo(document)
    else:
        output.write_text(document + "\n", encoding="utf-8")


async def _erase(external_id: str, ground: ErasureGround, day: date, by: str) -> tuple[int, Mapping[str, int]]:
    from voicebot.adapters.call_files import DiskCallFiles
    from voicebot.adapters.system_clock import SystemClock
    from voicebot.application.desk.erase_customer import ErasureRequest, erase_customer
    from voicebot.bootstrap import open_store

    settings = read_settings()
    files = DiskCallFiles(settings.recordings, settings.home / "peaks")
    async with open_store(settings) as store:
        async with store.open_desk() as unit:
            customer_id = (await unit.customers.named(external_id)).id
        wanted = ErasureRequest(customer_id=customer_id, ground=ground, requested=day, confirmed=external_id, by=by)
        act = await erase_customer(store.open_desk, files, wanted, SystemClock().now())
        async with store.open_desk() as unit:
            return act, (await unit.erasures.act(act)).counts


async def _export(external_id: str, by: str) -> dict[str, object]:
    from voicebot.adapters.system_clock import SystemClock
    from voicebot.application.desk.export_customer import export_customer
    from voicebot.application.desk.personal_document import personal_json
    from voicebot.bootstrap import open_store
    from voicebot.domain.errors import BadInput

    if not by.strip():
        raise BadInput.one("--by", "is missing", repair="personal data are handed out by a named person")
    async with open_store(read_settings()) as store:
        async with store.open_desk() as unit:
            customer_id = (await unit.customers.named(external_id)).id
        return personal_json(await export_customer(store.open_desk, customer_id, by=by, now=SystemClock().now()))
