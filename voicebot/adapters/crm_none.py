"""No CRM: what was meant for one becomes a dead letter."""

from voicebot.application.ports.crm_gateway import CrmNews
from voicebot.domain.errors import GatewayError


class NoCrm:
    """Refuses everything; news is not even kept while `VOICEBOT_CRM` is none, so only older news comes here."""

    async def tell(self, news: CrmNews) -> None:
        """Raises GatewayError."""
        raise GatewayError("there is no CRM to tell: VOICEBOT_CRM is none", retryable=False)

    async def check(self) -> str:
        """Says that there is none."""
        return "no CRM is told anything: VOICEBOT_CRM is none"

    async def close(self) -> None:
        """Nothing is held open."""
