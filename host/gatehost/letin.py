"""`kaimen host link LOGIN --dir DIR`: a one-use sign-in link for somebody of the staff, printed at the machine itself.

For the one administrator who lost the password. It works while the host runs; old password and sessions end, and the
log says that it was done here. Status 0: the link is printed; 1: not done, with what to change; 2: wrong command line.
"""

import argparse
import asyncio
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from gatehost import keys, settings
from gatehost.files import check_owner
from gatehost.model.errors import HostError, NotFound, SettingsError, StoreError
from gatehost.service.context import Context
from gatehost.service.office import staff
from gatehost.service.pages import OpenPages
from gatehost.settings import Settings
from gatehost.store import accounts
from gatehost.store.shelf import DOCUMENTS, Shelf
from gatehost.store.store import HALVES, open_store
from gatehost.sync.live import Doors


def main(argv: Sequence[str]) -> int:
    """Prints the link."""
    os.umask(0o077)
    parser = argparse.ArgumentParser(prog="kaimen host link", allow_abbrev=False)
    parser.add_argument("login", help="what the person types to sign in")
    parser.add_argument("--dir", type=Path, required=True, help="the host's folder")
    parser.add_argument("--url", default="", help="the pages' address as people type it [url in host.toml]")
    parser.add_argument("--database", default="", help="database URL [DIR/kaimen.db]")
    given = parser.parse_args(argv)
    try:
        check_owner(given.dir)
        told = ["--dir", str(given.dir)]
        for option in ("url", "database"):
            told += [f"--{option}", getattr(given, option)] if getattr(given, option) else []
        chosen = settings.read(told)
        print(f"{chosen.url}/link/{asyncio.run(_link(chosen, given.login))}")
        print("good once, for 30 minutes; the old password works no more", file=sys.stderr)
    except StoreError:
        print("kaimen host link: the database cannot be read: start the host, which says why", file=sys.stderr)
    except HostError as wrong:
        print(f"kaimen host link: {wrong}", file=sys.stderr)
    else:
        return 0
    return 1


async def _link(chosen: Settings, login: str) -> str:
    if not (chosen.folder / "keys" / "estate.key").exists():
        raise SettingsError(f"{chosen.folder} is no host's folder: there are no keys in it")
    ring = keys.load(chosen.folder, chosen.names(), _clock(), os.urandom)
    store = await open_store(chosen.database, chosen.folder / HALVES)
    shelf = Shelf(chosen.folder / DOCUMENTS)
    try:
        ctx = Context(store, ring, _clock, os.urandom, Doors(), OpenPages(), chosen.url, chosen.device_url, shelf)
        return await staff.let_in_again(ctx, login)
    except NotFound:
        async with store.read() as tx:
            known = ", ".join(one.login for one in await accounts.staff(tx) if one.login)
        raise SettingsError(f"nobody of the staff signs in as {login!r}; there are {known}") from None
    finally:
        await store.close()


def _clock() -> int:
    return time.time_ns() // 1_000_000
