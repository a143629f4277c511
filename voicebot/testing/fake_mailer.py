"""A mail server in memory, with failures on order."""

from voicebot.application.ports.mailer import Letter
from voicebot.domain.errors import GatewayError


class FakeMailer:
    """Keeps what it was given; `failures` are raised first, one a send."""

    def __init__(self, failures: list[GatewayError] | None = None) -> None:
        self.taken: list[Letter] = []
        self.failures = failures or []

    async def send(self, letter: Letter) -> None:
        """Take the letter, or raise the next failure; of an uncertain one the letter is taken all the same."""
        failure = self.failures.pop(0) if self.failures else None
        if failure is None or failure.uncertain:
            self.taken.append(letter)
        if failure is not None:
            raise failure

    async def check(self) -> str:
        """Always there."""
        return "a mail server in memory"
