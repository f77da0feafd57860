"""Tap Open on the resident's page in a real browser -> the lock of a real door, and that opening -> the admin's page.

    python -m tests.bench.tap [--tries 20]

Host and doors are the demo's real processes. A visitor calls the home from the gate, the resident's page (headless
Chromium, phone width) rings with a picture, Open is tapped: from the click's dispatch to the door's page being told
that its lock was energised. From then to the admin's page (another one, Today) showing the opening with the verdict of
its verification, looked at ten times a second so that looking costs little; wanted within a second. Loopback; p50
and p95 in ms.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright
from tests.bench.digit import at
from tests.web.window import CHROMIUM, FLAGS

from gatesim import demo, pictures
from gatesim.browser import Browser as Person
from gatesim.estate import HOME
from gatesim.rig import Places, Rig
from gatesim.visitor import Visitor

PORT = 8950
NEWEST = "[data-live=entries] li:first-child"
OPENED = f"""before => {{
    const text = document.querySelector({NEWEST!r})?.textContent;
    return text !== before && /Opened/.test(text) && /seal verified/.test(text);
}}"""


async def measured(folder: Path, tries: int) -> list[tuple[float, float]]:
    """ms from each tap to the lock, and from there to the admin's page."""
    rig = Rig(folder, Places(PORT), played=True)
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        async with demo.running(rig) as cast:
            page = await signed_in(browser, cast.resident, rig.places.host, "/me")
            admin = await signed_in(browser, cast.admin, rig.places.host, "/today")
            frame = pictures.faces().stranger[0]
            times = [await one(page, admin, cast.gate, frame, 1_000_000 * (n + 1)) for n in range(tries)]
        await browser.close()
    return times


async def signed_in(browser: Browser, person: Person, host: str, path: str) -> Page:
    """A page of the person whose session this is, at phone width."""
    context = await browser.new_context(viewport={"width": 360, "height": 740}, locale="en")
    for cookie in person._client.cookie_jar:
        await context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": host}])
    page = await context.new_page()
    await page.goto(host + path)
    return page


async def one(page: Page, admin: Page, gate: Visitor, frame: bytes, at_ms: int) -> tuple[float, float]:
    """One call, answered by a tap, seen by the admin."""
    await gate.show(frame, at_ms)
    await gate.type(f"{HOME}C")
    button = page.locator(".ringing form[action$='/open'] button").first
    await button.wait_for(state="visible", timeout=10_000)
    await page.locator(".ringing img").first.wait_for(state="visible", timeout=10_000)
    before = await admin.locator(NEWEST).text_content() if await admin.locator(NEWEST).count() else None
    gate.fresh()
    tapped = time.perf_counter()
    await button.dispatch_event("click")  # a finger does not wait until the page has settled
    seen = asyncio.ensure_future(admin.wait_for_function(OPENED, arg=before, polling=100, timeout=10_000))
    await gate.until(lambda: gate.first("unlock") is not None, "the lock was not energised")
    told = gate.first("unlock")
    assert told is not None
    await seen
    shown = time.perf_counter()
    await page.locator(".ringing").first.wait_for(state="detached", timeout=10_000)
    await gate.until(lambda: gate.view.get("lock") == "shut", "the lock stays energised")
    return (told[0] - tapped) * 1000, (shown - told[0]) * 1000


def main(argv: Sequence[str]) -> int:
    """Prints the figures; 0."""
    parser = argparse.ArgumentParser(prog="tap")
    parser.add_argument("--tries", type=int, default=20)
    given = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        times = asyncio.run(measured(Path(folder), given.tries))
    for words, each in zip(("tap -> lock", "opening -> the admin's page"), zip(*times, strict=True), strict=True):
        print(" ".join(f"{one:.0f}" for one in each))
        print(f"{words}: p50 {at(list(each), 0.5):.0f} ms, p95 {at(list(each), 0.95):.0f} ms, n {len(each)}")
    return 0


if __name__ == "__main__":
    import sys

    raise SystemExit(main(sys.argv[1:]))
