"""Host, two doors and the front desk's unit as real processes, joined by real claims."""

import asyncio
import json
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import aiohttp

from gatesim import office
from gatesim.browser import Browser
from gatesim.child import Child
from gatesim.errors import ChildFailed, PortTaken, StepBroken
from gatesim.estate import BUILDING_DOOR, DESK, GATE, estate_file
from gatesim.people import Resident
from gatesim.visitor import Visitor

SLOTS = (GATE, BUILDING_DOOR, DESK)
STARTS_S = 60.0
POLL_S = 0.1
LOWEST, HIGHEST = 8700, 64_000  # first ports to try

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Places:
    """Where everything listens, on loopback, counted from one port."""

    first: int

    @property
    def index(self) -> int:
        """The demo's own page."""
        return self.first

    @property
    def host(self) -> str:
        """The host's pages."""
        return f"http://127.0.0.1:{self.first + 1}"

    @property
    def devices(self) -> str:
        """Where units dial."""
        return f"127.0.0.1:{self.first + 2}"

    def page(self, slot: str) -> str:
        """A unit's own page."""
        return f"http://127.0.0.1:{self.first + 3 + SLOTS.index(slot)}"

    def take(self) -> socket.socket:
        """The first port, listening: a second demo that starts in the same moment finds it in use, and does not take
        this one's host for its own. PortTaken if another program listens on any of the six."""
        mine = self._bound(self.first, listening=True)
        try:
            for port in range(self.first + 1, self.first + 6):
                self._bound(port, listening=False).close()
        except PortTaken:
            mine.close()
            raise
        return mine

    def _bound(self, port: int, listening: bool) -> socket.socket:
        """A socket on the port; PortTaken with another port to try."""
        bound = socket.socket()
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind(("127.0.0.1", port))
            if listening:
                bound.listen()
        except OSError:
            bound.close()
            free = self.first + 100 if self.first < HIGHEST else LOWEST
            raise PortTaken(
                f'port {port} is in use by another program; try --port {free} (make demo ARGS="--port {free}")'
            ) from None
        return bound


class Rig:
    """The demo's processes. `links` are the one-use sign-in links by login."""

    def __init__(self, folder: Path, places: Places, played: bool, crowd: Sequence[Resident] = ()) -> None:
        self.folder, self.places, self._played = folder, places, played
        self._estate = folder / "estate.toml"
        self._crowd = crowd
        self.links: dict[str, str] = {}
        self.trust = folder / "host" / "trust.txt"  # of the first start; it names no witness yet
        self.host = Child("the host", self._host_words(), folder / "host.log")
        self.units = {slot: Child(slot, self._unit_words(slot), folder / f"{slot}.log") for slot in SLOTS}

    # --- starting and stopping ------------------------------------------------------------

    def _host_words(self) -> list[str]:
        return [
            "host", "--dir", str(self.folder / "host"), "--estate", str(self._estate),
            "--listen", self.places.host.removeprefix("http://"), "--device-listen", self.places.devices,
            "--links", str(self.folder / "links"), "--claims", str(self.folder / "claims"),
        ]  # fmt: skip

    def _unit_words(self, slot: str) -> list[str]:
        words = [
            "door", "--dir", str(self.folder / slot), "--page", self.places.page(slot).removeprefix("http://"),
            "--claim", str(self.folder / "claims" / f"{slot}.claim"),
        ]  # fmt: skip
        return words + (["--desk"] if slot == DESK else []) + (["--played"] if self._played else [])

    async def start(self, say: Say) -> None:
        """Starts everything; ChildFailed if one of them does not become ready."""
        self._estate.write_text(estate_file(self._crowd), encoding="utf-8")
        begun = perf_counter()
        await self.start_host()
        say(f"the host answers at {self.places.host} ({perf_counter() - begun:.1f} s)")
        self._read_links()
        begun = perf_counter()
        await asyncio.gather(*(unit.start() for unit in self.units.values()))
        await asyncio.gather(*(self._answers(unit, self.places.page(slot)) for slot, unit in self.units.items()))
        say(f"two doors and the front desk's unit are running ({perf_counter() - begun:.1f} s)")

    async def start_host(self) -> None:
        """Starts the host, for the first time or again, and waits for its pages."""
        await self.host.start()
        await self._answers(self.host, self.places.host + "/sign-in")

    async def restart_host(self) -> None:
        """Starts a host that was stopped; it writes fresh links for who has no password yet."""
        await self.host.stop()
        await self.start_host()
        self._read_links()

    async def stop_host(self) -> None:
        """Stops the host alone."""
        await self.host.stop()

    async def stop(self) -> None:
        """Stops everything, doors first so that their last entries still reach the host."""
        await asyncio.gather(*(unit.stop() for unit in self.units.values()))
        await self.host.stop()

    async def _answers(self, child: Child, url: str) -> None:
        until = perf_counter() + STARTS_S
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as client:
            while perf_counter() < until:
                if not child.running:
                    raise ChildFailed(f"{child.name} ended while starting: {child.last_words()}")
                try:
                    async with client.get(url) as answer:
                        if answer.status == 200:
                            return
                except (aiohttp.ClientError, TimeoutError, OSError):
                    pass
                await asyncio.sleep(POLL_S)
        raise ChildFailed(f"{child.name} does not answer after {STARTS_S:.0f} s: {child.last_words()}")

    async def watch(self) -> None:
        """Returns never; ChildFailed when a process ends that nobody stopped."""
        async with asyncio.TaskGroup() as tasks:
            for unit in self.units.values():
                tasks.create_task(unit.ended())
            tasks.create_task(self._watch_host())

    async def _watch_host(self) -> None:
        while True:
            if self.host.running:
                await self.host.ended()
            await asyncio.sleep(POLL_S)

    def _read_links(self) -> None:
        """Login -> address, as the host wrote them."""
        told = json.loads((self.folder / "links").read_text(encoding="utf-8"))
        self.links = {name: str(link["url"]) for name, link in told.items()}
        missing = {"admin", "desk", "resident"} - set(self.links)
        if missing:
            raise ChildFailed(f"the host wrote no link for {', '.join(sorted(missing))}")

    # --- joining --------------------------------------------------------------------------

    async def join(self, admin: Browser, units: dict[str, Visitor], say: Say) -> None:
        """As the installer: reads the six digits on each unit's screen and confirms them on the admin's page."""
        for slot, unit in units.items():
            await unit.until(lambda unit=unit: unit.view["digits"] is not None, f"{slot} shows no digits", 30)  # type: ignore[misc]
            six = str(unit.view["digits"]["six"])
            await office.confirm_device(admin, slot, six)
            say(f"{slot}: {six} on both sides, confirmed")
        for slot, unit in units.items():
            await unit.until(lambda unit=unit: unit.view["link"], f"{slot} does not connect", 30)  # type: ignore[misc]

    async def states_taken(self, admin: Browser, within_s: float) -> float:
        """Waits until the admin's page says that every unit knows everything; ms it took."""
        begun = perf_counter()
        while perf_counter() - begun < within_s:
            sheet = await admin.see("/admin/doors")
            if sheet.words.count("Knows everything") == len(SLOTS):
                return (perf_counter() - begun) * 1000
            await asyncio.sleep(POLL_S)
        raise StepBroken(f"not every unit knows everything: {sheet.words[:400]}")

    # --- evidence -------------------------------------------------------------------------

    async def export(self, admin: Browser) -> Path:
        """The access log as the admin downloads it."""
        asked = {"whom": "the owners' committee", "why": "a yearly check"}
        data = await admin.download(await admin.see("/admin/proof"), "/admin/proof/export", **asked)
        path = self.folder / "kaimen.export"
        path.write_bytes(data)
        return path

    async def handed_over(self, admin: Browser) -> str:
        """Writes the trust file down as it stands on the hand-over page; what it demands. It names the doors."""
        sheet = await admin.see("/admin/evidence/hand-over")
        lines = re.findall(r">((?:kaimen-trust|estate|head|witness|need) [^<]+)<", sheet.html)
        first = lines.index("kaimen-trust 2")
        last = next(at for at, line in enumerate(lines) if line.startswith("need outside"))
        self.trust = self.folder / "trust.txt"
        self.trust.write_text("\n".join(lines[first : last + 1]) + "\n", encoding="ascii")
        if not any(line.startswith("witness door") for line in lines):
            raise StepBroken("the trust file names no door")
        return str(lines[last - 1])

    async def verified(self, path: Path) -> dict[str, int]:
        """Slot -> last entry, of an export that the stand-alone verifier calls witnessed under the trust file."""
        return await self.held(path, (0,))

    async def held(self, path: Path, accepted: tuple[int, ...] = (0, 3)) -> dict[str, int]:
        """Slot -> last entry, of an export that is consistent; doors may not have vouched for its end yet."""
        status, said = await self._verify(path)
        if status not in accepted:
            raise StepBroken(f"kaimen verify ended with {status}: {said[-300:]}")
        devices = json.loads(said)["devices"]
        if any(device["first"] != 1 for device in devices):
            raise StepBroken("an export does not begin with the first entry")
        return {str(device["slot"]): int(device["last"]) for device in devices}

    async def forged(self, path: Path) -> str:
        """The same with one bit of its last quarter changed; StepBroken unless that is refused."""
        false = await asyncio.to_thread(_forged, path)
        status, said = await self._verify(false)
        if status != 1:
            raise StepBroken(f"kaimen verify ended with {status} for a forged export: {said[-300:]}")
        return str(json.loads(said)["verdict"])

    async def _verify(self, path: Path) -> tuple[int, str]:
        return await asyncio.to_thread(_run, ("verify", "--json", str(path), "--trust", str(self.trust)))


def _forged(path: Path) -> Path:
    data = bytearray(path.read_bytes())
    data[len(data) * 3 // 4] ^= 1
    false = path.with_suffix(".forged")
    false.write_bytes(data)
    return false


def _run(words: Sequence[str]) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "kaimen", *words], capture_output=True, text=True, timeout=120, check=False
    )
    return done.returncode, (done.stdout + done.stderr).strip()
