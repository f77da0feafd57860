"""The unit's page for guards in a real browser: readable at 360 pixels in both languages, accessible, no scripts."""

import os
from pathlib import Path

import pytest
from tests.web.window import CUT, SMALL, broken, chromium, needs_chromium

from .conftest import House
from .test_gatepage import CODE, PAGE, copy, inside, opened, taken

pytestmark = [pytest.mark.browser, needs_chromium]


async def test_at_360_and_1280_pixels_no_text_is_cut_no_rule_broken_and_all_is_reached(house: House) -> None:
    house.options = PAGE
    found: list[object] = []
    shots = os.environ.get("KAIMEN_SHOTS", "")
    async with house.running(), opened(house) as server, chromium() as browser:
        assert await taken(house, copy(house, what=inside(escort=[1, []]))) == []
        for language, scheme, width in (("en", "light", 360), ("zh-CN", "dark", 360), ("zh-CN", "light", 1280)):
            context = await browser.new_context(
                viewport={"width": width, "height": 740},
                color_scheme=scheme,
                locale=language,  # type: ignore[arg-type]
            )
            page = await context.new_page()
            await page.goto(server.url)
            for path in ("/", "/sign", "/?q=5678", "/muster", "/new?kind=visitor", "/decide?ref=18", "/nowhere"):
                if path == "/sign":
                    await page.locator("#f-code").fill(f"7 {CODE}")
                    await page.keyboard.press("Enter")
                    await page.wait_for_selector("form[action='/out']")
                else:
                    await page.goto(server.url + path)
                found += [(path, one) for one in await page.evaluate(CUT)]
                found += [(path, "small", one) for one in await page.evaluate(SMALL)]
                found += [(path, *one) for one in await broken(page)]
                if shots:
                    name = f"unit-{language}-{width}-{path.strip('/').split('?')[0] or 'first'}.png"
                    await page.screenshot(path=Path(shots) / name, full_page=True)
            await context.close()
    assert not found
