"""Wired inputs become events: a level counts once it has been the same for DEBOUNCE_MS."""

from gatecore import events
from gatecore.keypad import DEBOUNCE_MS
from gateunit.ports import Levels


class Debounced:
    """One reading after another; the buttons tell only that they were pressed, the others both ways."""

    def __init__(self) -> None:
        self._seen, self._since = Levels(), 0
        self._stable = Levels()

    def read(self, levels: Levels, mono: int) -> list[events.Told]:
        """What this reading makes sure, the urgent first."""
        if levels != self._seen:
            self._seen, self._since = levels, mono
        if levels == self._stable or mono - self._since < DEBOUNCE_MS:
            return []
        before, self._stable = self._stable, levels
        return _changes(before, levels)


def _changes(before: Levels, now: Levels) -> list[events.Told]:
    happened: list[events.Told] = []
    if now.fire != before.fire:
        happened.append(events.Fire(now.fire))
    if now.exit and not before.exit:
        happened.append(events.Exit())
    if now.tamper and not before.tamper:
        happened.append(events.Tamper())
    if now.leaf_open != before.leaf_open:
        happened.append(events.Contact(now.leaf_open))
    return happened
