"""Each wired port, real and fake, keeps the same promises. The real ones run on gpiozero's mock pins."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from gpiozero.pins.mock import MockFactory

from gatecore.keypad import KEYS, Matrix
from gatesim.clock import SimClock
from gatesim.ports import FakeInputs, FakeKeypad, FakeLock, FakeScreen
from gateunit.errors import SettingsError
from gateunit.gpio import GpioInputs, GpioKeypad, GpioLock, open_gpio
from gateunit.ports import Levels
from gateunit.screen import TextScreen
from gateunit.settings import Board, read_board

BOARDS = Path(__file__).parents[2] / "hw" / "boards"


@pytest.fixture
def factory() -> Iterator[MockFactory]:
    made = MockFactory()
    yield made
    made.reset()


@pytest.fixture
def board() -> Board:
    return read_board(BOARDS / "raspberry-pi-4.toml")


class Bench:
    """A lock and a way to look at its load; timers of the real one are run when simulated time says so."""

    def __init__(self, kind: str, board: Board, factory: MockFactory, monkeypatch: pytest.MonkeyPatch) -> None:
        self.clock = SimClock()
        self.timers: list[tuple[int, Any, Callable[[], None]]] = []
        if kind == "fake":
            fake = FakeLock(self.clock, board.lock.max_on_ms)
            self.lock: Any = fake
            self.open: Callable[[], bool] = lambda: fake.unlocked
        else:
            monkeypatch.setattr("gateunit.gpio.Timer", self.timer)
            self.lock = GpioLock(board.lock, self.clock, factory)
            pin = factory.pin(board.lock.pin)
            self.open = lambda: bool(pin.function == "output" and pin.state)

    def timer(self, seconds: float, act: Callable[[], None]) -> Any:
        bench = self

        class Due:
            daemon = True

            def start(self) -> None:
                bench.timers.append((bench.clock.mono() + round(seconds * 1000), self, act))

            def cancel(self) -> None:
                bench.timers[:] = [due for due in bench.timers if due[1] is not self]

        return Due()

    def advance(self, ms: int) -> None:
        end = self.clock.mono() + ms
        while due := sorted(timer[::2] for timer in self.timers if timer[0] <= end):
            at, act = due[0]
            self.timers[:] = [timer for timer in self.timers if timer[2] is not act or timer[0] != at]
            self.clock._mono = at
            act()
        self.clock._mono = end


@pytest.fixture(params=["fake", "gpio"])
def bench(request: pytest.FixtureRequest, board: Board, factory: MockFactory, monkeypatch: pytest.MonkeyPatch) -> Bench:
    return Bench(request.param, board, factory, monkeypatch)


def test_a_lock_starts_locked(bench: Bench) -> None:
    assert not bench.open()


def test_a_pulse_ends_by_itself(bench: Bench) -> None:
    bench.lock.unlock(3000)
    bench.advance(2999)
    assert bench.open()
    bench.advance(2)
    assert not bench.open()


def test_a_second_pulse_only_makes_the_first_longer(bench: Bench) -> None:
    bench.lock.unlock(3000)
    bench.advance(1000)
    bench.lock.unlock(500)
    bench.advance(1900)
    assert bench.open()
    bench.lock.unlock(3000)
    bench.advance(2900)
    assert bench.open()
    bench.advance(200)
    assert not bench.open()


def test_no_pulse_is_longer_than_the_output_allows(bench: Bench, board: Board) -> None:
    bench.lock.unlock(10**9)
    bench.advance(board.lock.max_on_ms + 1)
    assert not bench.open()


def test_a_release_outlasts_a_pulse_and_its_end_locks(bench: Bench) -> None:
    bench.lock.unlock(1000)
    bench.lock.release(True)
    bench.advance(100_000)
    assert bench.open()
    bench.lock.unlock(20_000)
    bench.lock.release(False)
    assert not bench.open()


def test_a_closed_lock_stays_locked(bench: Bench) -> None:
    bench.lock.unlock(3000)
    bench.lock.close()
    bench.lock.close()
    bench.lock.unlock(3000)
    bench.lock.release(True)
    assert not bench.open()


class Wires:
    """A passive 4x3 matrix on mock pins: a pressed key joins its row to its column."""

    def __init__(self, board: Board, factory: MockFactory) -> None:
        self.down: set[tuple[int, int]] = set()
        self.rows = [factory.pin(pin) for pin in board.keypad.rows]
        self.columns = [factory.pin(pin) for pin in board.keypad.columns]
        for row in self.rows:
            self._follow(row)
        self.settle()

    def _follow(self, row: Any) -> None:
        real = row._set_state

        def moved(value: Any) -> None:
            real(value)
            self.settle()

        row._set_state = moved

    def settle(self) -> None:
        for n, column in enumerate(self.columns):
            low = any((m, n) in self.down and not row.state for m, row in enumerate(self.rows))
            column.drive_low() if low else column.drive_high()

    def press(self, key: str) -> None:
        self.down = {divmod(KEYS.index(key), 3)}
        self.settle()

    def let_go(self) -> None:
        self.down = set()
        self.settle()


def test_the_gpio_keypad_reads_every_key(board: Board, factory: MockFactory) -> None:
    from gpiozero.pins.mock import MockPin

    class Pin(MockPin):  # type: ignore[misc]
        state = property(MockPin._get_state, lambda self, value: self._set_state(value))

    made = MockFactory(pin_class=Pin)
    keypad = GpioKeypad(board.keypad, made)
    wires = Wires(board, made)
    assert keypad.read() == 0
    for n, key in enumerate(KEYS[:-1]):
        wires.press(key)
        assert keypad.read() == 1 << n, key
        wires.let_go()
        assert keypad.read() == 0
    made.pin(board.keypad.call).drive_low()
    assert keypad.read() == 1 << KEYS.index("C")
    made.reset()


async def test_the_fake_keypad_types_what_the_core_reads() -> None:
    clock, typed = SimClock(), ""
    keypad, matrix = FakeKeypad(clock), Matrix()
    keypad.type("1205 02#*C")
    while not keypad.idle:
        typed += matrix.scan(keypad.read(), clock.mono())
        await clock.advance(10)
    assert typed == "120502#*C"


def test_a_key_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="'x'"):
        FakeKeypad(SimClock()).type("x")


def test_wires_say_what_their_names_say(board: Board, factory: MockFactory) -> None:
    inputs = GpioInputs(board.inputs, factory)
    for wire in board.inputs.values():  # at rest: closed ones to ground, open ones pulled up
        pin = factory.pin(wire.pin)
        pin.drive_low() if wire.normally_closed else pin.drive_high()
    assert inputs.read() == FakeInputs().read() == Levels()
    factory.pin(board.inputs["fire"].pin).drive_high()  # the wire is cut
    factory.pin(board.inputs["exit"].pin).drive_low()
    fake = FakeInputs()
    fake.set(fire=True, exit=True)
    assert inputs.read() == fake.read() == Levels(exit=True, fire=True)


def test_a_screen_tells_state_reason_and_digits() -> None:
    import io

    out = io.StringIO()
    real, fake = TextScreen(1, out), FakeScreen(SimClock())
    for screen in (real, fake):
        screen.show(6, 7, 20)
        screen.digits("Gate 3", "123456")
    assert out.getvalue().splitlines() == [
        "[red, low] Too many tries: codes rest for a while, press Call (20 min)",
        "Gate 3: 123 456",
    ]
    assert (fake.shown, fake.compare) == ((6, 7, 20), ("Gate 3", "123456"))


async def test_simulated_sleepers_wake_in_order_at_their_own_time() -> None:
    clock, woken = SimClock(), []

    async def sleeper(ms: int) -> None:
        await clock.sleep(ms)
        woken.append((ms, clock.mono()))

    tasks = [asyncio.ensure_future(sleeper(ms)) for ms in (30, 10, 20)]
    await clock.advance(25)
    assert woken == [(10, 10), (20, 20)]
    await clock.advance(5)
    assert woken[-1] == (30, 30)
    await asyncio.gather(*tasks)


def test_pins_that_cannot_be_had_are_told_with_what_to_do(
    board: Board, factory: MockFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = open_gpio(board, SimClock(), factory)
    with pytest.raises(SettingsError, match="python3-lgpio and this user in the group gpio"):
        open_gpio(board, SimClock(), factory)  # as when another program holds them
    first[0].close()
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "none")
    with pytest.raises(SettingsError, match="the pins of raspberry-pi-4 cannot be used"):
        open_gpio(board, SimClock())  # as on a machine that has none
