"""`kaimen provision --slot SLOT --claim FILE (--serial PORT | --boot-dir DIR)`: one unit, from box to door."""

import argparse
import datetime
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from gatecore.enrol import Claim
from gateprov import boards, card, claim, wifi
from gateprov.errors import ProvisionError

DONE, FAILED, UNTESTED = 0, 2, 3


def main(words: Sequence[str]) -> int:
    """0: set up and every test passed; 3: set up, but a test did not pass; 2: not set up, with what to do."""
    given = _parser().parse_args(words)
    try:
        found = claim.read(given.claim or Path(f"{given.slot}.claim"), given.slot)
        network = wifi.read(given.wifi) if given.wifi else None
        if given.boot_dir is not None:
            return _card(given, found, network)
        return _board(given, found, network)
    except ProvisionError as wrong:
        print(f"kaimen provision: {wrong}", file=sys.stderr)
    except OSError as wrong:
        print(f"kaimen provision: {wrong.filename}: {wrong.strerror}; run this again", file=sys.stderr)
    except KeyboardInterrupt:
        print("\nkaimen provision: stopped; the same command goes on where it stopped", file=sys.stderr)
    return FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="kaimen provision", description="Makes a board or a card a unit of the estate."
    )
    parser.add_argument("--slot", required=True, help="the place on the host, for instance b12-door")
    parser.add_argument("--claim", type=Path, help="the claim file from the host (default: SLOT.claim here)")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--serial", metavar="PORT", help="a MicroPython board on this serial port")
    where.add_argument(
        "--boot-dir", type=Path, metavar="DIR", help="the mounted boot partition of a Raspberry Pi's card"
    )
    parser.add_argument(
        "--host", metavar="URL", help="the host's device port as this laptop reaches it, if not as claimed"
    )
    parser.add_argument("--board", metavar="NAME|FILE", help=f"its pins: {', '.join(boards.names())}, or a .toml")
    parser.add_argument("--wifi", type=Path, metavar="FILE", help="ssid, password and country (TOML)")
    parser.add_argument("--software", type=Path, metavar="DIR", help="wheels for a card whose image has no kaimen")
    parser.add_argument(
        "--camera", choices=("none", "picamera2", "v4l2"), default="none", help="of a Raspberry Pi (none)"
    )
    parser.add_argument("--language", choices=("zh-CN", "en"), default="zh-CN", help="of a unit's screen")
    parser.add_argument(
        "--sheet", type=Path, metavar="FILE", help="label and acceptance sheet (default: SLOT.html here)"
    )
    parser.add_argument("--fresh", action="store_true", help="make a board that was somebody else a new device")
    parser.add_argument("--no-self-test", action="store_true", help="do not ask for keys and clicks; the sheet says so")
    return parser


def _card(given: argparse.Namespace, found: Claim, network: wifi.Wifi | None) -> int:
    began = time.monotonic()
    claim.check_end(found, int(time.time()))
    board = boards.find(given.board) if given.board else None
    order = card.Order(given.boot_dir, found, board, given.software, network, given.language, given.camera)
    release = card.prepare(order)
    ends = datetime.datetime.fromtimestamp(found.until, datetime.UTC).strftime("%Y-%m-%d %H:%M UTC")
    if claim.warning(found):
        print(claim.warning(found))
    print(f"{given.boot_dir}: {release}, {given.slot}, written in {time.monotonic() - began:.1f} s")
    print(f"Eject it, put it into the Pi, switch on before {ends}, and compare six digits with the host's page.")
    return DONE


def _board(given: argparse.Namespace, found: Claim, network: wifi.Wifi | None) -> int:
    try:
        from gateprov import host, install, sheet
        from gateprov.desk import Terminal
    except ModuleNotFoundError as wrong:
        needed = "pip install '.[provisioning]' in the folder of kaimen's source"
        raise ProvisionError(f"{wrong.name} is missing: {needed}") from wrong

    path = given.sheet or Path(f"{given.slot}.html")
    if path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
        raise ProvisionError(f"{path}: nothing can be written there; name another place with --sheet FILE")
    order = install.Order(
        port=given.serial,
        claim=found,
        host=host.reach(found, given.host),
        seed=os.urandom(32),
        now=time.monotonic,
        today=int(time.time()),
        sleep=time.sleep,
        board=given.board,
        wifi=network,
        fresh=given.fresh,
        testing=not given.no_self_test,
    )
    done = install.Installation(order, Terminal()).run()
    done.when = datetime.datetime.now().astimezone().strftime("%Y-%m-%d %H:%M %z")
    path.write_text(sheet.page(done), encoding="utf-8")
    print(f"{given.slot}: a door after {done.seconds:.1f} s; label and acceptance sheet: {path}")
    return DONE if done.passed else UNTESTED


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
