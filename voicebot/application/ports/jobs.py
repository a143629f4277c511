"""Work that is done later, by the jobs process."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Task(StrEnum):
    """Every kind of work; the values are the names in the queue."""

    DELIVER_MESSAGE = "deliver_message"  # {"message_id": int}
    UPDATE_CRM = "update_crm"  # {"update_id": int}
    GATHER_LIST = "gather_list"  # {"campaign_id": int, "by": str}: a campaign sent from the desk gets its people
    MAIL_REPORT = "mail_report"  # {"mail_id": int}
    REAP_LEASES = "reap_leases"  # periodic
    SELECT_LEADS = "select_leads"  # periodic: campaigns whose schedule is due look for new people
    CLOSE_LEADS = "close_leads"  # periodic: orders, ended windows and finished campaigns close what waits
    FINISH_ERASURES = "finish_erasures"  # periodic: files of people who were forgotten are deleted
    APPLY_RETENTION = "apply_retention"  # periodic: recordings and words older than the settings say are cleared
    FORGET_KEYS = "forget_keys"  # periodic: idempotency keys of the API that nobody sends again
    REFRESH_REPORTS = "refresh_reports"  # periodic: sums behind the reports are kept up to date
    SEND_REPORTS = "send_reports"  # periodic: subscriptions that are due get their letters
    RETRY_STALLED = "retry_stalled"  # periodic: jobs of workers that died


class JobQueue(Protocol):
    """Jobs born in this unit: they exist once it is committed, or never."""

    async def defer(
        self, task: Task, args: Mapping[str, object], *, lock: str = "", at: datetime | None = None
    ) -> None:
        """Queue one job; of those with the same `lock` one runs at a time; `at`: not before."""

    async def defer_all(self, task: Task, jobs: Iterable[tuple[Mapping[str, object], str]]) -> None:
        """Queue many at once: arguments and lock of each."""
