"""A campaign under fire: processes are killed, the database is restarted, then everything is looked at."""

import asyncio
import logging
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import psutil  # type: ignore[import-untyped]  # publishes no types
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from voicebot.adapters.embedded_postgres import EmbeddedPostgres
from voicebot.adapters.store.engine import open_engine
from voicebot.adapters.store.migrate import migrate
from voicebot.domain.errors import VoicebotError
from voicebot.rehearsal.chaos.evidence import Evidence, Outage, gather
from voicebot.rehearsal.chaos.invariants import judge
from voicebot.rehearsal.chaos.machines import Machine, Victim, choose
from voicebot.rehearsal.chaos.report import ChaosPlan, ChaosReport
from voicebot.rehearsal.chaos.stage import LIMITS, Stage, invite, release, write_dialplan, write_files

log = logging.getLogger(__name__)

_LOOK_S: Final = 0.25
_AGAIN_AFTER_S: Final = 1.0
"""Between the death of a supervisor and its next start, as a service manager would wait."""
_OUTAGE_S: Final = 3.0
"""PostgreSQL stays away for so long, and for its recovery after that."""
_MOST_STARTS: Final = 40
"""A machine that was started so often has something else wrong with it."""
_STOP_S: Final = 40.0
_LEASES_S: Final = 20.0
"""At the end the leases of the dead run out, and the reaper comes round."""
_CALLS_ENDED: Final = "SELECT count(*) FROM calls WHERE ended_at IS NOT NULL"
_UNREST: Final = """
    SELECT (SELECT count(*) FROM leads WHERE state IN ('queued', 'claimed')
              OR state = 'scheduled' AND next_attempt_at < now() + interval '1 minute')
         + (SELECT count(*) FROM calls WHERE ended_at IS NULL)
         + (SELECT count(*) FROM messages WHERE state = 'queued')
         + (SELECT count(*) FROM crm_updates WHERE state = 'queued')
"""


async def run_chaos(plan: ChaosPlan, folder: Path) -> ChaosReport:
    """Stage, run, kill, judge; everything stays in `folder`, logs of the machines too."""
    stage, began = Stage(folder=folder), time.monotonic()
    await write_files(stage)
    async with _callees(stage) as port, _database(folder) as (server, url):
        write_dialplan(stage, sip_port=port)
        engine = open_engine(url, connections=2)
        try:
            await release(engine, await invite(engine, plan.leads))
            war = _War(plan=plan, stage=stage, server=server, url=url, engine=engine)
            await war.wage()
        finally:
            await engine.dispose()
    # The journal is whole once the callees have gone; the database is asked before.
    evidence = war.evidence()
    return ChaosReport(
        evidence=evidence,
        findings=judge(evidence, LIMITS),
        kills=war.kills,
        restarts=len(war.outages),
        moves=war.moves,
        seconds=time.monotonic() - began,
        quiet=war.quiet,
        orphans=war.orphans,
    )


class _War:
    """The run itself."""

    def __init__(
        self, *, plan: ChaosPlan, stage: Stage, server: EmbeddedPostgres, url: str, engine: AsyncEngine
    ) -> None:
        self.kills: Counter[str] = Counter()
        self.outages: list[Outage] = []
        self.quiet = False
        self.orphans = 0
        self.moves = 0
        self._away: Machine | None = None
        self._plan, self._stage, self._server, self._engine = plan, stage, server, engine
        self._dice = random.Random(plan.seed)
        self._gathered: Evidence | None = None

        def machine(name: str, *command: str) -> Machine:
            (stage.folder / name).mkdir()
            return Machine(
                name=name,
                command=command,
                variables=stage.variables(name, url),
                log=stage.folder / f"{name}.log",
            )

        self._dialling = [
            machine(f"machine-{number}", "dial", "--lines", str(plan.lines)) for number in range(1, plan.machines + 1)
        ]
        self._jobs = machine("jobs", "jobs")

    async def wage(self) -> None:
        """Start everybody, strike while calls are made, wait for peace, stop everybody."""
        try:
            for machine in (*self._dialling, self._jobs):
                machine.start()
            async with asyncio.timeout(self._plan.longest_s):
                await self._fight()
                await self._peace()
            self.quiet = True
        except TimeoutError:
            log.error("the run did not come to rest in time", extra={"action": "chaos_timeout"})
        finally:
            await asyncio.to_thread(self._stop)
        self._gathered = await self._gather()

    def evidence(self) -> Evidence:
        """What is left, with the callees' whole log."""
        assert self._gathered is not None
        return self._gathered

    async def _fight(self) -> None:
        # The worst comes together: one of the kills falls into each outage of the database.
        strikes = [self._strike_in_outage] * self._plan.restarts
        strikes += [self._strike] * max(0, self._plan.kills - self._plan.restarts)
        strikes += [self._move] * self._plan.moves
        self._dice.shuffle(strikes)
        for number, strike in enumerate(strikes, start=1):
            # Spread over the first calls of all leads: the redials are left in peace, they have enough to do.
            await self._until_calls(round(number * self._plan.leads / (len(strikes) + 1)))
            await asyncio.sleep(self._dice.random())
            await strike()

    async def _strike_in_outage(self) -> None:
        async with asyncio.TaskGroup() as both:
            both.create_task(self._restart_database(), name="restart")
            await asyncio.sleep(self._dice.uniform(0.5, _OUTAGE_S))
            both.create_task(self._strike(), name="kill")

    async def _strike(self) -> None:
        if sum(self.kills[victim] for victim in Victim) < self._plan.kills:
            await self._kill()

    async def _move(self) -> None:
        """A machine leaves as it is told to; the one that left before it joins again."""
        back, self._away = self._away, self._dialling[self.moves % len(self._dialling)]
        self.moves += 1
        log.info("%s leaves", self._away.name, extra={"action": "chaos_leaves"})
        self._away.tell_to_stop()
        if back is not None:
            log.info("%s joins", back.name, extra={"action": "chaos_joins"})
            back.start()
        if await asyncio.to_thread(self._away.wait, _STOP_S) != 0:
            raise VoicebotError(f"{self._away.name} did not end well: {self._away.log.read_text()[-500:]}")

    async def _kill(self) -> None:
        present = [machine for machine in self._dialling if machine is not self._away]
        kind, machine, line = await asyncio.to_thread(choose, present, self._jobs, self._dice)
        self.kills[kind] += 1
        log.info("kill -9 of a %s of %s", kind, machine.name, extra={"action": "chaos_kill"})
        if kind is Victim.LINE and line is not None:
            psutil.Process(line).kill()
            return
        machine.kill()
        await asyncio.sleep(_AGAIN_AFTER_S)
        machine.start()

    async def _restart_database(self) -> None:
        log.info("PostgreSQL is shut down at once and started again", extra={"action": "chaos_restart"})
        began_at = time.time()
        await asyncio.to_thread(_shut_down_at_once, self._server)
        await asyncio.sleep(_OUTAGE_S)
        await asyncio.to_thread(self._server.revive)
        self.outages.append(Outage(began_at=began_at, ended_at=time.time()))

    async def _until_calls(self, wanted: int) -> None:
        while await self._number(_CALLS_ENDED) < wanted:
            await self._keep_running()

    async def _peace(self) -> None:
        """Until nothing waits any more."""
        while await self._number(_UNREST):
            await self._keep_running()

    async def _keep_running(self) -> None:
        await asyncio.sleep(_LOOK_S)
        for machine in (*self._dialling, self._jobs):
            machine.look()
            if (
                not machine.runs and machine is not self._away
            ):  # it gave up by itself: a service manager would start it again
                log.warning("%s has ended by itself", machine.name, extra={"action": "chaos_ended"})
                if machine.started > _MOST_STARTS:
                    raise VoicebotError(f"{machine.name} does not start: {machine.log.read_text()[-500:]}")
                self.kills["ended by itself"] += 1
                await asyncio.sleep(_AGAIN_AFTER_S)
                machine.start()

    async def _number(self, query: str) -> int:
        try:
            async with self._engine.connect() as connection:
                return int(await connection.scalar(text(query)) or 0)
        except SQLAlchemyError:
            return 0 if query == _CALLS_ENDED else 1  # away just now

    async def _gather(self) -> Evidence:
        return await gather(
            self._engine,
            sms=self._stage.sms,
            news=self._stage.news,
            journal=self._stage.journal,
            outages=tuple(self.outages),
        )

    def _stop(self) -> None:
        for machine in self._dialling:
            machine.tell_to_stop()
        for machine in self._dialling:
            machine.wait(_STOP_S)
        self._jobs.tell_to_stop()
        self._jobs.wait(_STOP_S)
        self.orphans = sum(machine.sweep() for machine in (*self._dialling, self._jobs))


@asynccontextmanager
async def _callees(stage: Stage) -> AsyncIterator[int]:
    """The called people in their own process; yields their SIP port."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "voicebot.rehearsal.chaos.callee_process", str(stage.journal), str(stage.spoken)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        said = await process.stdout.readline()
        if not said:
            raise VoicebotError("the callees did not start")
        yield int(said)
    finally:
        process.stdin.close()
        await process.wait()


@asynccontextmanager
async def _database(folder: Path) -> AsyncIterator[tuple[EmbeddedPostgres, str]]:
    server = EmbeddedPostgres(folder / "postgres")
    await asyncio.to_thread(server.start)
    try:
        url = await asyncio.to_thread(server.url)
        await asyncio.to_thread(migrate, url)
        yield server, url
    finally:
        await asyncio.to_thread(server.stop)


def _shut_down_at_once(server: EmbeddedPostgres) -> None:
    """`pg_ctl stop -m immediate`: no checkpoint, no word to anybody."""
    pid = int((server.folder / "postmaster.pid").read_text().split("\n", 1)[0])
    postmaster = psutil.Process(pid)
    postmaster.send_signal(signal.SIGQUIT)
    postmaster.wait(timeout=30)
