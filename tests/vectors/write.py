"""Writes the vectors of encoding and export from fixed keys: python -m tests.vectors.write

A test compares what this writes with the files, so a change of a file is always a decision and stands in its commit.
"""

import json
from pathlib import Path

from tests.attack import forgery, worlds
from tests.core import oracle
from tests.core.estate import DEVICE as WITNESS
from tests.core.estate import ESTATE, STRANGER, Signer

from gatecore import note
from gatecore.wire import encode

HERE = Path(__file__).parent
Vector = dict[str, str | int]
LOG = Signer("log")
UNKNOWN = note.line("committee", b"abcd", bytes(72))


def vector(name: str, data: bytes, verdict: str, why: str) -> Vector:
    return {"name": name, "bytes": data.hex(), "verdict": verdict, "why": why}


def encoding() -> list[Vector]:
    """Single items: `holds` is one that a writer writes."""
    good: list[tuple[str, object]] = [
        ("zero", 0),
        ("23", 23),
        ("24", 24),
        ("2^64-1", 2**64 - 1),
        ("-1", -1),
        ("-2^64", -(2**64)),
        ("bytes", b"a"),
        ("no bytes", b""),
        ("text", "前台"),
        ("null, false, true", [None, False, True]),
        ("the example", [1, b"a", None]),
        ("eight deep", [[[[[[[[]]]]]]]]),
    ]
    bad = {
        "nothing": "",
        "24 in a longer form": "1900" + "18",
        "23 in a longer form": "1817",
        "a length in a longer form": "580161",
        "a float": "f93c00",
        "a map": "a0",
        "a tag": "c100",
        "undefined": "f7",
        "false in two bytes": "f814",
        "an array without an end": "9fff",
        "a string in pieces": "5f4161ff",
        "a reserved head": "1c",
        "cut in a head": "19ff",
        "cut in a string": "4261",
        "cut in an array": "8200",
        "a byte after it": "0000",
        "overlong UTF-8": "62c0af",
        "a surrogate": "63eda080",
        "beyond Unicode": "64f4908080",
        "nine deep": "81" * 8 + "80",
        "a hostile length": "5bffffffffffffffff",
        "a hostile array": "9bffffffffffffffff",
    }
    made = [vector(name, encode(value), "holds", "section 1") for name, value in good]
    return made + [vector(name, bytes.fromhex(raw), "refused", f"section 1: {name}") for name, raw in bad.items()]


def export() -> list[Vector]:
    """Whole exports, each to be read under the trust file of `trust`, or under the vector's own."""
    one = worlds.small()
    made = [vector("one gate", one.data, "holds", "section 7")]
    for seed in range(9):
        other = worlds.world(seed)
        made.append(vector(other.name, other.data, "holds", "section 7") | {"trust": worlds.trust_text(other)})
    restored = worlds.lossy(8)
    why = "section 7: entries were lost in a restore"
    made.append(vector("lost", restored.data, "unproven", why) | {"trust": worlds.trust_text(restored)})
    for family in (forgery.own_key, forgery.seals, forgery.certificates, forgery.encodings):
        for what, data in family(one):
            if len(data) < 4096:
                made.append(differing(f"{family.__name__}: {what}", made[0]["name"], one.data, data))
    return made


def differing(name: str, of: str, whole: bytes, data: bytes) -> Vector:
    """A refused export as what differs from another one."""
    at = next((at for at, (a, b) in enumerate(zip(whole, data, strict=False)) if a != b), min(len(whole), len(data)))
    most = min(len(whole), len(data)) - at
    same = next((n for n in range(most) if whole[-1 - n] != data[-1 - n]), most)
    made = vector(name, data[at : len(data) - same], "refused", "section 7")
    return made | {"of": of, "at": at, "drop": len(whole) - same - at}


def bytes_of(one: Vector, others: dict[str, Vector]) -> bytes:
    """The bytes of a vector, itself or as what differs."""
    data = bytes.fromhex(str(one["bytes"]))
    if "of" not in one:
        return data
    whole, at = bytes.fromhex(str(others[str(one["of"])]["bytes"])), int(one["at"])
    return whole[:at] + data + whole[at + int(one["drop"]) :]


def tree() -> list[dict[str, object]]:
    """Roots, audit paths and consistency proofs of trees of one to nine leaves: leaf n is `entry n` in ASCII."""
    leaves = [b"entry %d" % n for n in range(9)]
    made: list[dict[str, object]] = []
    for size in range(1, len(leaves) + 1):
        here = leaves[:size]
        made.append(
            {
                "size": size,
                "root": oracle.mth(here).hex(),
                "inclusion": [[one.hex() for one in oracle.path(index, here)] for index in range(size)],
                "consistency": [[one.hex() for one in oracle.proof(first, here)] for first in range(size)],
            }
        )
    return made


def checkpoint() -> list[Vector]:
    """Notes under the estate key of the export vectors; log key and witness are named in the file."""
    origin, root = note.origin(ESTATE.public, 1), oracle.mth([b"entry %d" % n for n in range(9)])
    log, text = LOG, note.body(origin, 9, root)
    plain = note.signed(origin, 9, root, log)
    name, time = WITNESS.key_id.hex(), 1_800_000_000
    line = note.cosignature_line(name, WITNESS.public, time, WITNESS.sign(note.cosigned_message(text, time)))
    stale = note.cosignature_line(name, WITNESS.public, time + 1, WITNESS.sign(note.cosigned_message(text, time)))
    own = note.cosignature_line(name, WITNESS.public, time, WITNESS.sign(text))
    stranger = note.cosignature_line(name, WITNESS.public, time, STRANGER.sign(note.cosigned_message(text, time)))
    good = [("log alone", plain), ("cosigned", plain + line), ("a line nobody knows", plain + line + UNKNOWN)]
    bad = [
        ("cosigned at another time", plain + stale, "witness"),
        ("signed as a log by the witness", plain + own, "witness"),
        ("cosigned by a stranger under the name", plain + stranger, "witness"),
        ("another size", plain.replace(b"\n9\n", b"\n8\n", 1), "log"),
        ("another generation", plain.replace(b"/gate/1", b"/gate/2"), "log"),
        ("signed by the witness", note.signed(origin, 9, root, WITNESS), "log"),
        ("a size with a zero before it", plain.replace(b"\n9\n", b"\n09\n", 1), "note"),
        ("an extension line", plain.replace(b"\n9\n", b"\n9\nmore\n", 1), "note"),
        ("no end of line", plain[:-1], "note"),
        ("CR LF", plain.replace(b"\n", b"\r\n"), "note"),
        ("one cosignature twice", plain + line + line, "note"),
        ("no signature", text + b"\n", "note"),
        ("a root of 31 bytes", note.signed(origin, 9, root[:31], log), "note"),
    ]
    made = [vector(name, data, "holds", "section 8") for name, data in good]
    return made + [vector(name, data, "refused", f"section 8: {why}") for name, data, why in bad]


def documents() -> dict[str, str]:
    """File name -> text."""
    whole: dict[str, object] = {
        "encoding.json": {"about": "docs/protocol.md section 1", "vectors": encoding()},
        "export.json": {
            "about": "docs/protocol.md section 7",
            "trust": worlds.trust_text(worlds.small()),
            "vectors": export(),
        },
    }
    whole["tree.json"] = {"about": "docs/protocol.md section 8: RFC 6962", "trees": tree()}
    whole["checkpoint.json"] = {
        "about": "docs/protocol.md section 8",
        "estate": ESTATE.public.hex(),
        "log": LOG.public.hex(),
        "witness": {"name": WITNESS.key_id.hex(), "public": WITNESS.public.hex()},
        "vectors": checkpoint(),
    }
    return {name: json.dumps(one, indent=1, ensure_ascii=False) + "\n" for name, one in whole.items()}


if __name__ == "__main__":
    for name, text in documents().items():
        (HERE / name).write_text(text, encoding="utf-8")
