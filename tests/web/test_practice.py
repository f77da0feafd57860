"""Row B18: a host to practise on, marked on every page, that reaches no door, no log and no number of the real one."""

import asyncio
import contextlib
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from tests.ports import free_ports

from gatehost import settings

BANNER = "Nothing here is real"


def listening(pid: int) -> set[int]:
    """The TCP ports a process listens on, as Linux tells (/proc, proc(5))."""
    inodes = set()
    for path in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            inodes.add(os.readlink(path).removeprefix("socket:[").rstrip("]"))
    rows = Path(f"/proc/{pid}/net/tcp").read_text(encoding="ascii").splitlines()[1:]
    held = [row.split() for row in rows]
    return {int(row[1].split(":")[1], 16) for row in held if row[3] == "0A" and row[9] in inodes}


def folders(above: Path) -> list[Path]:
    """The folders practice hosts keep now."""
    return list(above.glob("kaimen-practice-*"))


class Practised:
    """A running practice host and a browser before it."""

    def __init__(self, process: asyncio.subprocess.Process, url: str, http: aiohttp.ClientSession) -> None:
        self.process, self.url, self.http = process, url, http

    async def get(self, path: str) -> str:
        """A page's text."""
        async with self.http.get(self.url + path) as answer:
            return await answer.text()

    async def post(self, path: str, on: str, **form: str) -> str:
        """Sends a form that stands on a page; the text it leads to."""
        token = re.search(r'name="form_token" value="([0-9a-f]+)"', await self.get(on))
        assert token, on
        async with self.http.post(self.url + path, data={"form_token": token[1], **form}) as answer:
            return await answer.text()


@pytest.fixture
async def practised(tmp_path: Path) -> AsyncIterator[Practised]:
    """`kaimen host --practice` as a process of its own, its temporary files under the test's."""
    port = free_ports()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gatehost", "--practice", "--listen", f"127.0.0.1:{port}", stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"TMPDIR": str(tmp_path)},
    )  # fmt: skip
    assert process.stdout is not None
    try:
        line = (await asyncio.wait_for(process.stdout.readline(), 60)).decode()
        assert "practice ready" in line, line
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(cookie_jar=jar, headers={"Accept-Language": "en"}) as http:
            yield Practised(process, f"http://127.0.0.1:{port}", http)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        await process.wait()


async def test_a_guard_practises_a_whole_entry_on_pages_that_say_so_and_nothing_stays(
    practised: Practised, tmp_path: Path
) -> None:
    assert BANNER in await practised.get("/sign-in")
    text = await practised.post("/practice/guard", "/sign-in")
    assert (BANNER in text, "Come on duty" in text) == (True, True)
    text = await practised.post("/gate/shift", "/gate", gate="north")
    assert (BANNER in text, "小王" in text) == (True, True)  # somebody is inside for too long
    text = await practised.post("/gate/enter", "/gate", kind="courier", home="120502")
    assert (BANNER in text, "Let in and written down." in text) == (True, True)
    for path in ("/gate/muster", "/gate/enter?kind=visitor", "/nowhere", "/visit/north", "/rules/poster", "/privacy"):
        assert BANNER in await practised.get(path), path
    port = int(practised.url.rpartition(":")[2])
    assert listening(practised.process.pid) == {port}  # no port that a door could dial
    (folder,) = folders(tmp_path)
    practised.process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(practised.process.wait(), 20) == 0
    assert folders(tmp_path) == []
    assert folder.name.startswith("kaimen-practice-")


async def test_the_desk_practises_with_papers_and_no_name_but_the_practice_roles_signs_in_so(
    practised: Practised,
) -> None:
    text = await practised.post("/practice/desk", "/sign-in")
    assert BANNER in text
    assert "Repair" in await practised.get("/papers?list=open")
    for name in ("admin", "lead", "nobody"):
        text = await practised.post(f"/practice/{name}", "/password")
        assert "This link no longer works" in text
    text = await practised.post("/practice/resident", "/password")
    assert (BANNER in text, "张阿姨" in text) == (True, True)


def test_a_practice_host_takes_no_folder_estate_or_database_of_a_real_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    for name in ("--dir", "--estate", "--database", "--links", "--claims", "--device-listen", "--device-url"):
        with pytest.raises(SystemExit):
            settings.read(["--practice", name, str(tmp_path)])
        assert "of its own" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        settings.read([])
    assert not list(tmp_path.iterdir())
