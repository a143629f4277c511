"""`voicebot nlu`: what the bot makes of an answer."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from voicebot.domain.intent import Understanding

_ZONE = "Europe/Moscow"


def register(app: typer.Typer) -> None:
    """Adds the command to the console application."""
    app.command("nlu")(understand_lines)


def understand_lines(
    state: Annotated[str, typer.Option(help="The question just asked: greeting, offer, reason, remedy, transfer, nps")],
    now: Annotated[str, typer.Option(help="Local time of the customer, ISO; default: now in Moscow")] = "",
    confidence: Annotated[float, typer.Option(min=0, max=1, help="The recogniser's confidence in every line")] = 1.0,
) -> None:
    """Read answers from standard input, one a line; print what each means as one JSON object a line."""
    import json
    import sys

    from voicebot.bootstrap import load_understanding
    from voicebot.config import read_settings
    from voicebot.domain.contact_hours import DEFAULT_HOURS
    from voicebot.domain.intent import ListenKind, Question

    fixed = _moment(now) if now else None
    understanding = load_understanding(read_settings())
    question = Question(context=state, kind=ListenKind.YES_NO)
    sys.stdin.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]  # a text stream here
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    for line in sys.stdin:
        heard = understanding.understand(
            line.rstrip("\r\n"), question, confidence=confidence, local_now=fixed or _moscow_now(), hours=DEFAULT_HOURS
        )
        sys.stdout.write(json.dumps(_as_json(heard), ensure_ascii=False) + "\n")
        sys.stdout.flush()


def _as_json(heard: "Understanding") -> dict[str, object]:
    value = heard.value.isoformat() if isinstance(heard.value, datetime) else heard.value
    return {
        "text": heard.text,
        "intent": str(heard.intent),
        "value": value,
        "score": heard.score,
        "matched": heard.matched,
    }


def _moment(written: str) -> datetime:
    """An ISO moment, in Moscow time unless it names its own offset."""
    from zoneinfo import ZoneInfo

    from voicebot.domain.errors import BadInput

    try:
        moment = datetime.fromisoformat(written)
    except ValueError as error:
        raise BadInput.one("--now", f"'{written}' is no time", repair="write e.g. 2026-11-18T11:00") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(_ZONE))


def _moscow_now() -> datetime:
    from zoneinfo import ZoneInfo

    return datetime.now(ZoneInfo(_ZONE))
