"""Codec, records, chain, seals, frames and first contact: what is written, and which words a refusal travels under."""

from binascii import crc32, hexlify

from gatecore import clock, enrol, frames, intake, log, logfile, state, trust, wire
from gatecore import records as r
from gatecore.ed25519 import Signer, verify
from gatecore.errors import GateError
from gatecore.sign import sha256
from gatecore.throttle import Memory

DEVICE, ESTATE, STRANGER, POLICY = [Signer(sha256(name)) for name in (b"device", b"estate", b"stranger", b"policy")]


def say(*words):
    print(*[hexlify(word).decode() if isinstance(word, bytes) else word for word in words])


def refused(name, did, *arguments):
    """Prints the code of the refusal; a thing that is accepted prints so."""
    try:
        did(*arguments)
    except GateError as wrong:
        say(name, wrong.__class__.__name__, wrong.code)
    else:
        say(name, "accepted")


# the codec, good and bad
for value in (0, 23, 24, 255, 256, 65536, 2**32, 2**64 - 1, -1, -(2**64), True, False, None, b"", "开门", [[1], [[]]]):
    say(wire.encode(value), repr(wire.decode(wire.encode(value))) if not isinstance(value, str) else len(value))
for bad in ("1801", "0100", "9f01ff", "a0", "c100", "f93c00", "f7", "9affffffff", "62c080", "63eda080", "6180", "61c3",
            "64f4908080", "6ce5bc80e997a8e5bc80e997a8", "66e5bc80e997a8", "64f09f9880", "62e5bc", "63e5bc41", "60f5",
            "", "81" * 9 + "01", "5bffffffffffffffff", "1c", "fb0000000000000000", "19", "190001"):  # fmt: skip
    refused("decode " + bad[:20], wire.decode, bytes([int(bad[i : i + 2], 16) for i in range(0, len(bad), 2)]))
nested = [1]
for _ in range(9):
    nested = [nested]
for bad in (1.5, {}, 2**64, -(2**64) - 1, nested):
    refused("encode", wire.encode, bad)

# envelopes
sealed, maced = wire.sign1(b"payload", DEVICE), wire.mac0(b"payload", DEVICE.key_id, b"k" * 32)
say(sealed, wire.open_sign1(sealed, DEVICE.key_id, DEVICE.public, verify), wire.signed_by(sealed))
say(maced, wire.open_mac0(maced, DEVICE.key_id, b"k" * 32))
for at in (0, 3, 9, 25, 26, 30, 40, len(sealed) - 1):
    bent = bytearray(sealed)
    bent[at] ^= 1
    refused(f"bent {at}", wire.open_sign1, bytes(bent), DEVICE.key_id, DEVICE.public, verify)
refused("short", wire.open_sign1, b"x", DEVICE.key_id, DEVICE.public, verify)
refused("other key", wire.open_mac0, maced, DEVICE.key_id, b"j" * 32)

# the chain, its frames, a torn tail, a batch and its seal
chain = log.Chain(DEVICE.key_id, log.genesis(DEVICE.public))
entries, privates, stored = [], [], b""
for n in range(4):
    private = r.Private(bytes(16), b"120502", ["120502", None, b"", n]).to_wire() if n % 2 else None
    entry = chain.next(clock.Now(1, n, None if n == 0 else 1795000000000 + n, 3), r.ACCESS, [0, 1, 2, 0, n], private)
    chain.take(entry)
    entries.append(entry)
    privates.append(private)
    stored += logfile.frame(entry, private)
    say(entry, chain.head)
seal = log.seal(chain, clock.Now(1, 9, None, 0), b"a" * 16, DEVICE)
say(seal)


def fresh():
    return log.Chain(DEVICE.key_id, log.genesis(DEVICE.public))


for cut in (0, 5, 6, 100, len(stored) - 1, len(stored)):
    found, length = logfile.recover(stored[:cut], fresh())
    say("cut", cut, len(found), length)
say("torn", logfile.recover(stored + b"\xff" * 50, fresh())[1], logfile.recover(logfile.frame(b"x", None), fresh())[1])
body = wire.encode([1, 2])
head = len(body).to_bytes(2, "big")
say("no frame", logfile.recover(head + bytes(4) + body, fresh())[1])
for body in (b"\xff", wire.encode([1, 2]), wire.encode(1)):
    head = len(body).to_bytes(2, "big") + crc32(body).to_bytes(4, "big")
    say("no entry", logfile.recover(head + body, fresh())[1])
say(len(log.check_batch(fresh(), entries, privates, seal, DEVICE.public, verify)))
other = r.Private(b"z" * 16, b"120502", []).to_wire()
for name, these, those, by in (
    ("dropped", entries[1:], privates[1:], seal),
    ("cut off", entries[:3], privates[:3], seal),
    ("swapped", [entries[1], entries[0]], privates[:2], seal),
    ("altered", [entries[0], entries[1][:-1] + b"\x00"], privates[:2], seal),
    ("commitment", entries, [None, other, None, None], seal),
    ("uncalled", entries, [other, None, None, None], seal),
    ("lengths", entries, privates[1:], seal),
    ("stranger", entries, privates, log.seal(chain, clock.Now(1, 9, None, 0), None, STRANGER)),
):
    refused(name, log.check_batch, fresh(), these, those, by, DEVICE.public, verify)
refused("frame too long", logfile.frame, bytes(5000), None)
alien = log.Chain(STRANGER.key_id, log.genesis(STRANGER.public))
refused("device", fresh().take, alien.next(clock.Now(1, 0, None, 0), 1, [], None))
refused("epoch", log.Chain(DEVICE.key_id, log.genesis(DEVICE.public), 0, 1).take, entries[0])
refused(
    "sealed for another", log.open_seal, log.seal(alien, clock.Now(1, 0, None, 0), None, DEVICE), DEVICE.public, verify
)

# a key change: which key it begins, what it may not say, where a batch ends
begun = [int.from_bytes(STRANGER.public[at : at + 8], "big") for at in range(0, 32, 8)]
changing = fresh()
say(changing.take(changing.next(clock.Now(1, 0, None, 0), r.ACCESS, [0, 1, 2, 0, 0], None)).typ, changing.key)
standing = changing.copy()
change = changing.next(clock.Now(1, 1, None, 0), r.KEY, [1] + begun, None)
say(change, changing.take(change).epoch, changing.epoch, changing.sealed, changing.key)
last = log.seal(changing, clock.Now(1, 2, None, 0), None, DEVICE)
after = changing.next(clock.Now(1, 2, None, 0), r.ACCESS, [0, 1, 2, 0, 0], None)
same = changing.copy()
say(same.epoch, same.sealed, same.key, same.take(after).epoch, same.sealed, same.key)
first = log.seal(same, clock.Now(1, 3, None, 0), None, STRANGER)
say(last, first)
refused(
    "over a key change", log.check_batch, standing.copy(), [change, after], [None] * 2, first, STRANGER.public, verify
)
refused("by the next key", log.check_batch, standing.copy(), [change], [None], first, STRANGER.public, verify)
say(len(log.check_batch(standing, [change], [None], last, DEVICE.public, verify)), standing.epoch, standing.key)
refused("by the former key", log.check_batch, standing.copy(), [after], [None], last, DEVICE.public, verify)
say(len(log.check_batch(standing, [after], [None], first, STRANGER.public, verify)), standing.sealed, standing.key)
refused("named by the key", log.open_seal, first, STRANGER.public, verify)
for pub in ([], [1], [2] + begun, [0] + begun, [1] + begun + [0], [1, -1, 0, 0, 0], [1, 0, 0, 0, 2**64 - 1]):
    refused("key change", fresh().take, fresh().next(clock.Now(1, 0, None, 0), r.KEY, pub, None))

# shapes
for bad in ([], 7, [2], [1, 2], [1] + [0] * 11, [1, b"d" * 16, 0, 1, b"p" * 32, 1, 1, None, 5, 1, [], None],
            [1, b"d" * 16, 0, 1, b"p" * 32, 1, 1, None, 4, 1, [True], None]):  # fmt: skip
    refused("entry", r.Entry.from_wire, wire.encode(bad))
for bad in ([], [1, 2], [b"s" * 16, "text", 1], [b"s", b"s", 1]):
    refused("private", r.Private.from_wire, wire.encode(bad))
for bad in ([], 1, ["gate-cmd/1"], ["gate-keys/1", 1, 2, 3], ["gate-keys/1", 1]):
    refused("keys", r.Keys.from_wire, wire.encode(bad))
refused("header", r.StateHeader, b"d" * 16, 1, 1, 1, [b"short"])
refused("fields", r.Keys, 1)
keys = r.Keys(1, POLICY.public, STRANGER.public)
say(keys == r.Keys.from_wire(keys.to_wire()), keys == 1, hash(keys) == hash(r.Keys.from_wire(keys.to_wire())))
for kind in sorted(frames.SHAPES):
    sample = {r.UINT: 1, r.TEXT: "x", r.BYTES: b"x", r.LIST: [], r.UINT + r.OR_NULL: None}
    fields = [sample[shape] if shape in sample else bytes(shape) for shape in frames.SHAPES[kind]]
    data = frames.pack(kind, 7, *fields)
    say(data, frames.unpack(data)[0])
    refused("frame", frames.pack, kind, 7, *(fields + [1]))
for bad in ([1], [1, 2, 3], [99, 1, []], [1, 1, [1]], [True, 1, []]):
    refused("frame", frames.unpack, wire.encode(bad))
for bad in ([], [1, [[1]]], [1, 2], [99, []], [2, [[1, True]], 3], [2, [3]], [2, [[1, True]]], [4, [["1", "2", -1]]]):
    refused("chunk", state.HeldState().add, wire.encode(bad))
refused("chunk", state.HeldState().add, bytes(4000))
told = state.HeldState(1, 1)
for kind, row in ((state.OFFSETS, [0, -60]), (state.FACES, [b"p" * 16, "1", "m", b"h" * 32, b"s"]),
                  (state.SEAL_TO, [b"d" * 16, b"b" * 32, "Gate", b"c"]), (state.CARDS, [b"c" * 16, b"p" * 16, 5])):  # fmt: skip
    for chunk in state.chunks(kind, [row]):
        told.add(chunk)
    refused("twice", told.add, state.chunks(kind, [row])[0])
refused("order", told.add, wire.encode([12, [[b"d" * 16, b"p" * 16, 5], [b"c" * 16, b"p" * 16, 5]]]))
say(told.card(b"c" * 16) is not None, told.card(b"d" * 16), len(told.faces), len(told.seal_to), told.offsets)
many = state.chunks(state.HOMES, [["1" * 100, "2" * 100, n] for n in range(40)])
say(len(many), [len(chunk) for chunk in many])
for bad in (b"", b"\x80", wire.encode([[1], 0, [], [], [], []]), wire.encode([[1, 1, 1], 0, [[1, 1]], [], [], []]),
            wire.encode([[1, 1, -1], 0, [], [], [], []]), wire.encode([[1, 1, 1], 0, [], [], [[b"x", 1]], []]),
            wire.encode([[1, 1, 1], 0, [], [], [[b"x", 1, 1, True]], []])):  # fmt: skip
    refused("memory", Memory.from_wire, bad)
say(Memory.restore(None).to_wire(), Memory.restore(b"x").to_wire())
busy = Memory()
for n in range(600):
    busy.count_wrong(str(n))
busy.pass_time(5000)
busy.pass_time(4000)
say(len(busy.wrong), busy.wait_ms(0), len(busy.to_wire()) > 1000)

# what units and host say of faces
say(intake.WISHES, intake.CAPTURE_TWICE, intake.SLIP_TAKEN, intake.MAX_PHOTO)

# the law book
count = [0]


def random(n):
    count[0] += 1
    return count[0].to_bytes(n, "big")


book = trust.Trust(DEVICE.key_id, ESTATE.public, verify, random)
order = wire.sign1(r.Command(DEVICE.key_id, "open", book.challenge(0), b"y" * 32).to_wire(), STRANGER)
refused("no keys", book.accept_command, order, 0)
refused("no policy", book.accept_host, order, bytes(16))
book.accept_keys(wire.sign1(keys.to_wire(), ESTATE))
newer = wire.sign1(r.Keys(2, POLICY.public, STRANGER.public).to_wire(), ESTATE)
refused("conflict", book.accept_keys, wire.sign1(r.Keys(1, STRANGER.public, STRANGER.public).to_wire(), ESTATE))
refused("newer", book.accept_keys, newer)
refused("rollback", book.accept_keys, wire.sign1(keys.to_wire(), ESTATE))
refused("command", book.accept_command, order, 10000)
refused("again", book.accept_command, order, 10000)
for n in range(6):
    late = wire.sign1(r.ClockOrder(DEVICE.key_id, 5, book.challenge(n)).to_wire(), POLICY)
refused("clock too late", book.accept_clock, late, 20000)
refused("clock", book.accept_clock, wire.sign1(r.ClockOrder(DEVICE.key_id, 5, book.challenge(0)).to_wire(), POLICY), 0)
refused("purpose", book.accept_clock, wire.sign1(keys.to_wire(), POLICY), 0)
refused("for another", book.accept_host, wire.sign1(r.HostHello(b"x" * 16, bytes(16), 1).to_wire(), POLICY), bytes(16))
refused("nonce", book.accept_host, wire.sign1(r.HostHello(DEVICE.key_id, bytes(16), 1).to_wire(), POLICY), b"n" * 16)
refused("host", book.accept_host, wire.sign1(r.HostHello(DEVICE.key_id, bytes(16), 1).to_wire(), POLICY), bytes(16))
chunk = state.chunks(state.HOMES, [["120502", "12", 1]])
header = r.StateHeader(DEVICE.key_id, 1, 2, 0, [sha256(chunk[0])])
signed = wire.sign1(header.to_wire(), POLICY)
refused("state", book.accept_header, signed, state.HeldState())
refused("old state", book.accept_header, signed, state.HeldState(1, 2))
refused("chunks", book.build_state, header, [])
refused("chunk", book.build_state, header, [b"x"])
say(book.build_state(header, chunk).home("120502"))
cert = r.Cert(DEVICE.key_id, DEVICE.public, None, "gate-1", "board", 1, 0)
refused(
    "cert", book.accept_cert, wire.sign1(r.Cert(b"x" * 16, DEVICE.public, None, "g", "board", 1, 0).to_wire(), ESTATE)
)

# the log's certificate, and the order to change the signing key
for kind, by in (("host", ESTATE), ("board", ESTATE), ("host", POLICY)):
    told = r.Cert(STRANGER.key_id, STRANGER.public, None, "log", kind, 1, 0)
    refused("log " + kind, book.accept_log, wire.sign1(told.to_wire(), by))
say(
    book.accept_log(
        wire.sign1(r.Cert(STRANGER.key_id, STRANGER.public, None, "log", "host", 1, 0).to_wire(), ESTATE)
    ).slot
)
given = book.challenge(30000)


def ordered(dev, epoch, challenge, by):
    return wire.sign1(r.EpochOrder(dev, epoch, challenge).to_wire(), by)


for name, made in (
    ("not the policy's", ordered(DEVICE.key_id, 1, given, STRANGER)),
    ("another's", ordered(b"x" * 16, 1, given, POLICY)),
    ("present", ordered(DEVICE.key_id, 0, given, POLICY)),
    ("skipped", ordered(DEVICE.key_id, 2, given, POLICY)),
    ("no challenge", ordered(DEVICE.key_id, 1, bytes(16), POLICY)),
    ("next", ordered(DEVICE.key_id, 1, given, POLICY)),
    ("spent", ordered(DEVICE.key_id, 1, given, POLICY)),
):
    refused("epoch " + name, book.accept_epoch, made, 0, 30000)

# first contact
claim = enrol.Claim("https://host", b"f" * 32, ESTATE.public, "gate-1", b"t" * 16, 5)
asked = enrol.request(claim, DEVICE.public, None, b"n" * 16, "board")
say(
    asked.to_wire(),
    enrol.proves(asked, claim.token),
    enrol.proves(asked, b"u" * 16),
    enrol.digits(asked, ESTATE.public),
)
say(enrol.box_digits(DEVICE.public, b"b" * 32, ESTATE.public))
for name, nonce, mine, by in (("good", b"n", cert, ESTATE), ("nonce", b"m", cert, ESTATE), ("forged", b"n", cert, POLICY),
                              ("slot", b"n", r.Cert(DEVICE.key_id, DEVICE.public, None, "g", "board", 1, 0), ESTATE)):  # fmt: skip
    answer = enrol.Enrolled(nonce * 16, wire.sign1(mine.to_wire(), ESTATE), newer)
    refused(name, enrol.accept, wire.sign1(answer.to_wire(), by), asked, book, verify)

# time
told_time = clock.Clock(1, 1000)
for name, made in (
    ("before the floor", told_time.battery(-5000, 0)),
    ("battery", told_time.battery(1795000000000, 0)),
    ("host agrees", told_time.host(1795000001000, 900, 1000)),
    ("battery after host", told_time.battery(1, 1000)),
    ("far", told_time.host(1795009000000, 1000, 1000)),
    ("slow", told_time.host(1795009000000, 0, 9000)),
    ("order", told_time.order(1795000000000, 1000)),
    ("floor", told_time.keep_floor(2000)),
):
    say(name, made, told_time.now(2000).utc, told_time.now(2000).quality)
two = clock.Clock(1)
say(two.now(0).utc, two.battery(1795000000000, 0), two.host(1795009000000, 0, 0), two.battery(1795009000000, 0))
say(clock.Clock(1).keep_floor(1), clock.day_of(1795000000000, [[0, 480], [1795000000001, 540]]))
