"""`kaimen host backup-key | backup | backup-verify | restore`: a host's backups from the command line.

Status 0: done, or nothing is missing and nothing altered; 1: not done, with what to change; 2: wrong command line;
3: done, but something of the host's own was lost already, or the second place does not know what ended since.
"""

import argparse
import asyncio
import os
import re
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from gatehost import settings
from gatehost.files import check_owner
from gatehost.model.errors import BackupError, HostError, SettingsError
from gatehost.service.safekeeping import backup, restore
from gatehost.service.safekeeping.backup import KEEP, Machine
from gatehost.store.backups import First, Second
from gatehost.store.manifest import Manifest, is_name
from gatehost.store.store import sqlite_url

Verb = Callable[[argparse.Namespace], int]


def main(argv: Sequence[str]) -> int:
    """Runs one of the verbs."""
    os.umask(0o077)
    chosen = _parser().parse_args(argv)
    try:
        if chosen.dir is not None:
            check_owner(chosen.dir)
        return int(VERBS[chosen.verb](chosen))
    except HostError as wrong:
        print(f"kaimen host {chosen.verb}: {wrong}", file=sys.stderr)
    except OSError as wrong:
        print(f"kaimen host {chosen.verb}: {wrong.filename}: {wrong.strerror}", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kaimen host", allow_abbrev=False)
    verbs = parser.add_subparsers(dest="verb", required=True)

    def verb(name: str, about: str) -> argparse.ArgumentParser:
        return verbs.add_parser(name, help=about, allow_abbrev=False)

    one = verb("backup-key", "make the key that backups are sealed for")
    one.add_argument("file", type=Path, help="where the private half is written: keep it off this machine")
    _host(one)
    one = verb("backup", "make one more backup, while the host runs")
    one.add_argument("place", type=Path, help="the folder of the backups")
    _host(one)
    one.add_argument("--second", type=Path, help="the folder of the key table, elsewhere [second in host.toml]")
    one.add_argument("--keep", type=_count, default=KEEP, help=f"how many backups stay [{KEEP}]")
    one = verb("backup-verify", "say what a backup holds, and whether anything is missing or altered")
    _read(one, required=False)
    one.add_argument("--dir", type=Path, help="the host's folder, to tell its page at once that a backup was tried")
    one = verb("restore", "make a host's folder from a backup")
    _read(one, required=True)
    _host(one)
    return parser


def _host(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dir", type=Path, required=True, help="the host's folder")
    parser.add_argument("--database", default="", help="database URL [DIR/kaimen.db]")


def _read(parser: argparse.ArgumentParser, required: bool) -> None:
    parser.add_argument("place", type=Path, help="the folder of the backups")
    parser.add_argument("--second", type=Path, required=required, help="the folder of the key table")
    parser.add_argument("--key", type=Path, required=required, help="the private key: opens every file")
    parser.add_argument("--set", default="", help="which backup [the newest]")
    parser.add_argument("--trust", type=Path, help="the estate's trust file: whose backup it must be")


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def _backup_key(chosen: argparse.Namespace) -> int:
    public = backup.make_key(chosen.dir, chosen.file)
    print(f"backups are sealed for {public[:16]}... from now on")
    print(
        f"{chosen.file} is the only key to them: take it off this machine, keep two copies, try it with backup-verify"
    )
    return 0


def _backup(chosen: argparse.Namespace) -> int:
    told = settings.filed(chosen.dir)
    second = chosen.second or (Path(told["second"]) if told.get("second") else None)
    if second is None:
        raise SettingsError("where does the key table go? Name a folder elsewhere with --second, or in host.toml")
    database = chosen.database or told.get("database") or sqlite_url(chosen.dir / "kaimen.db")
    machine, now = Machine(chosen.dir, database), time.time_ns() // 1_000_000
    made = asyncio.run(backup.make(machine, First(chosen.place), Second(second), chosen.keep, now))
    print(f"backup {made.name}: {_content(made)}")
    return _lost(made)


def _backup_verify(chosen: argparse.Namespace) -> int:
    private = None if chosen.key is None else backup.read_key(chosen.key)
    second = None if chosen.second is None else Second(chosen.second)
    found = restore.check(First(chosen.place), second, _set(chosen), _trusted(chosen.trust), private)
    told = found.told
    print(f"{chosen.place} holds {found.backups} whole backups; this one is {told.name} of {told.title}")
    print(f"  {_content(told)}")
    print(
        f"  made by kaimen {told.software} over {told.database}, schema {told.schema}; nothing missing, nothing altered"
    )
    print(f"  signed by the estate {told.estate[:16]}...{'' if chosen.trust else ': compare it with the trust file'}")
    if second is not None:
        since = "knows what ended since" if found.gone else "does not know what ended since: has the host `second` set?"
        print(f"  the newest key table is {found.table}; the second place {since}")
    print("  opened with the key" if found.opened else "  not opened: name the key with --key to try it")
    if private is not None:
        _noted(chosen, told, private)
    return _lost(told) or (3 if second is not None and not found.gone else 0)


def _noted(chosen: argparse.Namespace, told: Manifest, private: bytes) -> None:
    folders = [chosen.place, *([chosen.dir] if chosen.dir else [])]
    noted = restore.note(First(chosen.place), told, private, time.time_ns() // 1_000_000, *folders)
    if len(noted) < len(folders):
        print("  the host's page will not tell of this trial: the folder cannot be written", file=sys.stderr)
    elif not chosen.dir:
        print("  the host's page tells of it after its next backup")


def _restore(chosen: argparse.Namespace) -> int:
    private = backup.read_key(chosen.key)
    first, second = First(chosen.place), Second(chosen.second)
    done = restore.restore(first, second, chosen.dir, _set(chosen), _trusted(chosen.trust), private, chosen.database)
    found = asyncio.run(done)
    print(f"{chosen.dir} is what it was at {_moment(found.told.made)}: {_content(found.told)}")
    print("  the first start ends again what ended since, erases what is over, and begins a new generation of the log")
    print("  entered after that moment and not here: people, rights, codes, papers, visits. Doors send what they hold")
    if not found.gone:
        print("  what was erased or ended after that moment is NOT known here: do it again", file=sys.stderr)
    return _lost(found.told) or (0 if found.gone else 3)


def _set(chosen: argparse.Namespace) -> str:
    if chosen.set and not is_name(chosen.set):
        raise BackupError(f"{chosen.set!r} is no backup's name: they look like 2026-06-15T020000Z")
    return str(chosen.set)


def _trusted(path: Path | None) -> str:
    if path is None:
        return ""
    try:
        found = re.search(r"^estate ([0-9a-f]{64})$", path.read_text(encoding="ascii"), re.MULTILINE)
    except (OSError, ValueError) as wrong:
        raise BackupError(f"{path} cannot be read as a trust file") from wrong
    if found is None:
        raise BackupError(f"{path} names no estate")
    return found[1]


def _content(told: Manifest) -> str:
    size = sum(one.size for one in told.files) / 1e6
    counts = told.counts
    newest = f" up to {_moment(told.newest)}" if told.newest else ""
    return (
        f"{counts.get('homes', 0)} homes, {counts.get('people', 0)} people, {counts.get('entries', 0)} entries of the "
        f"log{newest}, {len(told.documents)} documents; {size:.1f} MB sealed beside them"
    )


def _moment(at: int) -> str:
    return f"{datetime.fromtimestamp(at / 1000, UTC):%Y-%m-%d %H:%M} UTC"


def _lost(told: Manifest) -> int:
    for name in told.lost:
        print(f"  document {name} was missing or damaged on the host itself", file=sys.stderr)
    return 3 if told.lost else 0


VERBS: dict[str, Verb] = {
    "backup-key": _backup_key,
    "backup": _backup,
    "backup-verify": _backup_verify,
    "restore": _restore,
}
