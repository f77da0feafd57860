"""Whether this computer's clock can be believed: DIR/clock holds the newest time at which it was.

A computer that was off for months may wake up in another year, and a date can be set wrongly. Behind what was believed
last the clock is wrong for certain: doors are told nothing new, for their people's rights would end in the past. Far
ahead the computer may just have been off: doors are told, whose keys would end otherwise. In neither case is anything
closed or erased before a person has said that the date is right, for that cannot be taken back (docs/adr/0197).
"""

import logging
from dataclasses import dataclass
from pathlib import Path

from gatecore.clock import DAY_MS
from gatehost.files import write_private
from gatehost.model.account import Actor
from gatehost.service.context import Context
from gatehost.service.permissions import require
from gatehost.service.trail import note

log = logging.getLogger(__name__)

BEHIND_MS, AHEAD_MS = DAY_MS // 24, 14 * DAY_MS
RIGHT, BEHIND, AHEAD = "", "behind", "ahead"
SAID, FILE = "clock.right", "clock"


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether the clock is believed (RIGHT), and when it was last (ms UTC; None: never yet)."""

    wrong: str
    last: int | None


def standing(ctx: Context) -> Standing:
    """How the clock stands now. A file that is none counts as none: it is written anew."""
    try:
        last = int(_path(ctx).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return Standing(RIGHT, None)
    now = ctx.clock()
    return Standing(BEHIND if now < last - BEHIND_MS else AHEAD if now > last + AHEAD_MS else RIGHT, last)


async def keep(ctx: Context) -> bool:
    """Writes down that the clock was believed now, called every few minutes; False, and a line in the diagnostics,
    while it is not."""
    held, now = standing(ctx), ctx.clock()
    if held.wrong:
        said = (now // 1000, (held.last or 0) // 1000)
        log.error("the clock says %d s since 1970, it was last believed at %d s: see the page Today", *said)
        return False
    if held.last is None or now > held.last:
        _put(ctx, now)
    return True


async def say_right(ctx: Context, actor: Actor) -> None:
    """A person has looked: the clock is right, whatever it said before."""
    require(actor, "clock.say")
    async with ctx.store.write() as tx:
        await note(ctx, tx, actor, SAID, detail=str(standing(ctx).last or ""))
    _put(ctx, ctx.clock())


def begin(folder: Path, at: int) -> None:
    """A host's folder made from something of `at` (ms UTC): it is later now."""
    write_private(folder / FILE, b"%d\n" % at)


def _path(ctx: Context) -> Path:
    return ctx.keys.logs.folder.parent / FILE


def _put(ctx: Context, now: int) -> None:
    begin(_path(ctx).parent, now)
