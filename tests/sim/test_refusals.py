"""What the demo refuses before it starts anything, what it tells when a part of it dies, and how it ends."""

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path

import pytest
from tests.ports import free_ports
from tests.sim.demo import Running, kaimen, running_demo

from gatesim.errors import FolderRefused, PortTaken
from gatesim.folder import MADE, MARK, folder_of
from gatesim.rig import Places


async def test_a_taken_port_is_refused_with_what_to_change() -> None:
    first = free_ports(6)
    with socket.socket() as other:
        other.bind(("127.0.0.1", first + 2))
        other.listen()
        status, said = await kaimen("demo", "--headless", "--port", str(first))
    assert status == 1
    assert f"port {first + 2} is in use" in said
    assert f'try --port {first + 100} (make demo ARGS="--port {first + 100}")' in said
    assert "Traceback" not in said


def test_of_two_demos_that_start_at_once_one_is_refused() -> None:
    places = Places(free_ports(6))
    with places.take(), pytest.raises(PortTaken, match=f"port {places.first} is in use"):
        places.take()
    places.take().close()


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


def test_the_next_demo_in_a_folder_begins_anew_and_leaves_alone_what_is_not_the_demos(tmp_path: Path) -> None:
    with folder_of(tmp_path / "demo") as folder:
        (folder / "host").mkdir()
        (folder / "host" / "kaimen.db").write_bytes(b"an estate")
        (folder / "east-gate.log").write_text("words", encoding="utf-8")
        (folder / "mine.txt").write_text("a note", encoding="utf-8")
        with pytest.raises(FolderRefused, match="another demo runs there"), folder_of(tmp_path / "demo"):
            pytest.fail("two demos in one folder")
        assert (folder / "host" / "kaimen.db").exists()
    with folder_of(tmp_path / "demo") as folder:
        assert sorted(os.listdir(folder)) == ["kaimen-demo", "mine.txt"]


async def test_a_report_that_cannot_be_written_is_refused_at_the_start(tmp_path: Path) -> None:
    status, said = await kaimen("demo", "--headless", "--report", str(tmp_path), "--port", str(free_ports(6)))
    assert status == 2
    assert f"--report {tmp_path}: Is a directory; name a file you may write to" in said
    assert "the host answers" not in said


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


async def test_a_door_whose_port_is_taken_says_what_to_change(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        page = f"127.0.0.1:{other.getsockname()[1]}"
        status, said = await kaimen("door", "--dir", str(tmp_path), "--page", page)
    assert status == 1
    assert f"nothing can listen at {page}" in said
    assert said.endswith("name another --page\n")


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


async def end_of(pid: int) -> None:
    """Returns when the process has ended."""
    there = asyncio.Event()
    process = os.pidfd_open(pid)
    asyncio.get_running_loop().add_reader(process, there.set)
    try:
        await asyncio.wait_for(there.wait(), 30)
    finally:
        asyncio.get_running_loop().remove_reader(process)
        os.close(process)


async def test_ending_it_stops_every_process_even_for_somebody_who_cannot_wait(tmp_path: Path) -> None:
    """The terminal is closed, one unit is slow to end, and Ctrl-C comes while the others end."""
    async with running_demo(tmp_path) as running:
        started = children(running)
        slow, gate = (next(pid for pid in started if name in words_of(pid)) for name in ("front-desk", "east-gate"))
        assert {*os.listdir(tmp_path)} <= {MARK, *MADE}
        os.kill(slow, signal.SIGSTOP)
        running.process.send_signal(signal.SIGHUP)
        await end_of(gate)
        running.process.send_signal(signal.SIGINT)
        os.kill(slow, signal.SIGCONT)
        status, said = await ended(running)
    assert status == 0
    assert "all processes of the demo have ended" in said
    assert not [pid for pid in started if alive(pid)]


KILLED = """
import asyncio, pathlib, sys
from gatesim.child import Child

async def main():
    child = Child("a part", [], pathlib.Path(sys.argv[1]), module="silent")
    await child.start()
    print(child._process.pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_a_demo_that_is_killed_outright_leaves_no_process(tmp_path: Path) -> None:
    (tmp_path / "silent.py").write_text("import signal\nsignal.pause()\n", encoding="utf-8")
    demo = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", KILLED, str(tmp_path / "log")),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )
    assert demo.stdout is not None
    started = int(await demo.stdout.readline())
    demo.kill()
    await end_of(started)
    await demo.wait()
