"""What homes are told."""

from sqlalchemy import Index, Table

from gatehost.store.table.column import big, metadata, number, said, string, to, whole

notice = Table(
    "notice",
    metadata,
    number(),
    string("kind"),  # notice or activity
    to("place", "place.id"),
    string("title"),
    said("body"),
    big("since"),
    big("until", null=True),
    whole("seats", null=True),
    to("case", "case.id", null=True),
    said("made_by"),
    big("made_at"),
    Index("notice_place", "place", "since"),
)

delivery = Table(
    "delivery",
    metadata,
    number(),
    to("notice", "notice.id", null=True),
    to("case", "case.id", null=True),
    to("party", "party.id", null=True),
    to("place", "place.id", null=True),
    string("channel"),
    big("at"),
    big("read_at", null=True),
    said("reply"),
    Index("delivery_party", "party"),
    Index("delivery_notice", "notice"),
)
