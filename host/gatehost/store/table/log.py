"""The signed log as it is stored: entries, seals, the tree in tiles, checkpoints and who cosigned them.

An entry's id is `device.no << SEQ_BITS | seq`: one tree keeps a device's log together, unique and in order.
"""

from sqlalchemy import Column, Index, LargeBinary, Table, Text

from gatehost.store.table.column import Big, big, metadata, number, octets, said, string, where, whole

SEQ_BITS = 40
HOST_NO = 1 << 22  # the host's own chain of generation g has the entries of device number HOST_NO + g

entry = Table(
    "entry",
    metadata,
    number(),
    big("at"),
    big("received_at"),
    whole("tq"),
    whole("typ"),
    whole("result", null=True),
    whole("method", null=True),
    whole("reason", null=True),
    whole("flags", null=True),
    string("home", null=True),
    octets("person", null=True),
    octets("mark", null=True),
    whole("verdict"),
    octets("entry"),
    octets("private", null=True),
    Index("entry_at", "at"),
    Index("entry_home", "home", "at", **where("home IS NOT NULL")),
)

seal = Table(
    "seal",
    metadata,
    Column("id", Big, primary_key=True),  # as the id of the entry it covers last
    octets("seal"),
)

log = Table(
    "log",
    metadata,
    Column("generation", Big, primary_key=True, autoincrement=False),
    octets("public"),
    octets("cert"),
    big("began_at"),
    big("seq"),  # the host's own chain
    octets("head"),
    big("size"),  # leaves of the tree
    octets("edge"),  # its hashes that fill no tile yet (gatehost.store.forest)
)

tile = Table(
    "tile",
    metadata,
    Column("id", Big, primary_key=True, autoincrement=False),  # generation << 48 | level << 40 | number
    octets("hashes"),
)

run = Table(
    "run",  # neighbouring leaves that are neighbouring entries of one device
    metadata,
    Column("id", Big, primary_key=True, autoincrement=False),  # generation << 40 | first leaf
    big("entry"),  # the id of the first entry
    whole("count"),
    Index("run_entry", "entry", unique=True),
)

jump = Table(
    "jump",  # where a device's stored log begins anew
    metadata,
    Column("id", Big, primary_key=True, autoincrement=False),  # the id of the entry after the gap
    octets("before"),
    big("epoch"),
    big("at"),
)

checkpoint = Table(
    "checkpoint",
    metadata,
    Column("generation", Big, primary_key=True, autoincrement=False),
    Column("size", Big, primary_key=True, autoincrement=False),
    octets("root"),
    big("at"),
    octets("note"),
)

cosignature = Table(
    "cosignature",
    metadata,
    Column("generation", Big, primary_key=True, autoincrement=False),
    Column("size", Big, primary_key=True, autoincrement=False),
    Column("name", Text, primary_key=True),
    big("at"),  # by the witness's clock, s
    octets("public"),
    octets("signature"),
)

witness = Table(
    "witness",  # outside the estate: their keys never were here
    metadata,
    Column("name", Text, primary_key=True),
    octets("public"),
    big("since"),
)

sister = Table(
    "sister",  # another estate of the same operator: what it last said of itself, in numbers
    metadata,
    Column("estate", Text, primary_key=True),  # its public key, hex
    string("name"),
    big("faces"),
    big("made_at"),  # by that estate's clock
    big("taken_at"),
    string("taken_by"),
)

forgotten = Table(
    "forgotten",  # keys of private halves that were destroyed (gatehost.store.halves), as the erase entries say
    metadata,
    Column("name", LargeBinary, primary_key=True),
    whole("reason"),
    big("at"),
)

feed = Table(  # where the estate's events are sent, how far, and the key they are signed with
    "feed",
    metadata,
    number(),
    string("url"),
    octets("hidden"),
    big("generation"),
    big("sent"),  # leaves of that generation's tree
    big("made_at"),
    said("made_by"),
    big("last_at", null=True),
    said("last_error"),
    big("ended_at", null=True),
)
