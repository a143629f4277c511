"""Letters by e-mail."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, kw_only=True, slots=True)
class Attachment:
    """A file of a letter."""

    name: str
    content: bytes
    kind: str
    """`type/subtype`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Letter:
    """One letter to one person."""

    key: str
    """Names the letter: the same letter, sent again, has the same one. Letters, digits, dots and dashes."""
    to: str
    """An address of ASCII letters."""
    subject: str
    text: str
    html: str
    """The same as `text`, for programs that show it."""
    attachments: tuple[Attachment, ...] = ()


class Mailer(Protocol):
    """Where letters are handed over."""

    async def send(self, letter: Letter) -> None:
        """Return when the server has taken it.

        Raises GatewayError: `uncertain` when it may have been taken all the same; servers know no idempotency keys, so
        such a letter must not be handed over again.
        """

    async def check(self) -> str:
        """One line about who answered; raises GatewayError when the server is away or refuses us. Sends nothing."""
