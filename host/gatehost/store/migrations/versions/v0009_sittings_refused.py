"""Why what a door took under a claim slip was not taken over by the vault."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "9", "8"


def upgrade() -> None:
    """Takes the step."""
    op.add_column(
        "claim_slip", sa.Column("refused_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
    )
    op.add_column("claim_slip", sa.Column("refused", sa.Integer(), nullable=True))
