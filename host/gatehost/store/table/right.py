"""Ways in: credentials, codes, PINs, and the rights papers and people gave.

The schema itself refuses a face without consent and a right past its ceiling.
"""

from sqlalchemy import CheckConstraint, Index, Table, UniqueConstraint

from gatehost.model.grant import CEILINGS, HOSTED
from gatehost.store.table.column import big, count, metadata, number, octets, said, string, to, where, whole

_HOSTED = ", ".join(repr(kind) for kind in HOSTED)

credential = Table(
    "credential",
    metadata,
    number(),
    to("party", "party.id"),
    string("kind"),
    string("state"),
    to("consent", "consent.id", null=True),
    string("number"),
    big("since"),
    big("until"),
    big("replaces", null=True),
    CheckConstraint("kind <> 'face' OR consent IS NOT NULL", name="a_face_needs_a_consent"),
    Index("credential_party", "party"),
    Index("credential_number", "number"),
    Index("credential_until", "kind", "until"),
    # a card's number is never given out again, whatever became of it
    Index("a_card_number_once", "number", unique=True, **where("kind = 'card'")),
)

code = Table(
    "code",
    metadata,
    number(),
    to("home", "place.id"),
    string("visitor"),
    string("kind"),
    whole("day", null=True),
    whole("slot", null=True),
    octets("hidden", null=True),  # a listed code's digits; a day code is derived again when it is shown
    octets("mark"),
    big("since"),
    big("until"),
    whole("uses"),
    whole("weekdays"),
    whole("first_hours"),
    big("made_at"),
    string("made_by"),
    big("revoked_at", null=True),
    octets("link_hash"),
    UniqueConstraint("home", "day", "slot"),
    Index("code_home", "home", "until"),
    Index("code_link", "link_hash"),
)

pin = Table(
    "pin",
    metadata,
    number(),
    to("home", "place.id"),
    to("party", "party.id"),
    octets("hidden"),
    octets("mark"),
    whole("duress"),
    big("given_at"),
    big("ended_at", null=True),
    Index("pin_home", "home"),
)

grant = Table(
    "grant",
    metadata,
    number(),
    string("kind"),
    to("scope", "place.id"),
    to("home", "place.id", null=True),  # whose guest it is for
    to("party", "party.id", null=True),
    to("credential", "credential.id", null=True),
    to("code", "code.id", null=True),
    to("case", "case.id", null=True),
    to("policy", "policy.id", null=True),  # whose limit it keeps; none: nobody decided, and the ceiling holds
    big("since"),
    big("until"),
    count("weekdays"),
    whole("from_minute", null=True),
    whole("to_minute", null=True),
    count("uses"),
    count("heads", 1),
    said("label"),
    big("made_at"),
    said("made_by"),
    big("ended_at", null=True),
    said("end_why"),
    CheckConstraint("until > since", name="a_right_ends_after_it_begins"),
    CheckConstraint(f'NOT (kind IN ({_HOSTED})) OR home IS NOT NULL OR "case" IS NOT NULL', name="a_guest_has_a_host"),
    *(
        CheckConstraint(f"kind <> '{kind}' OR until - since <= {most}", name=f"{kind}_within_its_ceiling")
        for kind, most in CEILINGS.items()
    ),
    Index("grant_case", "case"),
    Index("grant_home", "home", "until"),
    Index("grant_party", "party"),
    Index("grant_credential", "credential"),
    Index("grant_until", "until"),
)
