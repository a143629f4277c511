"""A line goes by the newest documents from its next call on."""

from dataclasses import replace

from voicebot.application.claim_lead import Line
from voicebot.application.station import Station


async def renewed(station: Station, line: Line) -> tuple[Station, Line]:
    """Both as the scripts, phrase books and dialplan now in force have them.

    With the database away, as they were at the last look. Raises StoreError before the first one.
    """
    if station.documents is None:
        return station, line
    now = await station.documents.look()
    station = replace(
        station,
        scripts=now.scripts,
        understanding=now.understanding,
        dialplan=now.dialplan,
        rules=station.rules.under(now.dialplan),
    )
    return station, replace(
        line, policy=station.rules.policy, dialplan=now.dialplan.name, script_versions=now.script_versions
    )
