"""The page of the audit log finds its entries by time, person and deed."""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_WAYS = (("at", "id"), ("actor", "at", "id"), ("action", "at", "id"))


def upgrade() -> None:
    """Make the step."""
    for columns in _WAYS:
        op.create_index(f"ix_audit_log_{'_'.join(columns)}", "audit_log", list(columns))


def downgrade() -> None:
    """Take the step back."""
    for columns in _WAYS:
        op.drop_index(f"ix_audit_log_{'_'.join(columns)}", table_name="audit_log")
