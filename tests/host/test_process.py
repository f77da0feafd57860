"""The host as a process: first start, strict settings, clean stop, and kill -9 without losing an acknowledged entry."""

import asyncio
import json
import os
import random
import resource
import signal
import socket
import sqlite3
import stat
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tests.host.device import Played
from tests.host.house import ESTATE, START, house
from tests.host.test_full_disk import no_file_beyond
from tests.ports import free_ports

from gatecore import frames
from gatecore.enrol import Claim
from gatehost import keys, settings
from gatehost.__main__ import _clock, main
from gatehost.model.account import ADMIN, Actor
from gatehost.model.errors import SettingsError, StoreError
from gatehost.service.context import Context
from gatehost.service.door import devices
from gatehost.service.founding import plan
from gatehost.service.pages import OpenPages
from gatehost.store import accesslog, accounts, places
from gatehost.store.shelf import DOCUMENTS, Shelf
from gatehost.store.store import open_store, sqlite_url
from gatehost.sync.live import Doors

PATIENCE_S = 30


class Host:
    """`kaimen host` in a folder, on the same ports at each start."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.pages = folder, free_ports(2)
        self.devices = self.pages + 1
        self.process: asyncio.subprocess.Process | None = None
        (folder / "estate.toml").write_text(ESTATE, encoding="utf-8")

    def line(self) -> list[str]:
        """The command line."""
        told = {"--dir": self.folder, "--estate": self.folder / "estate.toml", "--links": self.folder / "links.json"}
        told |= {"--listen": f"127.0.0.1:{self.pages}", "--device-listen": f"127.0.0.1:{self.devices}"}
        return [str(word) for pair in told.items() for word in pair]

    async def start(self, *more: str) -> str:
        """Starts it and waits for its ready line."""
        words = [sys.executable, "-m", "gatehost", *self.line(), *more]
        pipe = asyncio.subprocess.PIPE
        self.process = await asyncio.create_subprocess_exec(*words, stdout=pipe, stderr=pipe)
        assert self.process.stdout is not None
        async with asyncio.timeout(PATIENCE_S):
            return (await self.process.stdout.readline()).decode()

    async def end(self, number: signal.Signals | None) -> tuple[int, str]:
        """Sends a signal, unless it ends by itself, and waits; (status, what it said on stderr)."""
        assert self.process is not None
        if self.process.returncode is None and number is not None:
            self.process.send_signal(number)
        async with asyncio.timeout(PATIENCE_S):
            _, told = await self.process.communicate()
        assert self.process.returncode is not None
        return self.process.returncode, told.decode()


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Host]:
    """A host whose process is surely gone afterwards."""
    host = Host(folder)
    try:
        yield host
    finally:
        if host.process is not None and host.process.returncode is None:
            await host.end(signal.SIGKILL)


async def test_a_first_start_writes_links_and_claims_only_their_owner_can_read(tmp_path: Path) -> None:
    async with running(tmp_path) as host:
        assert (await host.start("--claims", str(tmp_path / "claims"))).startswith("ready in ")
        links = json.loads((tmp_path / "links.json").read_text())
        assert set(links) == {"admin", "desk", "limei", "liqiang", "wangfang"}
        assert links["limei"]["url"].startswith(f"http://127.0.0.1:{host.pages}/link/")
        claims = sorted((tmp_path / "claims").iterdir())
        assert [path.name for path in claims] == [f"{s}.claim" for s in ("b12-door", "b13-door", "desk-1", "gate-1-in")]
        assert Claim.from_wire(claims[0].read_bytes()).slot == "b12-door"
        for path in (tmp_path / "links.json", *claims, *(tmp_path / "keys").iterdir(), tmp_path / "kaimen.db"):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
        trust = (tmp_path / "trust.txt").read_text().splitlines()
        assert trust == ["kaimen-trust 1", f"estate {Claim.from_wire(claims[0].read_bytes()).estate.hex()}"]
        assert await host.end(signal.SIGTERM) == (0, "")


async def test_a_host_takes_as_many_connections_as_the_system_lets_a_process_have(tmp_path: Path) -> None:
    before, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    async with running(tmp_path) as host:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(before, 512), most))  # what it inherits
        try:
            await host.start()
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (before, most))
        assert host.process is not None
        assert resource.prlimit(host.process.pid, resource.RLIMIT_NOFILE) == (most, most)


async def test_a_taken_port_is_told_with_what_to_change(tmp_path: Path) -> None:
    async with running(tmp_path) as host:
        with socket.create_server(("127.0.0.1", host.devices)):
            assert await host.start() == ""
            status, told = await host.end(None)
    assert status == 1
    assert f"cannot listen on 127.0.0.1:{host.devices}" in told
    assert "choose another with --device-listen" in told


async def test_two_hosts_never_run_on_one_folder(tmp_path: Path) -> None:
    async with running(tmp_path) as first, running(tmp_path) as second:
        assert (await first.start()).startswith("ready in ")
        assert await second.start() == ""
        refusal = f"kaimen host: a host runs on --dir {tmp_path} already: stop it, or name another folder\n"
        assert await second.end(None) == (1, refusal)
        await first.end(signal.SIGKILL)
        assert (await second.start()).startswith("ready in ")  # of one that was killed nothing stands in the way


def spoilt(folder: Path) -> dict[str, tuple[list[str], str]]:
    """What is wrong at a start -> the command line, and a part of what the person must be told."""
    (folder / "file").write_text("x", encoding="utf-8")
    for name, content in (("latin", 'url = "http://t\xfcr"'.encode("latin-1")), ("torn", b'listen = "127')):
        (folder / name).mkdir()
        (folder / name / "host.toml").write_bytes(content)
    (folder / "odd" / "host.toml").mkdir(parents=True)
    new, none = ["--dir", str(folder / "new")], str(folder / "none" / "file")
    return {
        "settings in another encoding": (["--dir", str(folder / "latin")], "latin/host.toml: 'utf-8' codec"),
        "settings cut off": (["--dir", str(folder / "torn")], "torn/host.toml: "),
        "settings that are a folder": (["--dir", str(folder / "odd")], "odd/host.toml'"),
        "a file for a folder": (["--dir", str(folder / "file")], "file cannot be used"),
        "links into nowhere": ([*new, "--links", none], none),
        "claims into a file": ([*new, "--claims", str(folder / "file")], "File exists"),
        "a database nobody knows": ([*new, "--database", "mysql://x"], "no address that can be used"),
        "no database address": ([*new, "--database", "nonsense"], "no address that can be used"),
    }


def test_what_stands_in_the_way_of_a_start_is_told_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mask = os.umask(0o077)
    try:
        for wrong, (line, part) in spoilt(tmp_path).items():
            assert main(line) == 1, wrong
            told = capsys.readouterr().err
            assert told.startswith("kaimen host: "), wrong
            assert part in told, wrong
            assert told.count("\n") == 1, wrong
    finally:
        os.umask(mask)


async def test_a_start_on_a_full_disk_says_so_and_not_that_the_database_is_damaged(tmp_path: Path) -> None:
    async with house(tmp_path):
        pass
    url = sqlite_url(tmp_path / "kaimen.db")
    with no_file_beyond(4096), pytest.raises(StoreError, match="disk_full"):
        await open_store(url)
    store = await open_store(url)
    async with store.read() as tx:
        assert (await tx.exec_driver_sql("PRAGMA integrity_check")).scalar_one() == "ok"
    await store.close()


async def test_the_same_keys_and_people_are_there_after_a_restart(tmp_path: Path) -> None:
    async with running(tmp_path) as host:
        await host.start()
        before = {path.name: path.read_bytes() for path in (tmp_path / "keys").iterdir()}
        await host.end(signal.SIGTERM)
        assert (await host.start()).startswith("ready in ")
        assert {path.name: path.read_bytes() for path in (tmp_path / "keys").iterdir()} == before
        await host.end(signal.SIGTERM)


async def enrolled(host: Host) -> Played:
    """A device let in as a person would, by the same services on the same database and keys."""
    ring = keys.load(host.folder, ("127.0.0.1",), _clock(), os.urandom)
    store = await open_store(sqlite_url(host.folder / "kaimen.db"))
    url = f"https://127.0.0.1:{host.devices}"
    shelf = Shelf(host.folder / DOCUMENTS)
    ctx = Context(store, ring, _clock, os.urandom, Doors(), OpenPages(), "http://x", url, shelf)
    async with store.write() as tx:
        slot = await places.get_slot(tx, "b12-door")
        account = await accounts.by_login(tx, "admin")
        assert slot is not None
        assert account is not None
        claim = await devices.put_claim(ctx, tx, slot, 60_000)
    device = Played(claim.data)
    assert (await device.post("enrol", device.asked.to_wire()))[0] == 202
    admin = Actor(account.id, account.party, "a", ADMIN, (), "en", False)
    await devices.confirm(ctx, admin, device.name, device.digits)
    assert await device.fetch_answer() == 200
    await store.close()
    return device


async def deliver_until_it_dies(host: Host, device: Played, chance: random.Random) -> int:
    """Sends batches without pause; at a random moment after the first is acknowledged, which every machine gets to,
    the host is killed. The last acknowledged entry."""
    acked, loop, killer = 0, asyncio.get_running_loop(), None
    try:
        async with device.connect() as link:
            await link.greet()
            acked = link.resumes
            while True:
                for _ in range(48):
                    device.opened(START, "120502", os.urandom(16))
                await link.say(frames.BATCH, *device.batch(acked + 1, acked + 48, START))
                acked, device.receipt, _ = await link.take(frames.ACK)
                if killer is None:
                    killer = loop.call_later(chance.uniform(0.0, 0.3), host.process.kill)  # type: ignore[union-attr]
    except (ConnectionError, OSError):
        return int(acked)
    finally:
        if killer is not None:
            killer.cancel()
        await host.end(signal.SIGKILL)


async def test_kill_9_loses_no_acknowledged_entry(tmp_path: Path) -> None:
    chance, total = random.Random(9), 0
    async with running(tmp_path) as host:
        await host.start()
        device = await enrolled(host)
        for _ in range(6):
            acked = await deliver_until_it_dies(host, device, chance)
            held = stored(host.folder, len(device.log))
            assert len(held) >= acked
            assert held == [entry for entry, _ in device.log[: len(held)]]
            total = max(total, acked)
            await host.start()
        async with device.connect() as link:
            await link.greet()
            assert link.resumes == len(stored(host.folder, len(device.log))) >= total
        assert await host.end(signal.SIGTERM) == (0, "")
    assert total > 48


def stored(folder: Path, most: int) -> list[bytes]:
    """The entries in the database file."""
    connection = sqlite3.connect(folder / "kaimen.db")
    bounds = (accesslog.entry_id(1, 1), accesslog.entry_id(1, most))
    rows = connection.execute("SELECT entry FROM entry WHERE id BETWEEN ? AND ? ORDER BY id", bounds).fetchall()
    connection.close()
    return [row[0] for row in rows]


def test_an_unknown_setting_is_refused_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "host.toml").write_text('url = "http://gate.lan"\n\nlisen = "0.0.0.0:80"\n')
    with pytest.raises(SettingsError, match=r"host\.toml:3: unknown setting lisen"):
        settings.read(["--dir", str(tmp_path)])


@pytest.mark.parametrize(
    "text", ["listen = 8080\n", 'listen = "8080"\n', 'device_url = "http://x"\n', 'url = "ftp://x"\n', "listen = \n"]
)
def test_a_setting_that_cannot_be_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "host.toml").write_text(text)
    with pytest.raises(SettingsError):
        settings.read(["--dir", str(tmp_path)])


@pytest.mark.parametrize(
    ("words", "key"),
    [
        (["--device-listen", "0.0.0.0:8443"], "device_url"),
        (["--device-listen", "[::]:8443"], "device_url"),
        (["--device-listen", "0.0.0.0:8443", "--device-url", "https://0.0.0.0:8443"], "device_url"),
        (["--listen", "0.0.0.0:8080"], "url"),
    ],
)
def test_an_address_nobody_can_dial_goes_into_no_claim_and_no_link(tmp_path: Path, words: list[str], key: str) -> None:
    with pytest.raises(
        SettingsError, match=rf"^{key} = .* cannot be dialled: name .* such as https?://192\.168\.1\.10:8"
    ):
        settings.read(["--dir", str(tmp_path), *words])
    named = [*words[:2], "--device-url", "https://10.0.0.2:8443", "--url", "https://gate.lan"]
    assert settings.read(["--dir", str(tmp_path), *named]).device_url == "https://10.0.0.2:8443"


@pytest.mark.parametrize(
    "words",
    [
        ["--listen", "192.0.2.1:9"],  # which it could not have anyhow
        ["link", "admin"],
        ["backup", "PLACE", "--second", "PLACE2"],
        ["backup-key", "PLACE/key"],
        ["backup-verify", "PLACE"],
        ["restore", "PLACE", "--second", "PLACE2", "--key", "PLACE/key"],
    ],
)
def test_nothing_is_written_into_a_folder_of_another_user(
    tmp_path: Path, words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What root writes there, the host that runs as its own user cannot read; the backups would end that night."""
    (folder := tmp_path / "host").mkdir()
    monkeypatch.setattr(os, "geteuid", lambda: folder.stat().st_uid + 1)
    line = [word.replace("PLACE", str(tmp_path / "place")) for word in words]
    mask = os.umask(0o077)
    try:
        assert main([*line, "--dir", str(folder)]) == 1
    finally:
        os.umask(mask)
    told = capsys.readouterr().err
    assert f"{folder} belongs to " in told
    assert "put `sudo -u " in told
    assert told.count("\n") == 1
    assert [list(folder.iterdir()), list(tmp_path.iterdir())] == [[], [folder]]


def test_the_line_beats_the_file(tmp_path: Path) -> None:
    (tmp_path / "host.toml").write_text('listen = "127.0.0.1:1"\ndevice_url = "https://gate.lan:8443"\n')
    read = settings.read(["--dir", str(tmp_path), "--listen", "127.0.0.1:2"])
    assert str(read.listen) == "127.0.0.1:2"
    assert read.names() == ("gate.lan", "localhost", "127.0.0.1")


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ('name = "春江花园"', "", "name is missing"),
        ('dial = "12"', 'dial = "12"\ncolour = "red"', r"\[\[building\]\] 1: unknown key colour"),
        ('buildings = ["b12", "b13"]', 'buildings = ["b14"]', "gate gate-1 names 'b14'"),
        ('homes = ["130101"]', 'homes = ["13010"]', "is not 6 digits"),
        ('home = "130101"', 'home = "130102"', "names '130102'"),
        ('login = "wangfang"', 'login = "limei"', "login 'limei' is used twice"),
        ('login = "wangfang"', 'login = "admin"', "login 'admin' is used twice"),
        ('kind = "desk"', 'kind = "turnstile"', "kind must be one of door, desk, board"),
        ("floors = 6", "floors = 100", "floors must be a number from 0 to 99"),
        ("dial_length = 6", "dial_length = true", "dial_length must be a number"),
        ("[[gate]]", "[[gate", "Expected"),
    ],
)
def test_an_estate_file_that_cannot_be_is_refused_by_name(before: str, after: str, told: str) -> None:
    assert before in ESTATE
    with pytest.raises(SettingsError, match=told):
        plan.read(ESTATE.replace(before, after), "estate.toml")
