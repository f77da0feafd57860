"""Plays the people of a folder: everybody is enrolled, visits twice, and strangers come; counted per way."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from gatesim import office
from gatesim.errors import DemoError, FolderRefused, StepBroken
from gatesim.frame import as_frame, read
from gatesim.people import Crowd, Resident
from gatesim.report import AT_HOME, FREE, OPENED, Report, Step, Tally, row
from gatesim.story import Cast
from gatesim.visit import Outcome, as_resident

TELL_EVERY = 25
ENROL_APART_MS = 60_000


class CrowdPlay:
    """One run over a folder. `seed` chooses the homes strangers name."""

    def __init__(self, crowd: Crowd, cast: Cast, report: Report, say: Callable[[str], None], seed: int = 1) -> None:
        self._crowd, self._cast, self._report, self._say = crowd, cast, report, say
        self._dice = random.Random(seed)
        self._enrolled: list[Resident] = []
        self._at = 0

    async def play(self) -> None:
        """Enrols, visits and counts into the report; a broken step is told there."""
        self._report.unused = dict(self._crowd.unused)
        await self._step("everybody of the folder is enrolled at the front desk", self._enrol_all)
        if self._enrolled:
            await self._step("residents come: free search, then home number first", self._residents)
            await self._step("strangers come: free search, then naming a home", self._strangers)
        for code, number in (Counter(self._cast.at_gate.refused) + Counter(self._cast.at_building.refused)).items():
            self._report.unused[f"frames refused by a unit ({code})"] = number

    async def _step(self, what: str, part: Callable[[], object]) -> None:
        step = Step(what)
        self._report.steps.append(step)
        begun = perf_counter()
        try:
            step.note = str(await part())  # type: ignore[misc]
            step.held = True
        except DemoError as wrong:
            step.note = str(wrong)
        step.ms = (perf_counter() - begun) * 1000
        self._say(row(step))

    # --- enrolment ------------------------------------------------------------------------

    async def _enrol_all(self) -> str:
        last = ""
        for number, one in enumerate(self._crowd.residents, 1):
            self._at += ENROL_APART_MS
            made = await office.enrol(
                self._cast.desk, self._cast.vault, one.home, "Sample", self._frames(one.enrol), self._at
            )
            self._report.photos[made.photos] = self._report.photos.get(made.photos, 0) + 1
            if made.path:
                last = made.path
                self._enrolled.append(one)
                self._report.enrolled += 1
            elif made.twice:
                self._count("persons whose face is enrolled in another home already")
            else:
                self._count("persons without a usable face among their enrolment pictures")
            if number % TELL_EVERY == 0:
                self._say(
                    f"      enrolled {self._report.enrolled} of {number} tried, {len(self._crowd.residents)} in all"
                )
        if not last:
            raise StepBroken("nobody's pictures could be enrolled")
        ms = await office.loaded(self._cast.desk, last, 2)
        return f"{self._report.enrolled} people; the last one's face was at both doors {ms:.0f} ms later"

    def _frames(self, files: tuple[Path, ...]) -> list[bytes]:
        """The files as frames; one that has become unreadable since the folder was read is counted and left out."""
        shown = []
        for path in files:
            try:
                shown.append(as_frame(read(path)))
            except FolderRefused as wrong:
                self._count("pictures that could not be read when they were needed")
                self._say(f"      {wrong}")
        return shown

    def _count(self, why: str) -> None:
        self._report.unused[why] = self._report.unused.get(why, 0) + 1

    # --- visits ---------------------------------------------------------------------------

    async def _residents(self) -> str:
        tallies = self._report.residents
        for number, one in enumerate(self._enrolled, 1):
            shown = self._frames(one.visit)
            await self._both(tallies, shown, one.home, one.home)
            if number % TELL_EVERY == 0:
                self._say(f"      {number} of {len(self._enrolled)} residents have come")
        if closed := self._cast.gate.view["closed"]:
            self._report.closed[FREE] = ", ".join(closed)
        return f"{len(self._enrolled)} people, each twice"

    async def _strangers(self) -> str:
        tallies = self._report.strangers
        homes = [one.home for one in self._enrolled]
        for number, one in enumerate(self._crowd.strangers, 1):
            shown = self._frames(one.visit)
            named = self._dice.choice(homes)
            await self._both(tallies, shown, named, "")
            if number % TELL_EVERY == 0:
                self._say(f"      {number} of {len(self._crowd.strangers)} strangers have come")
        return f"{len(self._crowd.strangers)} visits, each twice"

    async def _both(self, tallies: dict[str, Tally], shown: list[bytes], named: str, home: str) -> None:
        """One visit in two ways at once: no door waits for another. `home` is where they live, "" for a stranger."""
        free, at_home = await asyncio.gather(self._cast.at_gate.look(shown), self._cast.at_building.look(shown, named))
        self._add(tallies, FREE, free, home)
        self._add(tallies, AT_HOME, at_home, home)

    def _add(self, tallies: dict[str, Tally], way: str, outcome: Outcome, home: str) -> None:
        """Counts a visit; whoever has no home here and is let in counts as opened."""
        how = as_resident(outcome, home) if home else outcome.how
        tallies.setdefault(way, Tally()).add(how)
        if how == OPENED and outcome.ms is not None:
            self._report.opening_ms.append(round(outcome.ms))
