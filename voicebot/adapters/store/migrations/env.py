"""Alembic's entry: runs the steps on the connection it is given."""

from alembic import context

# No target_metadata: the steps name every constraint in full, and the naming convention would change those names.
context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
