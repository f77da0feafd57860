"""How the backups stand, as the host's folder knows it: when the last was made, when one was tried, what is wrong.

Both words are signed by the estate's key (store.manifest, store.trial), because a forged one would hide that there is
no backup. One that is altered, another estate's, or of a time that has not come yet counts as none.
"""

from dataclasses import dataclass
from pathlib import Path

from gatecore.clock import DAY_MS, MINUTE_MS
from gatehost.keys import verify
from gatehost.model.account import Actor
from gatehost.model.errors import StoreError
from gatehost.service import ruling
from gatehost.service.context import Context
from gatehost.service.permissions import require
from gatehost.service.safekeeping.backup import PUBLIC, STATUS
from gatehost.store import manifest, trial
from gatehost.store.manifest import Manifest
from gatehost.store.trial import Trial

AHEAD_MS = 60 * MINUTE_MS  # clocks of two machines may differ so much
KEYLESS, NONE, STRANGE, FUTURE, OLD = "keyless", "none", "strange", "future", "old"
UNTRIED, TRIED_LONG_AGO, LOST, NO_SECOND = "untried", "tried_long_ago", "lost", "no_second"


@dataclass(frozen=True, slots=True)
class Standing:
    """The last backup and the last trial that can be believed, the rules in days, what is wrong, the worst first."""

    made: Manifest | None
    tried: Trial | None
    days: int
    try_days: int
    wrong: tuple[str, ...]


async def standing(ctx: Context, actor: Actor) -> Standing:
    """How the backups of this host stand now."""
    require(actor, "backup.see")
    async with ctx.store.read() as tx:
        days = await ruling.number(tx, "backup.days", "estate")
        try_days = await ruling.number(tx, "backup.try_days", "estate")
    folder, now = ctx.keys.logs.folder.parent, ctx.clock()
    made, told = _made(ctx, folder, now)
    tried = trial.held(folder, ctx.keys.estate.public.hex(), verify)
    if tried is not None and not tried.made <= tried.at <= now + AHEAD_MS:
        tried = None
    wrong = [told] if told else []
    if made is not None:
        wrong += [OLD] if now - made.made > days * DAY_MS else []
        wrong += [LOST] if made.lost else []
        wrong += [UNTRIED] if tried is None else [TRIED_LONG_AGO] if now - tried.at > try_days * DAY_MS else []
    wrong += [NO_SECOND] if ctx.second is None else []
    return Standing(made, tried, days, try_days, tuple(wrong))


def _made(ctx: Context, folder: Path, now: int) -> tuple[Manifest | None, str]:
    """(the last backup that can be believed, why there is none)."""
    try:
        made = manifest.read((folder / STATUS).read_bytes(), verify)
    except FileNotFoundError:
        return None, NONE if (folder / "keys" / PUBLIC).exists() else KEYLESS
    except (OSError, StoreError):
        return None, STRANGE
    if made.estate != ctx.keys.estate.public.hex():
        return None, STRANGE
    return (None, FUTURE) if made.made > now + AHEAD_MS else (made, "")
