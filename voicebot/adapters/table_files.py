"""Opens a table file by its extension."""

from pathlib import Path

from voicebot.application.ports.crm_import import TableFile
from voicebot.domain.errors import BadInput


def open_table(path: Path) -> TableFile:
    """The file with its header read; raises BadInput when it is missing, unreadable, empty or of another kind."""
    if not path.is_file():
        raise BadInput.one(str(path), "no such file")
    match path.suffix.lower():
        case ".csv":
            from voicebot.adapters.csv_tables import CsvTable

            return CsvTable(path)
        case ".xlsx":
            from voicebot.adapters.xlsx_tables import XlsxTable  # openpyxl takes a while to load

            return XlsxTable(path)
        case _:
            raise BadInput.one(str(path), "is neither .csv nor .xlsx", repair="export it as one of them")
