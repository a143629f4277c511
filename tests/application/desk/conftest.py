"""What the tests of the desk's use cases share."""

import shutil
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.application.campaigns.shop import Shop
from voicebot.adapters.store.desk_unit import SqlDeskUnit
from voicebot.adapters.yaml_documents import YamlDocuments
from voicebot.application.ports.desk_unit import OpenDeskUnit
from voicebot.application.ports.understanding import LanguageUnderstanding
from voicebot.config import PROJECT
from voicebot.domain.document import DocumentId


@pytest.fixture
def shop(engine: AsyncEngine) -> Shop:
    return Shop(engine)


@pytest.fixture
def open_desk(engine: AsyncEngine) -> OpenDeskUnit:
    return partial(SqlDeskUnit, engine)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A machine's own scripts and dialplans."""
    shutil.copytree(PROJECT / "scripts", tmp_path / "scripts")
    shutil.copytree(PROJECT / "dialplans", tmp_path / "dialplans")
    return tmp_path


class _WithoutPhrases(YamlDocuments):
    def understanding(self, saved: Mapping[DocumentId, str]) -> LanguageUnderstanding:
        return cast(LanguageUnderstanding, None)


@pytest.fixture
def reader(folder: Path) -> YamlDocuments:
    """Reads all but phrase books, which take half a second."""
    return _WithoutPhrases(scripts=folder / "scripts", dialplan=folder / "dialplans" / "default.yaml")
