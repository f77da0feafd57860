"""A dead unit is replaced: the old key ends, the new device takes the slot and its state; steps and seconds counted."""

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.provisioning.board import Board
from tests.provisioning.installer import Installer, installed, order
from tests.provisioning.office import Office
from tests.provisioning.test_card import ISSUE, LINE, Machine

from gateprov import card, claim
from gateprov.bench import Bench
from gateprov.errors import HostError
from gateprov.install import Order
from gateprov.line import Line

PATIENCE_S = 40
MOST_S = 60  # of G21's five minutes, the software's part


@pytest.mark.micropython
def test_a_dead_board_is_replaced_in_four_steps_and_under_a_minute(office: Office, board: Board, claimed: Path) -> None:
    dead = installed(board, office, claimed, testing=False)
    began, steps = time.monotonic(), ["revoke", "claim", "command", "six digits"]
    office.revoke("b12-door", "dead")
    fresh_claim = office.claim("b12-door")
    with Board() as spare:
        person = Installer(spare, office)
        done = installed(spare, office, fresh_claim, person)
    took = time.monotonic() - began
    print(f"replaced in {len(steps)} steps of a person and {took:.1f} s, self-test included: {done.seconds:.1f} s")
    assert took <= MOST_S
    assert done.passed
    assert done.dev != dead.dev
    held, newest = office.holds("b12-door")
    assert held == newest > 0
    old_key_is_refused(board, order(board.port, fresh_claim))


def old_key_is_refused(board: Board, told: Order) -> None:
    """The dead board speaks again, with its own key: the host closes."""
    with Line(board.port) as line:
        bench = Bench(line)
        talk = bench.dial()

        def frames(received: bytes | None) -> list[bytes]:
            nonlocal talk
            first = talk.frames if received is None else ()
            talk = bench.hear(received or b"")
            return [*first, *talk.frames]

        with pytest.raises(HostError, match=r"does not let this board in \(revoked\): --fresh"):
            told.host.carry(frames, lambda: talk.complete, PATIENCE_S)
        assert not talk.complete


@contextmanager
def unit(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """`kaimen unit` in the folder a first boot made, pins imagined."""
    words = [sys.executable, "-m", "gateunit", "--dir", str(folder)]
    known = {**os.environ, "GPIOZERO_PIN_FACTORY": "mock"}
    with subprocess.Popen(words, env=known, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)


def drawn_from_a_card(office: Office, folder: Path, slot: str) -> Path:
    """A card prepared with a claim of the office's, its first boot run; the unit's folder."""
    boot = folder / "bootfs"
    boot.mkdir(parents=True)
    (boot / "cmdline.txt").write_text(LINE)
    (boot / "config.txt").write_text("\n")
    (boot / "issue.txt").write_text(ISSUE.format("2025-05-13"))
    wheels = folder / "wheels"
    wheels.mkdir()
    (wheels / "kaimen-0.1.0-py3-none-any.whl").write_bytes(b"PK")
    found = claim.read(office.claim(slot), slot)
    card.prepare(card.Order(boot, found, software=wheels, language="en"))
    machine = Machine(folder, boot)
    assert machine.boots("firstrun.sh").returncode == 0
    return machine.home


def until(ready: Callable[[], object]) -> None:
    """Looks at the page until it is so."""
    give_up = time.monotonic() + PATIENCE_S
    while not ready():
        assert time.monotonic() < give_up
        select.select([], [], [], 0.2)


def come_in(office: Office, slot: str) -> None:
    """Waits for the unit's six digits, confirms, and waits for its state."""
    until(lambda: office.waiting())
    office.confirm(slot, office.waiting()[0])
    until(lambda: "holds" in office.see(f"/admin/doors/{slot}").words and office.holds(slot)[0] > 0)


def test_a_dead_pi_is_replaced_by_the_same_command_with_the_same_slot(office: Office, tmp_path: Path) -> None:
    first = drawn_from_a_card(office, tmp_path / "first", "b13-door")
    with unit(first):
        come_in(office, "b13-door")
        assert not (first / "claim").exists()
    office.revoke("b13-door", "dead")
    began = time.monotonic()
    second = drawn_from_a_card(office, tmp_path / "second", "b13-door")
    with unit(second):
        come_in(office, "b13-door")
    print(f"card, first boot and state: {time.monotonic() - began:.1f} s of software")
    assert office.holds("b13-door")[0] == office.holds("b13-door")[1]
    assert office.waiting() == []
