"""One set of rules, two interpreters: every transcript reads the same, byte for byte, on CPython and on MicroPython.

A transcript is a plain script in `transcripts/` that imports `gatecore`, calls it and prints what it got. To add one,
put a file there. It stands where `vectors/NAME.json` can be opened, may use `json` and `binascii`, and keeps to the
portable subset.
"""

from functools import cache
from pathlib import Path

import pytest

from .micropython import MicroPython, SmallInterpreterFailed, on_cpython, sources

TRANSCRIPTS = sorted((Path(__file__).parent / "transcripts").glob("*.py"))

pytestmark = pytest.mark.micropython


@cache
def on_micropython(script: Path) -> bytes:
    """What a transcript prints on the real MicroPython; asked once in a process."""
    return MicroPython().run(script)[0].output


@pytest.mark.parametrize("script", TRANSCRIPTS, ids=lambda script: script.stem)
def test_both_interpreters_say_the_same(script: Path) -> None:
    expected = on_cpython(script)
    assert expected.count(b"\n") > 1
    assert on_micropython(script) == expected


def test_a_rule_that_differs_is_found(micropython: MicroPython, tmp_path: Path) -> None:
    script = tmp_path / "differs.py"
    script.write_text("print(isinstance(True, int))\n", encoding="utf-8")
    assert on_cpython(script) == b"True\n"
    assert micropython.run(script)[0].output == b"False\n"


def test_a_failing_script_shows_the_small_interpreters_own_traceback(micropython: MicroPython, tmp_path: Path) -> None:
    script = tmp_path / "broken.py"
    script.write_text("import gatecore\n\ngatecore.nothing_like_it()\n", encoding="utf-8")
    with pytest.raises(SmallInterpreterFailed, match=r'File "broken\.py", line 3(.|\n)*AttributeError'):
        micropython.run(script)


def test_a_board_that_keeps_everything_on_flash_tells_the_pis_stories_byte_for_byte() -> None:
    """On the unit's interpreter with memory, on the board's with flash: every effect and the head of the log."""
    here = Path(__file__).parent / "transcripts"
    assert on_micropython(here / "flash.py") == on_cpython(here / "stories.py")


def test_one_byte_that_differs_on_flash_fails() -> None:
    """A ring that forgets one flag of one entry is found by every story that has one."""
    here = Path(__file__).parent / "transcripts"
    source = sources("gateboard")["gateboard/ring.py"]
    spoilt = source.replace(b'subject = kept[1] if len(kept) == 2 else named(kept[0]) or b""', b'subject = b"x"')
    assert spoilt != source
    bent = MicroPython(files={"gateboard/ring.py": spoilt})
    assert bent.run(here / "flash.py")[0].output != on_cpython(here / "stories.py")
