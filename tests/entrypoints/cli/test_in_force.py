"""`--in-force`, and what the doctor says of it: versions saved at the desk stand in for files."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from voicebot import bootstrap
from voicebot.adapters.store.engine import open_engine
from voicebot.adapters.store.unit_of_work import SqlUnitOfWork
from voicebot.config import Settings, read_settings
from voicebot.domain.document import DocumentId, DocumentKind, NewVersion
from voicebot.domain.errors import BadInput
from voicebot.entrypoints.cli import dialplan, nlu, script
from voicebot.entrypoints.doctor.findings import Level
from voicebot.entrypoints.doctor.saved_documents import Seen, saved_findings

NOON = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
WINBACK = DocumentId(kind=DocumentKind.SCRIPT, name="winback")
PLAN = DocumentId(kind=DocumentKind.DIALPLAN, name="default")
SHOWN = "+74951234567"
Save = Callable[..., None]


@pytest.fixture
def settings(database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    monkeypatch.setenv("VOICEBOT_DATABASE_URL", database_url)
    monkeypatch.setenv("VOICEBOT_HOME", str(tmp_path))
    return read_settings()


@pytest.fixture
def save(settings: Settings) -> Save:
    """Saves a document with something replaced."""

    def saved(document: DocumentId, old: str, new: str) -> None:
        text = (bootstrap.build_reader(settings).text_of(document) or "").replace(old, new)
        assert new in text
        version = NewVersion(document=document, number=3, text=text, author="Анна", note="", at=NOON)

        async def main() -> None:
            engine = open_engine(settings.database_url)
            async with SqlUnitOfWork(engine) as unit:
                await unit.documents.lock()
                await unit.documents.save(version)
                await unit.commit()
            await engine.dispose()

        asyncio.run(main())

    return saved


def types(*arguments: str, answer: str = "") -> Result:
    app = typer.Typer(pretty_exceptions_enable=False)
    for module in (script, dialplan, nlu):
        module.register(app)
    return CliRunner().invoke(app, arguments, input=answer, catch_exceptions=False)


def test_what_was_saved_is_drawn_talked_to_and_dialled_by(save: Save) -> None:
    save(WINBACK, "Дарим вам", "Преподносим вам")
    save(PLAN, SHOWN, "+74957654321")
    assert "Преподносим" not in types("script", "graph", "winback").stdout
    drawn = types("script", "graph", "winback", "--in-force")
    assert "Преподносим" in drawn.stdout
    assert drawn.stderr == "script winback: version 3, saved by Анна\n"
    talked = types("talk", "winback", "--in-force", answer="да\n")
    assert "Преподносим" in talked.stdout
    assert SHOWN in types("dialplan", "route", "+79161234567").stdout
    routed = types("dialplan", "route", "+79161234567", "--in-force")
    assert "+74957654321" in routed.stdout
    assert routed.stderr == "dialplan default: version 3, saved by Анна\n"


def test_what_was_not_saved_comes_from_its_file(settings: Settings) -> None:
    drawn = types("script", "graph", "quality", "--in-force")
    assert drawn.stderr == "script quality: its file\n"
    assert '"yes"' in types("nlu", "--state", "offer", "--in-force", answer="да\n").stdout
    with pytest.raises(BadInput, match="there is no script 'winbak' in force"):
        types("script", "graph", "winbak", "--in-force")
    with pytest.raises(BadInput, match="leave out one of the two"):
        types("dialplan", "route", "+79161234567", "--in-force", "--file", "x.yaml")


def test_the_doctor_names_versions_and_those_this_machine_cannot_read(settings: Settings, save: Save) -> None:
    async def look() -> tuple[list[str], Seen]:
        seen = Seen()
        engine = open_engine(settings.database_url)
        async with SqlUnitOfWork(engine) as unit:
            findings = await saved_findings(settings, unit, seen)
        await engine.dispose()
        return [one.found for one in findings if one.level is not Level.FAILED], seen

    (nothing,), seen = asyncio.run(look())
    assert nothing.startswith("nothing was saved at the desk")
    assert seen.dialplan is None or seen.dialplan.name == "default"
    save(PLAN, SHOWN, "+74957654321")
    (named,), seen = asyncio.run(look())
    assert "dialplan default version 3" in named
    assert seen.dialplan is not None
    assert seen.dialplan.trunks[0].caller_ids[0].e164 == "+74957654321"
    save(WINBACK, "yes: offer", "yes: ofer")
    named, broken = asyncio.run(look())[0]
    assert "script winback version 3" in named
    assert broken.startswith("script winback version 3 cannot be read here")
