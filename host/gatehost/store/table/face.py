"""Faces: what was signed, what was sealed, which doors hold it, what must be asked of somebody.

No pixel and no template that the host could read.
"""

from sqlalchemy import Column, ForeignKey, Index, Table, Text

from gatehost.store.table.column import Big, big, metadata, number, octets, string, to, whole

consent = Table(
    "consent",
    metadata,
    number(),
    to("party", "party.id"),
    string("purpose"),
    string("text_version"),
    string("signer"),
    big("given_at"),
    big("withdrawn_at", null=True),
    string("agreement", null=True),  # the text as it was read and signed
    Index("consent_party", "party"),
)

agreement = Table(
    "agreement",  # texts people signed, each kept once, named by its hash
    metadata,
    Column("hash", Text, primary_key=True),
    string("version"),
    string("language"),
    string("body"),  # JSON [[heading, words], ...]
)

sealed_templates = Table(
    "sealed_templates",
    metadata,
    Column("party", Text, ForeignKey("party.id"), primary_key=True),
    string("model"),
    whole("photos"),
    octets("sealed"),
    octets("hash"),
    big("made_at"),
    Index("sealed_hash", "hash"),
)

sealed_key = Table(
    "sealed_key",
    metadata,
    Column("party", Text, ForeignKey("party.id"), primary_key=True),
    Column("device", Big, ForeignKey("device.no"), primary_key=True),
    octets("sealed"),
    big("loaded_at", null=True),  # when the device first told that it holds it
)

erasure = Table(
    "erasure",
    metadata,
    Column("party", Text, ForeignKey("party.id"), primary_key=True),
    Column("device", Big, ForeignKey("device.no"), primary_key=True),
    big("asked_at"),
    big("done_at", null=True),
)

# What a door's unit told of its faces: counts, and persons by themselves, never pairs.
promise = Table(
    "promise",
    metadata,
    Column("device", Big, ForeignKey("device.no"), primary_key=True),
    big("at"),
    whole("way"),
    string("why"),  # the rule's reasons, with blanks between
    whole("people"),
    whole("promised"),  # strangers per million, and so below
    whole("worst"),
    whole("estimated", null=True),
    string("model"),
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
    number(),
    octets("mark"),
    to("party", "party.id"),
    to("home", "place.id"),
    to("consent", "consent.id"),
    to("slot", "slot.id"),
    big("made_at"),
    big("until"),
    big("used_at", null=True),
    big("ended_at", null=True),
    string("task"),
    string("vault"),
    octets("sealed", null=True),
    big("refused_at", null=True),
    whole("refused", null=True),  # gatecore.intake's word on why what the door took was not taken over
    Index("claim_slip_mark", "mark"),
    Index("claim_slip_party", "party"),
)

# A newcomer whose face is enrolled in another home already. `verdict` is the vault's on the last person guessed.
face_twice = Table(
    "face_twice",
    metadata,
    Column("party", Text, ForeignKey("party.id"), primary_key=True),
    string("home"),
    string("vault"),
    big("at"),
    string("state"),
    string("guess"),
    whole("verdict", null=True),
    string("why"),
)
