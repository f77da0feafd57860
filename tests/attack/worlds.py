"""Small honest estates of every kind the format knows, and the trust file of each: what the attacks start from."""

from dataclasses import dataclass
from typing import Any

from tests.attack.history import (
    BELIEVED,
    GAP,
    History,
    Parts,
    Witness,
    Wrote,
    access,
    eights,
    log_lines,
    runs,
    section,
    whole,
    window,
)
from tests.core.estate import ESTATE, Signer

from gateverify.standalone import Trust, trust_of

KINDS = ("plain", "keys", "erased", "revoked", "full", "window", "person", "public", "restored")


@dataclass
class World:
    """An honest export, how it came about, and the trust file under which it holds with exit code 0."""

    name: str
    seed: int
    history: History
    parts: Parts
    trust: Trust
    gate: Signer
    outside: Signer
    former: History | None = None

    @property
    def data(self) -> bytes:
        return self.parts.to_wire()


def world(seed: int) -> World:
    """Number `seed`: the kinds in turn, with other keys and numbers each time."""
    kind = KINDS[seed % len(KINDS)]
    return _restored(seed) if kind == "restored" else _one(kind, seed)


def _one(kind: str, seed: int) -> World:
    gate, desk, outside = (Signer(f"{name} {seed}") for name in ("gate", "desk", "committee"))
    made, cosigner = History(generation(seed)), gate
    at = made.enrol(Wrote(gate, f"Gate {seed}", serial=7 + seed))
    rows = [
        (10, [0, 1, 1, 0, 0], access(seed)),
        (21, [], None),
        (10, [0, 0, 2, 5, 2], access(seed + 1, "120601", None)),
    ]
    if kind == "full":
        made.devices[at].write(1, [1, 4], None, made.tick())  # never delivered
        made.devices[at].write(2, [], None, made.tick())
        rows = [(GAP, [1, 2], None), *rows]
    made.batch(at, rows)
    if kind in ("revoked", "public"):
        other = made.enrol(Wrote(desk, "前台", "desk", 9))
        made.batch(other, [(10, [1, 1, 3, 0, 0], access(seed + 2))])
        made.revoke(other)
    if kind in ("keys", "window"):
        made.change_key(at, cosigner := Signer(f"second key {seed}"))
        made.batch(at, [(10, [0, 1, 2, 0, 2], access(seed + 3, "120601", None)), (13, [], None)])
    if kind in ("erased", "person"):
        made.batch(at, [(10, [0, 1, 3, 0, 0], access(seed + 4)), (2, [], None)])
        made.erase(at, [1])
    if kind in ("plain", "window"):
        made.given("120502")
        made.checkpoint()
        made.beacon(at)
    made.checkpoint([Witness("committee", outside), Witness(gate.key_id.hex(), cosigner, "door")])
    device = made.devices[at]
    certs = [[device.cert(), [[device.pairs[seq - 1][0], device.seals[seq]] for seq in device.changes]]]
    return World(kind, seed, made, _shown(kind, made, at, certs), trusting(gate, outside), gate, outside)


def generation(seed: int) -> int:
    """Not always the first, so that a reader cannot rely on it."""
    return 1 + seed % 5


def _shown(kind: str, made: History, at: int, certs: list[Any]) -> Parts:
    last = made.devices[at].chain.seq
    if kind == "window":
        return window(made, [(at, 2, last)], "window", certs)
    if kind == "person":
        return window(made, [(at, 1, 3), (at, 4, 5)], "person", certs, {4})
    if kind == "full":
        whole_now = whole(made, "whole", certs)
        numbers = [(0, 1, made.devices[0].chain.seq), (at, 3, last)]
        body = runs(made, numbers)
        sections = [whole_now.sections[0], section(made.devices[at], 3, last)]
        return Parts(whole_now.head, sections, [log_lines(made, body, certs)])
    return whole(made, "public" if kind == "public" else "whole", certs)


def _restored(seed: int, lossy: bool = False) -> World:
    """Two generations. The restored host lost nothing; or, if `lossy`, an entry the door had dropped as receipted."""
    gate, outside = Signer(f"gate {seed}"), Signer(f"committee {seed}")
    cosigners = [Witness("committee", outside), Witness(gate.key_id.hex(), gate, "door")]
    old, device = History(1), Wrote(gate, f"Gate {seed}", serial=7)
    at = old.enrol(device)
    old.batch(at, [(10, [0, 1, 1, 0, 0], access(seed)), (21, [], None)])
    old.checkpoint(cosigners)
    shown = len(old.order)
    old.batch(at, [(21, [], None)])  # what comes after this the restored host does not know
    lost, lost_root = len(old.order), old.root()
    old.order = old.order[:shown]
    told = (1, lost, lost_root) if lossy else (1, shown, old.root())
    new = History(2, former=told)
    new.enrol(device, after=2)
    new.batch(1, [(BELIEVED, [2, *told[:2], *eights(told[2])], None), (10, [0, 1, 2, 0, 0], access(seed + 1))])
    first_again = 4 if lossy else 3
    if not lossy:
        new.order.insert(-2, (1, 3))
    new.checkpoint(cosigners)
    certs = [[device.cert(), []]]
    sections = [
        section(old.devices[0], 1, old.devices[0].chain.seq),
        section(device, 1, 2),
        section(device, first_again, 5),
        section(new.devices[0], 1, new.devices[0].chain.seq),
    ]
    first = runs(old, [(0, 1, 99), (at, 1, 2)])
    second = runs(new, [(9, 0, 0), (9, 0, 0), (1, first_again, 5), (0, 1, 99)])
    parts = Parts(
        ["gate-export/2", ESTATE.public, "whole"],
        sections,
        [log_lines(old, first, certs), log_lines(new, second, certs)],
    )
    return World("restored", seed, new, parts, trusting(gate, outside), gate, outside, old)


def lossy(seed: int) -> World:
    """An honest estate whose host was restored and lost entries that no device holds any more: exit code 3."""
    return _restored(seed, lossy=True)


def small(seed: int = 0) -> World:
    """One gate with three entries."""
    return _one("small", seed)


def trusting(gate: Signer, outside: Signer) -> Trust:
    """The committee and the gate, both needed."""
    return trust_of(_text(gate, outside).encode())


def trust_text(one: World) -> str:
    """A world's trust file as it is printed."""
    return _text(one.gate, one.outside)


def _text(gate: Signer, outside: Signer) -> str:
    return f"""kaimen-trust 2
estate {ESTATE.public.hex()}
witness outside committee {outside.public.hex()}
witness door {gate.key_id.hex()} {gate.public.hex()}
need 2
need outside 1
"""
