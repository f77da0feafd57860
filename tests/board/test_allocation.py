"""Memory on a board: bytes are counted exactly, and are the same on this 32-bit build as on a Cortex-M0+."""

import pytest

from .micropython import MicroPython

pytestmark = pytest.mark.micropython

SIGNER = """
from gatecore import ed25519, sign
import gc, js
key, message = bytes(range(32)), bytes(64)
signer = ed25519.Signer(key)
signature = signer.sign(message)
public = signer.public
"""
STEPS = """
def steps_of(make):
    best = None
    for _ in range(3):
        steps, bytes_, times = make(), [], []
        while True:
            before, start = gc.mem_alloc(), js.performance.now()
            try:
                next(steps)
            except StopIteration:
                break
            times.append(js.performance.now() - start)
            bytes_.append(gc.mem_alloc() - before)
        best = times if best is None else [min(pair) for pair in zip(best, times)]
    print(len(best), max(bytes_), max(best) / sum(best))
"""


def test_bytes_are_counted_exactly(micropython: MicroPython) -> None:
    assert micropython.allocated("", "pass") == 0
    assert micropython.allocated("", "bytes(100)") == 16 + 112  # the object, and its bytes in whole blocks of 16
    assert micropython.allocated("kept = []", "kept.append(bytes(100))") >= 128


def test_garbage_of_a_step_is_gone_after_it(micropython: MicroPython) -> None:
    before, garbage, kept = micropython.run("pass", "bytes(50000)", "kept = bytes(50000)")
    assert garbage.allocated is not None
    assert garbage.allocated >= 50000
    assert abs(garbage.live - before.live) < 200
    assert kept.live - garbage.live >= 50000


@pytest.mark.parametrize(
    ("snippet", "limit"),
    [
        ("sign.sha256(key, message)", 256),
        ("sign.hmac_sha256(key, message)", 1024),
        ("sign.equal(key, key)", 0),
        ("sign.key_id(key)", 288),
    ],
)
def test_every_day_work_stays_within_its_budget(micropython: MicroPython, snippet: str, limit: int) -> None:
    used = micropython.allocated(SIGNER, snippet)
    print(f"{snippet}: {used} bytes, {limit} allowed")
    assert used <= limit


@pytest.mark.parametrize(
    "work",
    [
        "signer.slices(message)",
        "ed25519.Signer(key).slices(message)",
        "ed25519.verify_slices(public, message, signature)",
    ],
)
def test_a_signature_is_cut_into_many_steps_none_of_them_wasteful(micropython: MicroPython, work: str) -> None:
    *_, step = micropython.run(SIGNER + STEPS, f"steps_of(lambda: {work})")
    count, garbage, share = step.text.split()
    print(f"{work}: {count} steps, at most {garbage} bytes and {float(share):.1%} of the time in one")
    assert int(count) >= 75
    assert int(garbage) <= 28 * 1024


def test_a_board_that_can_sign_keeps_little_more_in_memory(micropython: MicroPython) -> None:
    empty, loaded = micropython.run("pass", "from gatecore import ed25519")
    print(f"alive with signatures loaded: {loaded.live - empty.live} bytes")
    assert loaded.live - empty.live <= 17 * 1024
