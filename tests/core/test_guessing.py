"""With the throttle off, a guesser opens by exactly the codes that are live, and by nothing else."""

import random

from tests.core.estate import DAY, HOME, Rows, at, day_code, mark, seconds

from gatecore import codes
from gatecore.throttle import Memory

GUESSES = 20_000
SEED = 20_781


def test_of_twenty_thousand_guesses_only_the_live_codes_open() -> None:
    """Half are random numbers, half are right for another home, day, slot, zone or check digit."""
    rows = Rows()
    rows.issue(HOME, codes.with_check(HOME, "7777777"), at(0), at(26), 0)
    rows.issue(HOME, codes.with_check(HOME, "8888888"), at(12), at(26), 0)  # not yet
    rows.revoked.append([HOME, mark(HOME, day_code(slot=1)), seconds(at(26))])
    state, memory, now, dice = rows.state(), Memory(), at(9), random.Random(SEED)
    live = {day_code(), codes.with_check(HOME, "7777777")}
    near = [
        day_code(day=DAY + n, slot=slot, zone=zone) for n in (-2, -1, 1, 2) for slot in (0, 1) for zone in ("12", "13")
    ]
    near += [day_code(home) for home in ("120601", "120503", "020512")] + [day_code(slot=1), day_code(slot=128)]
    near += [code[:7] + str((int(code[7]) + n) % 10) for code in live for n in range(1, 10)]
    near += [codes.with_check(HOME, "8888888"), *live]
    opened = set()
    for n in range(GUESSES):
        guess = dice.choice(near) if n % 2 else codes.with_check(HOME, f"{dice.randrange(10_000_000):07d}")
        verdict = codes.check_code(state, memory, HOME, guess, now, connected=False)
        if verdict.reason == codes.OK:
            opened.add(guess)
            assert guess in live
    assert opened == live
