"""Somebody at a terminal, with a database behind it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import typer
from typer.testing import CliRunner

from tests.application.campaigns.shop import Shop
from voicebot.adapters.store.engine import open_engine
from voicebot.entrypoints.cli import calls, campaign, season

_T = TypeVar("_T")


class Manager:
    """Somebody at a terminal, with a database behind it."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._app = typer.Typer(pretty_exceptions_enable=False)
        calls.register(self._app)
        campaign.register(self._app)
        season.register(self._app)

    def types(self, *arguments: str) -> str:
        result = CliRunner(env={"COLUMNS": "200"}).invoke(self._app, arguments, catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.output

    def shop(self, work: Callable[[Shop], Awaitable[_T]]) -> _T:
        async def main() -> _T:
            engine = open_engine(self._url)
            try:
                return await work(Shop(engine))
            finally:
                await engine.dispose()

        return asyncio.run(main())
