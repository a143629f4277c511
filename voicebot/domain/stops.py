"""Who said that a person must not be contacted, and who may take it back."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from voicebot.domain.consent import Consent, ConsentScope
from voicebot.domain.contact_history import StopEntry

COMPANY: Final = "desk"
"""Source of a stop that somebody at the desk decided on: the person has said nothing."""
ASKED: Final = "desk:asked"
"""Source of a stop that somebody at the desk entered because the person asked."""
ERASURE: Final = "erasure"
"""Source of a stop that is left of a person who was forgotten."""


def said_by_the_person(source: str) -> bool:
    """Whether the person, or their operator for them, wants it so; a source nobody knows is taken for their word."""
    return source != COMPANY


def may_lift(stops: Iterable[StopEntry], consents: Iterable[Consent], now: datetime) -> bool:
    """Whether the stop may be taken off.

    A person's own word (38-FZ art. 18 p. 1) is outweighed only by a consent to calls they gave after it, which holds.
    """
    own = [one.since for one in stops if said_by_the_person(one.source)]
    if not own:
        return True
    held = (one for one in consents if one.scope is ConsentScope.CALL and one.allows(one.scope, one.kind, now))
    return any(one.given_at > max(own) for one in held)
