"""The option `--in-force`: what lines go by just now, instead of files."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from voicebot.domain.document import DocumentId, DocumentKind
from voicebot.domain.errors import BadInput

if TYPE_CHECKING:
    from voicebot.application.documents_in_force import InForce
    from voicebot.domain.script import Script

InForceOption = Annotated[
    bool,
    typer.Option(
        "--in-force", help="As lines have it now: versions saved at the desk over the files (asks the database)."
    ),
]


def look_in_force() -> "InForce":
    """What is in force; raises StoreError, and BadInput when nothing in order is."""
    from voicebot.bootstrap import everything_in_force
    from voicebot.config import read_settings

    return asyncio.run(everything_in_force(read_settings()))


def script_of(now: "InForce", name: str) -> "Script":
    """One script of it, its version told on the error output; raises BadInput."""
    script = now.scripts.get(name)
    if script is None:
        repair = f"use one of {', '.join(sorted(now.scripts))}"
        raise BadInput.one("SCRIPT", f"there is no script '{name}' in force", repair=repair)
    tell_version(now, DocumentId(kind=DocumentKind.SCRIPT, name=name))
    return script


def tell_version(now: "InForce", document: DocumentId) -> None:
    """Which version it is, on the error output."""
    version = now.saved.get(document)
    told = f"version {version.number}, saved by {version.author}" if version else "its file"
    typer.echo(f"{document.kind} {document.name}: {told}", err=True)
