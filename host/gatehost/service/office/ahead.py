"""What time will take away unless somebody acts, said while there is still time: for the administrator's first page.

kind         when it is said                                            what ends
clock        the computer's clock is not believed (service.hostclock)   nothing is closed or erased meanwhile
room         the disk has no room for one more copy of the database     backups, then everything
away         a door was not heard of for a week                         its visitor codes, later its people's rights
astray       a connected door does not take the host's time             visitor codes there
cards        within 30 days, of people who stay longer                  their cards
seasons      the table of clocks knows of no change after the next      every hour shown and checked is wrong by one
certificate  within 30 days: it was not renewed by itself               connections of whoever looks at its dates
dormant      nobody signed in with an account of the staff for half a   nothing: it may be of somebody who left
             year
witness      a witness outside has not spoken for half a year           what the log proves from then on
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gatecore.clock import DAY_MS, HOST, day_of
from gatecore.codes import EPOCH_DAYS
from gatehost.model.account import Actor
from gatehost.model.device import ACTIVE
from gatehost.model.place import Estate
from gatehost.service import hostclock, zone
from gatehost.service.calendar import right_until, start_of_day
from gatehost.service.context import Context
from gatehost.service.permissions import require
from gatehost.store import accounts, audits, devices, grants, places, witnesses
from gatehost.store.store import Tx

CLOCK, ROOM, AWAY, ASTRAY, CARDS = "clock", "room", "away", "astray", "cards"
SEASONS, CERTIFICATE, DORMANT, WITNESS = "seasons", "certificate", "dormant", "witness"
SOON_MS, AWAY_MS = 30 * DAY_MS, 7 * DAY_MS
HALF_YEAR = 183  # days
SEASONS_MS = 240 * DAY_MS  # after its last change a table may be right for half a year
SPARE = 1 << 30  # bytes beside a copy of the database

Free = Callable[[Path], int]


@dataclass(frozen=True, slots=True)
class Ahead:
    """One thing that ends: `about` a door's name, `slot` its page; `many` how many; `at` when (ms UTC), `then` what
    comes after that. None where there is nothing to say."""

    kind: str
    about: str = ""
    slot: str = ""
    many: int = 0
    at: int | None = None
    then: int | None = None


def free_bytes(folder: Path) -> int:
    """What the disk of a folder still takes."""
    return shutil.disk_usage(folder).free


async def ahead(ctx: Context, actor: Actor, free: Free = free_bytes) -> tuple[Ahead, ...]:
    """Everything there is to say now, what is worst first."""
    require(actor, "backup.see")
    async with ctx.store.read() as tx:
        estate = await places.the_estate(tx)
        if estate is None:
            return ()
        doors = await _doors(ctx, tx, estate)
        people = [*await _cards(ctx, tx), *await _witness(ctx, tx), *await _dormant(ctx, tx, estate)]
    return (*_clock(ctx), *_room(ctx, free), *_keys(ctx), *_seasons(ctx, estate), *doors, *people)


def _clock(ctx: Context) -> list[Ahead]:
    held = hostclock.standing(ctx)
    return [Ahead(CLOCK, held.wrong, at=ctx.clock(), then=held.last)] if held.wrong else []


def _room(ctx: Context, free: Free) -> list[Ahead]:
    folder = ctx.keys.logs.folder.parent
    held = sum(path.stat().st_size for path in folder.glob("*.db*"))
    left = free(folder)
    return [Ahead(ROOM, many=left >> 20)] if left < held + SPARE else []


def _keys(ctx: Context) -> list[Ahead]:
    leaf = ctx.keys.ends()
    return [Ahead(CERTIFICATE, at=leaf)] if leaf - ctx.clock() < SOON_MS else []


def _seasons(ctx: Context, estate: Estate) -> list[Ahead]:
    last = zone.ends(estate.offsets)
    return [Ahead(SEASONS, at=last)] if last is not None and last - ctx.clock() < SEASONS_MS else []


async def _doors(ctx: Context, tx: Tx, estate: Estate) -> list[Ahead]:
    found, now = list[Ahead](), ctx.clock()
    for door in await devices.in_states(tx, ACTIVE):
        if ctx.doors.connected(door.dev):
            found += [Ahead(ASTRAY, door.name, door.slot)] if door.quality < HOST else []
        elif door.last_seen is not None and now - door.last_seen > AWAY_MS and door.kind != "desk":
            epoch = day_of(door.last_seen, estate.offsets) // EPOCH_DAYS
            codes = start_of_day((epoch + 2) * EPOCH_DAYS, estate.offsets)
            rights = right_until(door.last_seen, estate.offsets)
            found.append(Ahead(AWAY, door.name, door.slot, at=codes, then=rights))
    return found


async def _cards(ctx: Context, tx: Tx) -> list[Ahead]:
    now = ctx.clock()
    many, first = await grants.ending_before_their_people(tx, now, now + SOON_MS)
    return [Ahead(CARDS, many=many, at=first)] if many else []


async def _witness(ctx: Context, tx: Tx) -> list[Ahead]:
    since = await witnesses.since(tx)
    if since is None:
        return []
    last = max(since, await audits.last(tx, "witness.answer") or 0)
    return [Ahead(WITNESS, at=last)] if ctx.clock() - last > HALF_YEAR * DAY_MS else []


async def _dormant(ctx: Context, tx: Tx, estate: Estate) -> list[Ahead]:
    """Who never signed in has no password: nothing lies open there."""
    today = day_of(ctx.clock(), estate.offsets)
    days = [one.signed_in_on for one in await accounts.staff(tx) if one.password is not None]
    many = sum(day is not None and today - day > HALF_YEAR for day in days)
    return [Ahead(DORMANT, many=many)] if many else []
