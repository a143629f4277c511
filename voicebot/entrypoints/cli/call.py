"""`voicebot call`: one call to one customer, now, from this very process."""

import asyncio
import getpass
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from voicebot.config import Settings, read_settings
from voicebot.domain.attempt import CallRecord
from voicebot.domain.call import Cause
from voicebot.domain.errors import BadInput

if TYPE_CHECKING:
    from voicebot.application.call_customer import SingleCall
    from voicebot.application.claim_lead import Assignment


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("call")(call)


def call(  # one parameter per option
    customer: Annotated[str, typer.Option(help="Whom to call: external id of the customer.")],
    to: Annotated[str, typer.Option(help="Dial this SIP address instead: a test call to your own phone.")] = "",
    script: Annotated[str, typer.Option(help="Conversation script; winback, or the campaign's own.")] = "",
    campaign: Annotated[
        str, typer.Option(help="A running campaign; by default the standing one, 'Звонки по одному'.")
    ] = "",
    by: Annotated[
        str | None, typer.Option(help="Your name: you answer for this call (38-FZ art. 18 p. 2). The login by default.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object, as `calls show --json`.")] = False,
) -> None:
    """Call one customer now and show what came of it.

    Whatever forbids the call is told and nothing is dialled (exit code 2); exit code 1 when the telephone failed.
    Ctrl-C hangs up. Works beside `voicebot run` and without it.
    """
    from voicebot.application.call_customer import SingleCall
    from voicebot.entrypoints.cli.calls import call_json, print_call

    settings = read_settings()
    wanted = SingleCall(
        customer=customer, by=_login() if by is None else by, script=script, campaign=campaign, address=to
    )
    record = asyncio.run(_until_told(settings, wanted))
    if as_json:
        typer.echo(json.dumps(call_json(record), ensure_ascii=False, indent=2))
    else:
        print_call(record)
        if any(message.state == "queued" for message in record.messages):
            typer.echo("SMS go out with the jobs process: `voicebot run`, or `voicebot jobs`")
    if record.summary.cause in (Cause.FAILED, Cause.INTERRUPTED):
        raise typer.Exit(1)


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError) as error:  # a user id without a name, as in some containers
        raise BadInput.one("--by", "your login has no name", repair="give your name") from error


async def _until_told(settings: Settings, wanted: "SingleCall") -> CallRecord:
    """SIGTERM and Ctrl-C hang up; the attempt is then closed as interrupted and shown as such."""
    from voicebot.entrypoints.signals import stopped_by_signals

    stop = asyncio.Event()
    told = _Told()
    calling = asyncio.create_task(_call(settings, wanted, told), name="call")
    with stopped_by_signals(stop):
        stopping = asyncio.create_task(stop.wait(), name="told to stop")
        await asyncio.wait({calling, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not calling.done():
            calling.cancel()
            await asyncio.wait({calling})
        stopping.cancel()
    if calling.cancelled():
        if told.call_id is None:
            raise typer.Exit(1)
        return await _show(settings, told.call_id)
    return calling.result()


@dataclass(slots=True)
class _Told:
    """What is known of the call while it goes on."""

    call_id: int | None = None

    def dialling(self, assignment: "Assignment") -> None:
        """Remember the call and tell the one who waits, beside the output proper."""
        self.call_id = assignment.call.id
        name, phone = assignment.customer.name.masked, assignment.phone.masked
        typer.echo(f"calling {name} {phone}, call {self.call_id} of campaign '{assignment.campaign.name}'", err=True)


async def _call(settings: Settings, wanted: "SingleCall", told: _Told) -> CallRecord:
    from dataclasses import replace
    from datetime import timedelta

    from voicebot.application.call_customer import call_customer
    from voicebot.application.claim_lead import Line
    from voicebot.application.renew_station import renewed
    from voicebot.bootstrap_line import open_station
    from voicebot.entrypoints.alive import new_process_id

    # `voicebot run` may hold the SIP ports of the settings: ours is any free one.
    async with open_station(replace(settings, sip_port=0)) as station:
        line = Line(
            owner=f"{new_process_id()}:call",
            policy=station.rules.policy,
            dialplan=station.dialplan.name,
            lease=timedelta(seconds=settings.lease_seconds),
        )
        station, line = await renewed(station, line)
        call_id = await call_customer(station, line, wanted, dialling=told.dialling)
        async with station.open_unit() as unit:
            return await unit.call_log.show(call_id)


async def _show(settings: Settings, call_id: int) -> CallRecord:
    from voicebot.bootstrap import open_store

    async with open_store(settings) as store, store.open_unit() as unit:
        return await unit.call_log.show(call_id)
