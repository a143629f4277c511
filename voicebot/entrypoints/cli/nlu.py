"""`voicebot nlu`: what the bot makes of an answer."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voicebot.entrypoints.cli.in_force import InForceOption, look_in_force

if TYPE_CHECKING:
    from voicebot.config import Settings
    from voicebot.domain.intent import Understanding

_ZONE = "Europe/Moscow"


def register(app: typer.Typer) -> None:
    """Adds the command to the console application."""
    group = typer.Typer(invoke_without_command=True)
    group.callback()(understand_lines)
    group.command("export-corrections")(export_corrections)
    app.add_typer(group, name="nlu")


def understand_lines(
    context: typer.Context,
    state: Annotated[
        str, typer.Option(help="The question just asked: greeting, offer, reason, remedy, transfer, nps")
    ] = "",
    now: Annotated[str, typer.Option(help="Local time of the customer, ISO; default: now in Moscow")] = "",
    confidence: Annotated[float, typer.Option(min=0, max=1, help="The recogniser's confidence in every line")] = 1.0,
    in_force: InForceOption = False,
) -> None:
    """Read answers from standard input, one a line; print what each means as one JSON object a line."""
    import json
    import sys

    from voicebot.bootstrap import load_understanding
    from voicebot.config import read_settings
    from voicebot.domain.contact_hours import DEFAULT_HOURS
    from voicebot.domain.intent import ListenKind, Question

    if context.invoked_subcommand is not None:
        return
    if not state:
        raise typer.BadParameter("name the question just asked, e.g. --state offer")
    fixed = _moment(now) if now else None
    understanding = look_in_force().understanding if in_force else load_understanding(read_settings())
    question = Question(context=state, kind=ListenKind.YES_NO)
    sys.stdin.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]  # a text stream here
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    for line in sys.stdin:
        heard = understanding.understand(
            line.rstrip("\r\n"), question, confidence=confidence, local_now=fixed or _moscow_now(), hours=DEFAULT_HOURS
        )
        sys.stdout.write(json.dumps(_as_json(heard), ensure_ascii=False) + "\n")
        sys.stdout.flush()


def export_corrections(
    file: Annotated[
        Path | None, typer.Argument(help="Where to add them, e.g. benchmarks/data/utterances.tsv; default: print")
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Those exported before, too")] = False,
) -> None:
    """Write what managers have set right as test cases of the phrase books: state, words, intent, score, heard."""
    import asyncio

    from voicebot.config import read_settings

    count = asyncio.run(_export(read_settings(), file, again=again))
    typer.echo(f"{count} corrections exported" + (f" to {file}" if file else ""), err=True)


async def _export(settings: "Settings", file: Path | None, *, again: bool) -> int:
    from voicebot.adapters.system_clock import SystemClock
    from voicebot.application.desk.corrections import export_corrections as export
    from voicebot.bootstrap import open_store

    async with open_store(settings) as store:
        return await export(store.open_desk, lambda text: _add(file, text), again=again, now=SystemClock().now())


def _add(file: Path | None, text: str) -> None:
    """To the end of the file; raises BadInput naming it."""
    import sys

    from voicebot.domain.errors import BadInput

    if file is None:
        sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # a text stream here
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    try:
        with file.open("a", encoding="utf-8") as cases:
            cases.write(text)
    except OSError as error:
        raise BadInput.one(str(file), f"cannot be written: {error.strerror}") from error


def _as_json(heard: "Understanding") -> dict[str, object]:
    value = heard.value.isoformat() if isinstance(heard.value, datetime) else heard.value
    return {
        "text": heard.text,
        "intent": str(heard.intent),
        "value": value,
        "score": heard.score,
        "matched": heard.matched,
    }


def _moment(written: str) -> datetime:
    """An ISO moment, in Moscow time unless it names its own offset."""
    from zoneinfo import ZoneInfo

    from voicebot.domain.errors import BadInput

    try:
        moment = datetime.fromisoformat(written)
    except ValueError as error:
        raise BadInput.one("--now", f"'{written}' is no time", repair="write e.g. 2026-11-18T11:00") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(_ZONE))


def _moscow_now() -> datetime:
    from zoneinfo import ZoneInfo

    return datetime.now(ZoneInfo(_ZONE))
