"""The host's settings: from the command line, and from DIR/host.toml if there is one; unknown keys are refused.

listen = "127.0.0.1:8080"          where people's pages are served (HTTP; TLS in front of it elsewhere)
device_listen = "127.0.0.1:8443"   where devices dial (TLS)
url = "http://127.0.0.1:8080"      the pages' address as people type it
device_url = "https://127.0.0.1:8443"   the device port's address as devices dial it: it goes into claims
database = "sqlite+aiosqlite:///..."    default: DIR/kaimen.db
second = "/mnt/elsewhere/kaimen"   where backups keep the key table: the host tells it what ended
"""

import argparse
import ipaddress
import re
import tempfile
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from gatehost.model.errors import SettingsError
from gatehost.store.store import sqlite_url

PRACTICE = Path(__file__).with_name("practice.toml")
KEYS = ("listen", "device_listen", "url", "device_url", "database", "second")
_ADDRESS = re.compile(r"(?:\[([0-9a-fA-F:]+)\]|([A-Za-z0-9.-]+)):([0-9]{1,5})")


@dataclass(frozen=True, slots=True)
class Address:
    """A host and port to listen on."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a host is told before it starts."""

    folder: Path
    estate: Path | None
    listen: Address
    device_listen: Address
    url: str
    device_url: str
    database: str
    second: Path | None
    links: Path | None
    claims: Path | None
    practice: bool = False

    def names(self) -> tuple[str, ...]:
        """The names and addresses devices may dial: what the TLS leaf must carry."""
        dialled = urlsplit(self.device_url).hostname or "localhost"
        named = [dialled, "localhost", "127.0.0.1"]
        if not _is_any(self.device_listen.host):
            named.append(self.device_listen.host)
        return tuple(dict.fromkeys(named))


def _is_any(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False


def read(argv: Sequence[str]) -> Settings:
    """The settings of a command line; SettingsError for a wrong file, SystemExit(2) for a wrong line."""
    parser = argparse.ArgumentParser(
        prog="kaimen host",
        description="An estate's host: pages, doors, log.",
        epilog="Also kaimen host backup-key, backup, backup-verify, restore and link, each with a --help of its own.",
        allow_abbrev=False,
    )
    parser.add_argument("--dir", type=Path, help="where keys and database lie")
    parser.add_argument("--estate", type=Path, help="a TOML estate file for the first start")
    parser.add_argument("--listen", help="address of the pages [127.0.0.1:8080]")
    parser.add_argument("--device-listen", help="address of the device port [127.0.0.1:8443]")
    parser.add_argument("--url", help="the pages' address as people type it")
    parser.add_argument("--device-url", help="the device port's address as devices dial it")
    parser.add_argument("--database", help="database URL [DIR/kaimen.db]")
    parser.add_argument("--second", help="the folder of the key table's backups, elsewhere")
    parser.add_argument("--links", type=Path, help="write first sign-in links to this file (JSON)")
    parser.add_argument("--claims", type=Path, help="write a claim for every open slot into this folder")
    parser.add_argument(
        "--practice",
        action="store_true",
        help="pages to practise on: an invented estate in a folder of its own, no doors, thrown away at the end",
    )
    given = parser.parse_args(argv)
    if given.practice:
        return _practice(parser, given)
    if given.dir is None:
        parser.error("the following arguments are required: --dir")
    told_there = filed(given.dir)
    told = {key: getattr(given, key) if getattr(given, key) is not None else told_there.get(key) for key in KEYS}
    listen = _address("listen", told["listen"] or "127.0.0.1:8080")
    device_listen = _address("device_listen", told["device_listen"] or "127.0.0.1:8443")
    return Settings(
        folder=given.dir,
        estate=given.estate,
        listen=listen,
        device_listen=device_listen,
        url=_url("url", told["url"] or f"http://{listen}", ("http", "https")),
        device_url=_url("device_url", told["device_url"] or f"https://{device_listen}", ("https",)),
        database=told["database"] or sqlite_url(given.dir / "kaimen.db"),
        second=Path(told["second"]) if told["second"] else None,
        links=given.links,
        claims=given.claims,
    )


def _practice(parser: argparse.ArgumentParser, given: argparse.Namespace) -> Settings:
    """A throw-away host: its folder is made now, and whoever runs it takes it away."""
    named = ("dir", "estate", "device_listen", "device_url", "database", "second", "links", "claims")
    for name in named:
        if getattr(given, name) is not None:
            parser.error(f"--practice has an estate and a folder of its own: leave --{name.replace('_', '-')} out")
    listen = _address("listen", given.listen or "127.0.0.1:8090")
    folder = Path(tempfile.mkdtemp(prefix="kaimen-practice-"))
    url = _url("url", given.url or f"http://{listen}", ("http", "https"))
    nowhere = Address("127.0.0.1", 0)
    database = sqlite_url(folder / "kaimen.db")
    return Settings(
        folder, PRACTICE, listen, nowhere, url, "https://127.0.0.1:9", database, None, None, None, practice=True
    )


def filed(folder: Path) -> dict[str, str]:
    """What DIR/host.toml says; SettingsError for a wrong file."""
    path = folder / "host.toml"
    if not path.exists():
        return {}
    try:
        text = path.read_text(encoding="utf-8")
        told = tomllib.loads(text)
    except (OSError, ValueError) as wrong:  # not to be read, not UTF-8, no TOML
        raise SettingsError(f"{path}: {wrong}") from wrong
    for key, value in told.items():
        if key not in KEYS:
            raise SettingsError(f"{path}:{_line(text, key)}: unknown setting {key}; known are {', '.join(KEYS)}")
        if not isinstance(value, str):
            raise SettingsError(f"{path}:{_line(text, key)}: {key} must be a text")
    return told


def _line(text: str, key: str) -> int:
    for number, line in enumerate(text.splitlines(), 1):
        if re.match(rf'\s*\[*\s*"?{re.escape(key)}\b', line):
            return number
    return 1


def _address(key: str, text: str) -> Address:
    match = _ADDRESS.fullmatch(text)
    if match is None or not 0 <= int(match[3]) <= 65535:
        raise SettingsError(f"{key} = {text!r} is not an address such as 127.0.0.1:8080")
    return Address(match[1] or match[2], int(match[3]))


def _url(key: str, text: str, schemes: tuple[str, ...]) -> str:
    parts = urlsplit(text)
    if parts.scheme not in schemes or not parts.hostname or parts.query or parts.fragment or parts.path.strip("/"):
        raise SettingsError(f"{key} = {text!r} is not an address that begins with {schemes[0]}://")
    if _is_any(parts.hostname):
        example = f"{schemes[0]}://192.168.1.10:{parts.port or 8443}"
        raise SettingsError(f"{key} = {text!r} cannot be dialled: name this computer's own address, such as {example}")
    return text.rstrip("/")
