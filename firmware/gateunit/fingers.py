"""Keypad, wired inputs and reader, asked again and again: keys to whoever takes them, everything else as events."""

from collections.abc import Callable

from gatecore import cards, events
from gatecore.keypad import Matrix
from gateunit.inputs import Debounced
from gateunit.ports import Clock, Inputs, Keypad, Reader


class Fingers:
    """`key` hears of every key, `post` of every event; `every_ms` lies between two looks."""

    def __init__(
        self, clock: Clock, key: Callable[[str], None], post: Callable[[events.Told], None], every_ms: int
    ) -> None:
        self._clock, self._key, self._post, self._every_ms = clock, key, post, every_ms

    async def scan(self, keypad: Keypad, inputs: Inputs) -> None:
        """Keypad and wired inputs, debounced by the core's rule, until cancelled."""
        matrix, levels = Matrix(), Debounced()
        while True:
            mono = self._clock.mono()
            key = matrix.scan(keypad.read(), mono)
            if key:
                self._key(key)
            for event in levels.read(inputs.read(), mono):
                self._post(event)
            await self._clock.sleep(self._every_ms)

    async def read(self, reader: Reader) -> None:
        """Cards, and the keys of a reader that has some, until cancelled; that it stopped answering is told, and that
        it is back."""
        worked = True
        while True:
            read = reader.read()
            if isinstance(read, events.Key):
                self._key(read.key)
            elif read is not None:
                self._post(read)
            if reader.works != worked:
                worked = not worked
                self._post(cards.Reads(worked))
            await self._clock.sleep(self._every_ms)
