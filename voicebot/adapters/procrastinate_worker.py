"""The jobs worker: Procrastinate fetches, we do."""

import asyncio
import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import procrastinate
from procrastinate import BaseRetryStrategy, JobContext, RetryDecision
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job

from voicebot.adapters.store.engine import parse_url
from voicebot.adapters.store.job_queue import QUEUE
from voicebot.application.ports.jobs import Task
from voicebot.domain.errors import GatewayError, StoreError, VoicebotError

_TRIES: Final = 6
_FIRST_PAUSE_S: Final = 10
"""Pauses double: 10 s, 20 s, 40 s, 80 s, 160 s."""
_CONCURRENCY: Final = 4
"""Jobs at once; each holds a database connection while it waits for a gateway."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Periodic:
    """Work that comes by the clock."""

    task: Task
    cron: str
    """Five fields, or six with the seconds last."""
    do: Callable[[], Awaitable[object]]


Handler = Callable[[Mapping[str, Any], bool], Awaitable[object]]
"""`handler(args, last_try)`: raises a VoicebotError with `retryable` to be called again later."""


class ProcrastinateWorker:
    """Works on our queue until told to stop; several may run, on any number of machines."""

    def __init__(
        self,
        url: str,
        *,
        handlers: Mapping[Task, Handler],
        periodic: tuple[Periodic, ...] = (),
        first_pause_s: float = _FIRST_PAUSE_S,
        grace_s: float = 20.0,
    ) -> None:
        conninfo = parse_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self._app = procrastinate.App(
            connector=procrastinate.PsycopgConnector(conninfo=conninfo, min_size=1, max_size=4)
        )
        self._retry = _BackOff(first_pause_s)
        self._grace_s = grace_s
        for task, handler in handlers.items():
            self._register(task, handler)
        for one in periodic:
            self._register_periodic(one)
        self._register_periodic(Periodic(task=Task.RETRY_STALLED, cron="* * * * *", do=self._retry_stalled))

    async def run(self, stop: asyncio.Event, *, until_empty: bool = False) -> None:
        """Work until `stop` is set (running jobs get their grace), or until nothing is due.

        Raises StoreError when the database goes away.
        """
        try:
            async with self._app.open_async():
                await self._retry_stalled()
                working = asyncio.create_task(self._work(wait=not until_empty), name="jobs-worker")
                stopped = asyncio.create_task(stop.wait(), name="jobs-stop")
                try:
                    await asyncio.wait((working, stopped), return_when=asyncio.FIRST_COMPLETED)
                    lost = working.done() and not until_empty and not stop.is_set()
                finally:
                    stopped.cancel()
                    working.cancel()
                    await asyncio.wait((working, stopped))
                if not working.cancelled() and (error := working.exception()):
                    raise error
        except ConnectorException as error:
            raise StoreError("the job queue lost its database", retryable=True) from error
        if lost:
            raise StoreError("the job queue lost its database", retryable=True)

    async def _work(self, *, wait: bool) -> None:
        await self._app.run_worker_async(
            queues=[QUEUE],
            wait=wait,
            concurrency=_CONCURRENCY,
            install_signal_handlers=False,
            shutdown_graceful_timeout=self._grace_s,
            delete_jobs="successful",
        )

    def _register(self, task: Task, handler: Handler) -> None:
        @self._app.task(name=task.value, queue=QUEUE, retry=self._retry, pass_context=True)
        async def work(context: JobContext, /, **args: Any) -> None:
            await handler(args, context.job.attempts + 1 >= _TRIES)

    def _register_periodic(self, one: Periodic) -> None:
        # One waiting job of a kind is enough, also when the worker was away for hours.
        @self._app.periodic(cron=one.cron)
        @self._app.task(name=one.task.value, queue=QUEUE, queueing_lock=one.task.value)
        async def work(timestamp: int) -> None:
            await one.do()

    async def _retry_stalled(self) -> None:
        """Jobs of workers that died (no heartbeat for 30 s) begin again."""
        for job in await self._app.job_manager.get_stalled_jobs(queue=QUEUE):
            await self._app.job_manager.retry_job(job)


class _BackOff(BaseRetryStrategy):
    """Doubling pauses for errors that may pass, longer where a gateway asks for it; none for others."""

    def __init__(self, first_pause_s: float) -> None:
        self._first_pause_s = first_pause_s

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        passing = isinstance(exception, VoicebotError) and exception.retryable
        if not passing or job.attempts + 1 >= _TRIES:
            return None
        asked = exception.retry_after_s if isinstance(exception, GatewayError) else None
        pause_s = max(self._first_pause_s * 2**job.attempts, asked or 0)
        return RetryDecision(retry_in={"seconds": math.ceil(pause_s)})
