"""The device's half of a connection against every kind of host: honest, broken, lying."""

from typing import Any

import pytest

from gatecore import events, feedback, frames
from gatecore import records as r
from gatecore.log import Chain, check_batch, genesis
from gatecore.records import Cert, Hello
from gatecore.sign import key_id, sha256
from gatecore.wire import encode, open_sign1, sign1
from gateunit.errors import LinkError
from gateunit.session import DIALLED, GREETING, UP, Session
from gateunit.signer import Ed25519Signer, verify

UTC = 1_790_000_000_000
ROUNDS = 4_000


class Line:
    """A session of the house's unit, and what a host at its other end sees."""

    def __init__(self, house: Any) -> None:
        self.house, self.parts = house, house.unit._parts
        self.posted: list[Any] = []
        self.parts.post = self.posted.append
        self.session = Session(self.parts)
        self.number = 0

    def sent(self) -> list[tuple[int, list[Any]]]:
        out = []
        while (data := self.session.out.take()) is not None:
            kind, _, fields = frames.unpack(data)
            out.append((kind, fields))
        return out

    def say(self, kind: int, *fields: Any) -> list[tuple[int, list[Any]]]:
        self.number += 1
        self.session.receive(frames.pack(kind, self.number, *fields))
        return self.sent()

    def greet(self) -> list[tuple[int, list[Any]]]:
        """Up to believed; what the device says then."""
        (_, (nonce,)), *_ = self.sent()
        self.say(frames.NONCE, bytes(range(16)))
        hello = self.house.estate.hello(self.house.unit.dev, nonce, self.house.clock.battery())
        return self.say(frames.HOST, hello)

    def distrusted(self) -> list[tuple[int, str]]:
        return [(event.what, event.code) for event in self.posted if isinstance(event, events.Distrusted)]


async def test_the_device_greets_over_the_hosts_fresh_nonce(house: Any) -> None:
    async with house.running():
        line = Line(house)
        assert [kind for kind, _ in line.sent()] == [frames.NONCE]
        [(kind, (signed,))] = line.say(frames.NONCE, b"n" * 16)
        public = house.keys.signer().public
        hello = Hello.from_wire(open_sign1(signed, key_id(public), public, verify))
        assert (kind, hello.nonce, hello.dev) == (frames.HELLO, b"n" * 16, key_id(public))
        assert (hello.seq, hello.generation, hello.version) == (house.unit.ledger.seq, 1, 1)


async def test_a_believed_host_brings_the_link_up(house: Any) -> None:
    async with house.running():
        line = Line(house)
        said = line.greet()
        assert line.session.state == UP
        assert [kind for kind, _ in said] == [frames.STATUS]
        assert isinstance(line.posted[0], events.Link)


async def test_the_log_resumes_after_what_the_host_has_and_is_sealed_to_its_head(house: Any) -> None:
    async with house.running():
        for _ in range(150):
            house.unit.post(events.Tamper())
        await house.clock.settle()
        line = Line(house)
        line.greet()
        public = house.keys.signer().public
        chain, receipt = Chain(house.unit.dev, genesis(public)), b"\x01" * 16
        said = line.say(frames.ACK, 0, receipt, None)
        assert [kind for kind, _ in said] == [frames.BATCH, frames.BATCH]  # two in flight, no more
        seen = 0
        while chain.seq < house.unit.ledger.seq:
            for _, (first, entries, privates, sealed) in said:
                assert first == chain.seq + 1
                seen += len(check_batch(chain, entries, privates, sealed, public, verify))
            said = line.say(frames.ACK, chain.seq, receipt, None)
        assert seen == house.unit.ledger.seq
        assert said == []


async def test_an_entry_still_on_its_way_to_storage_is_not_sent(house: Any) -> None:
    async with house.running():
        line = Line(house)
        line.greet()
        line.say(frames.ACK, house.unit.ledger.seq, bytes(16), None)
        house.store.slow_ms = 10_000
        house.unit.post(events.Tamper())
        await house.clock.advance(5_000)
        line.session.due()
        assert frames.BATCH not in [kind for kind, _ in line.sent()]
        await house.clock.advance(10_000)
        line.session.due()
        assert frames.BATCH in [kind for kind, _ in line.sent()]


async def test_a_new_state_is_fetched_by_hash_taken_and_kept(house: Any) -> None:
    async with house.running():
        rows = dict(house.rows)
        rows[1] = [["Gate 3", "", 6, 0, 4321, 30_000, 1, 1, "committee", bytes(range(32))]]
        made = house_chunks(rows)
        line = Line(house)
        line.greet()
        wanted = line.say(frames.STATE, house.estate.header(house.unit.dev, made, 2))
        held = {sha256(chunk): chunk for chunk in made}
        assert wanted == [(frames.WANT, [digest]) for digest in held if digest not in held_before(house)]
        for _, (digest,) in wanted:
            line.say(frames.PIECE, digest, held[digest])
        assert house.unit.held.state.version == 2
        assert line.distrusted() == []
        await house.clock.settle()
    async with house.running():
        assert (house.unit.door.state.version, house.unit.door.state.door.unlock_ms) == (2, 4321)


def house_chunks(rows: dict[int, list[list[Any]]]) -> list[bytes]:
    from gatecore import state

    return [chunk for kind in sorted(rows) for chunk in state.chunks(kind, rows[kind])]


def held_before(house: Any) -> set[bytes]:
    return {sha256(chunk) for chunk in house_chunks(house.rows)}


@pytest.mark.parametrize(
    ("case", "code"),
    [
        ("other signer", "signature"),
        ("other door", "device"),
        ("lower version", "rollback"),
        ("same version", "rollback"),
        ("other purpose", "purpose"),
        ("no record", "envelope"),
    ],
)
async def test_a_state_the_law_book_refuses_changes_nothing_and_is_told(house: Any, case: str, code: str) -> None:
    async with house.running():
        estate, dev = house.estate, house.unit.dev
        chunks = house_chunks(house.rows)
        header = {
            "other signer": lambda: estate.header(dev, chunks, 2, by=Ed25519Signer(bytes(32))),
            "other door": lambda: estate.header(bytes(16), chunks, 2),
            "lower version": lambda: estate.header(dev, chunks, 0),
            "same version": lambda: estate.header(dev, chunks, 1),
            "other purpose": lambda: estate.hello(dev, bytes(16)),
            "no record": lambda: b"\xd2\x84",
        }[case]()
        line = Line(house)
        line.greet()
        assert line.say(frames.STATE, header) == []
        assert line.distrusted() == [(1, code)]
        assert house.unit.held.state.version == 1


async def test_a_piece_that_is_not_what_was_signed_is_refused(house: Any) -> None:
    async with house.running():
        line = Line(house)
        line.greet()
        changed = [*house_chunks(house.rows), encode([12, []])]
        [(_, (digest,))] = line.say(frames.STATE, house.estate.header(house.unit.dev, changed, 2))
        line.say(frames.PIECE, digest, b"something else")
        line.say(frames.PIECE, bytes(32), changed[-1])
        assert line.distrusted() == [(1, "chunk"), (1, "chunk")]
        line.say(frames.PIECE, digest, changed[-1])
        assert house.unit.held.state.version == 2


async def test_a_signed_state_that_is_none_is_refused_and_told(house: Any) -> None:
    async with house.running():
        line = Line(house)
        line.greet()
        [(_, (digest,))] = line.say(frames.STATE, house.estate.header(house.unit.dev, [b"\x00"], 2))
        line.say(frames.PIECE, digest, b"\x00")
        assert line.distrusted() == [(1, "chunk")]
        assert house.unit.held.state.version == 1


async def test_a_host_without_the_policy_key_is_not_believed(house: Any) -> None:
    async with house.running():
        line = Line(house)
        [(_, (nonce,))] = line.sent()
        line.say(frames.NONCE, bytes(16))
        stranger = Ed25519Signer(bytes(32))
        with pytest.raises(LinkError, match="signature"):
            line.say(frames.HOST, house.estate.hello(house.unit.dev, nonce, by=stranger))
        assert line.distrusted() == [(3, "signature")]
        assert line.session.state == GREETING


async def test_an_old_greeting_cannot_be_replayed(house: Any) -> None:
    async with house.running():
        first, second = Line(house), Line(house)
        [(_, (nonce,))] = first.sent()
        second.say(frames.NONCE, bytes(16))
        with pytest.raises(LinkError, match="nonce"):
            second.say(frames.HOST, house.estate.hello(house.unit.dev, nonce))


async def test_a_silent_host_is_given_up(house: Any) -> None:
    async with house.running():
        line = Line(house)
        line.greet()
        await house.clock.advance(30_000)
        line.session.due()
        assert frames.PING in [kind for kind, _ in line.sent()]
        await house.clock.advance(30_000)
        with pytest.raises(LinkError, match="silence"):
            line.session.due()


async def test_a_clock_order_moves_the_clock_and_a_strangers_does_not(house: Any) -> None:
    async with house.running():
        line = Line(house)
        line.greet()
        later = UTC + 86_400_000
        challenge = house.unit.trust.challenge(house.clock.mono())
        line.say(frames.COMMAND, house.estate.clock_order(house.unit.dev, later, challenge, by=house.estate.operator))
        assert house.unit.time.now().utc < UTC + 3_600_000
        line.say(frames.COMMAND, house.estate.clock_order(house.unit.dev, later, challenge))
        assert house.unit.time.now().utc >= later
        line.say(frames.COMMAND, house.estate.clock_order(house.unit.dev, later, challenge))
        assert line.distrusted() == [(5, "challenge")]


async def test_ten_refusals_end_the_connection(house: Any) -> None:
    async with house.running():
        line = Line(house)
        line.greet()
        for _ in range(9):
            line.say(frames.STATE, b"")
        with pytest.raises(LinkError, match="distrust"):
            line.say(frames.STATE, b"")


@pytest.mark.parametrize("kind", sorted(frames.SHAPES))
async def test_no_frame_but_the_greeting_counts_before_the_host_is_believed(house: Any, kind: int) -> None:
    async with house.running():
        line = Line(house)
        line.sent()
        empty: dict[int, Any] = {r.BYTES: b"", r.TEXT: "", r.UINT: 0, r.LIST: [], r.UINT + r.OR_NULL: None}
        fields = [empty[of] if of in empty else bytes(of) for of in frames.SHAPES[kind]]
        if kind in (frames.NONCE, frames.PING, frames.PONG):
            line.say(kind, *fields)
        else:
            with pytest.raises(LinkError):
                line.say(kind, *fields)
        assert line.session.state in (DIALLED, GREETING)
        assert house.unlocks() == []


def forged(house: Any, rng: Any, other: Any) -> tuple[int, bytes]:
    """A well-formed, correctly signed record that must not count: wrong party, door, purpose, version, challenge."""
    estate, dev, random = house.estate, house.unit.dev, rng.randbytes
    chunks = house_chunks(house.rows)
    challenge = house.unit.trust.challenge(house.clock.mono())
    any_key = rng.choice([other.policy, other.operator, other.root, estate.root, house.keys.signer()])
    makers = [
        lambda: (frames.COMMAND, estate.command(dev, challenge, by=rng.choice([any_key, estate.policy]))),
        lambda: (frames.COMMAND, estate.command(random(16), challenge)),
        lambda: (frames.COMMAND, estate.command(dev, random(16))),
        lambda: (frames.COMMAND, estate.command(other.root.key_id, challenge)),
        lambda: (frames.COMMAND, estate.hello(dev, challenge, by=estate.operator)),
        lambda: (frames.COMMAND, estate.header(dev, chunks, 9, by=estate.operator)),
        lambda: (frames.COMMAND, estate.clock_order(dev, UTC, challenge, by=rng.choice([any_key, estate.operator]))),
        lambda: (frames.COMMAND, estate.clock_order(dev, UTC, random(16))),
        lambda: (frames.COMMAND, estate.clock_order(random(16), UTC, challenge)),
        lambda: (frames.COMMAND, estate.header(dev, chunks, 9)),
        lambda: (frames.STATE, estate.header(dev, chunks, rng.choice([0, 1]))),
        lambda: (frames.STATE, estate.header(dev, chunks, 9, 0)),
        lambda: (frames.STATE, estate.header(random(16), chunks, 9)),
        lambda: (frames.STATE, estate.header(dev, chunks, 9, by=rng.choice([any_key, estate.operator]))),
        lambda: (frames.STATE, estate.command(dev, challenge, by=estate.policy)),
        lambda: (frames.STATE, estate.clock_order(dev, UTC, challenge)),
        lambda: (frames.HOST, estate.hello(dev, random(16))),
        lambda: (frames.HOST, estate.hello(random(16), random(16))),
        lambda: (frames.STATE, sign1(Cert(dev, random(32), None, "s", "door", 1, 1).to_wire(), estate.policy)),
    ]
    return rng.choice(makers)()


async def test_thousands_of_forged_and_broken_frames_open_nothing_and_break_nothing(
    house: Any, estate: Any, rng: Any
) -> None:
    """Signed by the wrong party, for another door, purpose, version or challenge; mutated; random bytes."""
    other = type(estate)(77)
    async with house.running():
        unit, ended, forgeries = house.unit, 0, 0
        line = Line(house)
        line.greet()
        post = unit.post
        for n in range(ROUNDS):
            if line.session.state != UP:
                line = Line(house)
                line.greet()
            kind, record = forged(house, rng, other)
            frame = bytearray(frames.pack(kind, n, record))
            if n % 4 == 1:
                for _ in range(rng.randint(1, 3)):
                    frame[rng.randrange(len(frame))] ^= 1 << rng.randrange(8)
            elif n % 4 == 2:
                frame = bytearray(rng.randbytes(rng.randrange(200)))
            elif n % 4 == 3:
                frame = frame[: rng.randrange(len(frame))]
            forgeries += n % 4 == 0
            try:
                line.session.receive(bytes(frame))
            except LinkError:
                ended += 1
                line.session.state = DIALLED
            for event in line.posted:
                assert not isinstance(event, events.StateTaken | events.Stepped)
                if not isinstance(event, events.Link):
                    post(event)
            line.posted.clear()
            line.sent()
            if n % 100 == 0:
                await house.clock.settle()
        await house.clock.settle()
        assert forgeries >= ROUNDS // 4
        assert ended > 0
        assert house.unlocks() == []
        assert (unit.held.state.generation, unit.held.state.version) == (1, 1)
        assert all(entry.typ in (r.BOOT, r.DISTRUST) for entry in house.entries())
        challenge = unit.trust.challenge(house.clock.mono())
        post(events.Ordered(estate.command(unit.dev, challenge)))  # the check can pass: the right command opens
        await house.clock.settle()
        assert house.unlocks() != []


async def test_call_news_of_no_known_kind_ends_the_connection(house: Any) -> None:
    async with house.running():
        line = Line(house)
        line.greet()
        line.say(frames.CALL_NEWS, bytes(16), feedback.TALKING, 0)
        with pytest.raises(LinkError):
            line.say(frames.CALL_NEWS, bytes(16), 999, 0)
