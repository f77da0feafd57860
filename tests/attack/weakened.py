"""The stand-alone verifier with a check taken out on purpose: what shows that the attacks would be noticed.

Each weakness is a list of (line, what stands there instead); `verifier` fails if a line is no longer in the file.
"""

import sys
import types
from functools import lru_cache
from pathlib import Path

from gateverify import standalone

Change = tuple[str, str]

NO_SIGNATURE = [("if not signed(public, to_sign, envelope[-64:]):", "if False:")]
NO_ROOT = [("if size != log.size or grows.roots[size] != newest.root:", "if False:")]
NO_PROOF = [("if not included(one.leaf(seq)", "if False and not included(one.leaf(seq)")]
NO_COSIGNATURE = [(" or not any(signed(key, message, rest[8:]) for key in keys)", "")]
NO_ORIGIN = [
    ("if note.origin != origin or name != origin or told != line_id(origin, b\"\\x01\", public):", "if False:"),
]  # fmt: skip
NO_SERVICE = [("            in_service(one, hosts[0])\n", "")]
NO_END = [('    if not stream.finished():\n        raise Refused("bytes after the last line")\n', "")]
CUT_IS_END = [
    ("raise Refused(\"larger than 1 MiB\") if whole else error from None", "self.at = len(self.data); return ['end']"),
]  # fmt: skip
NO_COMMITMENT = [
    ('if hashlib.sha256(b"\\x02" + private).digest() != commit:', "if False:"),
    ('and digests(b"\\x02", there) == [commit for commit, half in zip(commits, halves, strict=True) if half]', ""),
    ('fields = shaped(decoded(private), "b16 b any", "private half")', "fields = [b'', b'', None]"),
]
NO_CHAIN = [
    ("if prev != self.head:", "if False:"),
    (
        "all(map(bytes.startswith, entries, fronts(chain, heads)))",
        "all(one.startswith(front[:-32]) for one, front in zip(entries, fronts(chain, heads)))",
    ),
]
NO_ENVELOPE = [("if not envelope.startswith(first):", "if False:")]

NO_SHORTEST = [("    if number < floor:", "    if False:")]
NO_SEAL = [("if seq != chain.seq or link != chain.head:", "if False:")]
NO_LOSS_TOLD = [
    ("or not went_on(there, host.device.serial, report):", ":"),
    ("    if report.restored:\n        return f", "    if False:\n        return f"),
]

# For each class of attacks the check whose loss it must notice.
CONTROL = {
    "flips": NO_SIGNATURE,
    "prefixes": CUT_IS_END + NO_END,
    "deletions": CUT_IS_END + NO_END,
    "insertions": NO_END,
    "splices": NO_SIGNATURE + NO_END,
    "lines": NO_END,
    "rewritten": NO_CHAIN,
    "halves": NO_COMMITMENT,
    "replayed": NO_END,
    "envelopes": NO_ENVELOPE,
    "ruling": NO_COSIGNATURE,
    "forked": NO_ROOT,
    "service": NO_SERVICE,
    "generations": NO_ORIGIN,
    "misread": NO_PROOF,
    "own_key": NO_SHORTEST,
    "seals": NO_SEAL,
    "certificates": NO_SIGNATURE,
    "encodings": NO_END,
    "lost": NO_LOSS_TOLD,
}


@lru_cache(64)
def _changed(changes: tuple[Change, ...]) -> types.ModuleType:
    text = Path(standalone.__file__).read_text(encoding="utf-8")
    for line, other in changes:
        assert line in text, f"the verifier has no line {line!r} any more"
        text = text.replace(line, other)
    made = types.ModuleType("weakened")
    sys.modules["weakened"] = made  # dataclasses look their module up
    exec(compile(text, "weakened", "exec"), made.__dict__)
    return made


def verifier(changes: list[Change]) -> types.ModuleType:
    """The verifier with these lines changed; signatures are judged once each."""
    made = _changed(tuple(changes))
    for name in ("signed", "sound"):
        judge = getattr(made, name)
        if not hasattr(judge, "cache_info"):
            setattr(made, name, lru_cache(1 << 14)(judge))
    return made
