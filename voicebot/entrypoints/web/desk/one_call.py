"""The call an address names, and its recording."""

from pathlib import Path
from typing import Final

from aiohttp import web

from voicebot.entrypoints.web.desk.keys import Desk
from voicebot.entrypoints.web.desk.pages import page

CALL: Final = r"/calls/{id:\d{1,18}}"
"""The address of one call."""


def call_of(request: web.Request) -> int:
    """The number of the call."""
    return int(request.match_info["id"])


def no_call(request: web.Request) -> web.Response:
    """There is no such call, or nothing of what was asked for in it."""
    return page(request, "calls/missing.html", status=404)


def recording_of(desk: Desk, stored: str) -> Path | None:
    """The file of a recording; None when there is none."""
    return recording_below(desk.settings.recordings, stored)


def recording_below(recordings: Path, stored: str) -> Path | None:
    """The file of a recording; None when there is none, or none below the folder of recordings.

    What the database says is not trusted with a path: `..`, an absolute path or a link out of the folder find nothing.
    """
    if not stored or "\0" in stored:
        return None
    folder = recordings.resolve()
    file = (folder / stored).resolve()
    if not file.is_relative_to(folder) or file.suffix.lower() != ".wav" or not file.is_file():
        return None
    return file
