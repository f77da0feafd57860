"""The law book: one test a law, and what is correctly signed by the wrong party is still refused."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from tests.core.estate import (
    DEVICE,
    ESTATE,
    KEYS,
    OPERATOR,
    POLICY,
    STRANGER,
    Rows,
    Signer,
    cert,
    counter,
    verify,
)  # fmt: skip

from gatecore.errors import GateError, TrustError
from gatecore.records import Cert, ClockOrder, Command, EpochOrder, HostHello, Keys, StateHeader
from gatecore.sign import sha256
from gatecore.state import State
from gatecore.trust import CHALLENGE_MS, Trust
from gatecore.wire import sign1

ME, OTHER = DEVICE.key_id, STRANGER.key_id


def book(keys: bool = True) -> Trust:
    trust = Trust(ME, ESTATE.public, verify, counter())
    if keys:
        trust.accept_keys(sign1(KEYS.to_wire(), ESTATE))
    return trust


def header(dev: bytes = ME, generation: int = 1, version: int = 2, chunks: list[bytes] | None = None) -> StateHeader:
    return StateHeader(dev, generation, version, 0, [sha256(chunk) for chunk in (chunks or [])])


def test_working_keys_come_from_the_estate_key_alone_and_never_go_back() -> None:
    trust = book()
    newer = Keys(2, STRANGER.public, STRANGER.public)
    for signer in (POLICY, OPERATOR, DEVICE, STRANGER):
        with pytest.raises(TrustError, match="signature"):
            trust.accept_keys(sign1(newer.to_wire(), signer))
    with pytest.raises(TrustError, match="conflict"):
        trust.accept_keys(sign1(Keys(1, STRANGER.public, OPERATOR.public).to_wire(), ESTATE))
    trust.accept_keys(sign1(newer.to_wire(), ESTATE))
    with pytest.raises(TrustError, match="rollback"):
        trust.accept_keys(sign1(KEYS.to_wire(), ESTATE))


def test_a_certificate_names_the_device_of_its_key() -> None:
    assert book().accept_cert(cert()).slot == "stair-3"
    wrong = Cert(OTHER, DEVICE.public, None, "stair-3", "door", 1, 0)
    with pytest.raises(TrustError, match="device"):
        book().accept_cert(sign1(wrong.to_wire(), ESTATE))
    with pytest.raises(TrustError, match="signature"):
        book().accept_cert(sign1(Cert(ME, DEVICE.public, None, "x", "door", 1, 0).to_wire(), POLICY))


def test_a_logs_key_counts_only_with_a_hosts_certificate_from_the_estate_key() -> None:
    told = Cert(OTHER, STRANGER.public, None, "log", "host", 1, 0).to_wire()
    assert book().accept_log(sign1(told, ESTATE)).public == STRANGER.public
    with pytest.raises(TrustError, match="signature"):
        book().accept_log(sign1(told, POLICY))
    with pytest.raises(TrustError, match="kind"):
        book().accept_log(cert())


def test_a_signing_key_changes_by_the_policy_key_for_the_next_epoch_only() -> None:
    trust = book()
    given = trust.challenge(0)
    for dev, epoch, signer, why in (
        (ME, 6, OPERATOR, "signature"),
        (OTHER, 6, POLICY, "device"),
        (ME, 5, POLICY, "epoch"),
        (ME, 7, POLICY, "epoch"),
    ):
        with pytest.raises(TrustError, match=why):
            trust.accept_epoch(sign1(EpochOrder(dev, epoch, given).to_wire(), signer), 5, 0)
    good = sign1(EpochOrder(ME, 6, given).to_wire(), POLICY)
    assert trust.accept_epoch(good, 5, 0).epoch == 6
    with pytest.raises(TrustError, match="challenge"):
        trust.accept_epoch(good, 5, 0)


def test_a_host_is_believed_over_this_doors_fresh_nonce_only() -> None:
    trust, nonce = book(), b"n" * 16
    good = sign1(HostHello(ME, nonce, 5).to_wire(), POLICY)
    assert trust.accept_host(good, nonce).utc == 5
    for data, fresh in (
        (good, b"m" * 16),
        (sign1(HostHello(OTHER, nonce, 5).to_wire(), POLICY), nonce),
        (sign1(HostHello(ME, nonce, 5).to_wire(), OPERATOR), nonce),
        (sign1(HostHello(ME, nonce, 5).to_wire(), ESTATE), nonce),
    ):
        with pytest.raises(TrustError):
            trust.accept_host(data, fresh)


def test_a_state_is_newer_for_this_door_and_whole() -> None:
    trust, held, chunks = book(), State(1, 1), Rows().chunks()
    fresh = trust.accept_header(sign1(header(chunks=chunks).to_wire(), POLICY), held)
    assert trust.build_state(fresh, chunks).door is not None
    for wrong in (
        sign1(header(version=1).to_wire(), POLICY),
        sign1(header(generation=0, version=9).to_wire(), POLICY),
        sign1(header(dev=OTHER).to_wire(), POLICY),
        sign1(header().to_wire(), OPERATOR),
        sign1(header().to_wire(), ESTATE),
    ):
        with pytest.raises(TrustError):
            trust.accept_header(wrong, held)
    for pieces in (chunks[1:], [*chunks, chunks[0]], [chunks[1], chunks[0], *chunks[2:]], [b"x", *chunks[1:]]):
        with pytest.raises(TrustError):
            trust.build_state(fresh, pieces)


def command(trust: Trust, dev: bytes = ME, signer: Signer = OPERATOR, mono: int = 0) -> bytes:
    return sign1(Command(dev, "open", trust.challenge(mono), b"y" * 32).to_wire(), signer)


def test_a_command_is_good_once_and_for_ten_seconds() -> None:
    trust = book()
    order = command(trust)
    assert trust.accept_command(order, CHALLENGE_MS).action == "open"
    with pytest.raises(TrustError, match="challenge"):
        trust.accept_command(order, CHALLENGE_MS)
    with pytest.raises(TrustError, match="challenge"):
        trust.accept_command(command(trust, mono=0), CHALLENGE_MS + 1)


def test_a_command_needs_the_operator_this_door_and_its_own_challenge() -> None:
    for signer in (POLICY, ESTATE, DEVICE, STRANGER):
        trust = book()
        with pytest.raises(TrustError, match="signature"):
            trust.accept_command(command(trust, signer=signer), 0)
    trust = book()
    with pytest.raises(TrustError, match="device"):
        trust.accept_command(command(trust, dev=OTHER), 0)
    with pytest.raises(TrustError, match="challenge"):
        trust.accept_command(sign1(Command(ME, "open", b"z" * 16, b"y" * 32).to_wire(), OPERATOR), 0)


def test_a_refused_command_does_not_use_up_the_challenge() -> None:
    trust = book()
    challenge = trust.challenge(0)
    with pytest.raises(TrustError):
        trust.accept_command(sign1(Command(ME, "open", challenge, b"y" * 32).to_wire(), STRANGER), 0)
    assert trust.accept_command(sign1(Command(ME, "open", challenge, b"y" * 32).to_wire(), OPERATOR), 0)


def test_only_the_newest_challenges_are_kept() -> None:
    trust = book()
    first = command(trust)
    for mono in range(1, 5):
        trust.challenge(mono)
    with pytest.raises(TrustError, match="challenge"):
        trust.accept_command(first, 5)


def test_a_clock_order_is_the_policy_keys_and_needs_a_challenge_too() -> None:
    trust = book()
    order = ClockOrder(ME, 7, trust.challenge(0))
    with pytest.raises(TrustError, match="signature"):
        trust.accept_clock(sign1(order.to_wire(), OPERATOR), 0)
    assert trust.accept_clock(sign1(order.to_wire(), POLICY), 0).utc == 7
    with pytest.raises(TrustError, match="challenge"):
        trust.accept_clock(sign1(order.to_wire(), POLICY), 0)


def test_a_door_without_keys_believes_nobody() -> None:
    trust = book(keys=False)
    with pytest.raises(TrustError, match="keys"):
        trust.accept_command(command(trust), 0)
    with pytest.raises(TrustError, match="keys"):
        trust.accept_header(sign1(header().to_wire(), POLICY), State())


SEED = 20_781


def test_of_ten_thousand_forgeries_half_of_them_well_signed_none_is_believed() -> None:
    """Every purpose signed by every key for either door, replayed, re-labelled and bit-flipped."""
    dice = random.Random(SEED)
    trust, held, accepted = book(), State(1, 5), []
    signers = [ESTATE, POLICY, OPERATOR, DEVICE, STRANGER]
    for _ in range(10_000):
        right, data = _forgery(dice, trust, signers)
        for name, attempt in _attempts(trust, held, dice):
            try:
                attempt(data)
            except GateError:
                continue
            accepted.append((name, right))
    assert accepted == []


def _forgery(dice: random.Random, trust: Trust, signers: list[Signer]) -> tuple[str, bytes]:
    """A record with at least one thing wrong about it: signer, door, version, nonce, challenge, or a flipped bit."""
    dev = dice.choice([ME, OTHER])
    record: Any = dice.choice(
        [
            Command(dev, "open", dice.choice([dice.randbytes(16), trust.challenge(0)]), b"y" * 32),
            StateHeader(dev, 1, dice.choice([0, 4, 5, 6]), 0, []),
            HostHello(dev, dice.choice([b"n" * 16, dice.randbytes(16)]), 5),
            Keys(dice.choice([0, 1]), dice.choice([POLICY, STRANGER]).public, OPERATOR.public),
            ClockOrder(dev, 1, dice.choice([dice.randbytes(16), trust.challenge(0)])),
            Cert(dev, dice.choice([DEVICE, STRANGER]).public, None, "x", "door", 1, 0),
        ]
    )
    right = {"Command": OPERATOR, "StateHeader": POLICY, "HostHello": POLICY, "ClockOrder": POLICY}.get(
        record.__class__.__name__, ESTATE
    )
    signer = dice.choice([other for other in signers if other is not right])
    data = bytearray(sign1(record.to_wire(), signer))
    if dice.random() < 0.5:
        data = bytearray(sign1(record.to_wire(), right))
        data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
    return record.__class__.__name__, bytes(data)


def _attempts(trust: Trust, held: State, dice: random.Random) -> list[tuple[str, Callable[[bytes], Any]]]:
    return [
        ("command", lambda data: trust.accept_command(data, 0)),
        ("clock", lambda data: trust.accept_clock(data, 0)),
        ("header", lambda data: trust.accept_header(data, held)),
        ("host", lambda data: trust.accept_host(data, b"n" * 16)),
        ("keys", lambda data: trust.accept_keys(data)),
        ("cert", lambda data: trust.accept_cert(data)),
    ]
