"""Times at the front desk; texts as they were signed; since when a door holds a face."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "5", "4"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Two tables and two columns that may stay empty."""
    op.create_table(
        "agreement",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("hash"),
    )
    op.create_table(
        "appointment",
        sa.Column("id", BIG, nullable=False),
        sa.Column("case", BIG, nullable=False),
        sa.Column("at", BIG, nullable=False),
        sa.Column("seat", sa.Integer(), nullable=False),
        sa.Column("made_at", BIG, nullable=False),
        sa.Column("made_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("ended_at", BIG, nullable=True),
        sa.Column("end_why", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.ForeignKeyConstraint(["case"], ["case.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("appointment_case", "appointment", ["case"], unique=False)
    free = sa.text("ended_at IS NULL")
    op.create_index(
        "a_seat_is_given_once", "appointment", ["at", "seat"], unique=True, sqlite_where=free, postgresql_where=free
    )
    op.add_column("consent", sa.Column("agreement", sa.Text(), nullable=True))
    op.add_column("sealed_key", sa.Column("loaded_at", BIG, nullable=True))
