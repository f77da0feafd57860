"""Papers: a case with its steps, lines, documents, photos and times at the desk."""

from sqlalchemy import Column, Index, Table, Text, UniqueConstraint

from gatehost.store.table.column import big, metadata, number, octets, said, string, to, where, whole

case = Table(
    "case",
    metadata,
    number(),
    string("kind"),
    Column("number", Text, nullable=False, unique=True),
    to("place", "place.id"),
    to("parent", "case.id", null=True),  # the paper it belongs to, and ends with
    to("applicant", "party.id", null=True),
    string("form"),  # JSON, the fields its kind declares
    string("state"),
    whole("version"),
    said("opened_by"),
    big("opened_at"),
    big("due_at", null=True),
    big("archive_due_at", null=True),
    big("closed_at", null=True),
    big("archived_at", null=True),
    big("keep_until", null=True),
    said("assigned"),  # a duty or an account's login
    Index("case_kind", "kind", "state"),
    Index("case_place", "place", "kind"),
    Index("case_due", "due_at"),
    Index("case_parent", "parent"),
    Index("case_archive", "archive_due_at"),
    Index("case_open", "due_at", **where("closed_at IS NULL")),
    Index("case_unfiled", "archive_due_at", **where("archived_at IS NULL AND archive_due_at IS NOT NULL")),
)

doc = Table(
    "doc",
    metadata,
    number(),
    string("kind"),
    said("class"),  # owner, tenant, decoration or daily
    to("case", "case.id", null=True),
    to("party", "party.id", null=True),
    to("place", "place.id", null=True),
    string("sha256"),
    big("size"),
    string("type"),
    big("made_at"),
    said("made_by"),
    big("keep_until", null=True),
    big("erased_at", null=True),
    Index("doc_case", "case"),
    Index("doc_place", "place"),
)

appointment = Table(  # a time at the front desk; two people never have the same seat of it
    "appointment",
    metadata,
    number(),
    to("case", "case.id"),
    big("at"),
    whole("seat"),
    big("made_at"),
    said("made_by"),
    big("ended_at", null=True),
    said("end_why"),
    Index("a_seat_is_given_once", "at", "seat", unique=True, **where("ended_at IS NULL")),
    Index("appointment_case", "case"),
)

step = Table(
    "step",
    metadata,
    number(),
    to("case", "case.id"),
    whole("version"),  # of the case after it
    string("act"),
    said("was"),
    said("became"),
    big("at"),
    big("account", null=True),
    said("who"),
    said("role"),
    said("duty"),
    said("verdict"),
    said("note"),
    said("form"),  # JSON of the form as it was, where this step changed it
    to("doc", "doc.id", null=True),
    UniqueConstraint("case", "version"),
)

item = Table(
    "item",
    metadata,
    number(),
    to("case", "case.id"),
    string("kind"),  # goods, check, fee, lent
    said("what"),
    said("spec"),
    whole("qty", null=True),
    whole("checked_qty", null=True),
    said("verdict"),
    big("amount", null=True),  # of a fee, in the smallest coin
    Column("receipt", Text, unique=True),
    big("done_at", null=True),
    said("done_by"),
    Index("item_case", "case"),
    Index("item_kind", "kind", "done_at"),
)

photo = Table(  # a guard's photo of an incident, encrypted
    "photo",
    metadata,
    number(),
    to("case", "case.id"),
    string("sha256"),
    octets("hidden"),
    big("made_at"),
    said("made_by"),
    Index("photo_case", "case"),
)
