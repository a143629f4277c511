"""Which calls somebody looks for."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from voicebot.domain.call import Direction
from voicebot.domain.outcome import Disposition, Group


class TalkLength(StrEnum):
    """How long a call was, from the answer to the end."""

    NONE = "none"  # nobody answered
    SHORT = "short"  # less than 15 seconds
    MINUTE = "minute"  # less than a minute
    TALK = "talk"  # less than three minutes
    LONG = "long"  # longer


@dataclass(frozen=True, kw_only=True, slots=True)
class CallQuery:
    """What must be true of a call; what is None, empty or False does not matter."""

    campaign_id: int | None = None
    group: Group | None = None
    disposition: Disposition | None = None
    tag: str = ""
    hangup_state: str = ""
    """Script state in which the customer hung up."""
    direction: Direction | None = None
    length: TalkLength | None = None
    unread: bool = False
    """Words of the customer that no manager has read."""
    since: datetime | None = None
    """Dialled at this moment or later."""
    until: datetime | None = None
    """Dialled before this moment."""
    words: str = ""
    """What was said, as one types it into a search engine: `"as a phrase"`, `or`, `-without`."""
    everybody: bool = False
    """Whether the bot's words count too, not only the customer's."""

    @property
    def facets(self) -> tuple[str, ...]:
        """What the call must be filed under (see `index_calls` of the store)."""
        filed = (
            ("c", self.campaign_id),
            ("g", self.group),
            ("d", self.disposition),
            ("t", self.tag),
            ("h", self.hangup_state),
            ("w", self.direction),
            ("l", self.length),
            ("u", "yes" if self.unread else ""),
        )
        return tuple(f"{letter}:{value}" for letter, value in filed if value not in (None, ""))


@dataclass(frozen=True, kw_only=True, slots=True)
class CallPlace:
    """Where a page of a list begins; both None: with the newest call."""

    before: int | None = None
    """Older than this call."""
    after: int | None = None
    """Newer than this call."""
