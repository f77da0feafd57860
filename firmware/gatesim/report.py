"""What a played story shows: each step with its time, and for a crowd how many were opened to, with the interval."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from gatesim.interval import wilson

FREE, AT_HOME = "free search", "home number first"
WAYS = (FREE, AT_HOME)
OPENED, REFUSED, ASKED, UNDECIDED, AS_ANOTHER = "opened", "refused", "asked", "undecided", "as_another"
OUTCOMES = (OPENED, REFUSED, ASKED, UNDECIDED, AS_ANOTHER)
PROMISE = 0.02  # of strangers, the worst group measured: what the admin's page says


@dataclass(slots=True)
class Step:
    """One step of the story: what was to hold, whether it did, ms where something was measured, and why not."""

    what: str
    held: bool = False
    ms: float | None = None
    note: str = ""


@dataclass(slots=True)
class Tally:
    """How visits of one kind ended: OUTCOMES -> number. `as_another`: opened, but as somebody else's home."""

    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(OUTCOMES, 0))

    def add(self, outcome: str) -> None:
        """One more visit."""
        self.counts[outcome] += 1

    @property
    def visits(self) -> int:
        """All visits."""
        return sum(self.counts.values())

    @property
    def let_in(self) -> int:
        """Visits the door opened for, whomever it took the visitor for."""
        return self.counts[OPENED] + self.counts[AS_ANOTHER]


@dataclass(slots=True)
class Report:
    """Everything a run found out."""

    steps: list[Step] = field(default_factory=list)
    residents: dict[str, Tally] = field(default_factory=dict)
    strangers: dict[str, Tally] = field(default_factory=dict)
    closed: dict[str, str] = field(default_factory=dict)
    unused: dict[str, int] = field(default_factory=dict)
    enrolled: int = 0
    photos: dict[int, int] = field(default_factory=dict)  # photos of a person -> how many people
    opening_ms: list[int] = field(default_factory=list)
    promise: float = PROMISE

    @property
    def held(self) -> bool:
        """Whether every step held and no stranger interval lies above the promise; no step at all shows nothing."""
        return bool(self.steps) and all(step.held for step in self.steps) and not self.above_promise()

    def above_promise(self) -> list[str]:
        """The ways whose whole interval lies above the promise."""
        return [way for way, tally in self.strangers.items() if wilson(tally.let_in, tally.visits)[0] > self.promise]

    def to_json(self) -> str:
        """The report as JSON, the intervals included."""
        told = asdict(self)
        for kind, tallies in (("residents", self.residents), ("strangers", self.strangers)):
            for way, tally in tallies.items():
                low, high = wilson(tally.let_in, tally.visits)
                told[kind][way] = {
                    **tally.counts,
                    "visits": tally.visits,
                    "let_in": tally.let_in,
                    "interval": [low, high],
                }
        told.update(held=self.held, above_promise=self.above_promise(), interval="Wilson score, 95 %")
        return json.dumps(told, ensure_ascii=False, indent=1)

    def write(self, path: Path) -> None:
        """Writes the JSON; what cannot be written is for the caller to say."""
        path.write_text(self.to_json() + "\n", encoding="utf-8")


def row(step: Step) -> str:
    """One line of the table."""
    took = "" if step.ms is None else f"{step.ms:,.0f} ms"
    return f"{'ok  ' if step.held else 'FAIL'}  {took:>10}  {step.what}" + (f"  [{step.note}]" if step.note else "")


def crowd_table(report: Report) -> str:
    """Opened, refused and asked per way, for residents and strangers, the stranger rate beside the promise."""
    head = f"{'':34}{'visits':>7}{'opened':>8}{'refused':>9}{'asked':>7}{'undecided':>11}{'as another':>12}"
    lines = [head]
    for who, tallies in (("residents", report.residents), ("strangers", report.strangers)):
        for way, tally in tallies.items():
            told = tally.counts
            lines.append(
                f"{who + ', ' + way:34}{tally.visits:>7}{told[OPENED]:>8}{told[REFUSED]:>9}{told[ASKED]:>7}"
                f"{told[UNDECIDED]:>11}{told[AS_ANOTHER]:>12}"
            )
    for way, tally in report.strangers.items():
        low, high = wilson(tally.let_in, tally.visits)
        share = 100 * tally.let_in / tally.visits if tally.visits else 0.0
        lines.append(
            f"strangers let in, {way}: {share:.2f} %, 95 % interval {100 * low:.2f} to {100 * high:.2f} %"
            f" (Wilson, {tally.visits} visits); promised: at most {100 * report.promise:g} %"
        )
    lines += [] if report.strangers else ["no stranger came: nothing is said about the promise"]
    photos = ", ".join(f"{number} people with {photos}" for photos, number in sorted(report.photos.items()))
    lines += [f"photos the desk unit kept: {photos}"] if photos else []
    lines += [f"{way}: the door asks for the home number first, because {why}" for way, why in report.closed.items()]
    lines += [f"left out: {number} {why}" for why, number in sorted(report.unused.items())]
    return "\n".join(lines)
