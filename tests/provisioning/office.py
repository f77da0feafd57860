"""The estate's office: a real host process, and its administrator using the pages that there are."""

import asyncio
import json
import re
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.host.house import ESTATE
from tests.ports import free_ports

from gatesim.browser import Browser, Sheet
from gatesim.office import confirm_device


class Office:
    """`kaimen host` in a folder and the admin signed in. Every call returns when its page has answered."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        port = free_ports(2)
        self.url, self.devices = f"http://127.0.0.1:{port}", f"https://127.0.0.1:{port + 1}"
        (folder / "estate.toml").write_text(ESTATE, encoding="utf-8")
        links = folder / "links.json"
        told = {"--dir": folder / "host", "--estate": folder / "estate.toml", "--links": links}
        told |= {"--listen": self.url[7:], "--device-listen": self.devices[8:]}
        words = [str(word) for pair in told.items() for word in pair]
        self._process = subprocess.Popen([sys.executable, "-m", "gatehost", *words], stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        assert self._process.stdout.readline().startswith("ready in")
        self._loop = asyncio.Runner()
        self._admin = self._loop.run(self._signed_in(json.loads(links.read_text())["admin"]["url"]))

    async def _signed_in(self, link: str) -> Browser:
        browser = Browser(self.url)
        await browser.sign_in(link)
        return browser

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, wrong: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.run(self._leave())
        self._loop.close()
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(20)
        assert self._process.stdout is not None
        self._process.stdout.close()

    async def _leave(self) -> None:
        await self._admin.__aexit__()
        await asyncio.sleep(0)  # the transports' own goodbye

    def see(self, path: str) -> Sheet:
        """A page."""
        return self._loop.run(self._admin.see(path))

    def claim(self, slot: str) -> Path:
        """A claim file, downloaded from the door's page."""
        sheet = self.see(f"/admin/doors/{slot}")
        path = self.folder / f"{slot}.claim"
        path.write_bytes(self._loop.run(self._admin.download(sheet, "/claim-file")))
        return path

    def confirm(self, slot: str, digits: str) -> None:
        """Compares the six digits and confirms."""
        self._loop.run(confirm_device(self._admin, slot, digits))

    def waiting(self) -> list[str]:
        """The six digits of every device that waits for a person."""
        forms = self.see("/admin/doors").forms
        return [form.fields["digits"] for form in forms if form.action.endswith("/confirm")]

    def revoke(self, slot: str, why: str) -> None:
        """Ends the device of a slot."""
        sheet = self.see(f"/admin/doors/{slot}")
        self._loop.run(self._admin.send(sheet, "/revoke", why=why))

    def holds(self, slot: str) -> tuple[int, int]:
        """(version held, newest) of the slot's device, as its page says."""
        found = re.search(r"holds (\d+), newest (\d+)", self.see(f"/admin/doors/{slot}").words)
        assert found is not None
        return int(found[1]), int(found[2])
