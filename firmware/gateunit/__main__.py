"""`kaimen unit --settings FILE [--claim FILE]`, or `--dir DIR`, where DIR holds unit.toml and perhaps a claim."""

import argparse
import asyncio
import contextlib
import logging
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from gateunit.clock import SystemClock
from gateunit.errors import SettingsError, UnitError
from gateunit.eyes import open_camera, open_infrared
from gateunit.keys import FileKeys, no_core_dumps
from gateunit.oblivion import overwrite_what_is_freed
from gateunit.screen import TextScreen
from gateunit.settings import Settings, read_settings
from gateunit.store import FileStore
from gateunit.unit import Options, Ports, Unit

STOPPED, REFUSED = 0, 2
SETTINGS, CLAIM = "unit.toml", "claim"


def main(words: Sequence[str]) -> int:
    """Runs until it is told to stop: 0; or 2 with one line that says what to change."""
    given = _parser().parse_args(words)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    no_core_dumps()
    overwrite_what_is_freed()
    try:
        return asyncio.run(_serve(read_settings(given.settings or given.dir / SETTINGS), _claim(given)))
    except UnitError as wrong:
        print(wrong, file=sys.stderr)
        return REFUSED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kaimen unit", description="One door on this machine.")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--settings", type=Path, help="the unit's settings (TOML)")
    where.add_argument("--dir", type=Path, help=f"a folder with {SETTINGS}, and {CLAIM} if it is not enrolled yet")
    parser.add_argument("--claim", type=Path, help="a claim file from the host; wiped once it is used")
    return parser


def _claim(given: argparse.Namespace) -> Path | None:
    if given.claim is not None and not given.claim.exists():
        raise SettingsError(f"{given.claim}: there is no such claim; leave --claim away on a unit that is enrolled")
    claim: Path | None = given.claim or (given.dir / CLAIM if given.dir else None)
    return claim


def build(settings: Settings, claim: Path | None) -> Unit:
    """The unit on its real ports; UnitError, before anything moves, if one of them is not there."""
    from gateunit.gpio import open_gpio
    from gateunit.reader import open_reader

    clock = SystemClock(settings.board.battery_clock)
    camera = open_camera(settings.camera, settings.home, settings.camera_source, settings.camera_folder, clock)
    store, keys = FileStore(settings.folder), FileKeys(settings.folder / "keys")
    lock, keypad, inputs = open_gpio(settings.board, clock)
    eye = open_infrared(settings.infrared, clock)
    reader = open_reader(settings.reader, settings.board.reader, settings.reader_device, clock)
    ports = Ports(clock, lock, keypad, inputs, TextScreen(settings.language), store, keys, camera, eye, reader)
    options = Options(
        claim=claim,
        model=settings.board.name,
        face_model=settings.face_model,
        gate_page=settings.gate_page,
        folder=settings.folder / "keys",
    )
    return Unit(ports, options)


async def _serve(settings: Settings, claim: Path | None) -> int:
    running = asyncio.ensure_future(build(settings, claim).run())
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, running.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await running
    return STOPPED


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
