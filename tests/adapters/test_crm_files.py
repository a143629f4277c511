"""News in files: torn lines, files taken away, spreadsheets."""

import csv
import json
from pathlib import Path

import pytest

from tests.contracts.test_crm_gateway import news
from voicebot.adapters.crm_csv import CsvCrm
from voicebot.adapters.crm_json_lines import JsonLinesCrm
from voicebot.domain.errors import GatewayError

CALL = {
    "call": {
        "id": 7,
        "attempt": 2,
        "cause": "answered",
        "recording": "2026/7.wav",
        "answered_at": None,
        "sip_code": 200,
    },
    "outcome": {
        "group": "negative",
        "disposition": "declined",
        "tags": ["price", "season"],
        "answers": {"reason": "дорого"},
        "nps": 8,
    },
    "transcript": [
        {"speaker": "bot", "state": "offer", "text": "Скидка 10 %"},
        {"speaker": "customer", "state": "offer", "text": "=1+1"},
    ],
    "promo": {"code": "DFGL4789", "percent": "10", "valid_until": "2026-11-27T21:00:00+00:00"},
    "next_attempt_at": None,
}


async def test_a_row_of_the_table_names_all_that_came_of_a_call(tmp_path: Path) -> None:
    file = tmp_path / "crm.csv"
    await CsvCrm(file).tell(news("call:7", **CALL))
    (row,) = csv.DictReader(file.read_text().splitlines())
    expected = {
        "key": "call:7",
        "number": "1",
        "version": "1",
        "kind": "call",
        "customer": "C-1",
        "campaign": "весна",
        "call_id": "7",
        "attempt": "2",
        "answered_at": "",
        "group": "negative",
        "disposition": "declined",
        "tags": "price; season",
        "answers": '{"reason": "дорого"}',
        "nps": "8",
        "promo_code": "DFGL4789",
        "promo_valid_until": "2026-11-27T21:00:00+00:00",
        "recording": "2026/7.wav",
        "transcript": "Робот: Скидка 10 % | Клиент: =1+1",
        "other": '{"call": {"sip_code": 200}}',
    }
    assert expected.items() <= row.items()


async def test_other_kinds_of_news_keep_their_own_fields_in_the_last_column(tmp_path: Path) -> None:
    file = tmp_path / "crm.csv"
    await CsvCrm(file).tell(news("stop:1:call:7", kind="stop", source="call:7", reason="не звоните"))
    (row,) = csv.DictReader(file.read_text().splitlines())
    assert json.loads(row["other"]) == {"source": "call:7", "reason": "не звоните"}


async def test_no_cell_is_a_formula(tmp_path: Path) -> None:
    file = tmp_path / "crm.csv"
    for number, customer in enumerate(("=HYPERLINK(1)", "+7", "-1", "@x")):
        await CsvCrm(file).tell(news(f"call:{number}", customer))
    customers = [row["customer"] for row in csv.DictReader(file.read_text().splitlines())]
    assert customers == ["'=HYPERLINK(1)", "'+7", "'-1", "'@x"]


@pytest.mark.parametrize("kind", [JsonLinesCrm, CsvCrm])
async def test_a_line_torn_by_a_crash_is_written_again(kind: type[JsonLinesCrm | CsvCrm], tmp_path: Path) -> None:
    file = tmp_path / "crm"
    await kind(file).tell(news("call:1"))
    await kind(file).tell(news("call:2"))
    whole = file.read_bytes()
    for cut in (3, 20, 60):  # within the last line, wherever
        file.write_bytes(whole[:-cut])
        for _ in range(2):
            await kind(file).tell(news("call:2"))
        await kind(file).tell(news("call:1"))
        lines = file.read_bytes().splitlines()
        assert lines.count(whole.splitlines()[-1]) == 1
        assert lines[-1] == whole.splitlines()[-1]


@pytest.mark.parametrize("kind", [JsonLinesCrm, CsvCrm])
async def test_a_file_that_was_taken_away_is_begun_anew(kind: type[JsonLinesCrm | CsvCrm], tmp_path: Path) -> None:
    file, crm = tmp_path / "crm", kind(tmp_path / "crm")
    await crm.tell(news("call:1"))
    first = file.read_bytes()
    file.rename(tmp_path / "taken")
    await crm.tell(news("call:1"))
    assert file.read_bytes() == first  # the header too


@pytest.mark.parametrize("kind", [JsonLinesCrm, CsvCrm])
async def test_a_folder_that_cannot_be_written_is_worth_another_try(
    kind: type[JsonLinesCrm | CsvCrm], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    crm = kind(tmp_path / "file" / "crm")
    with pytest.raises(GatewayError, match="cannot write") as caught:
        await crm.tell(news("call:1"))
    assert caught.value.retryable
    with pytest.raises(GatewayError, match="cannot write"):
        await crm.check()
