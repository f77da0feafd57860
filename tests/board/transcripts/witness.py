"""Trees, checkpoints and the witness rule: which proofs hold, and under which words a checkpoint is refused."""

from binascii import hexlify

from gatecore import note, tree
from gatecore.ed25519 import Signer, verify
from gatecore.errors import GateError
from gatecore.sign import sha256
from gatecore.witness import Kept, Proof, Witness, from_numbers, numbers

DEVICE, ESTATE, LOG = [Signer(sha256(name)) for name in (b"device", b"estate", b"log")]


def say(*words):
    print(*[hexlify(word).decode() if isinstance(word, bytes) else word for word in words])


def refused(name, did, *arguments):
    try:
        did(*arguments)
    except GateError as wrong:
        say(name, wrong.__class__.__name__, wrong.code)
    else:
        say(name, "accepted")


def split(n):
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def root(leaves):
    if len(leaves) < 2:
        return tree.leaf(leaves[0]) if leaves else sha256(b"")
    k = split(len(leaves))
    return tree.node(root(leaves[:k]), root(leaves[k:]))


def path(m, leaves):
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    return path(m, leaves[:k]) + [root(leaves[k:])] if m < k else path(m - k, leaves[k:]) + [root(leaves[:k])]


def proof(m, leaves, whole=True):
    if m == len(leaves):
        return [] if whole else [root(leaves)]
    k = split(len(leaves))
    if m <= k:
        return proof(m, leaves[:k], whole) + [root(leaves[k:])]
    return proof(m - k, leaves[k:], False) + [root(leaves[:k])]


leaves = [b"entry %d" % n for n in range(9)]
for size in range(1, 10):
    top = root(leaves[:size])
    held = [tree.included(tree.leaf(leaves[m]), m, size, path(m, leaves[:size]), top) for m in range(size)]
    grown = [tree.consistent(m, root(leaves[:m]), size, top, proof(m, leaves[:size]) if m else []) for m in range(size)]
    say(size, top, held == [True] * size, grown == [True] * size)
say(tree.included(b"", 9, 9, [], b""), tree.included(tree.leaf(b""), 0, 1, [b"x"], b""))
say(tree.consistent(9, b"", 8, b"", []), tree.consistent(3, root(leaves[:3]), 9, root(leaves), []))
say(tree.consistent(8, root(leaves[:8]), 8, root(leaves[:8]), []), tree.consistent(1, b"", 2, b"", [b"a", b"b", b"c"]))

# checkpoints
origin = note.origin(ESTATE.public, 1)
signed = note.signed(origin, 9, root(leaves), LOG)
text = note.body(origin, 9, root(leaves))
cosigned = DEVICE.sign(note.cosigned_message(text, 1795000000))
whole = signed + note.cosignature_line("door", DEVICE.public, 1795000000, cosigned)
read = note.read(whole)
say(whole, read.by_log(LOG.public, verify), read.by_log(DEVICE.public, verify))
say(read.witnessed("door", DEVICE.public, verify), read.witnessed("gate", DEVICE.public, verify))
for bad in (b"", whole[:-1], whole + b"\n", whole.replace(b"\n9\n", b"\n09\n"), whole.replace(b"\n9\n", b"\nx\n"),
            whole.replace(b"\n9\n", b"\n99999999999999999999\n"), whole.replace(b"door", b"do+r"), bytes(20000),
            whole.replace(b"door ", b"door"), whole.replace(b" door", b"-door"), whole.replace(b"=\n", b"\n"),
            whole.replace(b"door", b"d" * 200), whole + note.line("x", b"", b"abcd"), text + b"\n" + b"x\n",
            whole + note.cosignature_line("door", DEVICE.public, 5, cosigned), text[:-5] + b"\n\n" + signed[-20:],
            note.signed(origin, 9, b"short", LOG), signed.replace(b"/gate/1\n", b"/gate/1\n9\n9\n", 1)):  # fmt: skip
    refused("note", note.read, bad)

# the witness rule
saved = None
witness = Witness(ESTATE.public)
refused("none believed", witness.take, Proof(signed, 0, [], 0, 0, []), None, verify)
say(witness.follow(1, LOG.public, 0), witness.follow(1, LOG.public, 0), witness.seen)
refused("conflict", witness.follow, 1, DEVICE.public, 0)
witness.acknowledged(1, 2, 5)
witness.acknowledged(2, 4, 6)
witness.acknowledged(1, 2, 7)
witness.acknowledged(2, 4, 7)
refused("moved", witness.acknowledged, 2, 5, 7)
refused("not above", witness.acknowledged, 4, 4, 7)
refused("no leaf", witness.acknowledged, 4, None, 7)
witness.acknowledged(0, None, 7)
say(witness.overdue(600_005), witness.overdue(600_006))
witness.connected(600_000)
say(witness.overdue(600_006))


def checkpoint(size):
    return note.signed(origin, size, root(leaves[:size]), LOG)


def shown(first, size, seq, index):
    inclusion = path(index, leaves[:size]) if seq else []
    return Proof(checkpoint(size), first, proof(first, leaves[:size]) if first else [], seq, index, inclusion)


for name, one, entry in (
    ("left out", shown(0, 5, 0, 0), None),
    ("older shown", shown(0, 5, 1, 2), leaves[2]),
    ("elsewhere", shown(0, 5, 2, 3), leaves[3]),
    ("another's", shown(0, 5, 2, 4), leaves[3]),
    ("not mine", shown(0, 5, 2, 4), None),
    ("from another size", shown(3, 5, 2, 4), leaves[4]),
    ("no note", Proof(b"x", 0, [], 0, 0, []), None),
    ("other log", Proof(note.signed(origin, 5, root(leaves[:5]), DEVICE), 0, [], 0, 0, []), None),
    ("other estate", Proof(note.signed("x/gate/1", 5, root(leaves[:5]), LOG), 0, [], 0, 0, []), None),
    ("no hash", Proof(checkpoint(5), 0, [b"x"], 0, 0, []), None),
    ("consistency", Proof(checkpoint(5), 0, [bytes(32)], 0, 0, []), None),
    ("good", shown(0, 5, 2, 4), leaves[4]),
    ("smaller", shown(5, 4, 0, 0) if False else Proof(checkpoint(4), 5, [], 0, 0, []), None),
    ("fork", Proof(note.signed(origin, 9, root([b"x"] * 9), LOG), 5, proof(5, [b"x"] * 9), 0, 0, []), None),
    ("nothing, with a place", Proof(checkpoint(9), 5, proof(5, leaves), 0, 1, []), None),
    ("further", shown(5, 9, 0, 0), None),
):
    refused(name, witness.take, one, entry, verify)
say(witness.size, witness.root, witness.receipted, witness.seen)
say(witness.cosign(1795000000, DEVICE))
refused("below", witness.acknowledged, 3, 5, 7)
for n in range(40):
    witness.acknowledged(10 + n, 20 + n, n)
again = Witness(ESTATE.public, witness.to_wire())
say(again.to_wire() == witness.to_wire(), len(witness.to_wire()), again.size, again.receipted)
for pending in ([1], [[1]], [[1, b"x"]]):
    say(Witness(ESTATE.public, Kept(1, LOG.public, b"", 0, 0, 0, 0, pending).to_wire()).generation)
say(witness.follow(2, DEVICE.public, 50))
refused("rollback", witness.follow, 1, LOG.public, 0)
say(numbers(root(leaves)), from_numbers(numbers(root(leaves))))
refused("numbers", from_numbers, [-1])
