"""Wrong passwords are counted in memory (service.tries)."""

from alembic import op

revision, down_revision = "10", "9"


def upgrade() -> None:
    """Takes the step."""
    op.drop_column("account", "closed_until")
    op.drop_column("account", "wrong")
