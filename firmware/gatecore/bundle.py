"""The second reader of exports (docs/protocol.md section 7), on the core's own chain, proofs and notes.

`gateverify` reads the same from the page alone; both must give every file the same verdict. An export is a CBOR
sequence (RFC 8742): a head, the sections (gatecore.bundlesection), the logs (gatecore.bundlelog). It is read as a
stream; of an entry only its leaf is kept.
"""

from gatecore.bundlelog import Held, Trust, read_log, same_tree
from gatecore.bundlesection import HOST, Section, joins, read_section
from gatecore.compat import TYPE_CHECKING
from gatecore.errors import ChainError, RecordError, TrustError, WireError
from gatecore.lines import Lines
from gatecore.records import ENROLLED, ERASED, GAP, TEXT, UINT, fits
from gatecore.records import LOG as BELIEVED
from gatecore.witness import from_numbers

if TYPE_CHECKING:
    from typing import Any

    from gatecore.compat import Verify
    from gatecore.lines import Read

HEAD = "gate-export/2"
WHOLE, PUBLIC, WINDOW, PERSON = "whole", "public", "window", "person"
_HEAD = (TEXT, 32, TEXT, UINT, UINT)


class Verdict:
    """What holds: `proven` if every entry is witnessed as the trust file demands and none was lost in a restore.

    `lost` are (dev, first seq, last seq, why) with why "full" or "restore"; the numbers count private halves, those
    erased are in `gone` by (dev, seq)."""

    def __init__(self, sections: "list[Section]", logs: "list[Held]") -> None:
        self.sections = sections
        self.logs = logs
        self.gone: "set[tuple[bytes, int]]" = set()
        self.entries = self.disclosed = self.erased = self.withheld = self.missing = 0
        self.lost: "list[tuple[bytes, int, int, str]]" = []
        self.proven = False


def check(read: "Read", verify: "Verify", trust: "Trust | None" = None) -> Verdict:
    """The verdict on an export that holds under the estate key of `trust`, or else under the one it names.

    Raises a GateError at the first thing that does not hold.
    """
    lines = Lines(read)
    _, estate, scope, number, logs = lines.shaped(_HEAD, HEAD)
    if trust is not None and estate != trust.estate:
        raise TrustError("estate")
    if scope not in (WHOLE, PUBLIC, WINDOW, PERSON) or not number or not logs:
        raise RecordError("head")
    believed = trust or Trust(estate)
    sections = _sections(lines, verify, estate, scope, number)
    held: "list[Held]" = []
    while logs:
        held.append(read_log(lines, verify, believed, sections, scope in (WHOLE, PUBLIC), held))
        logs -= 1
    if read(1):
        raise WireError("trailing")
    for one in sections:
        if one.log is None:
            raise ChainError("log")
        same_tree(one, held)
    found = Verdict(sections, held)
    _lost(sections, held, scope, found)
    _halves(sections, scope, found)
    found.proven = _proven(sections, believed, found) and trust is not None
    return found


def _sections(lines: Lines, verify: "Verify", estate: bytes, scope: str, number: int) -> "list[Section]":
    found: "list[Section]" = []
    seen: "set[bytes]" = set()
    while number:
        one = read_section(lines, verify, estate)
        if scope == PUBLIC and one.kind != HOST and one.disclosed:
            raise RecordError("private")
        if one.dev in seen:
            joins(found[-1], one)
        seen.add(one.dev)
        found.append(one)
        number -= 1
    for one in found:
        one.need(seen)
    return found


def _lost(sections: "list[Section]", held: "list[Held]", scope: str, found: Verdict) -> None:
    """Every seq a device lacks is one it replaced (GAP), or one that a restore took and the device tells of."""
    if scope == PERSON:
        return
    former: "Section | None" = None
    for one in sections:
        begun = former is not None and former.dev == one.dev
        at = former.last + 1 if begun and former is not None else 1 if scope in (WHOLE, PUBLIC) else one.first
        former = one
        while at < one.first:
            until, why = _explained(at, one, sections, held)
            found.lost.append((one.dev, at, until, why))
            at = until + 1


def _explained(at: int, one: Section, sections: "list[Section]", held: "list[Held]") -> "tuple[int, str]":
    """Up to which seq below the section, and by what, the lack from `at` on is explained; ChainError if by nothing."""
    best, why = 0, ""
    for other in sections:
        if other.dev != one.dev:
            continue
        for _, typ, pub, _ in other.told:
            if typ == GAP and pub[0] <= at <= pub[1] and pub[1] > best:
                best, why = pub[1], "full"
    for log in held:
        until = _restored(at, one, log, sections, held)
        if until > best:
            best, why = until, "restore"
    if not best:
        raise ChainError("lost")
    return min(best, one.first - 1), why


def _restored(at: int, one: Section, log: "Held", sections: "list[Section]", held: "list[Held]") -> int:
    """The last seq of the device that a restore before `log` took, if `at` is one; else 0."""
    mine = [other for other in sections if other.dev == one.dev and other.log == log.generation]
    if log.generation < 2 or not mine or not _saw_more(mine, log.generation, held):
        return 0
    for _, typ, pub, _ in log.host.told:
        if typ == ENROLLED and from_numbers(pub[:2]) == one.dev and pub[4] < at < mine[0].first:
            return mine[0].first - 1
    return 0


def _saw_more(mine: "list[Section]", generation: int, held: "list[Held]") -> bool:
    """Whether the device itself says that the former log it followed went on beyond what is shown of it."""
    for one in mine:
        for _, typ, pub, _ in one.told:
            if typ != BELIEVED or len(pub) != 7 or pub[0] != generation or not 0 < pub[1] < generation:
                continue
            if pub[2] > max([log.size for log in held if log.generation == pub[1]] + [0]):
                return True
    return False


def _halves(sections: "list[Section]", scope: str, found: Verdict) -> None:
    for host in sections:
        for _, typ, _, private in host.told:
            if typ == ERASED and private is not None:
                _named(private.detail, found.gone)
    for one in sections:
        gone = len([seq for seq in one.absent if (one.dev, seq) in found.gone])
        found.entries += one.last - one.first + 1
        found.disclosed += one.disclosed
        found.erased += gone
        if scope == WHOLE:
            found.missing += len(one.absent) - gone
        else:
            found.withheld += len(one.absent) - gone


def _named(detail: "Any", erased: "set[tuple[bytes, int]]") -> None:
    for one in detail if isinstance(detail, list) else ():
        if isinstance(one, list) and len(one) == 2 and isinstance(one[0], bytes) and isinstance(one[1], list):
            erased.update([(one[0], seq) for seq in one[1] if fits(seq, UINT)])


def _proven(sections: "list[Section]", trust: Trust, found: Verdict) -> bool:
    if not (trust.need or trust.outside) or [why for _, _, _, why in found.lost if why == "restore"]:
        return False
    witnessed = dict([(log.generation, log.witnessed) for log in found.logs])
    return all([one.log is not None and one.leaves[one.last] < witnessed[one.log] for one in sections])
