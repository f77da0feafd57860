"""Keys pressed on a page reach the unit's debouncing, whatever the spacing of its readings."""

import pytest

from gatecore.keypad import Matrix
from gatesim.clock import SimClock
from gatesim.presses import Presses


@pytest.mark.parametrize("spacing_ms", [1, 5, 19, 20, 33, 70, 400])
async def test_no_key_is_lost_however_slowly_the_unit_reads(spacing_ms: int) -> None:
    clock = SimClock()
    keypad, matrix = Presses(clock), Matrix()
    for key in "120502#11":
        keypad.type(key)
    heard = ""
    for _ in range(9 * 2 * (2 * 40 // spacing_ms + 4)):
        heard += matrix.scan(keypad.read(), clock.mono())
        await clock.advance(spacing_ms)
    assert heard == "120502#11"
