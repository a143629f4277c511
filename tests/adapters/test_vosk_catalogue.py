"""Models are listed, downloaded, verified and unpacked from a catalogue over HTTP."""

import hashlib
import http.server
import io
import json
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from voicebot.adapters.vosk_catalogue import CatalogueEntry, find_entry, pull, read_catalogue
from voicebot.adapters.vosk_models import check_model
from voicebot.domain.errors import NotFound, SpeechError
from voicebot.entrypoints.cli.main import app

NAME = "vosk-model-small-ru-9.9"
PARTS = ("am/final.mdl", "conf/model.conf", "conf/mfcc.conf", "graph/HCLG.fst")


def _archive(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, content in members.items():
            file.writestr(name, content)
    return buffer.getvalue()


GOOD = _archive({f"{NAME}/{part}": b"x" * 50_000 for part in PARTS})


class _Shop:
    """A little web server: its catalogue and its archives."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        shop = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                content = shop.files.get(self.path)
                self.send_response(404 if content is None else 200)
                self.send_header("Content-Length", str(len(content or b"") + shop.missing_bytes))
                self.end_headers()
                self.wfile.write(content or b"")

            def log_message(self, format: str, *args: object) -> None:
                """Quiet."""

        self.missing_bytes = 0
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        self.base = f"http://127.0.0.1:{self._server.server_port}"
        self.catalogue = f"{self.base}/model-list.json"

    def offer(self, archive: bytes, *, md5: str | None = None, name: str = NAME) -> None:
        entry = {
            "name": name,
            "lang": "ru",
            "type": "small",
            "obsolete": "false",
            "size": len(archive),
            "url": f"{self.base}/{name}.zip",
            "md5": md5 if md5 is not None else hashlib.md5(archive).hexdigest(),
        }
        old = entry | {"name": "vosk-model-ru-0.1", "obsolete": "true"}
        self.files["/model-list.json"] = json.dumps([old, entry]).encode()
        self.files[f"/{name}.zip"] = archive

    def entry(self) -> CatalogueEntry:
        return find_entry(read_catalogue(self.catalogue), NAME)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def shop() -> Iterator[_Shop]:
    shop = _Shop()
    yield shop
    shop.close()


def _pull(shop: _Shop, target: Path) -> tuple[Path, str]:
    return pull(shop.entry(), target, lambda done, total: None)


def test_a_model_is_downloaded_verified_and_unpacked(shop: _Shop, tmp_path: Path) -> None:
    shop.offer(GOOD)
    steps: list[tuple[int, int]] = []
    folder, checksum = pull(shop.entry(), tmp_path / "cache", lambda done, total: steps.append((done, total)))
    check_model(folder)
    assert checksum == hashlib.md5(GOOD).hexdigest()
    assert steps[-1] == (len(GOOD), len(GOOD))
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [NAME], "nothing else is left behind"


def test_pulling_again_replaces_the_old_folder(shop: _Shop, tmp_path: Path) -> None:
    shop.offer(GOOD)
    (tmp_path / NAME).mkdir()
    (tmp_path / NAME / "stale").touch()
    _pull(shop, tmp_path)
    assert not (tmp_path / NAME / "stale").exists()


@pytest.mark.parametrize(
    ("archive", "md5", "complaint"),
    [
        pytest.param(GOOD, "0" * 32, "its checksum is", id="another checksum"),
        pytest.param(b"no archive", None, "cannot be unpacked", id="no archive"),
        pytest.param(_archive({f"{NAME}/../../evil": b"x"}), None, "does not belong there", id="a path that leads out"),
        pytest.param(_archive({"/etc/evil": b"x"}), None, "does not belong there", id="an absolute path"),
        pytest.param(_archive({f"{NAME}/am/final.mdl": b"x"}), None, r"conf/model\.conf", id="half a model"),
    ],
)
def test_a_bad_archive_is_refused_and_leaves_nothing(
    shop: _Shop, tmp_path: Path, archive: bytes, md5: str | None, complaint: str
) -> None:
    shop.offer(archive, md5=md5)
    with pytest.raises(SpeechError, match=complaint):
        _pull(shop, tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []
    assert not list(tmp_path.rglob("evil"))


def test_a_link_in_the_archive_is_refused(shop: _Shop, tmp_path: Path) -> None:
    link = zipfile.ZipInfo(f"{NAME}/am")
    link.external_attr = 0o120777 << 16
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr(link, "/etc")
    shop.offer(buffer.getvalue())
    with pytest.raises(SpeechError, match="does not belong there"):
        _pull(shop, tmp_path)


def test_a_download_that_breaks_off_is_reported(shop: _Shop, tmp_path: Path) -> None:
    shop.offer(GOOD)
    entry = shop.entry()
    shop.missing_bytes = 1000
    with pytest.raises(SpeechError, match=r"broke off|cannot be downloaded"):
        pull(entry, tmp_path, lambda done, total: None)
    assert list(tmp_path.iterdir()) == []


def test_a_catalogue_that_is_away_or_none_says_so(shop: _Shop) -> None:
    with pytest.raises(SpeechError, match="it answered 404"):
        read_catalogue(f"{shop.base}/nowhere.json")
    shop.files["/model-list.json"] = b"<html>"
    with pytest.raises(SpeechError, match="not in Vosk's format"):
        read_catalogue(shop.catalogue)
    with pytest.raises(SpeechError, match="does not answer"):
        read_catalogue("http://127.0.0.1:9/model-list.json")


def test_an_unknown_name_is_not_found_and_others_are_suggested(shop: _Shop) -> None:
    shop.offer(GOOD)
    with pytest.raises(NotFound, match=NAME):
        find_entry(read_catalogue(shop.catalogue), "vosk-model-ru-nothing")


def test_the_commands_list_pull_and_find_the_model_installed(shop: _Shop, tmp_path: Path) -> None:
    shop.offer(GOOD)
    run = CliRunner().invoke
    listed = run(app, ["models", "list", "--catalogue", shop.catalogue]).output
    assert "vosk-model-tiny-ru-tel-0.1" in listed
    assert NAME in listed
    assert "vosk-model-ru-0.1" not in listed, "obsolete ones are not offered"
    arguments = ["models", "pull", NAME, "--catalogue", shop.catalogue, "--into", str(tmp_path)]
    pulled = run(app, arguments)
    assert pulled.exit_code == 0
    assert hashlib.md5(GOOD).hexdigest() in pulled.output
    assert f"VOICEBOT_MODEL={tmp_path / NAME}" in pulled.output
    shop.files.clear()
    assert "installed already" in run(app, arguments).output


def test_without_a_catalogue_the_installed_models_are_still_listed() -> None:
    result = CliRunner().invoke(app, ["models", "list", "--catalogue", "http://127.0.0.1:9/model-list.json"])
    assert result.exit_code == 0
    assert "* vosk-model-tiny-ru-tel-0.1" in result.output
    assert "The catalogue is not shown" in result.output
