"""Indexes for questions that pages ask every day of tables that grow for ever."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "12", "11"

INDEXES = (
    ("audit_action", "audit", ["action", "id"], ""),
    ("alarm_at", "alarm", ["at"], ""),
    ("consent_party", "consent", ["party"], ""),
    ("visit_out", "visit", ["out_at"], "out_at IS NOT NULL"),
    ("visit_keep", "visit", ["keep_until"], "keep_until IS NOT NULL"),
    ("case_open", "case", ["due_at"], "closed_at IS NULL"),
    ("case_unfiled", "case", ["archive_due_at"], "archived_at IS NULL AND archive_due_at IS NOT NULL"),
    ("item_kind", "item", ["kind", "done_at"], ""),
    ("credential_until", "credential", ["kind", "until"], ""),
    ("grant_until", "grant", ["until"], ""),
)


def upgrade() -> None:
    """Takes the step."""
    for name, table, columns, condition in INDEXES:
        of = sa.text(condition) if condition else None
        op.create_index(name, table, columns, unique=False, sqlite_where=of, postgresql_where=of)
