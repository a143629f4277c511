"""Alembic migrations; run by `voicebot.adapters.store.migrate`."""
