"""The estate: its places and doors, its people and where they belong, what was decided."""

from sqlalchemy import Column, ForeignKey, Index, Table, Text

from gatehost.store.table.column import big, count, metadata, number, said, string, to, whole

estate = Table(
    "estate",
    metadata,
    Column("id", Text, primary_key=True),
    string("name"),
    whole("dial_length"),
    string("offsets"),  # JSON [[from ms, minutes], ...]
    big("generation"),
)

place = Table(
    "place",
    metadata,
    Column("id", Text, primary_key=True),
    to("parent", "place.id", null=True),
    string("kind"),
    string("name"),
    string("dial"),
    whole("position"),
    Index("place_parent", "parent"),
)

slot = Table(
    "slot",
    metadata,
    Column("id", Text, ForeignKey("place.id"), primary_key=True),
    to("place", "place.id"),
    string("kind"),
    whole("direction"),
    whole("unlock_ms"),
    whole("held_ms"),
)

gate_building = Table(
    "gate_building",
    metadata,
    Column("gate", Text, ForeignKey("place.id"), primary_key=True),
    Column("building", Text, ForeignKey("place.id"), primary_key=True),
)

party = Table(
    "party",
    metadata,
    Column("id", Text, primary_key=True),
    string("name"),
    string("phone"),
    string("born"),
    said("kind", "person"),  # or org
    said("id_kind"),  # of the document that was seen; its number is not kept
    said("id_tail"),
    big("erased_at", null=True),
)

tie = Table(
    "tie",
    metadata,
    number(),
    to("party", "party.id"),
    to("place", "place.id"),
    string("role"),
    big("since"),
    big("until", null=True),
    whole("callable"),
    to("other", "party.id", null=True),  # the child of a guardian, who an authorised person acts for
    said("proof"),  # deed, contract or lease; a company's specimen signers
    Index("tie_place", "place"),
    Index("tie_party", "party"),
)

policy = Table(
    "policy",
    metadata,
    number(),
    to("place", "place.id"),
    string("key"),
    string("value"),
    string("decided_by"),
    string("document"),
    string("why"),
    big("since"),
    string("set_by"),
    count("rank"),
    Index("policy_place", "place", "key"),
)
