"""News for the CRM as a file of JSON lines: the gateway that needs nobody."""

import json
from pathlib import Path

from voicebot.adapters.append_once import AppendOnce
from voicebot.adapters.crm_file import FileCrm
from voicebot.application.ports.crm_gateway import CrmNews


class JsonLinesCrm(FileCrm):
    """One JSON object a line, UTF-8."""

    def __init__(self, file: Path) -> None:
        super().__init__(file, AppendOnce(file, key_of=_key), row=_line)


def _line(news: CrmNews) -> bytes:
    return json.dumps(dict(news.payload), ensure_ascii=False, separators=(",", ":")).encode()


def _key(line: bytes) -> str:
    try:
        row = json.loads(line)
    except ValueError:
        return ""  # a torn line: its news was never confirmed, so it is told again
    return str(row.get("key", "")) if isinstance(row, dict) else ""
