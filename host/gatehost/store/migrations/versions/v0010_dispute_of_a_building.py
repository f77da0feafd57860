"""A dispute's question about a building goes straight to its stays of that time."""

from alembic import op

revision, down_revision = "10", "9"


def upgrade() -> None:
    """Takes the step."""
    op.create_index("visit_building", "visit", ["building", "in_at"])
