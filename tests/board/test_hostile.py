"""A hostile host, or nobody's: whatever comes over the link, a board ends the connection and goes on deciding.

On the real MicroPython; only the TLS stream is played, from the bytes inside it on.
"""

import json

import pytest

from .micropython import MicroPython
from .test_memory import PLAYED, SETUP

pytestmark = pytest.mark.micropython

PEER = (
    SETUP
    + """
import gc, rp2
time.stand_still()
from gatecore import frames, records as r, wire
from gatecore.ed25519 import Signer
from gatecore.errors import GateError
from gatecore.sign import key_id, sha256
from gateboard import link as links, session as sessions
from gateboard.errors import BoardError

ESTATE, POLICY, OPERATOR, STRANGER = [Signer(sha256(name)) for name in (b"estate", b"policy", b"operator", b"stranger")]
MINE = board.parts.ring.chain.dev
sent = bytearray()
ended = []

class Stream:
    def __init__(self):
        self.come = []
        self.closed = False
    def read(self, n):
        if not self.come:
            return None
        data = self.come.pop(0)
        if len(data) > n:
            self.come.insert(0, data[n:])
            data = data[:n]
        return data
    def write(self, data):
        sent.extend(bytes(data))
        return len(data)
    def close(self):
        self.closed = True

stream = None
def dialled(address, host, authority):
    global stream
    stream = Stream()
    return stream
links.dialled = dialled

def estate():
    trust = board.parts.trust
    trust.estate = ESTATE.public
    signed = wire.sign1(r.Keys(1, POLICY.public, OPERATOR.public).to_wire(), ESTATE)
    board.parts.checked.known(signed, ESTATE.public)
    trust.accept_keys(signed)
    board.link = links.Link(board.parts, "https://host:8443", b"", lambda mono: True)
    board.carrier.say = board.link.say

def message(data, opcode=2):
    size = len(data)
    head = bytes([0x80 | opcode]) + (bytes([size]) if size < 126 else bytes([126, size >> 8, size & 255]))
    return head + data

HTTP = b"HTTP/1.1 101 Switching Protocols\\r\\n\\r\\n"
def turns(n):
    for _ in range(n):
        time.let_pass(7)
        board.turn()
def dial():
    global stream
    stream = None
    for _ in range(400):
        if stream is None:
            time.let_pass(1000)
            board.turn()
def up():
    dial()
    stream.come += [HTTP, message(frames.pack(frames.NONCE, 1, b"n" * 16))]
    turns(400)
    hello = r.HostHello(MINE, board.link._session._nonce, UTC)
    stream.come.append(message(frames.pack(frames.HOST, 2, wire.sign1(hello.to_wire(), POLICY))))
    turns(400)
    return board.link.up
def come(*pieces):
    stream.come += list(pieces)
    turns(40)
    if board.link._session is not None:
        turns(500)
def opens():
    before = machine.level(LOCK_PIN)
    board.post(e.Key("*"))
    tidy()
    typed("120502#7654321#")
    moved = machine.level(LOCK_PIN)
    time.let_pass(40000)
    machine.run_timers()
    return before == 0 and moved == 1
LOCK_PIN = VALUES["board"]["lock"]["pin"]
def bad(*pieces):
    '''What a connection that is up ends with; the door's state, clock and lock are as they were.'''
    held = (board.door.state.version, board.parts.trust.keys.number, machine.level(LOCK_PIN))
    quality = board.clock.now(board.ports.mono()).quality
    seq = board.ports.ring.chain.seq
    come(*pieces)
    same = held == (board.door.state.version, board.parts.trust.keys.number, machine.level(LOCK_PIN))
    same = same and quality == board.clock.now(board.ports.mono()).quality
    return same, board.link.why if not board.link.up else "up"
for name in ("contact", "fire", "tamper"):  # at rest: closed wires
    machine.join(VALUES["board"]["inputs"][name]["pin"], -1)
estate()
"""
)

# what comes after 101, before anything is believed: how the connection ends
GREETINGS = {
    "masked": (r"bytes([0x82, 0x81, 1, 2, 3, 4, 5])", "message"),
    "long form of a length": (r"bytes([0x82, 127]) + bytes(8)", "message"),
    "reserved bits": (r"bytes([0xC2, 0])", "message"),
    "in pieces": (r"bytes([0x02, 0])", "message"),
    "text": (r"message(b'hello', 1)", "message"),
    "a continuation": (r"message(b'hello', 0)", "message"),
    "an unknown opcode": (r"message(b'', 11)", "message"),
    "oversize": (r"bytes([0x82, 126, 0xFF, 0xFF])", "long"),
    "a close": (r"message(b'', 8)", "closed"),
    "the end": (r"b''", "closed"),
    "no CBOR": (r"message(b'\xff' * 60)", "type"),
    "CBOR that goes on": (r"message(frames.pack(frames.PING, 1) + b'\x00')", "trailing"),
    "a length that lies": (r"message(b'\x83\x01\x01\x9a\xff\xff\xff\xff')", "cut"),
    "deep arrays": (r"message(b'\x81' * 4000)", "depth"),
    "no frame": (r"message(wire.encode([1, 2]))", "frame"),
    "an unknown kind": (r"message(wire.encode([99, 1, []]))", "kind"),
    "a frame of the wrong shape": (r"message(wire.encode([1, 1, [b'short']]))", "field"),
    "a device's own frame": (r"message(frames.pack(frames.STATUS, 1, 0, 0, 0, 0, 1, 'x'))", "kind"),
    "a command before the greeting": (r"message(frames.pack(frames.COMMAND, 1, b'x'))", "kind"),
    "a state before the greeting": (r"message(frames.pack(frames.STATE, 1, b'x'))", "kind"),
    "a host before its nonce": (r"message(frames.pack(frames.HOST, 1, b'x'))", "order"),
    "two nonces": (r"message(frames.pack(frames.NONCE, 1, bytes(16))) * 2", "order"),
}
# what a greeting may be signed over or by, once the nonces are exchanged: how the connection ends
HOSTS = {
    "a stranger's": ("wire.sign1(r.HostHello(MINE, nonce, UTC).to_wire(), STRANGER)", "signature"),
    "the operator's": ("wire.sign1(r.HostHello(MINE, nonce, UTC).to_wire(), OPERATOR)", "signature"),
    "for another door": ("wire.sign1(r.HostHello(b'd' * 16, nonce, UTC).to_wire(), POLICY)", "device"),
    "replayed": ("wire.sign1(r.HostHello(MINE, b'o' * 16, UTC).to_wire(), POLICY)", "nonce"),
    "another record": ("wire.sign1(r.ClockOrder(MINE, UTC, nonce).to_wire(), POLICY)", "purpose"),
    "cut": ("wire.sign1(r.HostHello(MINE, nonce, UTC).to_wire(), POLICY)[:-1]", "envelope"),
    "under a MAC": ("wire.mac0(r.HostHello(MINE, nonce, UTC).to_wire(), POLICY.key_id, b'k' * 32)", "envelope"),
}
# what a host that was believed may try afterwards: how the connection stands then
STATE = "r.StateHeader({dev}, {generation}, {version}, 1, [{chunk}]).to_wire()"
BELIEVED = {
    "a state of the operator's": (
        "frames.pack(frames.STATE, 3, wire.sign1(r.StateHeader(MINE, 9, 9, 1, []).to_wire(), OPERATOR))",
        "up",
    ),
    "another door's state": (
        "frames.pack(frames.STATE, 3, wire.sign1(r.StateHeader(b'd' * 16, 9, 9, 1, []).to_wire(), POLICY))",
        "up",
    ),
    "an older state": (
        "frames.pack(frames.STATE, 3, wire.sign1(r.StateHeader(MINE, 0, 9, 1, []).to_wire(), POLICY))",
        "up",
    ),
    "a piece nobody asked for": ("frames.pack(frames.PIECE, 3, bytes(32), b'x' * 3000)", "up"),
    "a command nobody asked for": (
        "frames.pack(frames.COMMAND, 3, wire.sign1(r.Command(MINE, 'open', b'c' * 16, b'b' * 32).to_wire(), OPERATOR))",
        "up",
    ),
    "a stranger's command": (
        "frames.pack(frames.COMMAND, 3, wire.sign1(r.Command(MINE, 'open', b'c' * 16, b'b' * 32).to_wire(), STRANGER))",
        "up",
    ),
    "a command under a MAC": (
        "frames.pack(frames.COMMAND, 3, wire.mac0(r.Command(MINE, 'open', b'c' * 16, b'b' * 32).to_wire(),"
        " OPERATOR.key_id, b'k' * 32))",
        "up",
    ),
    "a command that is none": ("frames.pack(frames.COMMAND, 3, b'x' * 500)", "up"),
    "a clock order nobody asked for": (
        "frames.pack(frames.COMMAND, 3, wire.sign1(r.ClockOrder(MINE, UTC + 10 ** 9, b'c' * 16).to_wire(), POLICY))",
        "up",
    ),
    "news of no call": ("frames.pack(frames.CALL_NEWS, 3, b'c' * 16, 99, 99)", "up"),
    "an acknowledgement of what was never written": ("frames.pack(frames.ACK, 3, 10 ** 9, bytes(16), 7)", "up"),
    "a refusal": ("frames.pack(frames.REFUSED, 3, 'fork')", "refused"),
}


def cases(table: dict[str, tuple[str, str]], each: str) -> list[tuple[str, str]]:
    """(how it ended, whether the door still opens) for every case of a table, one board for all of them."""
    steps = [f"{each}\nprint(told, opens())".replace("CASE", case) for case, _ in table.values()]
    done = MicroPython(files=PLAYED).run(PEER, *steps)
    return [tuple(step.text.rsplit(" ", 1)) for step in done[1:]]  # type: ignore[misc]


def test_a_greeting_that_is_none_ends_the_connection_and_nothing_else() -> None:
    told = cases(GREETINGS, "dial()\ncome(HTTP, CASE)\ntold = board.link.why")
    assert dict(zip(GREETINGS, told, strict=True)) == {name: (why, "True") for name, (_, why) in GREETINGS.items()}


def test_a_host_is_believed_for_its_own_answer_to_this_doors_nonce_only() -> None:
    each = """
dial()
come(HTTP, message(frames.pack(frames.NONCE, 1, b"n" * 16)))
nonce = board.link._session._nonce
come(message(frames.pack(frames.HOST, 2, CASE)))
told = board.link.why if board.clock.now(board.ports.mono()).quality < 4 else "took its time"
"""
    told = cases(HOSTS, each)
    assert dict(zip(HOSTS, told, strict=True)) == {name: (why, "True") for name, (_, why) in HOSTS.items()}


def test_a_believed_host_changes_nothing_it_did_not_sign_for_this_door_now() -> None:
    each = "assert board.link.up or up()\nsame, told = bad(message(CASE))\ntold = told if same else 'changed'"
    told = cases(BELIEVED, each)
    assert dict(zip(BELIEVED, told, strict=True)) == {name: (why, "True") for name, (_, why) in BELIEVED.items()}


def test_a_host_that_acknowledges_what_was_never_written_does_not_have_it() -> None:
    """Else the entries to come would be dropped from a full log as if the host had them, and no gap would say so."""
    *_, told = MicroPython(files=PLAYED).run(
        PEER,
        "assert up()\nring = board.parts.ring\ncome(message(frames.pack(frames.ACK, 3, 10 ** 9, b'r' * 16, None)))\n"
        "print(0 < ring.acked <= ring.chain.seq, opens(), ring.acked < ring.chain.seq)",
    )
    assert told.text == "True True True"


def test_a_host_that_lies_again_and_again_is_hung_up_on() -> None:
    lie = "message(frames.pack(frames.COMMAND, 3, b'x'))"
    *_, told = MicroPython(files=PLAYED).run(
        PEER, f"assert up()\nfor _ in range(10):\n    come({lie})\nprint(board.link.why, opens())"
    )
    assert told.text == "distrust True"


def test_a_peer_that_trickles_or_floods_holds_neither_memory_nor_the_door() -> None:
    """A byte a turn for ever, an HTTP head without end, frames faster than they are judged: memory stays bounded."""
    steps = [
        "dial()\nfor _ in range(3000):\n    stream.come.append(b'H')\n    turns(1)\nprint(board.link.why, opens())",
        "dial()\ncome(*[b'x' * 1024] * 12)\nprint(board.link.why, opens())",
        "dial()\ncome(HTTP, bytes([0x82, 126, 32, 0]) + bytes(100))\nturns(3200)\nprint(board.link.why, opens())",
        "assert up()\nlate = message(frames.pack(frames.NONCE, 3, bytes(16)))\n"
        "come(HTTP)\nprint(board.link.why, opens())",
        "dial()\nstream.come += [HTTP, message(frames.pack(frames.NONCE, 1, b'n' * 16))]\nturns(4)\n"
        "nonce = board.link._session._nonce\n"
        "stream.come.append(message(frames.pack(frames.HOST, 2, wire.sign1(r.HostHello(MINE, nonce, UTC).to_wire(),"
        " POLICY))))\nstream.come += [message(frames.pack(frames.PING, 1))] * 40\nturns(30)\n"
        "print(board.link.why, opens())",
        "assert up()\nstream.come += [message(frames.pack(frames.ASK, n, n)) for n in range(300)]\nturns(700)\n"
        "print(len(board.link._session.out) <= 32, len(board.link._out) <= 2 * links.MOST_BYTES,"
        " len(board.parts.trust._challenges), opens())",
    ]
    before, *done, after = MicroPython(files=PLAYED).run(PEER + "\npass", *steps, "sent = bytearray()\ngc.collect()")
    assert [step.text for step in done] == [
        "silence True",
        "long True",
        "silence True",
        "message True",
        "early True",
        "True True 4 True",
    ]
    print(f"alive before {before.live}, after {after.live} bytes")
    assert after.live - before.live <= 16 * 1024


def test_what_a_broken_network_raises_is_caught() -> None:
    *_, told = MicroPython(files=PLAYED).run(
        PEER,
        "def broken(*said):\n    raise OSError(104)\n",
        "dial()\nstream.read = broken\nturns(3)\nfirst = board.link.why\n"
        "dial()\nstream.write = broken\nturns(3)\nprint(first, board.link.why, opens())",
    )
    assert json.dumps(told.text.split()) == '["network", "network", "True"]'


def test_a_certificate_that_is_refused_ends_the_connection_and_never_the_door() -> None:
    """MicroPython says ValueError for one that has ended, has not begun, or is of another name; and MemoryError."""
    *_, told = MicroPython(files=PLAYED).run(
        PEER,
        "def refuses(*said):\n    raise ValueError('The certificate validity starts in the future')\n"
        "def full(*said):\n    raise MemoryError\n",
        "dial()\nstream.read = refuses\nturns(3)\nfirst = board.link.why\n"
        "dial()\nstream.read = full\nturns(3)\nprint(first, board.link.why, opens())",
    )
    assert told.text == "network network True"


def test_nothing_is_said_into_a_connection_before_it_is_there() -> None:
    """An esp32 gives up a TLS that speaks before TCP has got through; one that never does is given up after a while."""
    *_, waited, told = MicroPython(files=PLAYED).run(
        PEER,
        "Stream.reached = False\nread = []\nStream.read = lambda self, n: read.append(n)\n"
        "dial()\nturns(100)\nprint(len(sent), len(read))\n"
        "stream.reached = True\nturns(2)\nprint(sent[:4], len(read) > 0, opens())\n",
        "board.link._end('x')\nsent[:] = b''\ndial()\ntime.let_pass(21000)\nturns(1)\n"
        "print(len(sent), board.link.why, opens())",
    )
    assert waited.text.splitlines() == ["0 0", "bytearray(b'GET ') True True"]
    assert told.text == "0 silence True"


def test_a_radio_that_is_broken_leaves_the_door_and_is_tried_again() -> None:
    """Its country is said before it is switched on: else a network on channel 12 or 13 is never seen."""
    *_, built, later = MicroPython(files=PLAYED).run(
        PEER,
        "import network\ntold = [OSError(110), RuntimeError('Wifi Unknown Error 0x0101')]\n"
        "works = network.WLAN.active\n"
        "def active(self, on=True):\n    if told:\n        raise told.pop(0)\n    return works(self, on)\n"
        "network.WLAN.active = active\nradio = links.Wifi(VALUES['wifi'])",
        "print(radio.ready(0), radio.ready(29000), radio.ready(30000), radio.ready(60000), opens())",
        "print(radio.ready(60001), network.said[0], network.said[-1])",
    )
    assert built.text == "False False False False True"
    assert later.text == "True CN on"


def test_a_host_that_was_restored_gets_what_it_lost_and_none_of_it_is_dropped_as_if_it_were_there() -> None:
    *_, told = MicroPython(files=PLAYED).run(
        PEER,
        "def acked(upto):\n    come(message(frames.pack(frames.ACK, 3, upto, bytes(16), None)))\n",
        "assert up()\nring = board.parts.ring\nacked(ring.chain.seq)\nhigh = ring.acked\nboard.link._end('x')\n",
        "assert up()\nacked(1)\nprint(high > 1, ring.acked, board.link._session._next > 1, opens())",
    )
    assert told.text == "True 1 True True"


# what a host that was believed may send out of its range or out of its time: fields as no honest host sets them
HUGE = 2**64 - 1
ODD = {
    "a call's end that is no end": ("frames.pack(frames.CALL_NEWS, 3, board.door._call, 99, 0)", "up"),
    "a call's end beyond all states": (f"frames.pack(frames.CALL_NEWS, 3, board.door._call, {HUGE}, {HUGE})", "up"),
    "a reason beyond all reasons": (f"frames.pack(frames.CALL_NEWS, 3, board.door._call, 6, {HUGE})", "up"),
    "a ticket without end": (f"frames.pack(frames.ASK, 3, {HUGE})", "up"),
    "wait for ever": (f"frames.pack(frames.SLOW, 3, {HUGE})", "up"),
    "all is acknowledged for ever": (f"frames.pack(frames.ACK, 3, {HUGE}, bytes(16), {HUGE})", "up"),
    "a negative ticket": ("wire.encode([frames.ASK, 3, [-1]])", "field"),
    "a ticket that is text": ("wire.encode([frames.ASK, 3, ['1']])", "field"),
    "text for bytes": ("wire.encode([frames.COMMAND, 3, ['open']])", "field"),
    "bytes for a frame": ("wire.encode(b'frame')", "frame"),
    "null for a frame": ("wire.encode(None)", "frame"),
    "a kind that is true": ("wire.encode([True, 3, []])", "frame"),
    "a kind that is huge": (f"wire.encode([{HUGE}, 3, []])", "kind"),
    "fields too many": ("wire.encode([frames.PING, 3, [1]])", "fields"),
    "fields within fields": ("wire.encode([frames.ASK, 3, [[[[[[1]]]]]]])", "field"),
    "a thousand lists": ("wire.encode([frames.PING, 3, [[]] * 1000])", "fields"),
    "a state of no chunk's hash": (
        "frames.pack(frames.STATE, 3, wire.sign1(r.Command(MINE, 'x', b'c' * 16, b'b' * 32).to_wire(), POLICY))",
        "up",
    ),
    "a command to do what is nothing": (
        "frames.pack(frames.COMMAND, 3, wire.sign1(r.Command(MINE, 'lift/' + 'x' * 2000,"
        " board.parts.trust.challenge(board.ports.mono()), b'b' * 32).to_wire(), OPERATOR))",
        "up",
    ),
    "a clock order for 1970": (
        "frames.pack(frames.COMMAND, 3, wire.sign1(r.ClockOrder(MINE, 0,"
        " board.parts.trust.challenge(board.ports.mono())).to_wire(), POLICY))",
        "up",
    ),
    "a clock order for no year": (
        f"frames.pack(frames.COMMAND, 3, wire.sign1(r.ClockOrder(MINE, {HUGE},"
        " board.parts.trust.challenge(board.ports.mono())).to_wire(), POLICY))",
        "up",
    ),
    "a time of 1970": (
        "frames.pack(frames.HOST, 3, wire.sign1(r.HostHello(MINE, nonce(), 0).to_wire(), POLICY))",
        "up",
    ),
    "a time of no year": (
        f"frames.pack(frames.HOST, 3, wire.sign1(r.HostHello(MINE, nonce(), {HUGE}).to_wire(), POLICY))",
        "up",
    ),
}
NONCE = """
def nonce():
    board.link._session._ask_time()
    return board.link._session._nonce
def rings():
    board.post(e.Key("*"))
    typed("120502C")
    assert board.door._call
def leaves():
    pin, level = VALUES["board"]["inputs"]["exit"]["pin"], machine.level(LOCK_PIN)
    machine.join(pin, -1)
    turns(8)
    opened = machine.level(LOCK_PIN)
    machine.part(pin)
    turns(8)
    time.let_pass(40000)
    machine.run_timers()
    return level == 0 and opened == 1
"""


def test_a_believed_host_that_sends_what_no_honest_one_does_stops_no_door() -> None:
    """Nothing raises out of the loop; the year stays; keypad and exit button work, after a save of the clock too."""
    each = (
        "board.link._end('next')\nassert up()\nrings()\nsame, told = bad(message(CASE))\nboard._save()\n"
        "year = board.now().utc // 31556952000 + 1970\n"
        "told = told if same and leaves() and year == 2026 else 'changed'"
    )
    done = MicroPython(files=PLAYED).run(
        PEER + NONCE, *[f"{each}\nprint(told, opens())".replace("CASE", case) for case, _ in ODD.values()]
    )
    told = [tuple(step.text.rsplit(" ", 1)) for step in done[1:]]
    assert dict(zip(ODD, told, strict=True)) == {name: (why, "True") for name, (_, why) in ODD.items()}


STATES = """
def chunks(*rows):
    return [chunk for kind, held in rows for chunk in s.chunks(kind, held)]
DOOR = (s.DOOR, [["Stair", "", 6, 0, 5000, 20000, 0, 1, "office", KEY]])
version = [1]
def offer(made):
    version[0] += 1
    header = r.StateHeader(MINE, 1, version[0], 1, [sha256(chunk) for chunk in made])
    come(message(frames.pack(frames.STATE, 3, wire.sign1(header.to_wire(), POLICY))))
    return made
def give(chunk):
    come(message(frames.pack(frames.PIECE, 4, sha256(chunk), chunk)))
erased = []
def counted(erase):
    def one(sector):
        erased.append(sector)
        return erase(sector)
    return one
for region in board.ports.shelf._regions:
    region.erase = counted(region.erase)
held = board.door.state
"""
GOOD = "chunks(DOOR, (s.OFFSETS, [[0, 480]]), (s.HOMES, [['120502', '12', 1]]))"
TOO_LARGE = "chunks(DOOR, (s.HOMES, [[str(100000 + n), '12', 1] for n in range(4000)]))"
BAD_STATES = {
    "too large for this board": f"made = offer({TOO_LARGE}[:60])\nfor chunk in made:\n    give(chunk)",
    "a chunk twice": f"made = offer([chunk for chunk in {GOOD} for _ in (0, 1)])\nfor chunk in made:\n    give(chunk)",
    "chunks in the wrong order": f"made = offer({GOOD}[::-1])\nfor chunk in made:\n    give(chunk)",
    "a chunk that is none": "made = offer([b'x' * 3000])\ngive(made[0])",
    "a chunk that nests": "made = offer([b'\\x81' * 3000])\ngive(made[0])",
    "a chunk too long": "made = offer([bytes(3073)])\ngive(made[0])",
    "a home number without end": "made = offer(chunks((s.DOOR, [['S', '1' * 17] + DOOR[1][0][2:]])))\ngive(made[0])",
    "a person's home without end": (
        "made = offer(chunks(DOOR, (s.PEOPLE, [[b'p' * 16, '1' * 300, 0, 1, 0, 0]])))\n"
        "for chunk in made:\n    give(chunk)"
    ),
    "a clock beyond this earth": (f"made = offer([wire.encode([s.OFFSETS, [[0, {2**62}]]])])\ngive(made[0])"),
}


def test_a_state_that_cannot_be_is_refused_keeps_the_old_one_and_is_not_erased_for_again() -> None:
    """Another connection offers it again: nothing is erased for it a second time; a right one is taken after it."""
    again = "first = len(erased)\nassert board.link.up or up()\nversion[0] -= 1\nheader = offer(made)\ngive(made[0])\n"
    each = (
        "assert board.link.up or up()\nerased.clear()\nheld = board.door.state\nCASE\n" + again
        + "print(board.door.state is held, first > 0, len(erased) == first, opens())"
    )  # fmt: skip
    steps = [each.replace("CASE", case) for case in BAD_STATES.values()]
    right = (
        f"assert board.link.up or up()\nfor chunk in offer({GOOD}):\n    give(chunk)\n"
        "print(board.door.state.version == version[0])"
    )
    _, *told, taken = MicroPython(files=PLAYED).run(PEER + STATES, *steps, right)
    assert dict(zip(BAD_STATES, [step.text for step in told], strict=True)) == dict.fromkeys(
        BAD_STATES, "True True True True"
    )
    assert taken.text == "True"


def test_flash_that_fails_when_a_state_is_swapped_leaves_the_old_one_and_the_door() -> None:
    _, failed, later = MicroPython(files=PLAYED).run(
        PEER + STATES,
        f"assert up()\nmade = offer({GOOD})\nfor chunk in made[:-1]:\n    give(chunk)\nwrite = rp2.Flash.writeblocks\n"
        "def fails(*given):\n    raise OSError(5)\nswap = board.ports.shelf.swap\n"
        "def swaps(*given):\n    rp2.Flash.writeblocks = fails\n    try:\n        return swap(*given)\n"
        "    finally:\n        rp2.Flash.writeblocks = write\nboard.ports.shelf.swap = swaps\ngive(made[-1])\n"
        "print(board.door.state is held, board.link.up, opens())",
        "board.ports.shelf.swap = swap\nversion[0] -= 1\nfor chunk in offer(made):\n    give(chunk)\n"
        "print(board.door.state.version == version[0], board.link.up)",
    )
    assert failed.text == "True True True"
    assert later.text == "True True"


def test_a_piece_that_comes_before_it_is_asked_for_has_nothing_erased_in_one_go() -> None:
    _, told = MicroPython(files=PLAYED).run(
        PEER + STATES,
        f"assert up()\nmade = {GOOD}\nmost = [0]\ntidy_one = board.turn\n"
        "def counting():\n    before = len(erased)\n    tidy_one()\n    most[0] = max(most[0], len(erased) - before)\n"
        "board.turn = counting\nheader = r.StateHeader(MINE, 1, 2, 1, [sha256(chunk) for chunk in made])\n"
        "stream.come.append(message(frames.pack(frames.STATE, 3, wire.sign1(header.to_wire(), POLICY))))\n"
        "for n in range(900):\n    if board.parts.shelf.wants_tidy and n % 3 == 0 and len(stream.come) < 2:\n"
        "        stream.come.append(message(frames.pack(frames.PIECE, 4, sha256(made[0]), made[0])))\n    turns(1)\n"
        "print(most[0], len(erased) > 4, opens())",
    )
    assert told.text == "1 True True"


def test_a_host_that_sends_without_end_keeps_no_key_and_no_exit_unread() -> None:
    """Whatever there is to read, one turn of the loop takes one message; too many orders at once end the connection."""
    _, told, orders = MicroPython(files=PLAYED).run(
        PEER + NONCE,
        "assert up()\nping = message(frames.pack(frames.PING, 1))\nread = []\n"
        "def endless(n):\n    read.append(n)\n    return (ping * 200)[:n]\nstream.read = endless\n"
        "scans, scan = [], board.scan\ndef scanned():\n    scans.append(len(read))\n    scan()\nboard.scan = scanned\n"
        "turns(200)\nsteps = [b - a for a, b in zip(scans, scans[1:])]\n"
        "print(max(steps), len(scans), len(board.link._in) <= links.MOST_BYTES, leaves(), opens())",
        "board.link._end('x')\nassert up()\norder = message(frames.pack(frames.COMMAND, 3, wire.sign1("
        "r.Command(MINE, 'open', b'c' * 16, b'b' * 32).to_wire(), OPERATOR)))\n"
        "stream.come += [order] * 40\nmost = [0]\nfor _ in range(60):\n    turns(1)\n"
        "    most[0] = max(most[0], len(board.link._session._jobs) if board.link._session else 0)\n"
        "print(most[0], board.link.why, leaves(), opens())",
    )
    assert told.text == "1 200 True True True"
    assert orders.text == "8 busy True True"


def test_a_name_server_that_is_dead_is_asked_seldom_and_only_while_nobody_types() -> None:
    """Each look-up may keep keys unread for seconds. An address that was good is tried first, after a power cut too."""
    setup = (
        "asked, tried, dead = [], [], [False]\n"
        "def found(host, port):\n    asked.append(board.ports.mono())\n"
        "    if dead[0]:\n        time.let_pass(7000)\n        raise OSError(-2)\n    return ('10.0.0.5', port)\n"
        "links.found = found\ndial_one = links.dialled\n"
        "def refuses(address, host, authority):\n    tried.append(address)\n    raise OSError(113)\n"
    )
    first, kept, away, typing, again = [
        step.text
        for step in MicroPython(files=PLAYED).run(
            PEER + setup,
            "assert up()\nturns(100)\nprint(len(asked), board.address)",
            "board._save()\nagain = main.build(VALUES, random)\nprint(again.address, again.link)",
            "dead[0] = True\nlinks.dialled = refuses\nboard.link._end('x')\nasked.clear()\nbegan = board.ports.mono()\n"
            "while board.ports.mono() - began < 1_200_000:\n    turns(40)\n"
            "gaps = [b - a for a, b in zip(asked, asked[1:])]\n"
            "print(len(asked) <= 5, min(gaps) >= 300_000, len(tried) > 10, set(tried), opens())",
            "board.link._next = board.link._look_at = 0\nboard._quiet_at = board.ports.mono()\n"
            "asked.clear()\ntried.clear()\n"
            "for n in range(60):\n    board._typed = board.ports.mono()\n    turns(40)\n"
            "print(len(asked), len(tried))\n",
            "dead[0] = False\nlinks.dialled = dial_one\nboard.link._look_at = 0\nprint(up(), opens())",
        )[1:]
    ]
    assert first == "1 ('10.0.0.5', 8443)"
    assert kept == "('10.0.0.5', 8443) None"
    assert away == "True True True {('10.0.0.5', 8443)} True"
    assert typing == "0 0"
    assert again == "True True"


def test_a_key_that_is_stuck_puts_off_neither_the_host_nor_a_state() -> None:
    _, told = MicroPython(files=PLAYED).run(
        PEER + STATES,
        "board.ports.keypad.read = lambda: 4\nbegan = board.ports.mono()\n"
        f"print(up(), board.ports.mono() - began >= 15_000)\nfor chunk in offer({GOOD}):\n    give(chunk)\n"
        "print(board.door.state.version)",
    )
    assert told.text.splitlines() == ["True True", "2"]
