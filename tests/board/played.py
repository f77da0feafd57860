"""A board as a process: its whole program on the real MicroPython; only pins, radio and flash chip are played."""

import asyncio
import base64
import json
from pathlib import Path
from typing import Any, Self

from .micropython import FIRMWARE, HERE, node
from .shipped import shipped

FAKES = HERE / "fakes"
PATIENCE_S = 60.0
BOARD: dict[str, Any] = {
    "name": "pico-w",
    "chip": "rp2",
    "lock": {"pin": 16, "active_high": True, "start": False, "shutdown": False, "max_on_ms": 30_000},
    "keypad": {"rows": [2, 3, 4, 5], "columns": [6, 7, 8], "call": 9},
    "inputs": {
        "contact": {"pin": 10, "normally_closed": True},
        "exit": {"pin": 11, "normally_closed": False},
        "fire": {"pin": 12, "normally_closed": True},
        "tamper": {"pin": 13, "normally_closed": True},
    },
    "signals": {
        "green": {"pin": 17, "max_on_ms": 86_400_000},
        "red": {"pin": 18, "max_on_ms": 86_400_000},
        "buzzer": {"pin": 19, "max_on_ms": 3_000},
    },
    "rtc": {"bus": 0, "sda": 20, "scl": 21},
    "reader": {"data0": -1, "data1": -1},
    "flash": {"log": 96, "state": 32},
}
WIFI = {"ssid": "gates", "password": "written on the box", "country": "CN"}
SETTINGS: dict[str, Any] = {"board": BOARD, "wifi": WIFI}


class PlayedBoard:
    """Enter it, then `run` statements and `ask` for values, with `drive` and the bench at hand."""

    def __init__(self, files: dict[str, bytes] | None = None) -> None:
        fakes = {path.name: path.read_bytes() for path in FAKES.glob("*.py")}
        users = [data.decode() for data in fakes.values()] + [
            path.read_text("utf-8") for path in HERE.glob("test_*.py")
        ]
        self._files = shipped(*users) | fakes
        self._files |= {"settings.json": json.dumps(SETTINGS).encode()}
        self._files |= files or {}
        self._number = 0

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            node(), str(HERE / "board.mjs"), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
        )
        job = {
            "directories": sorted({str(Path("/app", name).parent) for name in self._files} | {"/app"}),
            "files": {f"/app/{name}": base64.b64encode(content).decode() for name, content in self._files.items()},
        }
        self._write(job)
        return self

    async def __aexit__(self, *ended: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        await asyncio.wait_for(self._process.wait(), PATIENCE_S)
        self._process._transport.close()  # type: ignore[attr-defined]

    async def run(self, source: str) -> None:
        """Runs statements on the board."""
        await self._asked({"run": source})

    async def ask(self, expression: str) -> str:
        """str() of an expression on the board."""
        return await self._asked({"ask": expression})

    async def until(self, expression: str, wanted: str = "True") -> None:
        """Returns when an expression on the board has this value; the board's loop turns meanwhile."""
        async with asyncio.timeout(PATIENCE_S):
            while await self.ask(expression) != wanted:
                pass

    async def _asked(self, what: dict[str, str]) -> str:
        assert self._process.stdout is not None
        self._number += 1
        self._write({"id": self._number} | what)
        line = await asyncio.wait_for(self._process.stdout.readline(), PATIENCE_S)
        answer = json.loads(line)
        if answer["failure"] is not None:
            raise AssertionError(answer["failure"])
        assert answer["id"] == self._number
        return str(answer["answer"])

    def _write(self, line: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(line).encode() + b"\n")


def firmware_file(name: str) -> bytes:
    """A file of the firmware, by its path."""
    return (FIRMWARE / name).read_bytes()
