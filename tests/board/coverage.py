"""Which statements of a module the real MicroPython ran, by its own `sys.settrace`."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path

from .micropython import FIRMWARE, MicroPython

# A function in a file that showed nothing new in so many calls is left alone until another line of the file is new:
# following every instruction of the arithmetic costs most of the time. What is missed by that counts as never run.
PATIENCE = 400
START = f"""
import sys

_lines = {{}}
_quiet = {{}}

def _trace(frame, event, argument):
    name = frame.f_code.co_filename
    if name not in _quiet:
        _quiet[name] = {{}} if name.startswith("/app/") else None
        _lines[name] = set()
    quiet = _quiet[name]
    if quiet is None:
        return None
    at = frame.f_lineno
    calls = quiet.get(at, 0)
    if calls > {PATIENCE}:
        return None
    quiet[at] = calls + 1
    return _line

def _line(frame, event, argument):
    name = frame.f_code.co_filename
    at = frame.f_lineno
    if at not in _lines[name]:
        _lines[name].add(at)
        _quiet[name].clear()

sys.settrace(_trace)
"""
STOP = """
import json

sys.settrace(None)
print()
print(json.dumps([[name, sorted(lines)] for name, lines in _lines.items() if lines]))
"""


def reached(scripts: list[Path]) -> dict[str, set[int]]:
    """The line numbers run, by file below the source root, over all scripts, each in a fresh interpreter."""
    lines: dict[str, set[int]] = {}
    for script in scripts:
        *_, last = MicroPython().run(START, script, STOP, traced=True)
        for name, found in json.loads(last.text.splitlines()[-1]):
            lines.setdefault(name.removeprefix("/app/"), set()).update(found)
    return lines


def unreached(module: str, lines: dict[str, set[int]]) -> tuple[list[int], int]:
    """The first lines of a module's statements that never ran, and how many statements it has ("gatecore/sign.py")."""
    spans = list(statements(ast.parse((FIRMWARE / module).read_text(encoding="utf-8"))))
    ran = lines.get(module, set())
    return [first for first, last in spans if not ran & set(range(first, last + 1))], len(spans)


def statements(tree: ast.AST) -> Iterator[tuple[int, int]]:
    """First and last line of every statement that compiles to something; of a compound one, its head."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.stmt) and does_something(node):
            body = getattr(node, "body", None)
            first = min([node.lineno, *(mark.lineno for mark in getattr(node, "decorator_list", ()))])
            yield first, max(node.lineno, body[0].lineno - 1) if body else node.end_lineno or node.lineno
        yield from statements(node)


def does_something(node: ast.stmt) -> bool:
    """Docstrings, bare annotations, declarations, `try:`, `while True:` and folded constants leave no code behind."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return False
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
        return ast.unparse(node.value.func) != "const"
    if isinstance(node, ast.AnnAssign):
        return node.value is not None
    if isinstance(node, ast.While):
        return not isinstance(node.test, ast.Constant)
    return not isinstance(node, ast.Pass | ast.Global | ast.Nonlocal | ast.Try)
