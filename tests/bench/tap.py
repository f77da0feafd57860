"""Tap Open on the resident's page in a real browser -> the lock of a real door, on loopback: p50 and p95 in ms.

    python -m tests.bench.tap [--tries 20]

Host and doors are the demo's real processes. A visitor calls the home from the gate, the resident's page (headless
Chromium, phone width) rings with a picture, Open is tapped: from the click's dispatch to the door's page being told
that its lock was energised.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from playwright.async_api import Page, async_playwright
from tests.bench.digit import at
from tests.web.window import CHROMIUM, FLAGS

from gatesim import demo, pictures
from gatesim.estate import HOME
from gatesim.rig import Places, Rig
from gatesim.visitor import Visitor

PORT = 8950


async def measured(folder: Path, tries: int) -> list[float]:
    """ms from each tap to the lock."""
    rig = Rig(folder, Places(PORT), played=True)
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        async with demo.running(rig) as cast:
            context = await browser.new_context(viewport={"width": 360, "height": 740}, locale="en")
            for cookie in cast.resident._client.cookie_jar:
                await context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": rig.places.host}])
            page = await context.new_page()
            await page.goto(rig.places.host + "/me")
            frame = pictures.faces().stranger[0]
            times = [await one(page, cast.gate, frame, 1_000_000 * (n + 1)) for n in range(tries)]
        await browser.close()
    return times


async def one(page: Page, gate: Visitor, frame: bytes, at_ms: int) -> float:
    """One call, answered by a tap."""
    await gate.show(frame, at_ms)
    await gate.type(f"{HOME}C")
    button = page.locator(".ringing form[action$='/open'] button").first
    await button.wait_for(state="visible", timeout=10_000)
    await page.locator(".ringing img").first.wait_for(state="visible", timeout=10_000)
    gate.fresh()
    tapped = time.perf_counter()
    await button.dispatch_event("click")  # a finger does not wait until the page has settled
    await gate.until(lambda: gate.first("unlock") is not None, "the lock was not energised")
    told = gate.first("unlock")
    assert told is not None
    await page.locator(".ringing").first.wait_for(state="detached", timeout=10_000)
    await gate.until(lambda: gate.view.get("lock") == "shut", "the lock stays energised")
    return (told[0] - tapped) * 1000


def main(argv: Sequence[str]) -> int:
    """Prints the figures; 0."""
    parser = argparse.ArgumentParser(prog="tap")
    parser.add_argument("--tries", type=int, default=20)
    given = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        times = asyncio.run(measured(Path(folder), given.tries))
    print(" ".join(f"{one:.0f}" for one in times))
    print(f"tap -> lock: p50 {at(times, 0.5):.0f} ms, p95 {at(times, 0.95):.0f} ms, n {len(times)}")
    return 0


if __name__ == "__main__":
    import sys

    raise SystemExit(main(sys.argv[1:]))
