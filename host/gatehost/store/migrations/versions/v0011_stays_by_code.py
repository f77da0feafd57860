"""Stays that a visitor code began at a door."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "11", "10"


def upgrade() -> None:
    """Takes the step."""
    op.add_column("visit", sa.Column("code", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True))
    known = sa.text("code IS NOT NULL")
    op.create_index("visit_code", "visit", ["code"], unique=False, sqlite_where=known, postgresql_where=known)
