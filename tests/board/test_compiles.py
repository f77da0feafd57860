"""What is put on a board: every file compiles for it, together they stay small and say what the sources say."""

import functools
from pathlib import Path

import pytest

from gateprov import image
from gateprov.errors import ImageError

from .micropython import STORIES, MicroPython, on_cpython
from .shipped import BENCH, CORE, READER, RING, SHELL, all_of, shipped, size
from .test_transcripts import TRANSCRIPTS

LIMIT = 31_500  # bytes of .mpy: core, protocol, Ed25519 and ring; goals.md G18 allows 32_768
ALL = 59_100  # with shell, card reader and bench: what the file system must hold


def test_what_a_board_loads_is_small() -> None:
    files = shipped()
    for path, data in files.items():
        print(f"{len(data):6d}  {path}")
    core, whole = size(files, CORE + RING), size(files, CORE + SHELL + READER + BENCH)
    print(
        f"core, protocol, signatures and ring {core}, the whole shell {size(files, SHELL)}, on the file system {whole}"
    )
    assert core <= LIMIT
    assert whole <= ALL


def test_every_file_compiles_and_the_list_names_only_files() -> None:
    sources = all_of("gatecore") | all_of("gateboard")
    assert set(image.compiled(sources, sources.values())) == {path.replace(".py", ".mpy") for path in sources}
    listed = {f"{part}.py" for part in CORE + RING + SHELL + READER + BENCH}
    assert listed <= set(sources)
    assert {path for path in sources if path.startswith("gateboard/")} <= listed


def test_a_file_that_does_not_compile_is_named() -> None:
    with pytest.raises(ImageError, match=r"planted\.py: does not compile for a board: SyntaxError"):
        image.compiled({"gatecore/planted.py": "match 1:\n    case 1:\n        pass\n"}, [])


@functools.cache
def everything() -> dict[str, bytes]:
    """All of both packages pressed, units' modules too, but for what transcripts and stories name themselves."""
    users = [path.read_text(encoding="utf-8") for path in (*TRANSCRIPTS, *STORIES.glob("*.py"))]
    return image.compiled(all_of("gatecore") | all_of("gateboard"), users)


@pytest.mark.micropython
@pytest.mark.parametrize("script", TRANSCRIPTS, ids=lambda script: script.stem)
def test_the_pressed_program_says_the_same(script: Path) -> None:
    (step,) = MicroPython(packages=(), files=everything()).run(script)
    assert step.output == on_cpython(script)
