"""Settings: read once from the environment into a frozen object."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final
from zoneinfo import available_timezones

from voicebot.domain.errors import ConfigurationError, Problem

PREFIX = "VOICEBOT_"
PROJECT = Path(__file__).resolve().parent.parent
"""The checkout: shipped scripts, dialplans and models lie beside the package."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """Every setting, with the variable `VOICEBOT_<FIELD IN CAPITALS>` that fills it."""

    home: Path = PROJECT / "var"
    """Folder for what the program writes: embedded database, caches, recordings, outbox file."""
    database_url: str = ""
    """postgresql:// URL; empty starts the embedded PostgreSQL in `home`/postgres."""
    scripts: Path = PROJECT / "scripts"
    """Folder of conversation scripts and phrase books."""
    dialplan: Path = PROJECT / "dialplans" / "default.yaml"
    """Dialplan file."""
    model: Path = PROJECT / "models" / "vosk-model-tiny-ru-tel-0.1"
    """Folder of the Vosk model."""
    prompts: Path = PROJECT / "recordings" / "prompts"
    """Folder of prompts spoken by a person."""
    recordings: Path = PROJECT / "recordings" / "calls"
    """Folder for recordings of calls."""
    recording_days: int = 365
    """Recordings of calls are deleted after so many days (152-FZ: no longer than needed); 0 keeps them."""
    transcript_days: int = 1095
    """What was said in calls is blanked after so many days, three years by default; 0 keeps it."""
    company: str = "Пример"
    """The advertiser named in the first sentence of every call."""
    rules_url: str = "https://example.ru/promo"
    """Page with the full rules of the offers; promo messages link to it (38-FZ)."""
    voice: str = "ru"
    """Synthetic voice of the bot (an espeak-ng voice name)."""
    voice_rate: int = 165
    """Speed of the synthetic voice, words per minute."""
    lines: int = 4
    """SIP lines of this machine."""
    lines_per_process: int = 3
    """Lines of one process, 1-4: PJSUA_MAX_CALLS is 4 and a transfer needs a slot of its own."""
    sip_port: int = 0
    """First local SIP port; 0 lets the system choose."""
    time_zone: str = "Europe/Moscow"
    """The company's: schedules and the pages of the desk go by it (an IANA name)."""
    web_host: str = "127.0.0.1"
    """Address the web process listens on."""
    web_port: int = 8080
    """Port of the web process."""
    web_url: str = ""
    """Address under which people reach the desk, e.g. https://desk.example.ru; empty: what their browser says."""
    web_secret: str = field(default="", repr=False)
    """Signs the session cookies, at least 32 characters and the same on all machines; empty: `home`/web.secret."""
    grace_seconds: float = 60.0
    """How long live calls may go on after SIGTERM, seconds."""
    lease_seconds: float = 30.0
    """How long a lead stays with a line that gives no sign of life, seconds, at least 3; then its call is closed as
    interrupted. Lines give a sign every third of it."""
    sms_gateway: str = "file"
    """file, exolve or smpp."""
    sms_file: Path | None = None
    """JSON-lines file of the `file` gateway; default `home`/sms.jsonl."""
    sms_sender: str = ""
    """Sender name or number the gateway shows."""
    sms_price: Decimal = Decimal(0)
    """RUB one SMS costs; counted into the budgets of campaigns."""
    operator_contact_price: Decimal = Decimal(0)
    """RUB one talk costs when a person calls: what reports compare the robot's with; 0: not compared."""
    exolve_url: str = "https://api.exolve.ru"
    """Base URL of the MTS Exolve API."""
    exolve_key: str = field(default="", repr=False)
    """API key of MTS Exolve."""
    smpp_host: str = "127.0.0.1"
    """SMPP server."""
    smpp_port: int = 2775
    """Port of the SMPP server."""
    smpp_system_id: str = ""
    """SMPP account."""
    smpp_password: str = field(default="", repr=False)
    """SMPP password."""
    smtp_host: str = ""
    """Mail server that reports are sent over; empty: none are."""
    smtp_port: int = 587
    """Port of the mail server."""
    smtp_security: str = "starttls"
    """starttls, tls (from the first byte, port 465) or none."""
    smtp_user: str = ""
    """Account at the mail server; empty: none."""
    smtp_password: str = field(default="", repr=False)
    """Password of the account."""
    smtp_sender: str = ""
    """Address reports come from, e.g. voicebot@example.ru."""
    crm: str = "json"
    """Who is told what came of calls: none, json (a file of JSON lines), csv (a table) or webhook."""
    crm_file: Path | None = None
    """File of `json` and `csv`; default `home`/crm.jsonl or crm.csv."""
    crm_url: str = ""
    """Address of the webhook."""
    crm_secret: str = field(default="", repr=False)
    """What requests to the webhook are signed with, at least 16 characters."""
    api_token: str = field(default="", repr=False)
    """What the CRM may show for events and orders instead of a token of the desk, at least 16 characters."""
    webhook_secret: str = field(default="", repr=False)
    """What events and orders are signed with that come as webhooks, at least 16 characters; empty: none are taken."""
    api_rate: int = 600
    """Requests a minute that one token may make, of all web processes together; 0: as many as it likes."""
    metrics: str = "token"
    """Who may read /metrics: token (with metrics:read) or loopback (also programs on this machine, without one)."""

    @property
    def outbox_file(self) -> Path:
        """Where the `file` gateway writes."""
        return self.sms_file or self.home / "sms.jsonl"

    @property
    def news_file(self) -> Path:
        """Where news for the CRM is written by `json` and `csv`."""
        return self.crm_file or self.home / ("crm.csv" if self.crm == "csv" else "crm.jsonl")


_RANGES: Final = (
    ("lines", 0, 1000, ""),
    ("lines_per_process", 1, 4, "3 keeps a slot for transfers"),
    ("voice_rate", 50, 400, "words per minute"),
    ("sip_port", 0, 65535, "0: the system chooses"),
    ("web_port", 1, 65535, ""),
    ("recording_days", 0, 36500, "0 keeps recordings for ever"),
    ("transcript_days", 0, 36500, "0 keeps transcripts for ever"),
    ("smpp_port", 1, 65535, ""),
    ("grace_seconds", 0, 3600, ""),
    ("lease_seconds", 3, 600, ""),
    ("sms_price", 0, 1000, "RUB"),
    ("operator_contact_price", 0, 100_000, "RUB"),
    ("smtp_port", 1, 65535, ""),
    ("api_rate", 0, 1_000_000, "a minute"),
)
"""Least and greatest value of the settings that are numbers, and what the message adds."""


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process; raises ConfigurationError naming *every* bad variable."""
    environment = os.environ if environment is None else environment
    values: dict[str, object] = {}
    problems: list[Problem] = []
    for name, definition in Settings.__dataclass_fields__.items():
        variable = PREFIX + name.upper()
        written = environment.get(variable)
        if written is None:
            continue
        try:
            values[name] = _parse(written, definition.type)
        except ValueError as error:
            problems.append(Problem(source=variable, where="", message=f"{written!r} is {error}"))
    settings = Settings(**values)  # type: ignore[arg-type]  # _parse gave each field its own type
    problems += _check(settings)
    if problems:
        raise ConfigurationError(problems)
    return settings


def _parse(written: str, kind: object) -> object:
    if kind in (int, float):
        try:
            return int(written) if kind is int else float(written)
        except ValueError as error:
            raise ValueError("not a whole number" if kind is int else "not a number") from error
    if kind is Decimal:
        try:
            amount = Decimal(written)
        except InvalidOperation as error:
            raise ValueError("not a number") from error
        if not amount.is_finite():
            raise ValueError("not a number")
        return amount
    if kind is str:
        return written
    return Path(written).expanduser().absolute()


def _check(settings: Settings) -> list[Problem]:
    problems = []
    if settings.sms_gateway not in ("file", "exolve", "smpp"):
        problems.append(
            Problem(
                source=PREFIX + "SMS_GATEWAY",
                where="",
                message=f"no gateway '{settings.sms_gateway}'",
                repair="use file, exolve or smpp",
            )
        )
    problems += _check_crm(settings)
    problems += _check_mail(settings)
    if settings.time_zone not in available_timezones():
        problems.append(
            Problem(
                source=PREFIX + "TIME_ZONE",
                where="",
                message=f"there is no time zone '{settings.time_zone}'",
                repair="write an IANA name such as Europe/Moscow",
            )
        )
    for name, least, most, repair in _RANGES:
        value = getattr(settings, name)
        if not least <= value <= most:
            problems.append(
                Problem(
                    source=PREFIX + name.upper(),
                    where="",
                    message=f"{value} is not possible",
                    repair=f"use {least} to {most}" + (f" ({repair})" if repair else ""),
                )
            )
    return problems


_CRMS: Final = ("none", "json", "csv", "webhook")
SHORTEST_SECRET: Final = 16
"""Characters: what can be guessed protects nothing."""


def _check_crm(settings: Settings) -> list[Problem]:
    webhook = settings.crm == "webhook"
    short = f"a secret has at least {SHORTEST_SECRET} characters"
    rules = (
        ("CRM", settings.crm not in _CRMS, f"no CRM '{settings.crm}'", f"use {', '.join(_CRMS)}"),
        ("CRM", webhook and not settings.crm_url, "webhook needs an address", "set VOICEBOT_CRM_URL"),
        ("CRM", webhook and not settings.crm_secret, "webhook needs a secret", "set VOICEBOT_CRM_SECRET"),
        (
            "CRM_URL",
            bool(settings.crm_url) and not settings.crm_url.startswith(("https://", "http://")),
            "no web address",
            "write https://...",
        ),
        ("CRM_SECRET", 0 < len(settings.crm_secret) < SHORTEST_SECRET, "is too short", short),
        ("API_TOKEN", 0 < len(settings.api_token) < SHORTEST_SECRET, "is too short", short),
        ("WEBHOOK_SECRET", 0 < len(settings.webhook_secret) < SHORTEST_SECRET, "is too short", short),
        ("METRICS", settings.metrics not in ("token", "loopback"), "is unknown", "use token or loopback"),
    )
    return [
        Problem(source=PREFIX + name, where="", message=message, repair=repair)
        for name, wrong, message, repair in rules
        if wrong
    ]


def _check_mail(settings: Settings) -> list[Problem]:
    wanted, plain = bool(settings.smtp_host), settings.smtp_security == "none"
    rules = (
        (
            "SMTP_SECURITY",
            settings.smtp_security not in ("starttls", "tls", "none"),
            f"no security '{settings.smtp_security}'",
            "use starttls, tls or none",
        ),
        ("SMTP_SENDER", wanted and "@" not in settings.smtp_sender, "is no e-mail address", "write name@example.ru"),
        (
            "SMTP_PASSWORD",
            wanted and plain and bool(settings.smtp_password),
            "would travel in the clear",
            "use VOICEBOT_SMTP_SECURITY starttls or tls",
        ),
    )
    return [
        Problem(source=PREFIX + name, where="", message=message, repair=repair)
        for name, wrong, message, repair in rules
        if wrong
    ]
