"""A real browser: the machine's Chromium, driven without a window."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, async_playwright

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
needs_chromium = pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium here: install it or set CHROMIUM")
needs_axe = pytest.mark.skipif(not AXE.exists(), reason="run `npm ci` in tests/web to check accessibility")


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A running Chromium."""
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield browser
        finally:
            await browser.close()


async def sign_in(context: BrowserContext, url: str, session: str, language: str) -> None:
    """Gives the window a session and a language; "" signs nobody in."""
    await context.clear_cookies()
    await context.add_cookies([{"name": "kaimen-language", "value": language, "url": url}])
    if session:
        await context.add_cookies([{"name": "kaimen-session", "value": session, "url": url}])
