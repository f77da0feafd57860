"""When Python looks for cycles in memory: not for every 700 new things, and never through what the start made."""

import gc

MANY = 10_000


def settle() -> None:
    """To be called once everything has started: what is there now stays, and is not walked through again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(MANY)
