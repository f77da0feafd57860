"""The estate file: reads a TOML estate and puts it into the database once."""

from dataclasses import dataclass
from pathlib import Path

from gatehost.service.context import Context


@dataclass(frozen=True, slots=True)
class Links:
    """First sign-in tokens by name: `admin`, `desk`, and the residents' names."""

    tokens: dict[str, str]
    roles: dict[str, str]


async def seed(ctx: Context, path: Path) -> bool:
    """Reads the estate file into an empty database; False (and nothing read) if there is an estate already.
    SettingsError names file, table and key of anything unknown or out of bounds."""
    raise NotImplementedError


async def first_links(ctx: Context) -> Links:
    """Fresh one-use links for the admin, the desk and every resident the estate file gives a login."""
    raise NotImplementedError
