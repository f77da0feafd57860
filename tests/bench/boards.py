"""Goal G6 on boards nobody measured: face in view -> relay, computed for a Raspberry Pi 5, 4 and Zero 2 W.

    python -m tests.bench.boards

A frame's work is measured here in its two parts. The networks' is computed anew from their multiplications and what
such a board is known to do of them in a second; the rest is so many times slower as the table assumes. Nothing of
this is a measurement of a board: it says whether a goal is within reach, and what to look at first.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from tests.bench.facespeed import Picture, frames, goal

from gateface import Engine, open_engine

EMBED_MMAC = 2 * 271.0  # chip and mirror image, int8
DETECT_MMAC = 31 * (96 * 128 + 96 * 96) / 128**2  # a 4:3 frame and the second look, float
GAP_MS, FRAME_MS = 400, 100
LOG_MS = 30  # one durable entry on an SD card, assumed
# which share of residents opened with one, two, three frames: 100 residents of three photos, half of LFW, free search
OPENED = {1: 0.84, 2: 0.14, 3: 0.02}


@dataclass(frozen=True, slots=True)
class Board:
    """One core of it: million multiplications in a second, int8 and float, and how much slower all else is than here.

    int8: the XNNPACK project's table for MobileNet v1 (569 MMAC: 24 ms on a Pi 4, 46 on a Pi 3+, whose cores a Zero 2 W
    has at 1.0 instead of 1.4 GHz) and Arm's for GoogLeNet on a Pi 5 (25 ms), all on several cores, a third of it for
    one. Float: 77 ms on a Pi 4 by the same table, the others in that ratio. All else: assumed, on the slow side.
    """

    name: str
    int8: float
    slower: float

    def work_ms(self, rest_ms: float) -> float:
        """One counted frame, from pixels to the decision."""
        networks = EMBED_MMAC / self.int8 + DETECT_MMAC / (self.int8 * 24 / 77)
        return networks * 1000 + rest_ms * self.slower

    def opened_ms(self, count: int, rest_ms: float) -> float:
        """From the face in view to the relay, where `count` frames decide: the wait for a frame and for one under work,
        the frames' distance, the last one's work, the entry."""
        work = self.work_ms(rest_ms)
        return FRAME_MS + (count - 1) * max(GAP_MS, work) + work + LOG_MS


BOARDS = (
    Board("Raspberry Pi 5", 59_000 / 3, 3),
    Board("Raspberry Pi 4", 23_700 / 3, 7),
    Board("Raspberry Pi Zero 2 W", 12_400 / 1.4 / 3, 20),
)


def rest_ms(engine: Engine, frame: Picture) -> float:
    """What a counted frame costs here beside its networks: processor time, best of many."""
    whole = best_ms(lambda: engine.embed(frame, engine.detect(frame)[0]))
    return max(0.0, whole - sum(best_ms(one) for one in networks(engine)))


def networks(engine: Engine) -> list[Callable[[], object]]:
    """One run of each network that a frame needs."""
    every = [*engine._embedder._parts, *(one.network for one in engine._detector._sized.values())]
    zeros = [np.zeros(one.input_shape, one.input_kind) for one in every]
    return [lambda one=one, taken=taken: one.run(taken) for one, taken in zip(every, zeros, strict=True)]


def best_ms(work: Callable[[], object]) -> float:
    times = []
    for _ in range(30):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return min(times) * 1000


def quantile(times: Mapping[int, float], shares: Mapping[int, float], share: float) -> float:
    """The time within which `share` of those who open have opened."""
    reached = 0.0
    for count in sorted(times):
        reached += shares[count] / sum(shares.values())
        if reached >= share - 1e-9:
            return times[count]
    return max(times.values())


def report(shown: Picture, shares: Mapping[int, float]) -> None:
    """A line a board; the goal is the Pi 4's."""
    rest = rest_ms(open_engine(), shown)
    for board in BOARDS:
        times = {count: board.opened_ms(count, rest) for count in shares}
        median, late = quantile(times, shares, 0.5), quantile(times, shares, 0.95)
        each = ", ".join(f"{count}: {ms:.0f}" for count, ms in times.items())
        words = f"median {median:.0f} ms, p95 {late:.0f} ms (by frames {each}; a frame {board.work_ms(rest):.0f})"
        goal(f"G6 computed, {board.name}", words, "<= 600 / 1,000 ms on a Pi 4", median <= 600 and late <= 1000)


if __name__ == "__main__":
    report(frames(None, 1, 250)[0], OPENED)
