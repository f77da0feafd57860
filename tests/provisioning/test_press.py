"""What pressing leaves out of a board's program, and that it leaves out nothing that is read."""

import re

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
    assert "=16" in core
    assert "+ 32 + HUGE" in core
    assert "+ -3" in core
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


def test_parameters_and_private_attributes_get_letters_and_functions_keep_their_names() -> None:
    core = pressed("shell.main()")["core"]
    assert "_far" not in core
    assert re.search(r"def open\(self, [a-z]\)", core)
    assert "def move(a)" in core


def test_what_a_user_or_a_call_names_keeps_its_name() -> None:
    told = "def put(pin, value):\n    return pin + value\ndef both():\n    return put(1, value=2)\n"
    made = press({"wires": told}, ["wires.both()"])["wires"]
    assert "def put(a, value)" in made
    assert "_far" in pressed("shell.main()\nprint(gate._far)")["core"]


def ran(source: str, *users: str) -> dict[str, object]:
    """What a pressed module's names are once it has run."""
    space: dict[str, object] = {}
    exec(press({"made": source}, users)["made"], space)
    return space


def test_a_function_within_a_function_reads_what_it_read() -> None:
    """A parameter of both, one of the outer alone, a name of the module beside a parameter of the inner one."""
    space = ran(
        "x = 'module'\n"
        "def outer(x, y):\n"
        "    def inner(y, z=x):\n        return x, y, z\n"
        "    return inner(3) + tuple([(lambda y: (x, y))(one) for one in (y, 5)])\n"
        "def beside(first):\n"
        "    def inner(x):\n        return x\n"
        "    return inner(first), x\n"
        "told = outer(1, 2), beside('own')\n",
        "made.told",
    )
    assert space["told"] == ((1, 3, 1, (1, 2), (1, 5)), ("own", "module"))


def test_a_parameter_is_never_given_a_letter_that_means_something_there() -> None:
    source = (
        "import sys as a\nb = 7\n"
        "def told(first, second):\n"
        "    global counted\n    counted = b\n"
        "    try:\n        raise ValueError(first)\n"
        "    except ValueError as c:\n        return c.args[0], second, a.maxsize > 0, b, counted\n"
        "told = told(1, 2)\n"
    )
    assert ran(source, "made.told")["told"] == (1, 2, True, 7, 7)


FAMILY = """
class Base:
    _kept = 1
    def __init__(self, one):
        self._one = one
    def both(self):
        return self._one, self._kept
class Middle(Base):
    pass
class Last(Middle):
    def __init__(self, two):
        Base.__init__(self, 5)
        self._two = two
        self._fresh = 9
    def all(self):
        return self.both() + (self._two, self._fresh)
class Stranger:
    def __init__(self, other):
        self._other = other
        self._three = other._two
told = Last(3).all(), Last(4)._fresh, Stranger(Last(8))._three
"""


def test_attributes_of_one_object_never_share_a_letter_though_classes_lie_between() -> None:
    space = ran(FAMILY, "made.told")
    assert space["told"] == ((5, 1, 3, 9), 9, 8)
    made = press({"made": FAMILY}, ["made.told"])["made"]
    assert "_two" not in made
    assert len(set(re.findall(r"\.([a-z])\b", made))) == 4, "a stranger's attributes share letters with a family's"


def test_what_a_text_could_name_keeps_its_name() -> None:
    source = "class Held:\n    _far = 3\ndef asked(held):\n    return getattr(held, '_far')\ntold = asked(Held())\n"
    assert ran(source, "made.told")["told"] == 3


def test_a_table_that_another_module_asks_for_keeps_its_name() -> None:
    files = {
        "pack.one": "_ROWS = [1]\n_OWN = [2]\ndef own():\n    return _OWN\n",
        "two": "from pack import one\ntold = one._ROWS\n",
    }
    made = press(files, ["two.told, one.own()"])
    assert "_ROWS" in made["pack.one"]
    assert "_OWN" not in made["pack.one"]


def test_no_two_tables_of_a_module_share_a_letter_though_there_are_more_tables_than_letters() -> None:
    many = "".join(f"_T{n} = [{n}]\n" for n in range(60))
    told = "told = " + " + ".join(f"_T{n}" for n in range(60)) + "\n"
    letters = " ".join("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVW")  # of a user: these are not free
    assert ran(many + told, "made.told", letters)["told"] == list(range(60))
    objects = "".join(f"        self._a{n} = {n}\n" for n in range(60))
    source = f"class Many:\n    def __init__(self):\n{objects}made = Many()\ntold = [" + "".join(
        f"made._a{n}, " for n in range(60)
    )
    assert ran(source + "]\n", "made.told", letters)["told"] == list(range(60))


def test_an_attribute_that_nothing_reads_is_not_kept_unless_its_value_does_something() -> None:
    source = (
        "class Held:\n"
        "    def __init__(self, row, made):\n"
        "        self.read, self.spare = row[0], row[1]\n"
        "        self.label = row[1]\n        self.kept = row\n        self.done = made()\n        self.asked = row\n"
        "    def told(self):\n        return self.read, getattr(self, 'asked')\n"
    )
    made = press({"made": source}, ["made.Held(1, 2).told()"])["made"]
    assert ".label" not in made
    assert ".kept" not in made
    assert ".done = " in made
    assert ".asked = " in made
    assert ".label" in press({"made": source}, ["made.Held(1, 2).told(), held.label"])["made"]


def test_a_parameter_whose_name_an_exception_takes_over_keeps_it() -> None:
    source = (
        "def told(wrong):\n    try:\n        raise ValueError(wrong)\n"
        "    except ValueError as wrong:\n        return wrong.args[0]\ntold = told(5)\n"
    )
    assert ran(source, "made.told")["told"] == 5
