"""A key change on order: the old key's last word names the new one, and goes only when the host has it."""

from typing import Any

import pytest
from tests.unit.test_notary import Host, of_kind, typed
from tests.unit.test_session import Line

from gatecore import events, frames
from gatecore import records as r
from gatecore.log import Chain, check_batch, genesis
from gatecore.records import EpochOrder, Hello
from gatecore.sign import key_id
from gatecore.wire import open_sign1, sign1
from gatecore.witness import numbers
from gateunit.errors import LinkError
from gateunit.keys import FileKeys
from gateunit.signer import verify

BATCH = list[Any]


def order(house: Any, line: Line, epoch: int = 1, by: Any = None) -> list[tuple[int, list[Any]]]:
    """Asks for a challenge, and orders the change."""
    challenge = house.unit.trust.challenge(house.clock.mono())
    signed = sign1(EpochOrder(house.unit.dev, epoch, challenge).to_wire(), by or house.estate.policy)
    return line.say(frames.COMMAND, signed)


def batches(said: list[tuple[int, list[Any]]]) -> list[BATCH]:
    return of_kind(said, frames.BATCH)


async def test_the_old_key_certifies_the_new_one_which_seals_what_follows(house: Any) -> None:
    async with house.running():
        old = house.keys.signer().public
        host = Host(house)
        said = await host.up()
        chain, public, seen = Chain(house.unit.dev, genesis(old)), old, 0
        said += order(house, host.line)
        assert of_kind(said, frames.DONE)[0][1] == 1
        house.unit.post(events.Tamper())
        await house.clock.settle()
        host.line.session.due()
        said += host.line.sent()
        while batches(said):
            for _, entries, privates, sealed in batches(said):
                seen += len(check_batch(chain, entries, privates, sealed, public, verify))
                public = chain.key or public
            ack = frames.pack(frames.ACK, 1, chain.seq, b"r" * 16, 100 + chain.seq)
            host.line.session.receive(ack)
            said = host.line.sent()
        assert seen == house.unit.ledger.seq
        assert chain.epoch == 1
        [change] = typed(house, r.KEY)
        assert change.epoch == 0
        assert change.pub == [1, *numbers(public)]
        assert house.keys.signer().public == public != old
        assert house.entries()[-1].epoch == 1
        assert key_id(old) == house.unit.dev


async def test_nothing_after_the_change_is_sent_before_the_host_has_it(house: Any) -> None:
    async with house.running():
        host = Host(house)
        await host.collect(await host.up())
        said = order(house, host.line)
        for _ in range(3):
            house.unit.post(events.Tamper())
        await house.clock.settle()
        host.line.session.due()
        said += host.line.sent()
        [change] = typed(house, r.KEY)
        assert max(first + len(entries) - 1 for first, entries, _, _ in batches(said)) == change.seq
        assert house.keys.signer().next_public() is not None


async def test_the_old_secret_is_gone_and_the_name_stays(house: Any) -> None:
    async with house.running():
        secret = (house.folder / "keys" / "sign.key").read_bytes()
        dev = house.unit.dev
        host = Host(house)
        said = await host.up() + order(house, host.line)
        await house.clock.settle()
        await host.collect(said)
        assert all(secret not in path.read_bytes() for path in (house.folder / "keys").iterdir())
    async with house.running():
        assert house.unit.dev == dev
        house.unit.post(events.Tamper())
        await house.clock.settle()
        assert house.entries()[-1].epoch == 1
        line = Line(house)
        line.sent()
        [(_, (signed,))] = line.say(frames.NONCE, b"n" * 16)
        public = house.keys.signer().public
        assert Hello.from_wire(open_sign1(signed, key_id(public), public, verify)).dev == dev


async def test_a_cut_between_the_entry_and_its_acknowledgement_loses_neither_key(house: Any) -> None:
    async with house.running():
        old = house.keys.signer().public
        host = Host(house)
        await host.up()
        order(house, host.line)
        await house.clock.settle()
        new = house.keys.signer().next_public()
    async with house.running():
        assert house.keys.signer().public == old
        assert house.keys.signer().next_public() == new
        line = Line(house)
        line.sent()
        line.say(frames.NONCE, b"n" * 16)
        with pytest.raises(LinkError, match="refused"):  # the host has the entry; its acknowledgement was lost
            line.say(frames.REFUSED, "signature")
        again = Line(house)
        again.sent()
        [(_, (signed,))] = again.say(frames.NONCE, b"n" * 16)
        assert Hello.from_wire(open_sign1(signed, key_id(new), new, verify)).dev == house.unit.dev


async def test_an_order_for_another_epoch_or_by_another_key_changes_nothing(house: Any) -> None:
    async with house.running():
        host = Host(house)
        await host.up()
        for epoch, by in ((0, None), (2, None), (1, house.estate.operator), (1, house.estate.root)):
            order(house, host.line, epoch, by)
        await house.clock.settle()
        assert typed(house, r.KEY) == []
        assert house.keys.signer().next_public() is None


async def test_a_second_order_while_one_is_under_way_is_refused(house: Any) -> None:
    async with house.running():
        host = Host(house)
        await host.up()
        order(house, host.line)
        await house.clock.settle()
        said = order(house, host.line, 2)
        assert of_kind(said, frames.DONE)[-1][1:] == [0, "pending"]
        assert len(typed(house, r.KEY)) == 1


def test_a_prepared_key_is_made_once_and_survives(tmp_path: Any) -> None:
    first = FileKeys(tmp_path)
    prepared = first.signer().prepare()
    assert first.signer().prepare() == prepared
    again = FileKeys(tmp_path)
    assert again.signer().next_public() == prepared
    named = again.first()
    again.signer().advance()
    again.signer().advance()
    assert (again.signer().public, again.signer().next_public(), again.first()) == (prepared, None, named)
    assert FileKeys(tmp_path).first() == named
