"""Writes CSV tables that can be imported again."""

import csv
from collections.abc import Iterable
from pathlib import Path

from voicebot.application.import_columns import COLUMNS, CrmTable
from voicebot.application.import_records import cells_of
from voicebot.application.ports.crm_import import CrmRecord
from voicebot.domain.errors import BadInput


def write_table(folder: Path, table: CrmTable, records: Iterable[CrmRecord]) -> Path:
    """Write `<table>.csv` in UTF-8 with every documented column; raises BadInput when the folder cannot be written."""
    path = folder / f"{table}.csv"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, [column.name for column in COLUMNS[table]])
            writer.writeheader()
            for record in records:
                writer.writerows(cells_of(record))
    except OSError as error:
        raise BadInput.one(str(path), f"cannot be written: {error.strerror}") from error
    return path
