"""Procrastinate's queue of jobs."""

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

DROP_QUEUE = """
DO $$
DECLARE
    statement text;
BEGIN
    FOR statement IN
        SELECT format('DROP TABLE IF EXISTS %s CASCADE', oid::regclass) FROM pg_class
            WHERE relkind = 'r' AND starts_with(relname, 'procrastinate')
        UNION ALL
        SELECT format('DROP FUNCTION IF EXISTS %s CASCADE', oid::regprocedure) FROM pg_proc
            WHERE starts_with(proname, 'procrastinate')
        UNION ALL
        SELECT format('DROP TYPE IF EXISTS %s CASCADE', typname) FROM pg_type
            WHERE starts_with(typname, 'procrastinate') AND (typtype = 'e' OR typname = 'procrastinate_job_to_defer_v1')
    LOOP
        EXECUTE statement;
    END LOOP;
END
$$
"""


def upgrade() -> None:
    """Make the step.

    Procrastinate's own SQL, whole. The lock pins the release; a later one brings migrations of its own, each of which
    becomes a step of ours.
    """
    op.get_bind().execution_options(no_parameters=True).exec_driver_sql(SchemaManager.get_schema())


def downgrade() -> None:
    """Take the step back."""
    op.get_bind().execution_options(no_parameters=True).exec_driver_sql(DROP_QUEUE)
