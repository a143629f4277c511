"""News for the CRM as a CSV table, one row a piece."""

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from voicebot.adapters.append_once import AppendOnce
from voicebot.adapters.crm_file import FileCrm

_PATHS: Final[Mapping[str, tuple[str, ...]]] = {
    "key": ("key",),
    "number": ("number",),
    "version": ("version",),
    "kind": ("kind",),
    "at": ("at",),
    "customer": ("customer",),
    "campaign": ("campaign",),
    "call_id": ("call", "id"),
    "direction": ("call", "direction"),
    "attempt": ("call", "attempt"),
    "dialled_at": ("call", "dialled_at"),
    "answered_at": ("call", "answered_at"),
    "ended_at": ("call", "ended_at"),
    "cause": ("call", "cause"),
    "group": ("outcome", "group"),
    "disposition": ("outcome", "disposition"),
    "tags": ("outcome", "tags"),
    "answers": ("outcome", "answers"),
    "nps": ("outcome", "nps"),
    "promo_code": ("promo", "code"),
    "promo_percent": ("promo", "percent"),
    "promo_valid_until": ("promo", "valid_until"),
    "next_attempt_at": ("next_attempt_at",),
    "recording": ("call", "recording"),
    "transcript": ("transcript",),
}
"""Column -> where it stands in the payload."""
_TAKEN: Final = frozenset(_PATHS.values())
_REST: Final = "other"
"""The last column: what the others do not hold, as JSON."""
_FORMULA: Final = ("=", "+", "-", "@")
_SPEAKERS: Final = {"bot": "Робот", "customer": "Клиент", "manager": "Менеджер"}


class CsvCrm(FileCrm):
    """One physical line a piece: UTF-8, commas, a header."""

    def __init__(self, file: Path) -> None:
        lines = AppendOnce(file, key_of=_key, header=_row([*_PATHS, _REST]))
        super().__init__(file, lines, row=lambda news: _row(_cells(news.payload)))


def _cells(payload: Mapping[str, Any]) -> list[str]:
    cells = [_cell(column, _at(payload, path)) for column, path in _PATHS.items()]
    rest = _rest(payload, ())
    return [*cells, json.dumps(rest, ensure_ascii=False) if rest else ""]


def _rest(fields: Mapping[str, Any], above: tuple[str, ...]) -> dict[str, object]:
    """What no column holds, as it was nested."""
    left: dict[str, object] = {}
    for name, value in fields.items():
        path = (*above, name)
        if path in _TAKEN:
            continue
        inner = _rest(value, path) if isinstance(value, Mapping) else value
        if inner != {} and inner is not None:
            left[name] = inner
    return left


def _at(payload: Mapping[str, Any], path: tuple[str, ...]) -> object:
    found: Any = payload
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _cell(column: str, value: object) -> str:
    text = " ".join(_text(column, value).split())  # a line break would make two lines of one row
    # A spreadsheet would run such a cell as a formula; numbers of ours never begin so.
    return f"'{text}" if text.startswith(_FORMULA) else text


def _text(column: str, value: object) -> str:
    if value is None:
        return ""
    if column == "transcript" and isinstance(value, list):
        return " | ".join(f"{_SPEAKERS.get(turn['speaker'], turn['speaker'])}: {turn['text']}" for turn in value)
    if column == "tags" and isinstance(value, list):
        return "; ".join(value)
    if isinstance(value, Mapping):
        return json.dumps(value, ensure_ascii=False) if value else ""
    return str(value)


def _row(cells: list[str]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="").writerow(cells)
    return buffer.getvalue().encode()


def _key(line: bytes) -> str:
    try:
        cells = next(csv.reader([line.decode()], strict=True), [])
    except (ValueError, csv.Error):
        return ""
    # A torn line has cells missing: its news was never confirmed, so it is told again.
    return cells[0] if len(cells) == len(_PATHS) + 1 else ""
