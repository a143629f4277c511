"""The manager's side of a conversation, while one is being rung or talks."""

import asyncio

from voicebot.application.ports.telephone import PhoneCall, Telephone
from voicebot.application.transfer_call import TransferPlan, transfer_call
from voicebot.domain.audio import Audio


class ManagerLeg:
    """A transfer in progress; looked at on every frame, since frames are the conversation's clock."""

    def __init__(self, telephone: Telephone, customer: PhoneCall, plan: TransferPlan, whisper: Audio) -> None:
        """Begins to ring at once; `whisper` is what the manager hears first."""
        self.connected: bool | None = None
        """Whether a manager took the call; None while nobody has."""
        self._task = asyncio.create_task(
            transfer_call(telephone, customer, plan, whisper, report=self._report), name="transfer"
        )

    def _report(self, connected: bool) -> None:
        self.connected = connected

    @property
    def over(self) -> bool:
        """Whether nobody is there any more; raises what went wrong on the way."""
        if self._task.done():
            self._task.result()
        return self._task.done()

    async def close(self) -> None:
        """Hang up on the manager; idempotent."""
        self._task.cancel()
        await asyncio.wait({self._task})
