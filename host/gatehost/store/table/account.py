"""Who signs in, and what was looked at and done by whom."""

from sqlalchemy import Column, Index, LargeBinary, Table, Text

from gatehost.store.table.column import big, metadata, number, said, string, to, whole

account = Table(
    "account",
    metadata,
    number(),
    to("party", "party.id"),
    Column("login", Text, unique=True),
    string("role"),
    string("password", null=True),
    string("language"),
    said("duties"),  # what of the office they may sign for, between blanks
    whole("signed_in_on", null=True),  # staff only: the day (since 1970-01-01, the estate's), not the hour
    big("closed_at", null=True),
)

session = Table(
    "session",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    to("account", "account.id"),
    big("made_at"),
    big("until"),
)

link = Table(
    "link",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    to("account", "account.id"),
    string("purpose"),
    big("until"),
    big("used_at", null=True),
)

audit = Table(
    "audit",
    metadata,
    number(),
    big("at"),
    big("account", null=True),
    string("who"),
    string("role"),
    string("action"),
    string("home"),
    string("about"),
    string("detail"),
    Index("audit_home", "home"),
    Index("audit_action", "action", "id"),
)
