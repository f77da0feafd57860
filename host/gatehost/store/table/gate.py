"""The gate: stays, the gate's own copy and what guards wrote in it, the sealed days of the register."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, PrimaryKeyConstraint, Table, Text

from gatehost.store.table.column import Big, big, count, metadata, number, octets, said, string, to, where, whole

visit = Table(
    "visit",
    metadata,
    number(),
    string("kind"),
    string("state"),
    count("version"),
    said("name"),
    said("phone"),
    said("plate"),
    said("company"),
    said("service"),
    said("purpose"),
    count("heads", 1),
    to("home", "place.id", null=True),
    to("building", "place.id", null=True),  # of the home, or where the work is
    to("grant", "grant.id", null=True),
    to("case", "case.id", null=True),
    big("code", null=True),  # the visitor code that let them in at a door
    said("confirmed_by"),  # who of the home or the office answered for them
    count("id_seen"),
    said("evidence"),
    said("notice"),  # the version of the privacy notice they were told
    big("asked_at"),
    big("planned_until", null=True),
    big("in_at", null=True),
    to("in_gate", "place.id", null=True),
    said("in_by"),
    big("out_at", null=True),
    to("out_gate", "place.id", null=True),
    said("out_by"),
    said("out_how"),
    said("reason"),  # of a refusal, a discretion, a missing exit
    count("discretion"),
    big("keyed_at", null=True),  # when a paper form was typed in
    big("safe_at", null=True),
    said("safe_by"),
    big("keep_until", null=True),
    CheckConstraint("state <> 'inside' OR (in_at IS NOT NULL AND out_at IS NULL)", name="inside_is_in_and_not_out"),
    CheckConstraint("state <> 'left' OR (in_at IS NOT NULL AND out_at IS NOT NULL)", name="left_was_in_and_is_out"),
    CheckConstraint("state <> 'closed_by_staff' OR reason <> ''", name="a_missing_exit_has_a_reason"),
    CheckConstraint("out_at IS NULL OR in_at IS NULL OR out_at >= in_at", name="out_comes_after_in"),
    CheckConstraint("heads >= 1", name="a_visit_is_of_somebody"),
    Index("visit_inside", "building", **where("state = 'inside'")),
    Index("visit_state", "state", "planned_until"),
    Index("visit_home", "home", "in_at"),
    Index("visit_in", "in_at"),
    Index("visit_out", "out_at", **where("out_at IS NOT NULL")),
    Index("visit_keep", "keep_until", **where("keep_until IS NOT NULL")),
    Index("visit_plate", "plate", **where("plate <> ''")),
    Index("visit_code", "code", **where("code IS NOT NULL")),
)

gate_pass = Table(  # a guard's code for the page that the gate's own unit serves while the host is away
    "gate_pass",
    metadata,
    Column("account", Big, ForeignKey("account.id"), primary_key=True, autoincrement=False),
    octets("salt"),
    octets("hash"),  # scrypt
    big("made_at"),
    big("until"),
)

gate_copy = Table(  # the copy a gate's unit was sent last, and how far its log has been read for what guards wrote
    "gate_copy",
    metadata,
    Column("device", Big, ForeignKey("device.no"), primary_key=True, autoincrement=False),
    big("generation"),
    big("number"),
    big("read"),  # seq
    big("sent_at", null=True),
)

gate_deed = Table(  # what a guard wrote down at a gate's unit; its id is the unit's, so that it counts once
    "gate_deed",
    metadata,
    Column("id", Text, primary_key=True),
    big("entry"),
    whole("act"),
    big("at"),
    to("visit", "visit.id", null=True),
    said("who"),
    said("told"),  # what it contradicts; empty: nothing
    said("note"),
    said("seen_by"),
    big("seen_at", null=True),
    Index("gate_deed_at", "at"),
)

register_line = Table(  # what the gates' register of a closed day said of each entry and exit: marks, no names
    "register_line",
    metadata,
    whole("day"),  # since 1970, the estate's
    big("visit"),  # no reference: a stay that is gone is told, not forgotten
    string("way"),
    octets("mark"),
    PrimaryKeyConstraint("day", "visit", "way"),
)
