"""A real browser: the machine's Chromium, driven without a window, and what is judged of a page that is open in it."""

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
HERE = Path(__file__).parent
FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--in-process-gpu",
    "--js-flags=--no-opt,--no-maglev",  # a page lives a second: what is compiled better for it is thrown away
]
needs_chromium = pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium here: install it or set CHROMIUM")
PHONE = 360
Scheme = Literal["light", "dark"]
Look = tuple[int, Scheme]  # the window's width in pixels, and what the person prefers
# what a person cannot read: text wider than its box, or a page wider than the screen
CUT = """() => {
  const cut = [];
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) cut.push(`page ${root.scrollWidth} > ${root.clientWidth}`);
  for (const one of document.querySelectorAll("body *")) {
    if (one.closest(".unseen, .skip, svg, input, select, details:not([open]) > :not(summary)")) continue;
    const own = [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    const box = one.getBoundingClientRect();
    const within = one.clientWidth > 0 && one.scrollWidth > one.clientWidth + 1;
    if (own && box.width && (within || box.right > innerWidth + 1))
      cut.push(`${one.tagName} ${one.className} ${one.textContent.trim().slice(0, 40)}`);
  }
  return cut;
}"""
# controls smaller than 44 px either way; a link within a sentence may be (WCAG 2.5.8)
SMALL = """() => [...document.querySelectorAll("a, button, input, select, summary")].filter((one) => {
  const hidden = ".unseen, .skip, [hidden], [type=hidden], [readonly], details:not([open]) > :not(summary)";
  if (one.closest(hidden)) return false;
  if (one.matches("a") && getComputedStyle(one).display === "inline") return false;
  const box = (one.closest("label.choice") ?? one).getBoundingClientRect();
  return box.width && (box.height < 44 || box.width < 44);
}).map((one) => `${one.tagName} ${one.textContent.trim().slice(0, 30)}`)"""
UNFOLD = "document.querySelectorAll('details').forEach((one) => { one.open = true; })"
# every rule axe has on by itself, or `only` some; of what it found, the violations alone are worked out and sent
BREAKS = """async (only) => {
  const rules = only.length ? {runOnly: {type: "rule", values: only}} : {};
  const told = await axe.run(document, {reporter: "no-passes", preload: {assets: ["media"]}, ...rules});
  if (told.testEngine.name !== "axe-core") throw new Error("this was not axe");
  return told.violations.map((rule) => [rule.id, rule.nodes.slice(0, 3).map((node) => node.target)]);
}"""
# which elements can be seen, and which lie outside the page on purpose
VISIBLE = """() => [...document.querySelectorAll("*")].map((one) => {
  const box = one.getBoundingClientRect();
  const seen = one.checkVisibility({visibilityProperty: true, opacityProperty: true, contentVisibilityAuto: true});
  return +seen + 2 * (box.width > 1 && box.height > 1) + 4 * (box.right <= 0 || box.bottom <= -scrollY);
}).join("")"""
# notes what gets the focus from here on, and how it looks then; the controls that can be seen and used are counted
WATCH = """() => {
  const named = (one) => `${one.tagName} ${one.name || ""} ${one.textContent.trim().slice(0, 40)}`;
  const kinds = "a[href], button, input:not([type=hidden]), select, textarea, summary";
  const controls = [...document.querySelectorAll(kinds)].filter((one) => one.tabIndex >= 0 && !one.disabled
    && one.checkVisibility() && one.getClientRects().length && !(one.type === "radio" && !one.checked));
  const reached = new Set(), unseen = new Set();
  document.addEventListener("focusin", ({target}) => {
    const style = getComputedStyle(target);
    reached.add(target);
    if (style.outlineStyle === "none" || !(parseFloat(style.outlineWidth) >= 2)) unseen.add(named(target));
  });
  window.walked = () => [controls.filter((one) => !reached.has(one)).map(named), [...unseen]];
  return controls.length;
}"""
SPARE, ROUNDS = 8, 6  # a date takes a press for each of its parts, a group of choices and a box that scrolls one more
TAB = {"key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9}
# the rules that ask for colours, sizes and places; all others ask for elements and which of them are visible
STYLED = (
    "color-contrast", "link-in-text-block", "scrollable-region-focusable", "skip-link", "region", "bypass",
    "empty-table-header", "scope-attr-valid", "table-duplicate-name", "td-headers-attr", "th-has-data-cells",
    "label-content-name-mismatch",
)  # fmt: skip


@cache
def axe() -> str:
    """The pinned axe-core's script, installed at the first call; fails without npm. Findings do without HTML."""
    script = HERE / "node_modules" / "axe-core" / "axe.min.js"
    if not script.exists():
        done = subprocess.run(["npm", "ci"], cwd=HERE, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, f"`npm ci` in tests/web failed: {done.stderr}"
    return script.read_text(encoding="utf-8") + "; axe.configure({noHtml: true});"


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
    cookies = {"kaimen-language": language} | ({"kaimen-session": session} if session else {})
    await context.add_cookies([{"name": name, "value": value, "url": url} for name, value in cookies.items()])


async def broken(page: Page, only: Sequence[str] = ()) -> list[tuple[str, object]]:
    """The rules of accessibility that the open page breaks, each with the first elements that break it."""
    if await page.evaluate("typeof axe === 'undefined'"):
        await page.evaluate(axe())
    return [(rule, where) for rule, where in await page.evaluate(BREAKS, list(only))]


async def faults(page: Page, looks: Sequence[Look]) -> list[tuple[Look, str, object]]:
    """What is wrong with the open page at each width and in each scheme, everything unfolded: text that is cut and
    targets that are too small on a phone, rules of accessibility broken.

    The first look is judged by every rule. So is another one if anything becomes visible or is hidden by it; else only
    by the rules that ask what things look like: the others would say the same again.
    """
    found: list[tuple[Look, str, object]] = []
    await page.evaluate(UNFOLD)
    first = ""
    for width, scheme in looks:
        await page.emulate_media(color_scheme=scheme)
        await page.set_viewport_size({"width": width, "height": 740})
        assert await page.evaluate("innerWidth") == width
        if width == PHONE:
            found += [((width, scheme), "cut", one) for one in await page.evaluate(CUT)]
            found += [((width, scheme), "small", one) for one in await page.evaluate(SMALL)]
        rules = () if not first else STYLED if await page.evaluate(VISIBLE) == first else ()
        found += [((width, scheme), rule, where) for rule, where in await broken(page, rules)]
        first = first or await page.evaluate(VISIBLE)
    return found


async def missed(page: Page) -> list[str]:
    """The controls of the open page that Tab does not reach, and those whose focus cannot be seen."""
    wanted = await page.evaluate(WATCH)
    keyboard = await page.context.new_cdp_session(page)
    strokes = [TAB | {"type": kind} for _ in range(wanted + SPARE) for kind in ("rawKeyDown", "keyUp")]
    for _ in range(ROUNDS):
        await asyncio.gather(*[keyboard.send("Input.dispatchKeyEvent", stroke) for stroke in strokes])
        away, unseen = await page.evaluate("window.walked()")
        if not away:
            break
    await keyboard.detach()
    return [f"not reached: {one}" for one in away] + [f"focus not visible: {one}" for one in unseen]
