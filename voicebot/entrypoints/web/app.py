"""The web process: the desk of managers and admins, and the API of the CRM."""

import asyncio
import logging

from aiohttp import web

from voicebot import bootstrap
from voicebot.adapters.local_ports import require_free_port
from voicebot.adapters.system_clock import SystemClock
from voicebot.application.desk.users import invite_first_user
from voicebot.config import Settings
from voicebot.domain.process import ProcessKind
from voicebot.entrypoints.alive import alive
from voicebot.entrypoints.child_process import run_until_told
from voicebot.entrypoints.web.api.application import mount_api
from voicebot.entrypoints.web.api.keys import Api
from voicebot.entrypoints.web.desk.application import build_desk, mount_desk
from voicebot.entrypoints.web.desk.keys import Desk
from voicebot.entrypoints.web.desk.streams import CLOSING
from voicebot.entrypoints.web.door import listening
from voicebot.entrypoints.web.memory import settle_memory

log = logging.getLogger(__name__)


def build_app(api: Api, desk: Desk) -> web.Application:
    """The application: the desk, the API and the two questions of a load balancer."""
    app = web.Application()
    app[CLOSING] = asyncio.Event()
    app.on_shutdown.append(_close_streams)
    mount_api(app, api, desk.bench)
    mount_desk(app, desk)
    return app


async def _close_streams(app: web.Application) -> None:
    app[CLOSING].set()


async def serve(settings: Settings, stop: asyncio.Event) -> None:
    """Answer requests until `stop`, then let those under way finish; raises ConfigurationError for a taken port."""
    require_free_port(settings.web_host, settings.web_port, "tcp", setting="VOICEBOT_WEB_PORT")
    async with bootstrap.open_store(settings) as store:
        api = Api(settings=settings, open_unit=store.open_desk, clock=SystemClock(), check=store.check)
        desk = await build_desk(settings, store.open_desk, SystemClock())
        runner = web.AppRunner(build_app(api, desk), shutdown_timeout=5.0)
        await runner.setup()
        settle_memory()
        try:
            await _invite_first_user(desk)
            async with (
                listening(runner, settings.web_host, settings.web_port),
                alive(store.open_unit, ProcessKind.WEB, "web"),
            ):
                await stop.wait()
        finally:
            await runner.cleanup()


async def _invite_first_user(desk: Desk) -> None:
    """Show the link of the first user on the console: there is no default password."""
    token = await invite_first_user(desk.open_unit, desk.clock.now())
    if token is not None:
        settings = desk.settings
        base = settings.web_url.rstrip("/") or f"http://{settings.web_host}:{settings.web_port}"
        log.info("nobody can sign in yet; your link, good once and for a day: %s/invitation/%s", base, token)


def web_process(settings: Settings) -> None:
    """Body of the supervised web process."""
    run_until_told(lambda stop: serve(settings, stop))
