"""What stands where a mail server would, when the settings name none."""

from voicebot.application.ports.mailer import Letter
from voicebot.domain.errors import GatewayError

_NONE = "no mail server is set: VOICEBOT_SMTP_HOST"


class NoMailer:
    """Refuses every letter, and says what to set."""

    async def send(self, letter: Letter) -> None:
        """Raises GatewayError."""
        raise GatewayError(_NONE, retryable=False)

    async def check(self) -> str:
        """Raises GatewayError."""
        raise GatewayError(_NONE, retryable=False)
