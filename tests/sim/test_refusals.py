"""What the demo refuses before it starts anything, what it tells when a part of it dies, and how it ends."""

import asyncio
import os
import signal
import socket
from pathlib import Path

import pytest
from tests.ports import free_ports
from tests.sim.demo import Running, kaimen, running_demo


async def test_a_taken_port_is_refused_with_what_to_change() -> None:
    first = free_ports(6)
    with socket.socket() as other:
        other.bind(("127.0.0.1", first + 2))
        other.listen()
        status, said = await kaimen("demo", "--headless", "--port", str(first))
    assert status == 1
    assert f"port {first + 2} is in use" in said
    assert f"kaimen demo --port {first + 100}" in said
    assert "Traceback" not in said


async def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work", encoding="utf-8")
    status, said = await kaimen("demo", "--headless", "--dir", str(tmp_path))
    assert status == 2
    assert "thesis.txt" in said
    assert "empty or a new folder" in said
    assert os.listdir(tmp_path) == ["thesis.txt"]


async def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    status, said = await kaimen("demo", "--headless", "--dir", str(tmp_path / "file" / "demo"))
    assert status == 2
    assert "name a folder you may write to" in said


async def test_faces_that_are_not_there_are_refused(tmp_path: Path) -> None:
    status, said = await kaimen("demo", "--headless", "--faces", str(tmp_path), "--port", str(free_ports(6)))
    assert status == 2
    assert "two readable pictures" in said


@pytest.mark.parametrize(
    "words", [["--port", "80"], ["--promise", "2"], ["--faces", "x"], ["--head"], ["--port", "many"]]
)
async def test_a_wrong_command_line_is_told(words: list[str]) -> None:
    status, said = await kaimen("demo", *words)
    assert status == 2
    assert "usage: kaimen demo" in said


async def test_a_door_page_listens_on_this_machine_only(tmp_path: Path) -> None:
    status, said = await kaimen("door", "--dir", str(tmp_path), "--page", "0.0.0.0:8703")
    assert status == 2
    assert "this machine only" in said


async def ended(running: Running) -> tuple[int, str]:
    """How the demo ends: (status, last words)."""
    async with asyncio.timeout(40):
        said, _ = await running.process.communicate()
    assert running.process.returncode is not None
    return running.process.returncode, said.decode()


def children(running: Running) -> list[int]:
    """The demo's processes."""
    listed = Path(f"/proc/{running.process.pid}/task/{running.process.pid}/children").read_text(encoding="ascii")
    return [int(pid) for pid in listed.split()]


def words_of(pid: int) -> str:
    """A process's command line."""
    return Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8")


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


async def test_a_door_that_dies_is_told_and_everything_ends(tmp_path: Path) -> None:
    async with running_demo(tmp_path) as running:
        started = children(running)
        assert len(started) == 4
        gate = next(pid for pid in started if "east-gate" in words_of(pid))
        os.kill(gate, signal.SIGKILL)
        status, said = await ended(running)
    assert status == 1
    assert "east-gate ended with status -9" in said
    assert not [pid for pid in started if alive(pid)]


async def test_ending_it_stops_every_process(tmp_path: Path) -> None:
    async with running_demo(tmp_path) as running:
        started = children(running)
        running.process.send_signal(signal.SIGTERM)
        status, said = await ended(running)
    assert status == 0
    assert "all processes of the demo have ended" in said
    assert not [pid for pid in started if alive(pid)]
