"""What a token may do, as pages say it."""

from collections.abc import Mapping
from typing import Final

from voicebot.domain.api_token import Scope

SCOPES: Final[Mapping[Scope, str]] = {
    Scope.CAMPAIGNS_READ: "видеть кампании, списки и результаты",
    Scope.CAMPAIGNS_WRITE: "ставить кампании на паузу и запускать снова",
    Scope.CAMPAIGNS_EDIT: "собирать и менять кампании, посылать их на подпись и отзывать, заканчивать",
    Scope.CALLS_READ: "видеть звонки",
    Scope.CALLS_WRITE: "ставить метки звонкам и исправлять реплики",
    Scope.TRANSCRIPTS_READ: "читать, что было сказано",
    Scope.RECORDINGS_READ: "скачивать записи",
    Scope.CUSTOMERS_READ: "видеть клиентов",
    Scope.CUSTOMERS_WRITE: "ставить клиентов в стоп-лист",
    Scope.CUSTOMERS_EXPORT: "выгружать данные человека",
    Scope.PERSONAL_READ: "видеть имена, телефоны и почту целиком",
    Scope.ESCALATIONS_READ: "видеть эскалации",
    Scope.ESCALATIONS_WRITE: "работать с эскалациями",
    Scope.REPORTS_READ: "видеть отчёты",
    Scope.REPORTS_WRITE: "подписывать на отчёты по почте",
    Scope.SCRIPTS_READ: "читать сценарии и диалпланы",
    Scope.SCRIPTS_WRITE: "менять сценарии и фразы",
    Scope.DIALPLANS_WRITE: "менять диалпланы (вместе с правом менять сценарии)",
    Scope.AUDIT_READ: "читать журнал и акты об удалении",
    Scope.EVENTS_WRITE: "сообщать о событиях",
    Scope.ORDERS_WRITE: "сообщать о заказах",
    Scope.METRICS_READ: "читать метрики",
}
