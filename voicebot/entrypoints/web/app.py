"""The web process: a first page until the desk is built, and the API of the CRM."""

import asyncio

from aiohttp import web

from voicebot import __version__, bootstrap
from voicebot.adapters.local_ports import require_free_port
from voicebot.adapters.system_clock import SystemClock
from voicebot.config import Settings
from voicebot.entrypoints.child_process import run_until_told
from voicebot.entrypoints.web.api import Api, mount_api

_PAGE = """<!doctype html>
<html lang="ru">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>voicebot</title>
<style>
body {{ margin: 0; font: 1rem/1.6 system-ui, sans-serif; color: #22303f; background: #f6f7f9 }}
main {{ max-width: 40rem; margin: 12vh auto 2rem; padding: 2rem 2.5rem; background: #fff; border-radius: .75rem;
  box-shadow: 0 1px 4px #0002 }}
h1 {{ margin: 0 0 .5rem; font-size: 1.5rem }}
small {{ color: #6b7785; font-weight: normal }}
code {{ padding: .1rem .35rem; background: #eef1f5; border-radius: .25rem; white-space: nowrap }}
dt {{ margin-top: .75rem }}
dd {{ margin: 0; color: #55606e }}
</style></head>
<body><main><h1>voicebot <small>{version}</small></h1>
<p>Робот работает. Рабочее место менеджера появится здесь; пока всё видно из командной строки:</p>
<dl>
<dt><code>voicebot campaign list</code></dt><dd>кампании: кто разрешил, сколько прозвонено</dd>
<dt><code>voicebot calls list</code></dt><dd>звонки и чем они кончились</dd>
<dt><code>voicebot calls show ID</code></dt><dd>один звонок: разговор, промокод, смс, запись</dd>
</dl></main></body></html>
"""


def build_app(api: Api) -> web.Application:
    """The application: `/`, `/healthz` and what `mount_api` adds."""
    app = web.Application()
    mount_api(app, api)
    app.router.add_get("/", _front)
    app.router.add_get("/healthz", _healthz)
    return app


async def _front(request: web.Request) -> web.Response:
    return web.Response(text=_PAGE.format(version=__version__), content_type="text/html")


async def _healthz(request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


async def serve(settings: Settings, stop: asyncio.Event) -> None:
    """Answer requests until `stop`, then let those under way finish; raises ConfigurationError for a taken port."""
    require_free_port(settings.web_host, settings.web_port, "tcp", setting="VOICEBOT_WEB_PORT")
    async with bootstrap.open_store(settings) as store:
        api = Api(open_unit=store.open_unit, clock=SystemClock(), check=store.check, token=settings.api_token)
        runner = web.AppRunner(build_app(api), shutdown_timeout=5.0)
        await runner.setup()
        try:
            await web.TCPSite(runner, settings.web_host, settings.web_port).start()
            await stop.wait()
        finally:
            await runner.cleanup()


def web_process(settings: Settings) -> None:
    """Body of the supervised web process."""
    run_until_told(lambda stop: serve(settings, stop))
