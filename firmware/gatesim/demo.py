"""`kaimen demo`: the whole product on this machine: a host, two doors and a front desk's unit, joined as on site.

    kaimen demo                                    for a person with a browser; Ctrl-C ends it
    kaimen demo --headless                         plays the story without a browser, prints it, checks the log it made
    kaimen demo --headless --faces DIR --report F  the people come from DIR (docs/operations.md)

The demo is the installer: it reads the six digits on every unit's screen and confirms them on the admin's page. In a
headless run it also is the person at the vault.
"""

import argparse
import asyncio
import contextlib
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from gatesim import office, people, pictures
from gatesim.browser import Browser
from gatesim.crowd import CrowdPlay
from gatesim.errors import DemoError, FolderRefused, ReportRefused
from gatesim.estate import BUILDING_DOOR, DESK, GATE
from gatesim.folder import folder_of
from gatesim.indexpage import IndexPage
from gatesim.people import Crowd
from gatesim.report import Report, Step, crowd_table
from gatesim.rig import SLOTS, Places, Rig
from gatesim.story import Cast, Story
from gatesim.visit import Approach
from gatesim.visitor import Visitor

STATES_S = 60.0
TELL_EVERY = 100  # people read from a folder
ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)  # Ctrl-C, told to, the terminal was closed


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line asked for."""

    headless: bool
    faces: Path | None
    report: Path | None
    folder: Path | None
    port: int
    promise: float


def wish_of(words: Sequence[str]) -> Wish:
    """Reads the command line; argparse ends the process with status 2 when it cannot be understood."""
    parser = argparse.ArgumentParser(
        "kaimen demo", description="The whole product on this machine.", allow_abbrev=False
    )
    parser.add_argument("--headless", action="store_true", help="play the story without a browser and check it")
    parser.add_argument(
        "--faces", type=Path, metavar="DIR", help="people: DIR/<person>/*.jpg, strangers: DIR/_strangers/*"
    )
    parser.add_argument("--report", type=Path, metavar="FILE", help="write what was found out as JSON")
    parser.add_argument(
        "--dir", type=Path, dest="folder", help="keep the demo's files here (default: removed at the end)"
    )
    parser.add_argument("--port", type=int, default=8700, help="first of six ports on 127.0.0.1 (default 8700)")
    parser.add_argument("--promise", type=float, default=0.01, help="most strangers let in, as a share (default 0.01)")
    told = parser.parse_args(words)
    if not 1024 <= told.port <= 65_000:
        parser.error("--port must be a number from 1024 to 65000")
    if not 0 < told.promise < 1:
        parser.error("--promise is a share between 0 and 1")
    if (told.faces or told.report) and not told.headless:
        parser.error("--faces and --report belong to --headless")
    return Wish(told.headless, told.faces, told.report, told.folder, told.port, told.promise)


def say(text: str) -> None:
    """One line for the person who waits."""
    print(text, flush=True)


# --- the processes --------------------------------------------------------------------------


@asynccontextmanager
async def running(rig: Rig) -> AsyncIterator[Cast]:
    """Everything started, joined and up to date; stopped at the end, however it ends."""
    begun = perf_counter()
    try:
        await rig.start(say)
        async with AsyncExitStack() as stack:
            cast = await _gather(rig, stack)
            units = {GATE: cast.gate, BUILDING_DOOR: cast.building, DESK: cast.vault}
            await rig.join(cast.admin, units, say)
            await rig.states_taken(cast.admin, STATES_S)
            say(f"everything is joined and up to date ({perf_counter() - begun:.1f} s since the start)")
            yield cast
    finally:
        await rig.stop()


async def _gather(rig: Rig, stack: AsyncExitStack) -> Cast:
    """Signs the three people in by their links, and stands before the three units."""
    signed = {
        login: await stack.enter_async_context(Browser(rig.places.host)) for login in ("admin", "desk", "resident")
    }
    for login, browser in signed.items():
        await browser.sign_in(rig.links[login])
    units = {slot: await stack.enter_async_context(Visitor(rig.places.page(slot))) for slot in SLOTS}
    gate, building, vault = units[GATE], units[BUILDING_DOOR], units[DESK]
    return Cast(
        rig,
        signed["admin"],
        signed["desk"],
        signed["resident"],
        gate,
        building,
        vault,
        Approach(gate),
        Approach(building),
    )


# --- without a browser ----------------------------------------------------------------------


async def people_of(folder: Path) -> Crowd:
    """The folder's people. Between two of them Ctrl-C is heard."""
    crowd = Crowd()
    for number, crowd in enumerate(people.reading(folder), 1):
        if number % TELL_EVERY == 0:
            say(f"reading {folder}: {len(crowd.residents)} people, {len(crowd.strangers)} strangers so far")
        await asyncio.sleep(0)
    say(f"{len(crowd.residents)} people and {len(crowd.strangers)} strangers come from {folder}")
    return crowd


@contextmanager
def written(report: Report, file: Path | None) -> Iterator[None]:
    """The report lies in `file` from the first moment, refused there and then if it cannot, to the end, however that
    comes: what stands in it is never of an earlier run."""
    if file is None:
        yield
        return
    try:
        report.write(file)
    except OSError as wrong:
        raise ReportRefused(f"--report {file}: {wrong.strerror}; name a file you may write to") from wrong
    try:
        yield
    except BaseException as wrong:
        report.steps.append(Step("the run came to its end", note=str(wrong) or "it was ended from outside"))
        raise
    finally:
        report.write(file)
        say(f"report: {file}")


async def headless(wish: Wish, folder: Path, crowd: Crowd | None, report: Report) -> None:
    """Plays the story, and the folder's people if there is one, into the report."""
    rig = Rig(folder, Places(wish.port), played=True, crowd=crowd.residents if crowd else ())
    story = Story(report, say)
    async with running(rig) as cast, _told_of_crashes(rig):
        async with story.step("at the vault, both doors' box keys are confirmed by place and six digits") as step:
            doors = {GATE: cast.gate, BUILDING_DOOR: cast.building}
            step.note = f"{await office.confirm_doors(cast.vault, doors)} doors"
        faces = None if crowd else pictures.faces()
        if crowd is not None:
            await CrowdPlay(crowd, cast, report, say).play()
        if faces is not None:
            await story.face(cast, faces)
        code = await story.code(cast)
        await story.card(cast)
        await story.call(cast, pictures.faces())
        await story.without_host(cast, faces, code)
        await story.proof(cast)


@asynccontextmanager
async def _told_of_crashes(rig: Rig) -> AsyncIterator[None]:
    """While this lasts a child that ends on its own ends the story with its last words."""
    here = asyncio.current_task()
    crashed: list[BaseException] = []

    async def watch() -> None:
        try:
            await rig.watch()
        except BaseExceptionGroup as wrong:
            crashed.extend(wrong.exceptions)
            if here is not None:
                here.cancel()

    watching = asyncio.create_task(watch())
    try:
        yield
    except asyncio.CancelledError:
        if crashed:
            raise crashed[0] from None
        raise
    finally:
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching


def tell(report: Report, wish: Wish) -> int:
    """Prints the outcome; the status of the whole run."""
    if wish.faces:
        say("\n" + crowd_table(report))
    else:
        say(f"\n{pictures.SAYS}")
    broken = sum(not step.held for step in report.steps)
    say(f"\n{len(report.steps)} steps, {broken} broken" + ("" if report.held else ": the demo did not hold"))
    return 0 if report.held else 1


# --- for a person with a browser ------------------------------------------------------------


async def interactive(wish: Wish, folder: Path, port: socket.socket) -> None:
    """Starts everything, serves the first page on `port` and waits for Ctrl-C."""
    rig = Rig(folder, Places(wish.port), played=False)
    async with running(rig) as cast:
        visitor = (await office.invite(cast.resident)).link  # a visitor is expected today
        await rig.restart_host()  # the links above were used for setting up: these are fresh ones
        page = IndexPage(rig, visitor)
        async with page.serving(port), _told_of_crashes(rig):
            say(page.told())
            await asyncio.Event().wait()


async def act(wish: Wish, folder: Path) -> int:
    """Runs until done or asked to end."""
    if not wish.headless:
        with Places(wish.port).take() as port:
            await interactive(wish, folder, port)
        return 0
    report = Report(promise=wish.promise)
    with written(report, wish.report), Places(wish.port).take():
        await headless(wish, folder, await people_of(wish.faces) if wish.faces else None, report)
        return tell(report, wish)


async def until_asked_to_end(wish: Wish, folder: Path) -> int:
    """A signal ends it in order: children are stopped before this returns. A second one, of somebody who cannot wait,
    changes nothing: it would leave those running that were not stopped yet."""
    demo = asyncio.ensure_future(act(wish, folder))

    def end() -> None:
        if not demo.cancelling():
            demo.cancel()

    for name in ENDS:
        asyncio.get_running_loop().add_signal_handler(name, end)
    try:
        return await demo
    except asyncio.CancelledError:
        say("\nstopped; all processes of the demo have ended")
        return 0 if not wish.headless else 130


def main(words: Sequence[str]) -> int:
    """0: it held, or was ended by a person; 1: a step broke or a process failed; 2: the command line is of no use;
    130: a story was ended before its end."""
    wish = wish_of(words)
    try:
        with folder_of(wish.folder) as folder:
            return asyncio.run(until_asked_to_end(wish, folder))
    except (FolderRefused, ReportRefused) as wrong:
        print(f"kaimen demo: {wrong}", file=sys.stderr)
        return 2
    except (DemoError, OSError) as wrong:
        print(f"kaimen demo: {wrong}", file=sys.stderr)
        return 1
