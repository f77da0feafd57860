"""A pair of hands with a keyboard and nothing else: Tab, Shift+Tab, Enter, Space, arrows, typing.

What is wanted is reached by Tab from where the page begins, and wherever the focus comes to rest it can be seen.
"""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.async_api import Locator, Page

MOST = 90  # presses of Tab to anything on a page
# [whether the focus can be seen, whether it is where it is wanted]
RESTS = """wanted => {
  const one = document.activeElement;
  const ringed = (held) => held.outlineStyle !== "none" && parseFloat(held.outlineWidth) >= 2;
  const seen = [one, one.closest("label.choice") ?? one].some((held) => ringed(getComputedStyle(held)));
  return [one === document.body || seen, one === wanted];
}"""


@dataclass(slots=True)
class Keys:
    """The hands on one page; `been` are the addresses they came by."""

    page: Page
    been: list[str] = field(default_factory=list)
    fresh: bool = True  # nothing on this page has had the focus

    def _note(self) -> None:
        where = urlsplit(self.page.url)
        path = where.path + (f"?{where.query}" if where.query and "done=" not in where.query else "")
        self.fresh = True
        if path not in self.been:
            self.been.append(path)

    async def go(self, url: str) -> None:
        """Types an address."""
        await self.page.goto(url)
        self._note()

    async def to(self, wanted: Locator) -> None:
        """Tabs until the control has the focus; past the frame by the link that is there for it."""
        held = await wanted.element_handle()
        if self.fresh and await wanted.evaluate("one => one.closest('main') !== null"):
            await self.page.keyboard.press("Tab")
            assert await self.page.evaluate("document.activeElement.className") == "skip"
            await self.page.keyboard.press("Enter")
        self.fresh = False
        for _ in range(MOST):
            await self.page.keyboard.press("Tab")
            seen, there = await self.page.evaluate(RESTS, held)
            assert seen, f"focus not visible on {self.page.url}"
            if there:
                return
        raise AssertionError(f"not reached by Tab on {self.page.url}: {wanted}")

    async def press(self, wanted: Locator, key: str = "Enter") -> None:
        """Reaches a link or button and presses it; the page it leads to has loaded."""
        await self.to(wanted)
        before = self.page.url
        async with self.page.expect_navigation():
            await self.page.keyboard.press(key)
        self._note()
        assert "/sign-in" not in self.page.url, before

    async def button(self, name: str, **more: bool) -> None:
        """Presses the first button of a name."""
        await self.press(self.page.get_by_role("button", name=name, **more).first)  # type: ignore[arg-type]

    async def link(self, name: str, **more: bool) -> None:
        """Follows the first link of a name."""
        await self.press(self.page.get_by_role("link", name=name, **more).first)  # type: ignore[arg-type]

    async def write(self, wanted: Locator, text: str) -> None:
        """Reaches a field and types into it."""
        await self.to(wanted)
        await self.page.keyboard.type(text)

    async def field(self, label: str, text: str) -> None:
        """The same by the field's label."""
        await self.write(self.page.get_by_label(label, exact=True), text)

    async def tick(self, wanted: Locator) -> None:
        """Ticks a box."""
        await self.to(wanted)
        await self.page.keyboard.press("Space")
        assert await wanted.is_checked()

    async def choose(self, name: str, value: str) -> None:
        """One of a group of choices: Tab reaches the group, arrows go through it."""
        wanted = self.page.locator(f'input[name="{name}"][value="{value}"]')
        inside = "name => document.activeElement.name === name"
        for _ in range(MOST):
            await self.page.keyboard.press("Tab")
            if await self.page.evaluate(inside, name):
                break
        for _ in range(20):
            if await wanted.evaluate("one => one === document.activeElement"):
                break
            await self.page.keyboard.press("ArrowDown")
        if not await wanted.is_checked():
            await self.page.keyboard.press("Space")
        assert await wanted.is_checked(), f"{name}={value} on {self.page.url}"
