"""What the jobs process does: deliveries, news for the CRM, reports, leases of dead lines."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from voicebot.application.bridge_manager import close_lost_click_calls
from voicebot.application.deliver_message import deliver_message, record_delivery
from voicebot.application.documents_in_force import DocumentsInForce
from voicebot.application.ports.clock import Clock
from voicebot.application.ports.crm_gateway import CrmGateway
from voicebot.application.ports.messages import SmsGateway
from voicebot.application.ports.unit_of_work import OpenUnit
from voicebot.application.record_outcome import OutcomeRules, reap_expired_leases
from voicebot.application.try_script import close_lost_trial_calls
from voicebot.application.update_crm import update_crm

_LOOKS: Final = 5
_BETWEEN_LOOKS_S: Final = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class JobDesk:
    """What jobs need."""

    open_unit: OpenUnit
    gateway: SmsGateway
    crm: CrmGateway
    rules: OutcomeRules
    clock: Clock
    documents: DocumentsInForce | None = None
    """Where a newer dialplan comes from."""

    async def deliver(self, args: Mapping[str, Any], last_try: bool) -> None:
        """Task DELIVER_MESSAGE."""
        message_id = int(args["message_id"])
        await deliver_message(self.open_unit, message_id, self.gateway, self.clock.now(), last_try=last_try)

    async def tell_crm(self, args: Mapping[str, Any], last_try: bool) -> None:
        """Task UPDATE_CRM."""
        await update_crm(self.open_unit, int(args["update_id"]), self.crm, self.clock.now(), last_try=last_try)

    async def reap(self) -> int:
        """Task REAP_LEASES."""
        lost = await close_lost_click_calls(self.open_unit, self.clock.now())
        lost += await close_lost_trial_calls(self.open_unit, self.clock.now())
        rules = self.rules if self.documents is None else self.rules.under(await self.documents.dialplan())
        return lost + await reap_expired_leases(self.open_unit, rules, self.clock.now())

    async def read_reports(self) -> None:
        """Store delivery reports until the gateway is closed.

        A fast network reports before our own «sent» is committed: hence more than one look.
        """
        async for report in self.gateway.reports():
            for _ in range(_LOOKS):
                if await record_delivery(self.open_unit, report, self.clock.now()):
                    break
                await self.clock.sleep(_BETWEEN_LOOKS_S)
