"""Doors: claims, devices, what each is told, what it rang and raised."""

from sqlalchemy import Column, ForeignKey, Index, Integer, PrimaryKeyConstraint, Table, Text

from gatehost.store.table.column import Big, big, metadata, number, octets, said, string, to, whole

claim = Table(
    "claim",
    metadata,
    number(),
    to("slot", "slot.id"),
    octets("hidden"),
    big("until"),
    big("used_at", null=True),
    Index("claim_slot", "slot"),
)

device = Table(
    "device",
    metadata,
    Column("no", Big, primary_key=True),
    Column("dev", Text, nullable=False, unique=True),
    to("slot", "slot.id"),
    string("kind"),
    string("model"),
    octets("public"),
    octets("box", null=True),
    octets("request"),
    octets("nonce"),
    string("digits"),
    string("state"),
    octets("cert", null=True),
    big("since"),
    big("last_seen", null=True),
    big("generation"),
    big("version"),
    whole("quality"),
    whole("storage_ok"),
    string("software"),
    big("epoch"),
    big("seq"),
    octets("head"),
    octets("receipt", null=True),
    octets("receipt_before", null=True),
    octets("current", null=True),  # the signing key of the present epoch, once it is not the first
    Index("device_slot", "slot"),
)

state = Table(
    "state",
    metadata,
    Column("device", Big, ForeignKey("device.no"), primary_key=True),
    big("generation"),
    big("version"),
    octets("header"),
)

chunk = Table(
    "chunk",
    metadata,
    Column("device", Big, ForeignKey("device.no"), primary_key=True),
    Column("position", Integer, primary_key=True),
    octets("hash"),
    octets("content"),
)

fork = Table(
    "fork",
    metadata,
    number(),
    to("device", "device.no"),
    big("seq"),
    big("at"),
    octets("entry"),
    octets("seal"),
)

alarm = Table(
    "alarm",
    metadata,
    number(),
    to("device", "device.no"),
    big("at"),
    whole("kind"),
    string("home"),
    string("seen_by"),
    big("seen_at", null=True),
    Index("alarm_seen", "seen_at"),
    Index("alarm_at", "at"),
)

call = Table(
    "call",
    metadata,
    Column("id", Text, primary_key=True),
    to("device", "device.no"),
    to("home", "place.id"),
    string("state"),
    string("by"),
    big("account", null=True),
    big("began_at"),
    big("ends_at"),
    big("ended_at", null=True),
    Index("call_home", "home", "began_at"),
    Index("call_live", "ended_at"),
)

camera = Table(  # a camera that reads plates at a door, and the key its events are signed with
    "camera",
    metadata,
    number(),
    Column("slot", Text, ForeignKey("slot.id"), nullable=False),
    said("name"),
    octets("hidden"),
    big("made_at"),
    said("made_by"),
    big("last_at", null=True),  # the time its newest event names
    big("ended_at", null=True),
)

plate_event = Table(  # events taken, so that none counts twice; emptied once they are too old to be believed anyway
    "plate_event",
    metadata,
    to("camera", "camera.id"),
    octets("mark"),
    big("at"),
    PrimaryKeyConstraint("camera", "mark"),
)
