"""What pressing leaves out of a board's program, and that it leaves out nothing that is read."""

from gateprov.press import press

CORE = '''
"""What it is."""
from typing import Any

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

FAR, NEAR = 1 << 4, -3
DOUBLE = FAR * 2
HUGE = 1 << 40
moved = 0


class Gate:
    """A gate."""

    __slots__ = ("_far",)
    far: int

    def __init__(self, far: int = FAR) -> None:
        self._far = far

    def open(self, by: "Any") -> "Callable[[], int]":
        """Opens it."""
        assert by
        return lambda: self._far + DOUBLE + HUGE

    def unused(self) -> int:
        return self.unused()


def move(by: int) -> None:
    global moved
    moved += by + NEAR


def alone() -> int:
    return alone()
'''
SHELL = """
from core import FAR, NEAR, Gate, move
from estate import core

def main():
    NEAR = 7
    move(FAR)
    return Gate(core.DOUBLE).open(NEAR)()
"""


def pressed(*users: str) -> dict[str, str]:
    return press({"core": CORE, "estate.core": CORE, "shell": SHELL}, users)


def test_what_only_a_type_checker_reads_is_gone() -> None:
    core = pressed("shell.main()")["core"]
    for word in ("TYPE_CHECKING", "Callable", "Any", "->", '"""', "__slots__", "assert"):
        assert word not in core


def test_names_of_small_numbers_become_the_numbers_and_no_others() -> None:
    core = pressed("shell.main()")["core"]
    assert "far=16" in core
    assert "self._far + 32 + HUGE" in core
    assert "by + -3" in core
    assert "DOUBLE" not in core
    assert "HUGE = 1 << 40" in core


def test_a_name_that_is_bound_again_somewhere_in_a_module_stays_a_name_there() -> None:
    shell = pressed("shell.main()")["shell"]
    assert "NEAR = 7" in shell
    assert "open(NEAR)" in shell
    assert "move(16)" in shell


def test_what_nothing_names_is_gone_though_it_names_itself() -> None:
    files = pressed("shell.main()")
    assert "unused" not in files["core"]
    assert "alone" not in files["core"]
    assert "def move" in files["core"]
    assert "def open" in files["core"]


def test_what_a_user_names_stays() -> None:
    core = pressed("shell.main()\ncore.alone()\nprint(core.FAR)\ngate.unused()")["core"]
    for word in ("def alone", "FAR", "def unused"):
        assert word in core


def test_what_a_users_own_function_of_the_same_name_calls_stays() -> None:
    files = press({"bench": "def digits(n):\n    return n\n"}, ["import bench\ndef digits():\n    bench.digits(1)\n"])
    assert "def digits" in files["bench"]


def test_an_import_that_a_method_of_the_same_name_reads_stays() -> None:
    files = press(
        {
            "sign": "def key_id(public):\n    return public\n",
            "ed": "from sign import key_id\nclass Signer:\n    def key_id(self):\n        return key_id(b'x')\n",
        },
        ["from ed import Signer\nSigner().key_id()"],
    )
    assert "import key_id" in files["ed"]
    assert "def key_id" in files["sign"]


FRAMES = """
PING, CALL, FACE = 1, 2, 3
OTHER = 4
SHAPES = {PING: 1, CALL: 2, FACE: 3, OTHER: 4}
def shape(kind):
    return SHAPES.get(kind)
"""
SPEAKER = "import frames\nfrom estate import frames\ndef speak():\n    return frames.shape(frames.CALL)\n"


def spoken(*users: str) -> dict[int, int]:
    """The table of a program that names one kind."""
    files = {"estate.frames": FRAMES, "speaker": SPEAKER}
    made = press(files, ["speaker.speak()", *users], ["estate.frames.SHAPES"])["estate.frames"]
    space: dict[str, dict[int, int]] = {}
    exec(made, space)  # type: ignore[arg-type]
    return space["SHAPES"]


def test_of_a_named_table_the_rows_stay_that_something_names() -> None:
    assert spoken() == {2: 2}
    assert spoken("frames.OTHER") == {2: 2, 4: 4}


def test_a_table_that_a_user_names_stays_whole() -> None:
    assert spoken("frames.SHAPES") == {1: 1, 2: 2, 3: 3, 4: 4}


def test_a_named_tuple_is_made_of_its_names_alone() -> None:
    events = (
        "from gatecore.compat import TYPE_CHECKING, NamedTuple\nif TYPE_CHECKING:\n    from typing import Any\n"
        'Key = NamedTuple("Key", [("key", str), ("at", "Any")])\n'
    )
    made = press({"events": events}, ["events.Key"])["events"]
    assert "Any" not in made
    assert "str" not in made
    space: dict[str, type] = {}
    exec(made, space)  # type: ignore[arg-type]
    assert space["Key"](1, at=2) == (1, 2)
