"""Who a person is, as far as the token may know."""

from voicebot.domain.api_token import Scope
from voicebot.domain.customer import PersonName
from voicebot.domain.erasure import ERASED_PHONE
from voicebot.domain.phone import Phone
from voicebot.entrypoints.web.api.routes import Asked


def name_for(asked: Asked, name: PersonName) -> str:
    """Whole, or `Анна С.`."""
    return name.full if asked.may(Scope.PERSONAL_READ) else name.masked


def phone_for(asked: Asked, phone: Phone | None) -> str | None:
    """Whole, or `+7916***4567`; None for nobody's."""
    if phone is None or phone == ERASED_PHONE:
        return None
    return phone.e164 if asked.may(Scope.PERSONAL_READ) else phone.masked


def text_for(asked: Asked, text: str) -> str | None:
    """Only whole."""
    return text if asked.may(Scope.PERSONAL_READ) else None
