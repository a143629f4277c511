"""What the tests of the commands share."""

import pytest

from tests.entrypoints.cli.manager import Manager


@pytest.fixture
def manager(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Manager:
    monkeypatch.setenv("VOICEBOT_DATABASE_URL", database_url)
    return Manager(database_url)
