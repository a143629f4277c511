"""What goes on, on all machines."""

from datetime import datetime

from voicebot.application.ports.unit_of_work import OpenUnit
from voicebot.domain.work_in_hand import WorkInHand


async def read_status(open_unit: OpenUnit, now: datetime) -> WorkInHand:
    """Processes, leases, calls, queues, trunks and jobs as the database knows them."""
    async with open_unit() as unit:
        return WorkInHand(
            at=now,
            processes=await unit.processes.all(),
            leases=len(await unit.leads.holders(now)),
            expired=len(await unit.leads.expired(now)),
            live=await unit.workload.live_calls(),
            queues=await unit.workload.queues(now),
            trunks=await unit.trunks.known(),
            jobs=await unit.workload.jobs(),
        )
