"""What each device is told: its own homes, codes, PINs, people and keys, as a signed state that only ever rises.

A building's door holds its building; a gate the buildings behind it, and no PINs unless a rule says so; a desk unit
holds no homes at all, only whom it may seal faces to. A version is made when the chunks' hashes change, not before.
"""

from dataclasses import dataclass, field
from functools import partial

import cbor2

from gatecore import cards, codes
from gatecore import state as s
from gatecore.records import StateHeader
from gatecore.sign import sha256
from gatecore.wire import sign1
from gatehost.model import card
from gatehost.model.credential import OLD
from gatehost.model.device import ACTIVE
from gatehost.model.errors import Refused
from gatehost.model.party import Tie
from gatehost.model.place import GATE, Estate, Place, Slot
from gatehost.model.policy import FACE_AT_HOME, FACE_FREE, LIFE_ALWAYS, LIFE_UNSURE
from gatehost.service import hostclock, ruling
from gatehost.service.calendar import epochs, right_until
from gatehost.service.context import Context
from gatehost.service.digits import digits_of
from gatehost.service.ports import Audience, News
from gatehost.store import accounts as account_rows
from gatehost.store import codes as code_rows
from gatehost.store import devices, faces, grants, people, places
from gatehost.store import pins as pin_rows
from gatehost.store.codes import CodeRow
from gatehost.store.grants import CardRow
from gatehost.store.store import Tx

KEEP_ENDED_MS = 2 * 86_400_000  # so that a door can say "ended" instead of "wrong"
_FACE = {FACE_FREE: s.FACE_FREE, FACE_AT_HOME: s.FACE_AT_HOME}
_LIFE = {LIFE_UNSURE: s.LIFE_UNSURE, LIFE_ALWAYS: s.LIFE_ALWAYS}
_WAYS = {s.FACE_OFF: 0, s.FACE_FREE: s.WAY_FACE | s.WAY_FACE_AT_HOME, s.FACE_AT_HOME: s.WAY_FACE_AT_HOME}

Rows = list[list[object]]
_write = partial(cbor2.dumps, canonical=True)  # writes what gatecore.wire.encode does (tests/core/test_wire.py), sooner


@dataclass(frozen=True, slots=True)
class _Block:
    """What a building brings to every door that serves it: read once, whatever number of doors."""

    homes: tuple[Place, ...]
    ties: tuple[Tie, ...]
    codes: tuple[tuple[CodeRow, str], ...]  # with their digits
    cards: tuple[tuple[CardRow, int], ...]  # with what a reader gives


@dataclass(slots=True)
class _Picture:
    """What one publishing reads once for all devices."""

    estate: Estate
    generation: int
    now: int
    rulings: ruling.Rulings
    with_account: set[str]
    blocks: dict[str, _Block] = field(default_factory=dict)


async def publish(ctx: Context, tx: Tx, place: str | None = None) -> tuple[str, ...]:
    """Makes a new state for every active device that would hold something else than it was told; their names.

    `place` (a home or building) limits the work to devices that serve it. Call `announce` after the commit. None while
    the clock is surely wrong: what every door would be told then has ended already."""
    estate = await places.the_estate(tx)
    if estate is None or hostclock.standing(ctx).wrong == hostclock.BEHIND:
        return ()
    only = None if place is None else await places.building_of(tx, place)
    generation, rulings = await places.generation(tx), await ruling.load(tx)
    picture = _Picture(estate, generation, ctx.clock(), rulings, await account_rows.parties(tx))
    changed = []
    for device in await devices.in_states(tx, ACTIVE):
        buildings = await places.buildings_behind(tx, device.place)
        if only is not None and only.id not in buildings:
            continue
        if await _publish_one(ctx, tx, picture, device, buildings):
            changed.append(device.dev)
    return tuple(changed)


async def publish_all(ctx: Context) -> tuple[str, ...]:
    """Publishes in a transaction of its own and tells the doors: at start, and each hour for new days and epochs."""
    async with ctx.store.write() as tx:
        changed = await publish(ctx, tx)
    announce(ctx, changed)
    return changed


def announce(ctx: Context, changed: tuple[str, ...]) -> None:
    """Tells connected devices that a newer state waits, and the office that they are not up to date yet."""
    for dev in changed:
        ctx.doors.push_state(dev)
    if changed:
        ctx.pages.tell(Audience(roles=("admin", "desk")), News("device", {"devices": list(changed)}))


async def _publish_one(
    ctx: Context, tx: Tx, picture: _Picture, device: devices.DeviceRow, buildings: tuple[str, ...]
) -> bool:
    chunks = await _chunks(ctx, tx, picture, device, buildings)
    hashes = [sha256(chunk) for chunk in chunks]
    if len(chunks) > 4096:
        raise Refused("state_too_large")
    told, sent = (device.generation, device.version), (device.sent_generation, device.sent_version)
    same = hashes == await devices.chunk_hashes(tx, device.no)
    if same and sent[1] and sent[0] == picture.generation and told <= sent:
        return False
    version = max(device.sent_version, device.version if device.generation == picture.generation else 0) + 1
    header = StateHeader(bytes.fromhex(device.dev), picture.generation, version, picture.now // 1000, hashes)
    signed = sign1(header.to_wire(), ctx.keys.policy)
    pairs = list(zip(hashes, chunks, strict=True))
    await devices.put_state(tx, device.no, picture.generation, version, signed, pairs)
    return True


async def _chunks(
    ctx: Context, tx: Tx, picture: _Picture, device: devices.DeviceRow, buildings: tuple[str, ...]
) -> list[bytes]:
    slot = await places.get_slot(tx, device.slot)
    assert slot is not None
    list_key = ctx.keys.list_key(bytes.fromhex(device.dev))
    at = await places.get(tx, slot.place)
    assert at is not None
    tables: list[tuple[int, Rows]] = [
        (s.DOOR, [_door_row(picture, slot, at, list_key)]),
        (s.OFFSETS, [[max(0, start // 1000), minutes] for start, minutes in picture.estate.offsets]),
    ]
    if device.kind == "desk":
        tables.append((s.SEAL_TO, await _seal_to(tx)))
    else:
        tables += await _homes_tables(ctx, tx, picture, device, at, buildings, list_key)
    return [chunk for kind, rows in tables for chunk in s.chunks(kind, rows, _write)]


def _door_row(picture: _Picture, slot: Slot, at: Place, list_key: bytes) -> list[object]:
    up = (slot.id, *_up(at))
    face, calls = picture.rulings.rule("face_mode", *up), picture.rulings.rule("calls", *up)
    decided = next((one.decided_by for one in (calls, face) if one.value == "off"), "")
    prefix = "" if at.kind == GATE else at.dial
    mode, rings = _FACE.get(face.value, s.FACE_OFF), int(calls.value == "on")
    length = picture.estate.dial_length
    return [slot.name, prefix, length, slot.direction, slot.unlock_ms, slot.held_ms, mode, rings, decided, list_key]


def _up(at: Place) -> tuple[str, ...]:
    return (at.id,) if at.parent is None else (at.id, at.parent, "estate")


async def _seal_to(tx: Tx) -> Rows:
    rows: Rows = []
    for device in await devices.in_states(tx, ACTIVE):
        if device.kind != "desk" and device.box is not None and device.cert is not None:
            rows.append([bytes.fromhex(device.dev), device.box, device.name, device.cert])
    return rows


async def _homes_tables(
    ctx: Context,
    tx: Tx,
    picture: _Picture,
    device: devices.DeviceRow,
    at: Place,
    buildings: tuple[str, ...],
    list_key: bytes,
) -> list[tuple[int, Rows]]:
    up = (device.slot, *_up(at))
    face = _FACE.get(picture.rulings.rule("face_mode", *up).value, s.FACE_OFF)
    life = picture.rulings.rule("face_life", *up).value
    blocks = [await _block(ctx, tx, picture, building) for building in buildings]
    zones = {home.id: building for building, block in zip(buildings, blocks, strict=True) for home in block.homes}
    coded, revoked = _code_rows(blocks, list_key)
    holds_pins = at.kind != GATE or picture.rulings.rule("gate_pins", *up).value == "on"
    persons = _people_rows(picture, blocks, face)
    return [
        (s.ZONES, _zone_rows(ctx, picture, buildings)),
        (s.HOMES, _home_rows(picture, blocks, zones)),
        (s.CODES, coded),
        (s.REVOKED, revoked),
        (s.PINS, await _pin_rows(ctx, tx, picture, list(zones), list_key) if holds_pins else []),
        (s.PEOPLE, persons),
        (s.FACES, await _face_rows(tx, device, persons) if face != s.FACE_OFF else []),
        (s.CARDS, _card_rows(blocks, persons, list_key, picture.rulings.rule("old_cards", *up).value == "on")),
        (s.LIFE, [[_LIFE[life]]] if life in _LIFE else []),
    ]


async def _block(ctx: Context, tx: Tx, picture: _Picture, building: str) -> _Block:
    if building not in picture.blocks:
        homes = await places.homes_of(tx, building)
        numbers = [home.id for home in homes]
        ties = await people.ties_of_homes(tx, numbers, picture.now)
        living = await code_rows.of_homes(tx, numbers, picture.now - KEEP_ENDED_MS)
        held = await grants.cards_of(tx, list({tie.party for tie in ties}), "active", "lost", OLD)
        coded = tuple((code, digits_of(ctx, building, code)) for code in living)
        # a number kept since before numbers had one form is given by no reader
        read = tuple((one, int(card.canonical(one.number))) for one in held if card.is_one(one.number))
        picture.blocks[building] = _Block(homes, ties, coded, read)
    return picture.blocks[building]


def _zone_rows(ctx: Context, picture: _Picture, buildings: tuple[str, ...]) -> Rows:
    held = epochs(picture.now, picture.estate.offsets)
    return [[zone, epoch, codes.zone_key(ctx.keys.codes, zone, epoch)] for zone in buildings for epoch in held]


def _home_rows(picture: _Picture, blocks: list[_Block], zones: dict[str, str]) -> Rows:
    ties = (tie for block in blocks for tie in block.ties)
    answers = {tie.place for tie in ties if tie.callable and tie.party in picture.with_account}
    rows: Rows = []
    for home, zone in zones.items():
        rings = home in answers and picture.rulings.rule("calls", home, zone, "estate").value == "on"
        rows.append([home, zone, s.CALLABLE if rings else 0])
    return rows


def _code_rows(blocks: list[_Block], list_key: bytes) -> tuple[Rows, Rows]:
    issued: Rows = []
    revoked: Rows = []
    for code, digits in (one for block in blocks for one in block.codes):
        mark = codes.digest(list_key, code.home, digits)
        if code.revoked_at is not None:
            revoked.append([code.home, mark, code.until // 1000])
            continue
        row = [code.home, mark, code.mark, code.since // 1000, code.until // 1000, code.uses, code.weekdays]
        issued.append([*row, code.first_hours * 3600])
    return issued, revoked


async def _pin_rows(ctx: Context, tx: Tx, picture: _Picture, homes: list[str], list_key: bytes) -> Rows:
    until = right_until(picture.now, picture.estate.offsets) // 1000
    rows: Rows = []
    for pin in await pin_rows.of_homes(tx, homes):
        mark = codes.digest(list_key, pin.home, ctx.keys.reveal(pin.hidden))
        rows.append([pin.home, mark, bytes.fromhex(pin.party), until, int(pin.duress)])
    return rows


def _people_rows(picture: _Picture, blocks: list[_Block], mode: int) -> Rows:
    until = right_until(picture.now, picture.estate.offsets)
    rows: dict[str, list[object]] = {}
    for tie in (one for block in blocks for one in block.ties):
        end = until if tie.until is None else min(until, tie.until)
        row = [bytes.fromhex(tie.party), tie.place, tie.since // 1000, end // 1000, _WAYS[mode], 0]
        rows.setdefault(tie.party, row)
    return list(rows.values())


async def _face_rows(tx: Tx, device: devices.DeviceRow, persons: Rows) -> Rows:
    sealed = await faces.sealed_for(tx, device.no)
    rows: Rows = []
    for person, home, *_ in persons:
        assert isinstance(person, bytes)
        held = sealed.get(person.hex())
        if held is not None:
            rows.append([person, home, *held])
    return rows


def _card_rows(blocks: list[_Block], persons: Rows, list_key: bytes, old_ones: bool) -> Rows:
    """Cards of the door's people, those of the former system while the rule lets them (`old_ones`), and dead rows of
    those reported lost: the door says so instead of "unknown"."""
    ends = {bytes(person).hex(): end for person, _, _, end, *_ in persons if isinstance(person, bytes)}
    rows: dict[bytes, list[object]] = {}
    for held, number in (one for block in blocks for one in block.cards):
        if held.state == OLD and not old_ones:
            continue
        mark = cards.digest(list_key, number)
        end = ends[held.party]
        assert isinstance(end, int)
        until = cards.LOST if held.state == "lost" else min(held.until // 1000, end)
        if mark not in rows or until == cards.LOST:
            rows[mark] = [mark, bytes.fromhex(held.party), until]
    return list(rows.values())
