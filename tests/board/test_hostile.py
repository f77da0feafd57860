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
def dialled(host, port, authority):
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
    while stream is None:
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
        "assert up()\nstream.come += [message(frames.pack(frames.ASK, n, n)) for n in range(300)]\nturns(60)\n"
        "print(len(board.link._session.out) <= 32, len(board.link._out) <= 2 * links.MOST_BYTES,"
        " len(board.parts.trust._challenges), opens())",
    ]
    before, *done, after = MicroPython(files=PLAYED).run(PEER + "\npass", *steps, "gc.collect()")
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
