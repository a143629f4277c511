"""What retention finds its work by: entries leave an index when they are cleared."""

from sqlalchemy import Index, and_, text

from voicebot.adapters.store.campaign_tables import calls
from voicebot.adapters.store.engine_tables import crm_updates

Index("ix_calls_recorded", calls.c.dialled_at, postgresql_where=calls.c.recording != "")
Index(
    "ix_calls_with_words",
    calls.c.dialled_at,
    postgresql_where=and_(calls.c.words_cleared_at.is_(None), calls.c.ended_at.is_not(None)),
)
Index(
    "ix_crm_updates_told",
    crm_updates.c.created_at,
    postgresql_where=text("state = 'sent' AND payload <> '{}'"),
)
