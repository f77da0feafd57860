"""staff."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "8", "7"


def upgrade() -> None:
    """Takes the step."""
    op.add_column("account", sa.Column("signed_in_on", sa.Integer(), nullable=True))
    op.add_column(
        "account", sa.Column("closed_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
    )
