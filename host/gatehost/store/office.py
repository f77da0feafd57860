"""The office's tables: rights, stays, papers with their steps and lines, documents, notices. Times are ms UTC.

Everything on paper is a `case`, every right a `grant`, every stay a `visit`. What no row may ever say stands here as a
CHECK or in `store.trigger`.
"""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from gatehost.model.grant import CEILINGS, HOSTED
from gatehost.store.schema import Big
from gatehost.store.schema import metadata as metadata

NONE, ZERO = text("''"), text("0")


def _id() -> Column[int]:
    return Column("id", Big, primary_key=True)


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, server_default=NONE)


def _count(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default=ZERO)


def _at(name: str, null: bool = True) -> Column[int]:
    return Column(name, Big, nullable=null)


def _place(name: str, null: bool = True) -> Column[str]:
    return Column(name, Text, ForeignKey("place.id"), nullable=null)


def _party(name: str) -> Column[str]:
    return Column(name, Text, ForeignKey("party.id"))


def _row(name: str, table: str, null: bool = True) -> Column[int]:
    return Column(name, Big, ForeignKey(f"{table}.id"), nullable=null)


def _in(column: str, words: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(word) for word in words)})"


case = Table(
    "case",
    metadata,
    _id(),
    Column("kind", Text, nullable=False),
    Column("number", Text, nullable=False, unique=True),
    _place("place", null=False),
    _row("parent", "case"),  # the paper it belongs to, and ends with
    _party("applicant"),
    Column("form", Text, nullable=False),  # JSON, the fields its kind declares
    Column("state", Text, nullable=False),
    Column("version", Integer, nullable=False),
    _text("opened_by"),
    _at("opened_at", null=False),
    _at("due_at"),
    _at("archive_due_at"),
    _at("closed_at"),
    _at("archived_at"),
    _at("keep_until"),
    _text("assigned"),  # a duty or an account's login
    Index("case_kind", "kind", "state"),
    Index("case_place", "place", "kind"),
    Index("case_due", "due_at"),
    Index("case_parent", "parent"),
    Index("case_archive", "archive_due_at"),
)

doc = Table(
    "doc",
    metadata,
    _id(),
    Column("kind", Text, nullable=False),
    _text("class"),  # owner, tenant, decoration or daily
    _row("case", "case"),
    _party("party"),
    _place("place"),
    Column("sha256", Text, nullable=False),
    Column("size", Big, nullable=False),
    Column("type", Text, nullable=False),
    Column("made_at", Big, nullable=False),
    _text("made_by"),
    _at("keep_until"),
    _at("erased_at"),
    Index("doc_case", "case"),
    Index("doc_place", "place"),
)

appointment = Table(  # a time at the front desk; two people never have the same seat of it
    "appointment",
    metadata,
    _id(),
    _row("case", "case", null=False),
    _at("at", null=False),
    Column("seat", Integer, nullable=False),
    _at("made_at", null=False),
    _text("made_by"),
    _at("ended_at"),
    _text("end_why"),
    Index(
        "a_seat_is_given_once",
        "at",
        "seat",
        unique=True,
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
    Index("appointment_case", "case"),
)

step = Table(
    "step",
    metadata,
    _id(),
    _row("case", "case", null=False),
    Column("version", Integer, nullable=False),  # of the case after it
    Column("act", Text, nullable=False),
    _text("was"),
    _text("became"),
    _at("at", null=False),
    Column("account", Big),
    _text("who"),
    _text("role"),
    _text("duty"),
    _text("verdict"),
    _text("note"),
    _text("form"),  # JSON of the form as it was, where this step changed it
    _row("doc", "doc"),
    UniqueConstraint("case", "version"),
)

item = Table(
    "item",
    metadata,
    _id(),
    _row("case", "case", null=False),
    Column("kind", Text, nullable=False),  # goods, check, fee, lent
    _text("what"),
    _text("spec"),
    Column("qty", Integer),
    Column("checked_qty", Integer),
    _text("verdict"),
    Column("amount", Big),  # of a fee, in the smallest coin
    Column("receipt", Text, unique=True),
    _at("done_at"),
    _text("done_by"),
    Index("item_case", "case"),
)

grant = Table(
    "grant",
    metadata,
    _id(),
    Column("kind", Text, nullable=False),
    _place("scope", null=False),
    _place("home"),  # whose guest it is for
    _party("party"),
    _row("credential", "credential"),
    _row("code", "code"),
    _row("case", "case"),
    _row("policy", "policy"),  # the decision whose limit it keeps; none: nobody decided, and the ceiling holds
    _at("since", null=False),
    _at("until", null=False),
    _count("weekdays"),
    Column("from_minute", Integer),
    Column("to_minute", Integer),
    _count("uses"),
    Column("heads", Integer, nullable=False, server_default=text("1")),
    _text("label"),
    _at("made_at", null=False),
    _text("made_by"),
    _at("ended_at"),
    _text("end_why"),
    CheckConstraint("until > since", name="a_right_ends_after_it_begins"),
    CheckConstraint(
        f'NOT ({_in("kind", HOSTED)}) OR home IS NOT NULL OR "case" IS NOT NULL', name="a_guest_has_a_host"
    ),
    *(
        CheckConstraint(f"kind <> '{kind}' OR until - since <= {most}", name=f"{kind}_within_its_ceiling")
        for kind, most in CEILINGS.items()
    ),
    Index("grant_case", "case"),
    Index("grant_home", "home", "until"),
    Index("grant_party", "party"),
    Index("grant_credential", "credential"),
)

visit = Table(
    "visit",
    metadata,
    _id(),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("version", Integer, nullable=False, server_default=ZERO),
    _text("name"),
    _text("phone"),
    _text("plate"),
    _text("company"),
    _text("service"),
    _text("purpose"),
    Column("heads", Integer, nullable=False, server_default=text("1")),
    _place("home"),
    _place("building"),  # of the home, or where the work is
    _row("grant", "grant"),
    _row("case", "case"),
    _text("confirmed_by"),  # who of the home or the office answered for them
    _count("id_seen"),
    _text("evidence"),
    _text("notice"),  # the version of the privacy notice they were told
    _at("asked_at", null=False),
    _at("planned_until"),
    _at("in_at"),
    _place("in_gate"),
    _text("in_by"),
    _at("out_at"),
    _place("out_gate"),
    _text("out_by"),
    _text("out_how"),
    _text("reason"),  # of a refusal, a discretion, a missing exit
    _count("discretion"),
    _at("keyed_at"),  # when a paper form was typed in
    _at("safe_at"),
    _text("safe_by"),
    _at("keep_until"),
    CheckConstraint("state <> 'inside' OR (in_at IS NOT NULL AND out_at IS NULL)", name="inside_is_in_and_not_out"),
    CheckConstraint("state <> 'left' OR (in_at IS NOT NULL AND out_at IS NOT NULL)", name="left_was_in_and_is_out"),
    CheckConstraint("state <> 'closed_by_staff' OR reason <> ''", name="a_missing_exit_has_a_reason"),
    CheckConstraint("out_at IS NULL OR in_at IS NULL OR out_at >= in_at", name="out_comes_after_in"),
    CheckConstraint("heads >= 1", name="a_visit_is_of_somebody"),
    Index("visit_inside", "building", sqlite_where=text("state = 'inside'"), postgresql_where=text("state = 'inside'")),
    Index("visit_state", "state", "planned_until"),
    Index("visit_home", "home", "in_at"),
    Index("visit_in", "in_at"),
    Index("visit_plate", "plate", sqlite_where=text("plate <> ''"), postgresql_where=text("plate <> ''")),
)

notice = Table(
    "notice",
    metadata,
    _id(),
    Column("kind", Text, nullable=False),  # notice or activity
    _place("place", null=False),
    Column("title", Text, nullable=False),
    _text("body"),
    _at("since", null=False),
    _at("until"),
    Column("seats", Integer),
    _row("case", "case"),
    _text("made_by"),
    _at("made_at", null=False),
    Index("notice_place", "place", "since"),
)

delivery = Table(
    "delivery",
    metadata,
    _id(),
    _row("notice", "notice"),
    _row("case", "case"),
    _party("party"),
    _place("place"),
    Column("channel", Text, nullable=False),
    _at("at", null=False),
    _at("read_at"),
    _text("reply"),
    Index("delivery_party", "party"),
    Index("delivery_notice", "notice"),
)

gate_pass = Table(  # a guard's code for the page that the gate's own unit serves while the host is away
    "gate_pass",
    metadata,
    Column("account", Big, ForeignKey("account.id"), primary_key=True, autoincrement=False),
    Column("salt", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),  # scrypt
    _at("made_at", null=False),
    _at("until", null=False),
)

gate_copy = Table(  # the copy a gate's unit was sent last, and how far its log has been read for what guards wrote
    "gate_copy",
    metadata,
    Column("device", Big, ForeignKey("device.no"), primary_key=True, autoincrement=False),
    Column("generation", Big, nullable=False),
    Column("number", Big, nullable=False),
    Column("read", Big, nullable=False),  # seq
    _at("sent_at"),
)

gate_deed = Table(  # what a guard wrote down at a gate's unit; its id is the unit's, so that it counts once
    "gate_deed",
    metadata,
    Column("id", Text, primary_key=True),
    Column("entry", Big, nullable=False),
    Column("act", Integer, nullable=False),
    _at("at", null=False),
    _row("visit", "visit"),
    _text("who"),
    _text("told"),  # what it contradicts; empty: nothing
    _text("note"),
    _text("seen_by"),
    _at("seen_at"),
    Index("gate_deed_at", "at"),
)

camera = Table(  # a camera that reads plates at a door, and the key its events are signed with
    "camera",
    metadata,
    _id(),
    Column("slot", Text, ForeignKey("slot.id"), nullable=False),
    _text("name"),
    Column("hidden", LargeBinary, nullable=False),
    _at("made_at", null=False),
    _text("made_by"),
    _at("last_at"),  # the time its newest event names
    _at("ended_at"),
)

plate_event = Table(  # events taken, so that none counts twice; emptied once they are too old to be believed anyway
    "plate_event",
    metadata,
    _row("camera", "camera", null=False),
    Column("mark", LargeBinary, nullable=False),
    _at("at", null=False),
    PrimaryKeyConstraint("camera", "mark"),
)

photo = Table(  # a guard's photo of an incident, encrypted
    "photo",
    metadata,
    _id(),
    _row("case", "case", null=False),
    Column("sha256", Text, nullable=False),
    Column("hidden", LargeBinary, nullable=False),
    _at("made_at", null=False),
    _text("made_by"),
    Index("photo_case", "case"),
)

register_line = Table(  # what the gates' register of a closed day said of each entry and exit: marks, no names
    "register_line",
    metadata,
    Column("day", Integer, nullable=False),  # since 1970, the estate's
    Column("visit", Big, nullable=False),  # no reference: a stay that is gone is told, not forgotten
    Column("way", Text, nullable=False),
    Column("mark", LargeBinary, nullable=False),
    PrimaryKeyConstraint("day", "visit", "way"),
)

feed = Table(  # where the estate's events are sent, how far, and the key they are signed with
    "feed",
    metadata,
    _id(),
    Column("url", Text, nullable=False),
    Column("hidden", LargeBinary, nullable=False),
    Column("generation", Big, nullable=False),
    Column("sent", Big, nullable=False),  # leaves of that generation's tree
    _at("made_at", null=False),
    _text("made_by"),
    _at("last_at"),
    _text("last_error"),
    _at("ended_at"),
)
