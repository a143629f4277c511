"""`voicebot models`: what the ears can be made of."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from voicebot.adapters.vosk_catalogue import CatalogueEntry

_CATALOGUE_VARIABLE = "VOICEBOT_MODEL_CATALOGUE"
_CatalogueUrl = Annotated[
    str, typer.Option("--catalogue", envvar=_CATALOGUE_VARIABLE, help="URL of a model list in Vosk's format.")
]

commands = typer.Typer(no_args_is_help=True, help="Speech recognition models: list and pull.")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(commands, name="models")


@commands.command("list")
def list_models(
    catalogue: _CatalogueUrl = "",
    language: Annotated[str, typer.Option(help="Language of the catalogue's models; empty for all.")] = "ru",
) -> None:
    """Show the models installed here and those Vosk's catalogue offers."""
    from rich.console import Console

    from voicebot.adapters.vosk_catalogue import default_catalogue, read_catalogue
    from voicebot.adapters.vosk_models import installed_models, search_folders
    from voicebot.config import read_settings
    from voicebot.domain.errors import SpeechError

    console = Console()
    used = read_settings().model
    installed = installed_models(search_folders())
    console.print("Installed:")
    for model in installed:
        mark = "*" if model.path.resolve() == used.resolve() else " "
        console.print(f" {mark} {model.name}  {model.size_bytes / 1e6:.0f} MB  {model.path}", soft_wrap=True)
    if not installed:
        console.print("   none")
    try:
        entries = read_catalogue(catalogue or default_catalogue())
    except SpeechError as error:
        console.print(f"The catalogue is not shown: {error}", soft_wrap=True)
        return
    _show_offers(console, entries, {model.name for model in installed}, language)


def _show_offers(console: "Console", entries: "list[CatalogueEntry]", installed: set[str], language: str) -> None:
    offered = [
        entry
        for entry in entries
        if not entry.obsolete and entry.name not in installed and language in ("", entry.language)
    ]
    console.print("In the catalogue (voicebot models pull NAME):")
    for entry in offered:
        console.print(
            f"   {entry.name}  {entry.size_bytes / 1e6:.0f} MB  {entry.language} {entry.kind}", soft_wrap=True
        )
    if not offered:
        console.print("   nothing more")


@commands.command("pull")
def pull_model(
    name: Annotated[str, typer.Argument(help="Name of a model in the catalogue.")],
    catalogue: _CatalogueUrl = "",
    into: Annotated[
        Path | None, typer.Option(help="Folder to install into; default: Vosk's own cache (~/.cache/vosk).")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Pull it again even if it is installed.")] = False,
) -> None:
    """Download a model, verify its checksum and unpack it."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    from voicebot.adapters.vosk_catalogue import default_catalogue, default_target, find_entry, pull, read_catalogue
    from voicebot.adapters.vosk_models import installed_models, search_folders

    console = Console()
    folders = [into] if into else search_folders()
    present = {model.name: model for model in installed_models(folders)}.get(name)
    if present and not force:
        console.print(f"{name} is installed already: {present.path}", soft_wrap=True)
        return
    entry = find_entry(read_catalogue(catalogue or default_catalogue()), name)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(name, total=None)
        folder, checksum = pull(
            entry, into or default_target(), lambda done, total: bar.update(task, completed=done, total=total or None)
        )
    verified = "as the catalogue says" if entry.md5 else "the catalogue gives none to compare"
    console.print(f"MD5 {checksum} ({verified})")
    console.print(f"Installed: {folder}\nTo use it: VOICEBOT_MODEL={folder}", soft_wrap=True)
