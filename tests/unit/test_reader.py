"""Readers of each kind keep the same promises: a card once, whole, in order; what is none is nothing."""

import errno
import struct
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from gpiozero.pins.mock import MockFactory

from gatecore import cards, feedback, state
from gatecore import records as r
from gatecore.cards import CardRead
from gatecore.events import ALERT_READER, Alert, Key, Told
from gatesim.clock import SimClock
from gatesim.ports import FakeReader
from gateunit.ports import Reader
from gateunit.reader import GAP_MS, MOST_BITS, RETRY_MS, TYPED_MS, Input, UsbReader, WiegandReader
from gateunit.settings import ReaderPins

PINS, DEVICE = ReaderPins(14, 15), "/dev/input/event7"
CODES = {"1": 2, "2": 3, "3": 4, "4": 5, "5": 6, "6": 7, "7": 8, "8": 9, "9": 10, "0": 11, "\n": 28, "A": 30}


@pytest.fixture
def factory() -> Iterator[MockFactory]:
    made = MockFactory()
    yield made
    made.reset()


def wiegand(number: int, bits: int = 34) -> str:
    """A frame as 0 and 1, in the order they are sent."""
    data = f"{number:0{bits - 2}b}"
    half = len(data) // 2
    return f"{data[:half].count('1') & 1}{data}{1 - data[half:].count('1') % 2}"


class Wires:
    """The two wires of a Wiegand reader."""

    def __init__(self, factory: MockFactory, clock: SimClock) -> None:
        self.clock = clock
        self.reader = WiegandReader(PINS, clock, factory)
        self._pins = [factory.pin(pin) for pin in (PINS.data0, PINS.data1)]

    def send(self, bits: str) -> None:
        for bit in bits:
            self._pins[int(bit)].drive_low()
            self._pins[int(bit)].drive_high()
            self.clock._mono += 1

    def hold(self, number: int) -> None:
        self.send(wiegand(number))
        self.clock._mono += GAP_MS


class Usb:
    """An event device that a test types on; `gone` stands for the plug."""

    def __init__(self, clock: SimClock) -> None:
        self.clock, self.gone, self._waiting, self.grabbed = clock, False, b"", 0
        self.opened: list[int] = []
        self.reader = UsbReader(DEVICE, clock, Input(self._open, self._grab, self._read, self.opened.remove))
        self.reader.read()

    def _open(self, path: str, flags: int) -> int:
        if self.gone:
            raise OSError(errno.ENOENT, "gone")
        self.opened.append(7)
        return 7

    def _grab(self, file: int, number: int, on: int) -> int:
        self.grabbed += 1
        return 0

    def _read(self, file: int, most: int) -> bytes:
        if self.gone:
            raise OSError(errno.ENODEV, "gone")
        if not self._waiting:
            raise BlockingIOError
        told, self._waiting = self._waiting[:most], self._waiting[most:]
        return told

    def type(self, keys: str) -> None:
        for key in keys:
            for value in (1, 0):
                self._waiting += struct.pack("=qqHHi", 0, 0, 1, CODES[key], value)
            self._waiting += struct.pack("=qqHHi", 0, 0, 0, 0, 0)

    def hold(self, number: int) -> None:
        self.type(f"{number:010}\n")


class Fake:
    """The fake one."""

    def __init__(self, clock: SimClock) -> None:
        self.reader = FakeReader(clock)
        self.hold = self.reader.hold


@pytest.fixture(params=["fake", "wiegand", "usb"])
def held(request: pytest.FixtureRequest, factory: MockFactory) -> tuple[Reader, Callable[[int], None]]:
    clock = SimClock()
    made: Fake | Wires | Usb
    if request.param == "fake":
        made = Fake(clock)
    else:
        made = Wires(factory, clock) if request.param == "wiegand" else Usb(clock)
    return made.reader, made.hold


def told(reader: Reader) -> list[int]:
    """Numbers of the cards read by now."""
    found: list[int] = []
    for _ in range(4):
        read = reader.read()
        found += [read.number] if isinstance(read, CardRead) else []
    return found


def test_a_card_is_read_once_and_the_next_after_it(held: tuple[Reader, Callable[[int], None]]) -> None:
    reader, hold = held
    assert reader.works
    assert reader.read() is None
    for number in (1_234_567, 4_000_000_001):
        hold(number)
        assert told(reader) == [number]
    reader.close()
    reader.close()


def test_a_frame_ends_with_the_silence_and_not_before(factory: MockFactory) -> None:
    wires = Wires(factory, SimClock())
    sent = wiegand(1_234_567, 26)
    wires.send(sent[:13])
    assert wires.reader.read() is None
    wires.send(sent[13:])
    assert wires.reader.read() is None
    wires.clock._mono += GAP_MS
    assert told(wires.reader) == [1_234_567]


def test_half_a_frame_spoils_only_itself(factory: MockFactory) -> None:
    wires = Wires(factory, SimClock())
    wires.send(wiegand(1_234_567, 26)[:20])
    wires.clock._mono += GAP_MS
    assert told(wires.reader) == []
    wires.hold(1_234_567)
    assert told(wires.reader) == [1_234_567]


def test_a_flipped_bit_is_no_card(factory: MockFactory) -> None:
    wires, sent = Wires(factory, SimClock()), wiegand(1_234_567, 26)
    for at in range(26):
        wires.send(sent[:at] + str(1 - int(sent[at])) + sent[at + 1 :])
        wires.clock._mono += GAP_MS
        assert wires.reader.read() is None, at


def test_a_line_that_never_falls_silent_is_no_card(factory: MockFactory) -> None:
    wires = Wires(factory, SimClock())
    wires.send("01" * (10 * MOST_BITS) + wiegand(1_234_567))
    wires.clock._mono += GAP_MS
    assert wires.reader.read() is None


def test_keys_on_a_reader_are_keys(factory: MockFactory) -> None:
    wires, keys = Wires(factory, SimClock()), ""
    for bits in ("0001", "11100001", "1011", "01001011", "1100"):
        wires.send(bits)
        wires.clock._mono += GAP_MS
        read: Told | None = wires.reader.read()
        keys += read.key if isinstance(read, Key) else "-"
    assert keys == "11##-"


@pytest.mark.parametrize("typed", ["\n", "12A4\n", "12345678901\n", "4294967296\n", "9999999999\n"])
def test_what_a_usb_reader_types_and_is_no_number_is_nothing(typed: str) -> None:
    usb = Usb(SimClock())
    usb.type(typed)
    assert told(usb.reader) == []
    usb.hold(1_234_567)
    assert told(usb.reader) == [1_234_567]


def test_digits_without_an_enter_are_forgotten() -> None:
    usb = Usb(SimClock())
    usb.type("99")
    assert told(usb.reader) == []
    usb.clock._mono += TYPED_MS + 1
    usb.hold(1_234_567)
    assert told(usb.reader) == [1_234_567]


def test_a_usb_reader_types_to_the_door_alone() -> None:
    assert Usb(SimClock()).grabbed == 1


def test_a_usb_reader_that_was_pulled_out_says_so_and_comes_back() -> None:
    usb = Usb(SimClock())
    usb.gone = True
    assert usb.reader.read() is None
    assert not usb.reader.works
    assert usb.opened == [], "nothing is left open"
    usb.gone = False
    usb.clock._mono += RETRY_MS
    usb.reader.read()
    assert usb.reader.works
    usb.hold(1_234_567)
    assert told(usb.reader) == [1_234_567]


MINE, HOME, PERSON, LIST_KEY = 1_234_567, "120502", bytes([7]) * 16, bytes(range(32))  # as in conftest.usual_rows


@pytest.fixture
def door(house: Any) -> Any:
    """A unit with a reader that knows one card."""
    house.reads = True
    house.rows[state.CARDS] = [[cards.digest(LIST_KEY, MINE), PERSON, house.rows[state.PEOPLE][0][3]]]
    return house


async def test_a_card_opens_and_its_entry_is_on_storage_before_the_lock_moves(door: Any) -> None:
    async with door.running():
        door.store.slow_ms = 40
        door.reader.hold(MINE)
        await door.clock.advance(200)
        appended = [at for at, what in door.store.history if what == "append"][-1]
        assert [entry.pub for entry in door.entries() if entry.typ == r.ACCESS] == [[0, r.GRANTED, r.CARD, 0, 0]]
        assert door.unlocks() == [appended]


async def test_an_unknown_card_opens_nothing_and_the_count_is_kept_over_a_restart(door: Any) -> None:
    async with door.running():
        for number in range(1, 6):
            door.reader.hold(number)
            await door.clock.advance(cards.QUICK_MS + 100)
        assert door.unlocks() == []
    async with door.running():
        door.reader.hold(MINE)
        await door.clock.advance(100)
        assert door.screen.shown[:2] == (feedback.REFUSED, feedback.CARD_WAIT)
        await door.clock.advance(cards.SLOW_MS)
        door.reader.hold(MINE)
        await door.clock.advance(200)
        assert len(door.unlocks()) == 1


async def test_a_reader_that_is_gone_is_told_once_and_that_it_is_back(door: Any) -> None:
    async with door.running():
        door.reader.works = False
        await door.clock.advance(5_000)
        door.reader.works = True
        await door.clock.advance(5_000)
        assert [entry.pub for entry in door.entries() if entry.typ == r.FAULT] == [[4], [5]]
        told = [effect.kind for _, effect in door.story if isinstance(effect, Alert)]
        assert told == [ALERT_READER]
        await door.type(f"{HOME}#4711042#")
        assert len(door.unlocks()) == 1, "codes and keypad do not need the reader"


async def test_a_unit_without_a_reader_knows_no_cards(house: Any) -> None:
    async with house.running():
        assert CardRead not in house.unit.door.STEPS
