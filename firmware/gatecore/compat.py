"""Names the two interpreters do not share."""

TYPE_CHECKING = False
