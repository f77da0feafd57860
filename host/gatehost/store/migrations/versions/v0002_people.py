"""The office: papers, rights, stays, documents, notices; who outranks whom in deciding."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "2", "1"


def upgrade() -> None:
    """Takes the step."""
    op.create_table(
        "case",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("parent", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("applicant", sa.Text(), nullable=True),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("opened_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("opened_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("due_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("archive_due_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("closed_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("archived_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("keep_until", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("assigned", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.ForeignKeyConstraint(["parent"], ["case.id"]),
        sa.ForeignKeyConstraint(
            ["applicant"],
            ["party.id"],
        ),
        sa.ForeignKeyConstraint(
            ["place"],
            ["place.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number"),
    )
    op.create_index("case_archive", "case", ["archive_due_at"], unique=False)
    op.create_index("case_due", "case", ["due_at"], unique=False)
    op.create_index("case_kind", "case", ["kind", "state"], unique=False)
    op.create_index("case_parent", "case", ["parent"], unique=False)
    op.create_index("case_place", "case", ["place", "kind"], unique=False)
    op.create_table(
        "doc",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("class", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("case", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("party", sa.Text(), nullable=True),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("made_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("keep_until", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("erased_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["case"],
            ["case.id"],
        ),
        sa.ForeignKeyConstraint(
            ["party"],
            ["party.id"],
        ),
        sa.ForeignKeyConstraint(
            ["place"],
            ["place.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("doc_case", "doc", ["case"], unique=False)
    op.create_index("doc_place", "doc", ["place"], unique=False)
    op.create_table(
        "item",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("spec", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("qty", sa.Integer(), nullable=True),
        sa.Column("checked_qty", sa.Integer(), nullable=True),
        sa.Column("verdict", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("amount", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("receipt", sa.Text(), nullable=True),
        sa.Column("done_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("done_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.ForeignKeyConstraint(
            ["case"],
            ["case.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("receipt"),
    )
    op.create_index("item_case", "item", ["case"], unique=False)
    op.create_table(
        "notice",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("since", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("until", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("seats", sa.Integer(), nullable=True),
        sa.Column("case", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("made_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("made_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["case"],
            ["case.id"],
        ),
        sa.ForeignKeyConstraint(
            ["place"],
            ["place.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("notice_place", "notice", ["place", "since"], unique=False)
    op.create_table(
        "delivery",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("notice", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("case", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("party", sa.Text(), nullable=True),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("read_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reply", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.ForeignKeyConstraint(
            ["case"],
            ["case.id"],
        ),
        sa.ForeignKeyConstraint(
            ["notice"],
            ["notice.id"],
        ),
        sa.ForeignKeyConstraint(
            ["party"],
            ["party.id"],
        ),
        sa.ForeignKeyConstraint(
            ["place"],
            ["place.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("delivery_notice", "delivery", ["notice"], unique=False)
    op.create_index("delivery_party", "delivery", ["party"], unique=False)
    op.create_table(
        "grant",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("home", sa.Text(), nullable=True),
        sa.Column("party", sa.Text(), nullable=True),
        sa.Column("credential", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("code", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("case", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("policy", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("since", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("until", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("weekdays", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("from_minute", sa.Integer(), nullable=True),
        sa.Column("to_minute", sa.Integer(), nullable=True),
        sa.Column("uses", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("heads", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("label", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("made_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("made_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("ended_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("end_why", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint("kind <> 'card' OR until - since <= 34560000000", name="card_within_its_ceiling"),
        sa.CheckConstraint(
            "kind <> 'contractor' OR until - since <= 31622400000", name="contractor_within_its_ceiling"
        ),
        sa.CheckConstraint("kind <> 'courier' OR until - since <= 31622400000", name="courier_within_its_ceiling"),
        sa.CheckConstraint("kind <> 'event' OR until - since <= 2678400000", name="event_within_its_ceiling"),
        sa.CheckConstraint("kind <> 'parking' OR until - since <= 34560000000", name="parking_within_its_ceiling"),
        sa.CheckConstraint("kind <> 'resident' OR until - since <= 34560000000", name="resident_within_its_ceiling"),
        sa.CheckConstraint(
            "kind <> 'standing_item' OR until - since <= 31622400000", name="standing_item_within_its_ceiling"
        ),
        sa.CheckConstraint(
            "kind <> 'temp_parking' OR until - since <= 604800000", name="temp_parking_within_its_ceiling"
        ),
        sa.CheckConstraint("kind <> 'temp_pass' OR until - since <= 259200000", name="temp_pass_within_its_ceiling"),
        sa.CheckConstraint("kind <> 'visitor' OR until - since <= 2678400000", name="visitor_within_its_ceiling"),
        sa.CheckConstraint(
            "NOT (kind IN ('visitor', 'temp_pass', 'temp_parking')) OR home IS NOT NULL OR \"case\" IS NOT NULL",
            name="a_guest_has_a_host",
        ),
        sa.CheckConstraint("until > since", name="a_right_ends_after_it_begins"),
        sa.ForeignKeyConstraint(
            ["case"],
            ["case.id"],
        ),
        sa.ForeignKeyConstraint(
            ["code"],
            ["code.id"],
        ),
        sa.ForeignKeyConstraint(
            ["credential"],
            ["credential.id"],
        ),
        sa.ForeignKeyConstraint(
            ["home"],
            ["place.id"],
        ),
        sa.ForeignKeyConstraint(
            ["party"],
            ["party.id"],
        ),
        sa.ForeignKeyConstraint(
            ["policy"],
            ["policy.id"],
        ),
        sa.ForeignKeyConstraint(
            ["scope"],
            ["place.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("grant_case", "grant", ["case"], unique=False)
    op.create_index("grant_credential", "grant", ["credential"], unique=False)
    op.create_index("grant_home", "grant", ["home", "until"], unique=False)
    op.create_index("grant_party", "grant", ["party"], unique=False)
    op.create_table(
        "step",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("was", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("became", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("who", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("role", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("duty", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("verdict", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("note", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("form", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("doc", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["case"],
            ["case.id"],
        ),
        sa.ForeignKeyConstraint(
            ["doc"],
            ["doc.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("case", "version"),
    )
    op.create_table(
        "visit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("name", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("phone", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("plate", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("company", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("service", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("purpose", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("heads", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("home", sa.Text(), nullable=True),
        sa.Column("building", sa.Text(), nullable=True),
        sa.Column("grant", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("case", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("confirmed_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("id_seen", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("evidence", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("notice", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("asked_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("planned_until", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("in_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("in_gate", sa.Text(), nullable=True),
        sa.Column("in_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("out_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("out_gate", sa.Text(), nullable=True),
        sa.Column("out_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("out_how", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("discretion", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("keyed_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("safe_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("safe_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("keep_until", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("state <> 'closed_by_staff' OR reason <> ''", name="a_missing_exit_has_a_reason"),
        sa.CheckConstraint(
            "state <> 'inside' OR (in_at IS NOT NULL AND out_at IS NULL)", name="inside_is_in_and_not_out"
        ),
        sa.CheckConstraint(
            "state <> 'left' OR (in_at IS NOT NULL AND out_at IS NOT NULL)", name="left_was_in_and_is_out"
        ),
        sa.CheckConstraint("heads >= 1", name="a_visit_is_of_somebody"),
        sa.CheckConstraint("out_at IS NULL OR in_at IS NULL OR out_at >= in_at", name="out_comes_after_in"),
        sa.ForeignKeyConstraint(
            ["building"],
            ["place.id"],
        ),
        sa.ForeignKeyConstraint(
            ["case"],
            ["case.id"],
        ),
        sa.ForeignKeyConstraint(
            ["grant"],
            ["grant.id"],
        ),
        sa.ForeignKeyConstraint(
            ["home"],
            ["place.id"],
        ),
        sa.ForeignKeyConstraint(
            ["in_gate"],
            ["place.id"],
        ),
        sa.ForeignKeyConstraint(
            ["out_gate"],
            ["place.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("visit_home", "visit", ["home", "in_at"], unique=False)
    op.create_index("visit_in", "visit", ["in_at"], unique=False)
    op.create_index(
        "visit_inside",
        "visit",
        ["building"],
        unique=False,
        sqlite_where=sa.text("state = 'inside'"),
        postgresql_where=sa.text("state = 'inside'"),
    )
    op.create_index(
        "visit_plate",
        "visit",
        ["plate"],
        unique=False,
        sqlite_where=sa.text("plate <> ''"),
        postgresql_where=sa.text("plate <> ''"),
    )
    op.create_index("visit_state", "visit", ["state", "planned_until"], unique=False)
    op.add_column("account", sa.Column("duties", sa.Text(), server_default="", nullable=False))
    op.add_column(
        "credential", sa.Column("replaces", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
    )
    op.create_index(
        "a_card_number_once",
        "credential",
        ["number"],
        unique=True,
        sqlite_where=sa.text("kind = 'card'"),
        postgresql_where=sa.text("kind = 'card'"),
    )
    op.create_index("credential_number", "credential", ["number"], unique=False)
    op.add_column("party", sa.Column("kind", sa.Text(), server_default="person", nullable=False))
    op.add_column("party", sa.Column("id_kind", sa.Text(), server_default="", nullable=False))
    op.add_column("party", sa.Column("id_tail", sa.Text(), server_default="", nullable=False))
    op.add_column("party", sa.Column("erased_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True))
    op.add_column("policy", sa.Column("rank", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column(
        "tie", sa.Column("other", sa.Text(), sa.ForeignKey("party.id"), nullable=True), inline_references=True
    )
    op.add_column("tie", sa.Column("proof", sa.Text(), server_default="", nullable=False))
