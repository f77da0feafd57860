"""The core and the board's shell keep to the language both interpreters understand alike."""

from pathlib import Path

import pytest

from .micropython import FIRMWARE, MicroPython
from .subset import faults

FILES = sorted(path for package in ("gatecore", "gateboard") for path in (FIRMWARE / package).rglob("*.py"))
# A board's shell may use floats where its drivers give them.
FLOATS_ALLOWED = {"gateboard"}

# name -> (source, the line that is wrong, how the small interpreter shows it: it raises, or prints something else)
PLANTED = {
    "match": ("match 1:\n    case 1:\n        pass\n", 1, "raises"),
    "except star": ("try:\n    pass\nexcept* ValueError:\n    pass\n", 1, "raises"),
    "positional only": ("def f(a, /):\n    pass\n", 1, "raises"),
    "list display": ("a = [1]\nb = [*a, 2]\n", 2, "raises"),
    "tuple display": ("a = [1]\nb = (*a, 2)\n", 2, "raises"),
    "dict display": ("a = {}\nb = {**a}\n", 2, "raises"),
    "two bases": ("class A(Exception):\n    pass\nclass B(A, ValueError):\n    pass\n", 3, "raises"),
    "metaclass": ("class A(metaclass=type):\n    pass\n", 1, "raises"),
    "init subclass": (
        "class A:\n    def __init_subclass__(cls):\n        print('called')\nclass B(A):\n    pass\n",
        2,
        "differs",
    ),
    "private name": (
        "class A:\n    def __init__(self):\n        self.__a = 1\nprint(hasattr(A(), '_A__a'))\n",
        3,
        "differs",
    ),
    "named init": (
        "class A(Exception):\n    def __init__(self):\n        Exception.__init__(self, 1)\nA()\n",
        3,
        "raises",
    ),
    "typing": ("import typing\n", 1, "raises"),
    "enum": ("from enum import Enum\n", 1, "raises"),
    "dataclasses": ("from dataclasses import dataclass\n", 1, "raises"),
    "future": ("from __future__ import annotations\n", 1, "raises"),
    "bit_length": ("print((5).bit_length())\n", 1, "raises"),
    "removeprefix": ("print('ab'.removeprefix('a'))\n", 1, "raises"),
    "zfill": ("print('1'.zfill(3))\n", 1, "raises"),
    "hexdigest": ("import hashlib\nprint(hashlib.sha256(b'').hexdigest())\n", 2, "raises"),
    "other hash": ("import hashlib\nprint(hashlib.sha512(b''))\n", 2, "raises"),
    "step": ("print(b'abc'[::-1])\n", 1, "raises"),
    "from_bytes keyword": ("print(int.from_bytes(b'a', byteorder='big'))\n", 1, "raises"),
    "signed": ("print(int.from_bytes(b'a', 'big', signed=True))\n", 1, "raises"),
    "strict zip": ("print(list(zip([1], [2], strict=True)))\n", 1, "raises"),
    "namedtuple": ("from collections import namedtuple\nA = namedtuple('A', 'a', defaults=(1,))\n", 2, "raises"),
    "union": ("print(isinstance(1, str | bytes))\n", 1, "raises"),
    "flush": ("print('', flush=True)\n", 1, "raises"),
    "cause": ("try:\n    raise OSError() from TypeError()\nexcept OSError as e:\n    e.__cause__\n", 2, "raises"),
    "note": ("ValueError().add_note('x')\n", 1, "raises"),
    "missing name": ("print(ascii('a'))\n", 1, "raises"),
    "bool is an int": ("def f(x):\n    return isinstance(x, int)\nprint(f(True))\n", 2, "differs"),
    "bool in a tuple": ("def f(x):\n    return isinstance(x, (int, str))\nprint(f(True))\n", 2, "differs"),
}  # fmt: skip
# Wrong on a board though this build, which has double floats, keeps assertions and grew signed numbers, shows nothing.
PLANTED_FOR_BOARDS = {
    "float": ("a = 0.1\n", 1),
    "division": ("a = 1 / 3\n", 1),
    "assertion": ("def f(x):\n    assert x\n", 2),
    "signed to_bytes": ("a = (5).to_bytes(2, 'big', True)\n", 1),
    "join": ("a = b''.join(x for x in [b'a'])\n", 1),
    "functools": ("import functools\n", 1),
}
GOOD = {
    "types are for the checker": (
        "from gatecore.compat import TYPE_CHECKING\nif TYPE_CHECKING:\n    from typing import Any\n"
        "def f(a: 'int | None', b: int | None = None) -> 'list[int]':\n    c: int | str = 1\n    return [c]\n"
    ),
    "bool first": "def f(x):\n    if x is True or x is False:\n        return 1\n    return isinstance(x, int)\n",
    "bool asked": "def f(x):\n    return not isinstance(x, bool) and isinstance(x, int)\n",
    "bool with int": "def f(x):\n    return isinstance(x, (bool, int))\n",
    "assertion for the checker": "def f(x):\n    assert x is not None\n    assert isinstance(x, str)\n",
    "super": "class A(Exception):\n    def __init__(self):\n        super().__init__(1)\n",
    "starred call": "def f(*a, **k):\n    return f(*a, *a, **k)\n",
    "starred target": "a, *b = [1, 2]\n",
    "keyword only": "def f(*, a):\n    return a\n",
    "bytes": "a = int.from_bytes(b'a', 'big').to_bytes(2, 'little')\n",
    "generator": "def f():\n    x = yield from g()\n    return x\n",
}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(FIRMWARE)))
def test_every_file_keeps_to_the_subset(path: Path) -> None:
    found = faults(path.read_text(encoding="utf-8"))
    if path.relative_to(FIRMWARE).parts[0] in FLOATS_ALLOWED:
        found = [(line, text) for line, text in found if not text.startswith("floats")]
    assert not found


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_found_on_its_line(name: str) -> None:
    source, line, _ = PLANTED[name]
    assert line in [at for at, _ in faults(source)]


@pytest.mark.parametrize("name", PLANTED_FOR_BOARDS)
def test_a_fault_that_only_boards_show_is_found(name: str) -> None:
    source, line = PLANTED_FOR_BOARDS[name]
    assert [at for at, _ in faults(source)] == [line]


@pytest.mark.parametrize("name", GOOD)
def test_what_both_interpreters_understand_is_let_through(name: str) -> None:
    assert not faults(GOOD[name])


@pytest.mark.micropython
def test_what_is_forbidden_really_fails_on_the_small_interpreter() -> None:
    steps = MicroPython().attempt(*(source for source, _, _ in PLANTED.values()))
    for (name, (source, _, shown)), step in zip(PLANTED.items(), steps, strict=True):
        if shown == "raises":
            assert step.failure is not None, name
        else:
            assert step.failure is None, name
            assert step.text != on_this_one(source), name


def on_this_one(source: str) -> str:
    """What CPython prints."""
    printed: list[str] = []
    exec(source, {"print": lambda *values: printed.append(" ".join(map(str, values))), "__name__": "planted"})
    return "\n".join(printed)
