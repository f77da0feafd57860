"""`kaimen witness`: the owners' committee or a neighbour cosigns checkpoints with a key the host never saw.

Beside the stand-alone verifier, with nothing but Python's standard library: the folder `gateverify` runs on
any computer, as `python -m gateverify.witness`.

    kaimen witness new NAME --key FILE                make a key; prints its line for the trust file
    kaimen witness sign REQUEST --key FILE --trust FILE --time S   judge a checkpoint and cosign it; prints the line

REQUEST is what the host's page offers, nearly as in C2SP tlog-witness: `old N`, `log ` and the log key's certificate in
base64, then the consistency proof in base64, one hash a line, an empty line, the checkpoint. The rule is points 1 and 2
of docs/protocol.md section 8: the log's own signature, and that it continues what this witness cosigned last, which is
kept in the key's file and written before the signature is given out. Who loses the file makes a new key.

The file is text: `kaimen-witness 1`, `name`, `secret` (32 bytes in hex), and, once something was cosigned,
`took GENERATION SIZE HEX64 LOG-KEY`.
"""

import argparse
import base64
import hashlib
import os
import re
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from gateverify import standalone
from gateverify.standalone import Note, Refused, Unreadable

DONE, NO, UNREADABLE = 0, 1, 2  # exit codes

# Ed25519 signing (RFC 8032 section 5.1.6). Not in constant time: run it on a computer of your own.


def expanded(secret: bytes) -> tuple[int, bytes]:
    """The secret scalar and the prefix of 32 secret bytes."""
    raw = hashlib.sha512(secret).digest()
    low = int.from_bytes(raw[:32], "little")
    return low & ((1 << 254) - 8) | 1 << 254, raw[32:]


def public_of(secret: bytes) -> bytes:
    """The public key of 32 secret bytes."""
    return standalone.packed(standalone.times(expanded(secret)[0], standalone.BASE))


def sign(secret: bytes, message: bytes) -> bytes:
    """The 64-byte signature."""
    scalar, prefix = expanded(secret)
    r = int.from_bytes(hashlib.sha512(prefix + message).digest(), "little") % standalone.L
    point = standalone.packed(standalone.times(r, standalone.BASE))
    k = int.from_bytes(hashlib.sha512(point + public_of(secret) + message).digest(), "little") % standalone.L
    return point + ((r + k * scalar) % standalone.L).to_bytes(32, "little")


@dataclass(slots=True)
class Kept:
    """A witness's file: its name and secret, and the checkpoint it took last."""

    name: str
    secret: bytes
    generation: int = 0
    size: int = 0
    root: bytes = bytes(32)
    log: bytes = bytes(32)  # the log key of that generation

    def text(self) -> str:
        """The file's text."""
        took = f"took {self.generation} {self.size} {self.root.hex()} {self.log.hex()}\n" if self.generation else ""
        return f"kaimen-witness 1\nname {self.name}\nsecret {self.secret.hex()}\n{took}"


def kept(path: Path) -> Kept:
    """The witness of a file; Unreadable if it is none."""
    try:
        words = [line.split() for line in path.read_text(encoding="ascii").splitlines()]
    except (OSError, ValueError) as error:
        raise Unreadable(f"{path}: {error}") from None
    shape = [line[0] for line in words if line]
    if shape not in (["kaimen-witness", "name", "secret"], ["kaimen-witness", "name", "secret", "took"]):
        raise Unreadable(f"{path} is not a witness's file")
    try:
        made = Kept(words[1][1], bytes.fromhex(words[2][1]))
        if len(words) == 4:
            _, generation, size, root, log = words[3]
            made = Kept(made.name, made.secret, int(generation), int(size), bytes.fromhex(root), bytes.fromhex(log))
    except (ValueError, IndexError):
        raise Unreadable(f"{path} is damaged") from None
    if len(made.secret) != 32 or len(made.root) != 32 or len(made.log) != 32:
        raise Unreadable(f"{path} is damaged")
    return made


def keep(path: Path, made: Kept) -> None:
    """Write the file whole, readable by its owner alone, and durably."""
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(made.text())
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def request_of(raw: bytes) -> tuple[int, list[bytes], bytes, Note, bytes]:
    """From size, proof, log certificate, checkpoint and its bytes of a request."""
    top, empty, rest = raw.partition(b"\n\n")
    lines = top.split(b"\n")
    if not empty or not re.fullmatch(rb"old (0|[1-9][0-9]{0,18})", lines[0]) or len(lines) > 67:
        raise Refused("not a request to a witness")
    proof = [standalone.exact(line) for line in lines[2:]] if len(lines) > 1 else []
    if len(lines) < 2 or not lines[1].startswith(b"log ") or any(len(one) != 32 for one in proof):
        raise Refused("not a request to a witness")
    return int(lines[0][4:]), proof, standalone.exact(lines[1][4:]), standalone.note_of(rest), rest


def judge(made: Kept, estate: bytes, raw: bytes) -> tuple[Kept, Note]:
    """What the witness keeps after a request it takes, and the checkpoint; Refused if it does not take it."""
    size, proof, envelope, note, _ = request_of(raw)
    _, public, _, _, _, generation, _ = standalone.certified(envelope, estate, ("host",))
    origin = f"{standalone.key_id(estate).hex()}/gate/{generation}".encode()
    standalone.by_the_log(note, origin, public)
    if generation < made.generation:
        raise Refused(f"a log of generation {generation}, after one of generation {made.generation}")
    if generation > made.generation:
        made = Kept(made.name, made.secret, generation, 0, bytes(32), public)
    if public != made.log:
        raise Refused("another log key for the same generation")
    if (note.size, note.root) == (made.size, made.root):
        return made, note  # its line was lost on the way: it says the same again
    if size != made.size:
        raise Refused(f"this witness took {made.size} leaves last: ask the page for a request from {made.size} on")
    fresh = not made.size and note.size and not proof
    if not fresh and not standalone.continued(made.size, made.root, note.size, note.root, proof):
        raise Refused("the checkpoint does not continue the one this witness took last: keep both, and say so aloud")
    return Kept(made.name, made.secret, generation, note.size, note.root, public), note


def cosignature(made: Kept, note: Note, now: int) -> bytes:
    """The signature line (cosignature/v1) of a checkpoint that was taken."""
    name, public = made.name.encode("ascii"), public_of(made.secret)
    signature = sign(made.secret, b"cosignature/v1\ntime %d\n%s" % (now, note.text))
    raw = standalone.line_id(name, b"\x04", public) + now.to_bytes(8, "big") + signature
    return b"\xe2\x80\x94 " + name + b" " + base64.b64encode(raw) + b"\n"


def new(options: argparse.Namespace) -> str:
    """Make a key in a file that must not exist yet."""
    path = Path(options.key)
    if not re.fullmatch("[!-*,-~]{1,128}", options.name):
        raise Unreadable("the name must be 1 to 128 printable ASCII characters without blank and +")
    made = Kept(options.name, os.urandom(32))
    try:
        if path.exists():
            raise Unreadable(f"{path} is there already: a key is never written over")
        keep(path, made)
    except OSError as error:
        raise Unreadable(str(error)) from None
    return f"witness outside {made.name} {public_of(made.secret).hex()}"


def cosign(options: argparse.Namespace) -> str:
    """Judge a request and give the cosignature line, after what was taken is on storage."""
    path, now = Path(options.key), int(time.time()) if options.time is None else options.time
    if not 0 < now < 1 << 63:
        raise Unreadable("--time: not seconds since 1970")
    made, trust = kept(path), standalone.trusted(options.trust)
    assert trust is not None
    try:
        with open(options.request, "rb") as file:
            after, note = judge(made, trust.estate, file.read(standalone.LARGEST))
        keep(path, after)
    except OSError as error:
        raise Unreadable(str(error)) from None
    return cosignature(after, note, now).decode("utf-8").strip()


class Arguments(argparse.ArgumentParser):
    """Says what is wrong with the arguments without leaving the process."""

    def error(self, message: str) -> NoReturn:
        raise Unreadable(f"{message}\n{self.format_usage().strip()}")


def arguments(argv: list[str]) -> argparse.Namespace:
    """What to do, and with which files."""
    parser = Arguments(prog="kaimen witness", description="Cosign the estate's checkpoints with a key of your own.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    made = verbs.add_parser("new", help="make a key")
    made.add_argument("name", help="the name in the trust file")
    signs = verbs.add_parser("sign", help="judge a checkpoint and cosign it")
    signs.add_argument("request", help="what the host's page offers")
    signs.add_argument("--trust", required=True, help="the estate's trust file")
    signs.add_argument("--time", type=int, help="s since 1970 [this computer's clock]")
    for one in (made, signs):
        one.add_argument("--key", required=True, help="this witness's file")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    """0 and a line for host or trust file; 1 when the checkpoint is refused; 2 when something cannot be read."""
    try:
        options = arguments(sys.argv[1:] if argv is None else argv)
        print(new(options) if options.verb == "new" else cosign(options))
    except Refused as error:
        print(f"Not cosigned: {error}.", file=sys.stderr)
        return NO
    except Unreadable as error:
        print(f"Cannot be done: {error}", file=sys.stderr)
        return UNREADABLE
    return DONE


if __name__ == "__main__":
    sys.exit(main())
