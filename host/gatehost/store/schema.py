"""Every table of the host. Times are ms UTC; names are the glossary's.

An entry's id is `device.no << 40 | seq`: one tree keeps a device's log together, unique and in order.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

VERSION = 9  # the newest step of store/migrations
SEQ_BITS = 40
HOST_NO = 1 << 22  # the host's own chain of generation g has the entries of device number HOST_NO + g

# SQLite gives a row its number only to a column of type INTEGER; PostgreSQL wants BIGINT for ms.
Big = BigInteger().with_variant(Integer(), "sqlite")
metadata = MetaData()


def _number() -> Column[int]:
    return Column("id", Big, primary_key=True)


def _text(name: str, null: bool = False) -> Column[str]:
    return Column(name, Text, nullable=null)


def _more(name: str, value: str = "") -> Column[str]:
    """A text added to a table that already had rows."""
    return Column(name, Text, nullable=False, server_default=value)


def _big(name: str, null: bool = False) -> Column[int]:
    return Column(name, Big, nullable=null)


def _bytes(name: str, null: bool = False) -> Column[bytes]:
    return Column(name, LargeBinary, nullable=null)


def _to(name: str, target: str, null: bool = False) -> Column[object]:
    kind = Big if target.endswith((".id", ".no")) and target.split(".")[0] in _NUMBERED else Text
    return Column(name, kind, ForeignKey(target), nullable=null)


_NUMBERED = {"tie", "consent", "credential", "code", "pin", "account", "device", "claim"}

schema_version = Table("schema_version", metadata, Column("version", Integer, primary_key=True))

estate = Table(
    "estate",
    metadata,
    Column("id", Text, primary_key=True),
    _text("name"),
    Column("dial_length", Integer, nullable=False),
    _text("offsets"),  # JSON [[from ms, minutes], ...]
    _big("generation"),
)

place = Table(
    "place",
    metadata,
    Column("id", Text, primary_key=True),
    Column("parent", Text, ForeignKey("place.id")),
    _text("kind"),
    _text("name"),
    _text("dial"),
    Column("position", Integer, nullable=False),
    Index("place_parent", "parent"),
)

slot = Table(
    "slot",
    metadata,
    Column("id", Text, ForeignKey("place.id"), primary_key=True),
    _to("place", "place.id"),
    _text("kind"),
    Column("direction", Integer, nullable=False),
    Column("unlock_ms", Integer, nullable=False),
    Column("held_ms", Integer, nullable=False),
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
    _text("name"),
    _text("phone"),
    _text("born"),
    _more("kind", "person"),  # or org
    _more("id_kind"),  # of the document that was seen; its number is not kept
    _more("id_tail"),
    _big("erased_at", null=True),
)

tie = Table(
    "tie",
    metadata,
    _number(),
    _to("party", "party.id"),
    _to("place", "place.id"),
    _text("role"),
    _big("since"),
    _big("until", null=True),
    Column("callable", Integer, nullable=False),
    _to("other", "party.id", null=True),  # the child of a guardian, who an authorised person acts for
    _more("proof"),  # deed, contract or lease; a company's specimen signers
    Index("tie_place", "place"),
    Index("tie_party", "party"),
)

consent = Table(
    "consent",
    metadata,
    _number(),
    _to("party", "party.id"),
    _text("purpose"),
    _text("text_version"),
    _text("signer"),
    _big("given_at"),
    _big("withdrawn_at", null=True),
    _text("agreement", null=True),  # the text as it was read and signed
)

agreement = Table(
    "agreement",  # texts people signed, each kept once, named by its hash
    metadata,
    Column("hash", Text, primary_key=True),
    _text("version"),
    _text("language"),
    _text("body"),  # JSON [[heading, words], ...]
)

credential = Table(
    "credential",
    metadata,
    _number(),
    _to("party", "party.id"),
    _text("kind"),
    _text("state"),
    _to("consent", "consent.id", null=True),
    _text("number"),
    _big("since"),
    _big("until"),
    Column("replaces", Big),
    CheckConstraint("kind <> 'face' OR consent IS NOT NULL", name="a_face_needs_a_consent"),
    Index("credential_party", "party"),
    Index("credential_number", "number"),
    # a card's number is never given out again, whatever became of it
    Index(
        "a_card_number_once",
        "number",
        unique=True,
        sqlite_where=text("kind = 'card'"),
        postgresql_where=text("kind = 'card'"),
    ),
)

code = Table(
    "code",
    metadata,
    _number(),
    _to("home", "place.id"),
    _text("visitor"),
    _text("kind"),
    Column("day", Integer),
    Column("slot", Integer),
    _bytes("hidden", null=True),  # a listed code's digits; a day code is derived again when it is shown
    _bytes("mark"),
    _big("since"),
    _big("until"),
    Column("uses", Integer, nullable=False),
    Column("weekdays", Integer, nullable=False),
    Column("first_hours", Integer, nullable=False),
    _big("made_at"),
    _text("made_by"),
    _big("revoked_at", null=True),
    _bytes("link_hash"),
    UniqueConstraint("home", "day", "slot"),
    Index("code_home", "home", "until"),
    Index("code_link", "link_hash"),
)

pin = Table(
    "pin",
    metadata,
    _number(),
    _to("home", "place.id"),
    _to("party", "party.id"),
    _bytes("hidden"),
    _bytes("mark"),
    Column("duress", Integer, nullable=False),
    _big("given_at"),
    _big("ended_at", null=True),
    Index("pin_home", "home"),
)

policy = Table(
    "policy",
    metadata,
    _number(),
    _to("place", "place.id"),
    _text("key"),
    _text("value"),
    _text("decided_by"),
    _text("document"),
    _text("why"),
    _big("since"),
    _text("set_by"),
    Column("rank", Integer, nullable=False, server_default=text("0")),
    Index("policy_place", "place", "key"),
)

account = Table(
    "account",
    metadata,
    _number(),
    _to("party", "party.id"),
    Column("login", Text, unique=True),
    _text("role"),
    Column("password", Text),
    _text("language"),
    Column("wrong", Integer, nullable=False),
    _big("closed_until"),
    _more("duties"),  # what of the office they may sign for, between blanks
    Column("signed_in_on", Integer),  # staff only: the day (since 1970-01-01, the estate's), not the hour
    _big("closed_at", null=True),
)

session = Table(
    "session",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    _to("account", "account.id"),
    _big("made_at"),
    _big("until"),
)

link = Table(
    "link",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    _to("account", "account.id"),
    _text("purpose"),
    _big("until"),
    _big("used_at", null=True),
)

claim = Table(
    "claim",
    metadata,
    _number(),
    _to("slot", "slot.id"),
    _bytes("hidden"),
    _big("until"),
    _big("used_at", null=True),
    Index("claim_slot", "slot"),
)

device = Table(
    "device",
    metadata,
    Column("no", Big, primary_key=True),
    Column("dev", Text, nullable=False, unique=True),
    _to("slot", "slot.id"),
    _text("kind"),
    _text("model"),
    _bytes("public"),
    _bytes("box", null=True),
    _bytes("request"),
    _bytes("nonce"),
    _text("digits"),
    _text("state"),
    _bytes("cert", null=True),
    _big("since"),
    _big("last_seen", null=True),
    _big("generation"),
    _big("version"),
    Column("quality", Integer, nullable=False),
    Column("storage_ok", Integer, nullable=False),
    _text("software"),
    _big("epoch"),
    _big("seq"),
    _bytes("head"),
    _bytes("receipt", null=True),
    _bytes("receipt_before", null=True),
    _bytes("current", null=True),  # the signing key of the present epoch, once it is not the first
    Index("device_slot", "slot"),
)

state = Table(
    "state",
    metadata,
    Column("device", Big, ForeignKey("device.no"), primary_key=True),
    _big("generation"),
    _big("version"),
    _bytes("header"),
)

chunk = Table(
    "chunk",
    metadata,
    Column("device", Big, ForeignKey("device.no"), primary_key=True),
    Column("position", Integer, primary_key=True),
    _bytes("hash"),
    _bytes("content"),
)

entry = Table(
    "entry",
    metadata,
    _number(),
    _big("at"),
    _big("received_at"),
    Column("tq", Integer, nullable=False),
    Column("typ", Integer, nullable=False),
    Column("result", Integer),
    Column("method", Integer),
    Column("reason", Integer),
    Column("flags", Integer),
    Column("home", Text),
    Column("person", LargeBinary),
    Column("mark", LargeBinary),
    Column("verdict", Integer, nullable=False),
    _bytes("entry"),
    _bytes("private", null=True),
    Index("entry_at", "at"),
    Index("entry_home", "home", "at", sqlite_where=text("home IS NOT NULL"), postgresql_where=text("home IS NOT NULL")),
)

seal = Table(
    "seal",
    metadata,
    Column("id", Big, primary_key=True),  # as the id of the entry it covers last
    _bytes("seal"),
)

log = Table(
    "log",
    metadata,
    Column("generation", Big, primary_key=True, autoincrement=False),
    _bytes("public"),
    _bytes("cert"),
    _big("began_at"),
    _big("seq"),  # the host's own chain
    _bytes("head"),
    _big("size"),  # leaves of the tree
    _bytes("edge"),  # its hashes that fill no tile yet (gatehost.store.forest)
)

tile = Table(
    "tile",
    metadata,
    Column("id", Big, primary_key=True, autoincrement=False),  # generation << 48 | level << 40 | number
    _bytes("hashes"),
)

run = Table(
    "run",  # neighbouring leaves that are neighbouring entries of one device
    metadata,
    Column("id", Big, primary_key=True, autoincrement=False),  # generation << 40 | first leaf
    _big("entry"),  # the id of the first entry
    Column("count", Integer, nullable=False),
    Index("run_entry", "entry", unique=True),
)

jump = Table(
    "jump",  # where a device's stored log begins anew
    metadata,
    Column("id", Big, primary_key=True, autoincrement=False),  # the id of the entry after the gap
    _bytes("before"),
    _big("epoch"),
    _big("at"),
)

checkpoint = Table(
    "checkpoint",
    metadata,
    Column("generation", Big, primary_key=True, autoincrement=False),
    Column("size", Big, primary_key=True, autoincrement=False),
    _bytes("root"),
    _big("at"),
    _bytes("note"),
)

cosignature = Table(
    "cosignature",
    metadata,
    Column("generation", Big, primary_key=True, autoincrement=False),
    Column("size", Big, primary_key=True, autoincrement=False),
    Column("name", Text, primary_key=True),
    _big("at"),  # by the witness's clock, s
    _bytes("public"),
    _bytes("signature"),
)

witness = Table(
    "witness",  # outside the estate: their keys never were here
    metadata,
    Column("name", Text, primary_key=True),
    _bytes("public"),
    _big("since"),
)

sister = Table(
    "sister",  # another estate of the same operator: what it last said of itself, in numbers
    metadata,
    Column("estate", Text, primary_key=True),  # its public key, hex
    _text("name"),
    _big("faces"),
    _big("made_at"),  # by that estate's clock
    _big("taken_at"),
    _text("taken_by"),
)

forgotten = Table(
    "forgotten",  # keys of private halves that were destroyed (gatehost.store.halves), as the erase entries say
    metadata,
    Column("name", LargeBinary, primary_key=True),
    Column("reason", Integer, nullable=False),
    _big("at"),
)

fork = Table(
    "fork",
    metadata,
    _number(),
    _to("device", "device.no"),
    _big("seq"),
    _big("at"),
    _bytes("entry"),
    _bytes("seal"),
)

alarm = Table(
    "alarm",
    metadata,
    _number(),
    _to("device", "device.no"),
    _big("at"),
    Column("kind", Integer, nullable=False),
    _text("home"),
    _text("seen_by"),
    _big("seen_at", null=True),
    Index("alarm_seen", "seen_at"),
)

call = Table(
    "call",
    metadata,
    Column("id", Text, primary_key=True),
    _to("device", "device.no"),
    _to("home", "place.id"),
    _text("state"),
    _text("by"),
    Column("account", Big),
    _big("began_at"),
    _big("ends_at"),
    _big("ended_at", null=True),
    Index("call_home", "home", "began_at"),
    Index("call_live", "ended_at"),
)

audit = Table(
    "audit",
    metadata,
    _number(),
    _big("at"),
    Column("account", Big),
    _text("who"),
    _text("role"),
    _text("action"),
    _text("home"),
    _text("about"),
    _text("detail"),
    Index("audit_home", "home"),
)

sealed_templates = Table(
    "sealed_templates",
    metadata,
    Column("party", Text, ForeignKey("party.id"), primary_key=True),
    _text("model"),
    Column("photos", Integer, nullable=False),
    _bytes("sealed"),
    _bytes("hash"),
    _big("made_at"),
    Index("sealed_hash", "hash"),
)

sealed_key = Table(
    "sealed_key",
    metadata,
    Column("party", Text, ForeignKey("party.id"), primary_key=True),
    Column("device", Big, ForeignKey("device.no"), primary_key=True),
    _bytes("sealed"),
    _big("loaded_at", null=True),  # when the device first told that it holds it
)

erasure = Table(
    "erasure",
    metadata,
    Column("party", Text, ForeignKey("party.id"), primary_key=True),
    Column("device", Big, ForeignKey("device.no"), primary_key=True),
    _big("asked_at"),
    _big("done_at", null=True),
)

# What a door's unit told of its faces: counts, and persons by themselves, never pairs.
promise = Table(
    "promise",
    metadata,
    Column("device", Big, ForeignKey("device.no"), primary_key=True),
    _big("at"),
    Column("way", Integer, nullable=False),
    _text("why"),  # the rule's reasons, with blanks between
    Column("people", Integer, nullable=False),
    Column("promised", Integer, nullable=False),  # strangers per million, and so below
    Column("worst", Integer, nullable=False),
    Column("estimated", Integer),
    _text("model"),
)

face_need = Table(
    "face_need",
    metadata,
    Column("device", Big, ForeignKey("device.no"), primary_key=True),
    Column("party", Text, ForeignKey("party.id"), primary_key=True),
    Column("kind", Text, primary_key=True),  # photos: should come for more; alike: opens by face and home number
)

# A claim slip: one sitting before one door under one consent. `sealed` waits for the vault and then goes.
claim_slip = Table(
    "claim_slip",
    metadata,
    _number(),
    _bytes("mark"),
    _to("party", "party.id"),
    _to("home", "place.id"),
    _to("consent", "consent.id"),
    _to("slot", "slot.id"),
    _big("made_at"),
    _big("until"),
    _big("used_at", null=True),
    _big("ended_at", null=True),
    _text("task"),
    _text("vault"),
    _bytes("sealed", null=True),
    _big("refused_at", null=True),
    Column("refused", Integer),  # gatecore.intake's word on why what the door took was not taken over
    Index("claim_slip_mark", "mark"),
    Index("claim_slip_party", "party"),
)

# A newcomer whose face is enrolled in another home already. `verdict` is the vault's on the last person guessed.
face_twice = Table(
    "face_twice",
    metadata,
    Column("party", Text, ForeignKey("party.id"), primary_key=True),
    _text("home"),
    _text("vault"),
    _big("at"),
    _text("state"),
    _text("guess"),
    Column("verdict", Integer),
    _text("why"),
)
