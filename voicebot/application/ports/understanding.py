"""From words to meaning."""

from datetime import datetime
from typing import Protocol

from voicebot.domain.contact_hours import ContactHours
from voicebot.domain.intent import Question, Understanding


class LanguageUnderstanding(Protocol):
    """Decides what the customer meant."""

    def understand(
        self, text: str, question: Question, *, confidence: float, local_now: datetime, hours: ContactHours
    ) -> Understanding:
        """The meaning of `text` as an answer to `question`; never raises on any text.

        `local_now` is aware, in the customer's zone; a call-back time is moved inside `hours`.
        """
