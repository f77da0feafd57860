"""One door as a process: ports become events, `gatecore.door.step` decides, effects become ports again."""

import os
from collections.abc import Callable
from dataclasses import dataclass

from gatecore.events import Told
from gateunit.ports import Camera, Clock, Inputs, KeyStore, Keypad, Lock, Random, Screen, Store


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything a unit touches. `camera` is None for a door without one."""

    clock: Clock
    lock: Lock
    keypad: Keypad
    inputs: Inputs
    screen: Screen
    store: Store
    keys: KeyStore
    camera: Camera | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """What is not wired: a claim for first contact (its bytes), and how fast the link and the keypad are asked.

    Delays are ms. `first_retry_ms`..`last_retry_ms` bound the full jitter between two dials.
    """

    claim: bytes | None = None
    model: str = "unit"
    software: str = "kaimen 0.1"
    first_retry_ms: int = 1_000
    last_retry_ms: int = 60_000
    scan_ms: int = 5


class Unit:
    """Construct with ports, then `await run()`; cancel the task to stop. `post` is for the loop's own thread."""

    def __init__(self, ports: Ports, options: Options | None = None, random: Random = os.urandom) -> None:
        raise NotImplementedError

    def post(self, event: Told) -> None:
        """Takes an event of gatecore.events; Exit and Fire are carried out before this returns."""
        raise NotImplementedError

    def watch(self, seen: Callable[[Told], None]) -> None:
        """Calls `seen` with every effect, when it has been carried out (for pages and transcripts)."""
        raise NotImplementedError

    async def run(self) -> None:
        """Boots and serves the door until cancelled."""
        raise NotImplementedError
