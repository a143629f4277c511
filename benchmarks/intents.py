"""How well answers are understood: accuracy, recall of `stop`, time per utterance.

The baseline, measured in the same run on the same data, is what simple phone robots do: the first keyword found in the
text decides. Run `python benchmarks/intents.py` for the confusion matrix and every mistake, `--json` for the figures.
"""

import argparse
import json
import statistics
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from voicebot.adapters.russian_understanding import load_understanding
from voicebot.application.ports.understanding import LanguageUnderstanding
from voicebot.domain.contact_hours import DEFAULT_HOURS
from voicebot.domain.intent import Intent, ListenKind, Question

HERE = Path(__file__).resolve().parent
NOW = datetime(2026, 11, 18, 11, 0, tzinfo=ZoneInfo("Europe/Moscow"))
"""A Wednesday morning inside the default hours."""
KEYWORDS = (
    ("не звон", Intent.STOP), ("суд", Intent.STOP), ("жалоб", Intent.STOP), ("отстан", Intent.STOP),
    ("удалит", Intent.STOP), ("ошиблись", Intent.WRONG_PERSON), ("не туда", Intent.WRONG_PERSON),
    ("абонент", Intent.VOICEMAIL), ("сигнал", Intent.VOICEMAIL), ("оператор", Intent.HUMAN),
    ("менеджер", Intent.HUMAN), ("робот", Intent.ROBOT), ("кто", Intent.WHO), ("повтори", Intent.REPEAT),
    ("алло", Intent.REPEAT), ("дорог", Intent.PRICE), ("денег", Intent.PRICE), ("плох", Intent.SERVICE),
    ("ужас", Intent.SERVICE), ("другом", Intent.COMPETITOR), ("озон", Intent.COMPETITOR), ("купил", Intent.NO_NEED),
    ("перезвон", Intent.CALLBACK), ("завтра", Intent.CALLBACK), ("занят", Intent.CALLBACK),
    ("сколько", Intent.QUESTION), ("как", Intent.QUESTION), ("до свидания", Intent.GOODBYE), ("нет", Intent.NO),
    ("не ", Intent.NO), ("да", Intent.YES), ("хорошо", Intent.YES), ("интересно", Intent.YES),
)  # fmt: skip
"""The baseline: one word, one meaning, first found wins."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Labelled:
    """One line of the bench."""

    context: str
    text: str
    intent: Intent
    value: int | None


def read_bench(path: Path) -> list[Labelled]:
    """The labelled utterances: context, text, intent, value (a score or nothing), separated by tabs."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            context, text, intent, value = (*line.split("\t"), "")[:4]
            found.append(
                Labelled(context=context, text=text, intent=Intent(intent), value=int(value) if value else None)
            )
    return found


def by_keyword(text: str) -> Intent:
    """The naive baseline's answer."""
    return next((intent for word, intent in KEYWORDS if word in text.lower() + " "), Intent.UNKNOWN)


def measure(bench: Sequence[Labelled], understanding: LanguageUnderstanding) -> tuple[dict[str, float], list[str]]:
    """The figures, and a line for every mistake."""
    times, mistakes, right, naive = [], [], 0, 0
    stops = Counter[bool]()
    pairs = Counter[tuple[Intent, Intent]]()
    for one in bench:
        question = Question(context=one.context, kind=ListenKind.YES_NO)
        started = time.perf_counter()
        heard = understanding.understand(one.text, question, confidence=1.0, local_now=NOW, hours=DEFAULT_HOURS)
        times.append(time.perf_counter() - started)
        good = heard.intent is one.intent and (one.value is None or heard.value == one.value)
        right += good
        naive += by_keyword(one.text) is one.intent
        pairs[one.intent, heard.intent] += 1
        if one.intent is Intent.STOP:
            stops[heard.intent is Intent.STOP] += 1
        if not good:
            mistakes.append(
                f"{one.context:13}{one.text}  ->  {heard.intent} {heard.value or ''} (wanted {one.intent} "
                f"{'' if one.value is None else one.value}) by '{heard.matched[:60]}'"
            )
    figures = {
        "accuracy": round(right / len(bench), 4),
        "stop_recall": round(stops[True] / max(1, stops.total()), 4),
        "median_ms": round(statistics.median(times) * 1000, 3),
        "utterances": len(bench),
        "ratio_to_keyword_baseline": round(right / max(1, naive), 3),
        "baseline_accuracy": round(naive / len(bench), 4),
        "false_stops": sum(n for (want, got), n in pairs.items() if got is Intent.STOP and want is not Intent.STOP),
    }
    return figures, [*_matrix(pairs), *mistakes]


def _matrix(pairs: Counter[tuple[Intent, Intent]]) -> list[str]:
    """Rows: what was meant; columns: what was understood, by the first four letters."""
    names = list(Intent)
    lines = [" " * 14 + "".join(f"{name[:4]:>6}" for name in names)]
    for want in names:
        lines.append(f"{want:14}" + "".join(f"{pairs[want, got] or '.':>6}" for got in names))
    return lines


def main() -> None:
    """Prints the confusion matrix and the mistakes, or with --json one object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--data", type=Path, default=HERE / "data" / "utterances.tsv")
    arguments = parser.parse_args()
    understanding = load_understanding(HERE.parent / "scripts" / "phrases")
    figures, details = measure(read_bench(arguments.data), understanding)
    if arguments.json:
        json.dump({"figures": figures}, sys.stdout)
        print()
        return
    print(*details, sep="\n")
    print(*(f"{name:28}{value}" for name, value in figures.items()), sep="\n")


if __name__ == "__main__":
    main()
