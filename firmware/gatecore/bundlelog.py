"""One generation of the estate's tree in an export: checkpoints, who cosigned them, where the entries stand in it; and
what the reader believes of it beforehand."""

import binascii

from gatecore import note as notes
from gatecore.bundlesection import HOST, Section, certificate, key_changes
from gatecore.compat import TYPE_CHECKING
from gatecore.errors import ChainError, RecordError, TrustError
from gatecore.lines import shaped
from gatecore.records import BEACON, BYTES, ENROLLED, GENERATION, LIST, REVOKED, TEXT, UINT, Cert, Entry, fits
from gatecore.records import LOG as BELIEVED
from gatecore.sign import sha256
from gatecore.tree import consistent, included, node
from gatecore.witness import from_numbers

if TYPE_CHECKING:
    from typing import Any

    from gatecore.compat import Verify
    from gatecore.lines import Lines
    from gatecore.note import Note

_LOG = (TEXT, BYTES, LIST, LIST, LIST)
_WITNESS = (BYTES, LIST)
_LEAVES = (TEXT, LIST)
_RUN = (UINT, UINT, UINT)
_LEAF = (TEXT, UINT, UINT, UINT, LIST)


class Trust:
    """What the owners' committee holds: estate key, witnesses [(outside?, name, key)], how many are needed, how many
    of them outside, and the first tree head (generation, size, root) or None."""

    def __init__(
        self,
        estate: bytes,
        witnesses: "list[tuple[bool, str, bytes]] | None" = None,
        need: int = 0,
        outside: int = 0,
        head: "tuple[int, int, bytes] | None" = None,
    ) -> None:
        self.estate = estate
        self.witnesses = witnesses or []
        self.need = need
        self.outside = outside
        self.head = head


class Held:
    """A log that holds: its size, how far it is witnessed, the roots that can be told, and its host's chain."""

    def __init__(self, generation: int, host: Section) -> None:
        self.generation = generation
        self.host = host
        self.size = 0
        self.witnessed = 0
        self.words: "list[tuple[str, int, int]]" = []  # name, size, time (s) of every cosignature judged
        self.roots: "dict[int, bytes]" = {}  # by size: those of the checkpoints, and those that were asked for


class Growing:
    """The root of a tree as it grows, in the 64 hashes of its whole subtrees."""

    def __init__(self) -> None:
        self.size = 0
        self._edge: "list[bytes]" = []  # of the largest subtree first

    def add(self, hashed: bytes) -> None:
        """One leaf more."""
        size = self.size
        while size & 1:
            hashed = node(self._edge.pop(), hashed)
            size >>= 1
        self._edge.append(hashed)
        self.size += 1

    def root(self) -> bytes:
        """The root over all leaves so far."""
        if not self._edge:
            return sha256()
        hashed = self._edge[-1]
        for at in range(len(self._edge) - 2, -1, -1):
            hashed = node(self._edge[at], hashed)
        return hashed


def read_log(
    lines: "Lines", verify: "Verify", trust: Trust, sections: "list[Section]", whole: bool, former: "list[Held]"
) -> Held:
    """The next log of the file, to its line `end`; every section it holds is told so."""
    _, envelope, shown, proofs, cosigners = lines.shaped(_LOG, "log")
    cert = certificate(envelope, trust.estate, verify)
    hosts = [one for one in sections if one.dev == cert.dev]
    if cert.kind != HOST or not hosts or hosts[0].serial != cert.serial:
        raise TrustError("log")
    if former and cert.serial <= former[-1].generation:
        raise TrustError("log")
    held = Held(cert.serial, hosts[0])
    read = _checkpoints(shown, proofs, trust.estate, cert, verify)
    held.size = read[-1].size
    for one in read:
        held.roots[one.size] = one.root
    shown = _witnesses(cosigners, read, trust, verify)
    held.words = _words(read, _keys(shown, trust), shown, verify)
    held.witnessed = _witnessed(held.words, trust)
    if whole:
        _leaves(lines, sections, held, read[-1], _asked(sections, trust, cert.serial))
    else:
        _proofs(lines, sections, held, read[-1])
    _placed(sections, held)
    if trust.head is not None and trust.head[0] == held.generation:
        _continues(trust.head, held)
    return held


def same_tree(one: Section, held: "list[Held]") -> None:
    """ChainError if the section names a checkpoint of a log shown that is not one of that log's tree."""
    for generation, size, root in _named(one):
        for log in held:
            if log.generation == generation and log.roots.get(size, root) != root:
                raise ChainError("history")


def _named(one: Section) -> "list[tuple[int, int, bytes]]":
    """(generation, size, root) of every checkpoint that entries of a section name."""
    found = []
    for _, typ, pub, _ in one.told:
        told = pub[1:] if typ in (GENERATION, BELIEVED) else pub
        if typ in (BEACON, GENERATION, BELIEVED) and len(told) == 6 and min(told) >= 0 and max(told) < 1 << 64:
            found.append((told[0], told[1], from_numbers(told[2:])))
    return found


def _asked(sections: "list[Section]", trust: Trust, generation: int) -> "set[int]":
    """The sizes at which somebody names a root of this log."""
    sizes = set([size for one in sections for named, size, _ in _named(one) if named == generation])
    if trust.head is not None and trust.head[0] == generation:
        sizes.add(trust.head[1])
    return sizes


def _checkpoints(shown: "list[Any]", proofs: "list[Any]", estate: bytes, cert: Cert, verify: "Verify") -> "list[Note]":
    if not shown or len(proofs) != len(shown) - 1:
        raise RecordError("checkpoints")
    found: "list[Note]" = []
    for at, raw in enumerate(shown):
        if not fits(raw, BYTES):
            raise RecordError("checkpoints")
        note = notes.read(raw)
        if note.origin != notes.origin(estate, cert.serial) or not note.by_log(cert.public, verify):
            raise TrustError("signature")
        if not note.size or (found and not _follows(found[-1], note, proofs[at - 1])):
            raise ChainError("consistency")
        found.append(note)
    return found


def _follows(one: "Note", other: "Note", path: "Any") -> bool:
    return one.size < other.size and consistent(one.size, one.root, other.size, other.root, _hashes(path))


def _hashes(path: "Any") -> "list[bytes]":
    if not isinstance(path, list) or not all([fits(one, 32) for one in path]):
        raise RecordError("proof")
    return path


def _witnesses(shown: "list[Any]", read: "list[Note]", trust: Trust, verify: "Verify") -> "dict[str, list[bytes]]":
    """The keys of the devices shown as witnesses, by name: all they ever had."""
    cosigners = set([name for note in read for name, _, _ in note.lines[1:]])
    keys: "dict[str, list[bytes]]" = {}
    for one in shown:
        envelope, changes = shaped(one, _WITNESS)
        cert = certificate(envelope, trust.estate, verify)
        name = binascii.hexlify(cert.dev).decode()
        if cert.kind == HOST or name in keys or name not in cosigners:
            raise TrustError("witness")
        walked = Section(cert, 0, 0, b"")
        key_changes(walked, changes, cert, 1 << 64, verify)
        later = [from_numbers(Entry.from_wire(entry).pub[1:]) for _, entry in walked.keys]
        keys[name] = [cert.public] + later
    return keys


def _keys(shown: "dict[str, list[bytes]]", trust: Trust) -> "dict[str, list[bytes]]":
    """The keys of everybody whose cosignature is judged, by name: the trust file's witnesses, and the devices shown."""
    keys = dict(shown)
    for _, name, public in trust.witnesses:
        if name not in keys or keys[name][0] != public:
            keys[name] = [public]
    return keys


def _words(
    read: "list[Note]", keys: "dict[str, list[bytes]]", shown: "dict[str, list[bytes]]", verify: "Verify"
) -> "list[tuple[str, int, int]]":
    """Name, size and time of every cosignature by somebody known; TrustError if one of them is none, is by a known key
    under another name, or by a device shown with a key it never had. Lines of others say nothing here."""
    found = []
    ids = [notes.key_hash(name, notes.WITNESS_KEY, key) for name in keys for key in keys[name]]
    for note in read:
        for name, named, rest in note.lines[1:]:
            mine = [key for key in keys.get(name, ()) if notes.key_hash(name, notes.WITNESS_KEY, key) == named]
            if not mine:
                if named in ids or keys.get(name, 0) is shown.get(name, 1):
                    raise TrustError("cosignature")
                continue
            if not [key for key in mine if _cosigned(note, key, rest, verify)]:
                raise TrustError("cosignature")
            found.append((name, note.size, int.from_bytes(rest[:8], "big")))
    return found


def _witnessed(words: "list[tuple[str, int, int]]", trust: Trust) -> int:
    """The leaves that as many witnesses as demanded vouch for."""
    largest = dict([(name, size) for name, size, _ in words])  # sizes rise
    reached = []
    for need, names in (
        (trust.need, [name for _, name, _ in trust.witnesses]),
        (trust.outside, [name for outside, name, _ in trust.witnesses if outside]),
    ):
        if need:
            reached.append(sorted([largest.get(name, 0) for name in names])[-need])
    return min(reached) if reached else 0


def _cosigned(note: "Note", public: bytes, rest: bytes, verify: "Verify") -> bool:
    time = int.from_bytes(rest[:8], "big")
    if len(rest) != 72 or not 0 < time < notes.MAX_SIZE:
        return False
    return verify(public, notes.cosigned_message(note.text, time), rest[8:])


def _leaves(lines: "Lines", sections: "list[Section]", held: Held, newest: "Note", asked: "set[int]") -> None:
    """Lines `leaves`: all entries of this log's sections, once each, are the tree."""
    tree = Growing()
    reached: "dict[int, int]" = {}
    if 0 in asked:
        held.roots[0] = tree.root()
    while True:
        line = lines.item()
        if line == ["end"]:
            break
        if shaped(line, _LEAVES)[0] != "leaves":
            raise RecordError("leaves")
        for run in line[1]:
            number, first, many = shaped(run, _RUN)
            one = _section(sections, number, held)
            if not many or first != reached.get(number, one.first - 1) + 1 or first + many - 1 > one.last:
                raise ChainError("leaves")
            if tree.size + many > held.size:
                raise ChainError("leaves")
            reached[number], one.log = first + many - 1, held.generation
            _grow(tree, one, first, many, asked, held)
    if tree.size != held.size or tree.root() != newest.root:
        raise ChainError("root")
    for number in reached:
        if reached[number] != sections[number].last:
            raise ChainError("leaves")


def _grow(tree: Growing, one: Section, first: int, many: int, asked: "set[int]", held: Held) -> None:
    for seq in range(first, first + many):
        if seq in one.needed:
            one.leaves[seq] = tree.size
        tree.add(one.leaf(seq))
        if tree.size in asked:
            held.roots[tree.size] = tree.root()


def _proofs(lines: "Lines", sections: "list[Section]", held: Held, newest: "Note") -> None:
    """Lines `leaf`: inclusion proofs, by section and seq; leaves of a device stand in its order."""
    last = (-1, 0)
    while True:
        line = lines.item()
        if line == ["end"]:
            return
        word, number, seq, index, path = shaped(line, _LEAF)
        if word != "leaf" or (number, seq) <= last:
            raise RecordError("leaf")
        one = _section(sections, number, held)
        if not one.first <= seq <= one.last:
            raise ChainError("leaf")
        if not included(one.leaf(seq), index, newest.size, _hashes(path), newest.root):
            raise ChainError("inclusion")
        if number == last[0] and index - one.leaves[last[1]] < seq - last[1]:
            raise ChainError("order")
        one.leaves[seq], one.log, last = index, held.generation, (number, seq)


def _section(sections: "list[Section]", number: int, held: Held) -> Section:
    if number >= len(sections) or sections[number].log not in (None, held.generation):
        raise ChainError("leaf")
    return sections[number]


def _placed(sections: "list[Section]", held: Held) -> None:
    """What stands in this log stands in it as a device in service does."""
    for one in sections:
        if one.log == held.generation and [seq for seq in one.needed if seq not in one.leaves]:
            raise ChainError("proof")
    if held.host.log != held.generation or held.host.leaves[1] != 0:
        raise ChainError("host")
    for one in sections:
        if one.log == held.generation:
            _in_service(one, held)


def _in_service(one: Section, held: Held) -> None:
    told = [it for it in held.host.told if it[1] in (ENROLLED, REVOKED) and from_numbers(it[2][:2]) == one.dev]
    if one.kind == HOST:
        if one is not held.host or told:
            raise TrustError("host")
        return
    if [typ for _, typ, _, _ in told] not in ([ENROLLED], [ENROLLED, REVOKED]):
        raise TrustError("service")
    seq, _, (_, _, serial, _, lost), _ = told[0]
    if serial != one.serial or held.host.leaves[seq] > one.leaves[one.first] or lost >= one.first:
        raise TrustError("enrolled")
    if len(told) == 2 and told[1][2][2] < one.last:
        raise TrustError("revoked")


def _continues(head: "tuple[int, int, bytes]", held: Held) -> None:
    """The tree goes on from the trust file's tree head."""
    _, size, root = head
    if size > held.size or (held.roots.get(size) if size else sha256()) != root:
        raise ChainError("head")
