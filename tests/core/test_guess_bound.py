"""The bound of docs/visitor-codes.md on a code space small enough to be guessed: a real door, days of patient guessing.

The space is shrunk from 10^7 to 10^3 by one line; everything else is the door as it is. What opens then, divided by the
shrinking, is what opens in the real space.
"""

import math
import random
from collections.abc import Callable, Iterator

import pytest
from tests.core.estate import HOUR, MASTER, MINUTE, OTHER_HOME, Bench, Rows, opened

from gatecore import codes
from gatecore.throttle import CODES, Memory

SPACE = 1_000
TRIES_A_DAY = 10 + 24 * 3
DAYS = 20
LIVE = 2  # both slots of a home can be derived by a door on its own
SEED = 20_781
HOMES = ["120502", OTHER_HOME, "120603", "120604", "120605", "120606", "120607", "120608"]


@pytest.fixture
def shrunk(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = codes.derive

    def small(key: bytes, home: str, day: int, slot: int) -> str:
        return f"{int(whole(key, home, day, slot)) % SPACE:07d}"

    monkeypatch.setattr(codes, "derive", small)


def one_home(dice: random.Random) -> Iterator[str]:
    """Tries every number against one home, in a random order."""
    numbers = list(range(SPACE))
    dice.shuffle(numbers)
    for number in numbers:
        yield f"{HOMES[0]}#{codes.with_check(HOMES[0], f'{number:07d}')}"


def many_homes(dice: random.Random) -> Iterator[str]:
    """The same in turn against eight homes, so that none is paused."""
    for number in dice.sample(range(SPACE), SPACE):
        home = HOMES[number % len(HOMES)]
        yield f"{home}#{codes.with_check(home, f'{dice.randrange(SPACE):07d}')}"


def a_day_of_guessing(guesses: Iterator[str], day: int, plug: bool) -> tuple[int, int]:
    """(tries paid for, openings) of one who waits for each refill; `plug`: and pulls the plug whenever it is empty."""
    rows = Rows(homes=[[home, "12", 1] for home in HOMES])
    epochs = range(day // codes.EPOCH_DAYS - 1, day // codes.EPOCH_DAYS + 2)
    rows.zones = [["12", epoch, codes.zone_key(MASTER, "12", epoch)] for epoch in epochs]
    bench = Bench(rows, hour=0, day=day)
    tries = openings = 0
    while bench.mono < 24 * HOUR - MINUTE:
        memory = bench.door.memory
        if not memory.open(CODES) or memory.paused:
            if plug:
                bench.door.memory = Memory.restore(memory.to_wire())
                bench.door.memory.at = bench.mono
            bench.wait(MINUTE)
            bench.door.memory.pass_time(bench.mono)
            continue
        before = memory.levels[CODES]
        effects = bench.type(next(guesses))
        tries += bench.door.memory.levels[CODES] < before
        openings += opened(effects)
    return tries, openings


@pytest.mark.parametrize("strategy", [one_home, many_homes])
@pytest.mark.parametrize("plug", [False, True])
def test_a_patient_guesser_opens_no_more_often_than_the_bound_says(
    strategy: Callable[[random.Random], Iterator[str]], plug: bool, shrunk: None
) -> None:
    dice = random.Random(SEED)
    most, days_opened = 0, 0
    for day in range(DAYS):
        tries, openings = a_day_of_guessing(strategy(dice), 20_780 + day, plug)
        most, days_opened = max(most, tries), days_opened + (openings > 0)
    bound = TRIES_A_DAY * LIVE / SPACE
    allowed = DAYS * bound + 3 * math.sqrt(DAYS * bound * (1 - bound))
    print(f"{strategy.__name__}, plug {plug}: at most {most} tries a day, opened on {days_opened} of {DAYS} days;")
    print(f"  the bound is {bound:.1%} a day here, {TRIES_A_DAY * LIVE / 10**7:.5%} in the real space")
    assert most <= TRIES_A_DAY
    assert 0 < days_opened <= allowed


def test_without_the_throttle_the_same_guesser_always_opens(shrunk: None) -> None:
    """So the simulation can fail: it is the throttle that holds the bound, not the simulation."""
    bench = Bench(hour=9)
    found = False
    for guess in one_home(random.Random(SEED)):
        bench.door.memory = Memory()
        found = found or opened(bench.type(guess))
    assert found


def test_the_bound_of_the_real_space_is_a_thousandth_of_a_percent() -> None:
    assert TRIES_A_DAY / 10**7 <= 0.001 / 100
