"""Letters for names that nobody outside asks for: on a board each name is text, in flash and in memory.

Renamed are parameters that no call names, and what begins with one underscore and is an attribute or a table. Functions
and classes keep their names, since a traceback from the field says those; so does whatever a text could mean.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator

_Function = ast.FunctionDef | ast.Lambda
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_FREE = [first + second for second in ("", *_LETTERS) for first in _LETTERS]
_PRIVATE = re.compile(r"_[A-Za-z]\w*")


def shorten(trees: Iterable[ast.Module], wanted: set[str]) -> None:
    """Renames in all modules of a closed program; `wanted` are the words of texts that use it from outside."""
    trees = list(trees)
    nodes = [node for tree in trees for node in ast.walk(tree)]
    asked = wanted.union(*(_texts(node) for node in nodes))
    _letter_attributes(trees, asked)
    between = asked.union(*(_bound_by_text(node) for node in nodes if isinstance(node, ast.ImportFrom)))
    between |= {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    for tree in trees:
        _letter_tables(tree, between)
    called = wanted | {"self", "cls"} | {node.arg for node in nodes if isinstance(node, ast.keyword) and node.arg}
    for node in nodes:
        if isinstance(node, _Function):
            _letter_parameters(node, called)


def _letter_parameters(function: _Function, fixed: set[str]) -> None:
    """Renames a function's parameters in it and in what lies in it; defaults are read outside of it."""
    body = function.body if isinstance(function.body, list) else [function.body]
    inside = [node for statement in body for node in ast.walk(statement)]
    given = function.args.args + ([function.args.vararg] if function.args.vararg else [])
    kept = fixed.union(*(_bound_by_text(node) for node in inside))
    used = {name for node in [*inside, *given] for name in _name_of(node)}
    free = (letter for letter in _FREE if letter not in used | kept)
    short = {one.arg: next(free) for one in given if one.arg not in kept}
    for node in [*inside, *given]:
        if isinstance(node, ast.Name):
            node.id = short.get(node.id, node.id)
        elif isinstance(node, ast.arg):
            node.arg = short.get(node.arg, node.arg)


def _letter_attributes(trees: list[ast.Module], fixed: set[str]) -> None:
    """Renames private attributes that are no methods, alike wherever one stands. Two share a letter only if no class,
    with all that it comes from and all that come from it, has both: the fewer names there are, the less memory."""
    families = _families(trees)
    uses = Counter(name for names in families for name in names if _PRIVATE.fullmatch(name) and name not in fixed)
    public = {node.attr for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Attribute)} - set(uses)
    short: dict[str, str] = {}
    for name, _ in uses.most_common():
        near = {short.get(other, other) for names in families if name in names for other in names}
        short[name] = next(letter for letter in _FREE if letter not in near | public | fixed)
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute):
                node.attr = short.get(node.attr, node.attr)
            elif isinstance(node, ast.ClassDef):
                for target in (one for statement in node.body for one in _targets(statement)):
                    target.id = short.get(target.id, target.id)


def _families(trees: list[ast.Module]) -> list[set[str]]:
    """The attributes that the objects of a class and of its bases are asked for; nobody's count to all."""
    classes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    related = [{node.name, *(base.id for base in node.bases if isinstance(base, ast.Name))} for node in classes]
    for _ in classes:  # a class's names reach whatever is joined to it by others
        related = [set[str]().union(*(other for other in related if one & other)) for one in related]
    own = [{node.name: _own(node)} for node in classes]
    families = [
        set[str]().union(*(names for held in own for name, names in held.items() if name in one)) for one in related
    ]
    known = set[str]().union(*families)
    nodes = [node for tree in trees for node in ast.walk(tree)]
    nobodys = {node.attr for node in nodes if isinstance(node, ast.Attribute)} - known
    return [names | nobodys for names in families]


def _own(node: ast.ClassDef) -> set[str]:
    """What a class's methods ask of self or cls, and what stands in its body."""
    asked = {
        one.attr
        for one in ast.walk(node)
        if isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name) and one.value.id in ("self", "cls")
    }
    return asked | {name for statement in node.body for name in defined_by(statement)}


def _targets(statement: ast.stmt) -> list[ast.Name]:
    return [one for one in statement.targets if isinstance(one, ast.Name)] if isinstance(statement, ast.Assign) else []


def _letter_tables(tree: ast.Module, fixed: set[str]) -> None:
    """Renames private tables of one module; `fixed` has what other modules ask it for."""
    nodes = list(ast.walk(tree))
    taken = {name for node in nodes for name in _name_of(node)} | fixed
    tables = [name for one in tree.body if isinstance(one, ast.Assign) for name in defined_by(one)]
    free = (letter for letter in (*reversed(_LETTERS), *_FREE[len(_LETTERS) :]) if letter not in taken)
    short = {name: next(free) for name in tables if _PRIVATE.fullmatch(name) and name not in fixed}
    for node in nodes:
        if isinstance(node, ast.Name):
            node.id = short.get(node.id, node.id)
        elif isinstance(node, ast.Global):
            node.names = [short.get(name, name) for name in node.names]


def _name_of(node: ast.AST) -> set[str]:
    """The names a node is or binds."""
    if isinstance(node, ast.Attribute):
        return {node.attr}
    return {node.id} if isinstance(node, ast.Name) else set(bound_by(node)) | _bound_by_text(node)


def _bound_by_text(node: ast.AST) -> set[str]:
    """Names that a statement binds by a text which is no node of its own."""
    if isinstance(node, ast.Global | ast.Nonlocal):
        return set(node.names)
    if isinstance(node, ast.ImportFrom | ast.Import):
        return {alias.asname or alias.name for alias in node.names}
    if isinstance(node, ast.ExceptHandler | ast.FunctionDef | ast.ClassDef):
        return {node.name or ""}
    return set()


def _texts(node: ast.AST) -> set[str]:
    """What must be found by its letters: functions and classes, and every text that could be a name."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return set(re.findall(r"\w+", node.value))
    return {node.name} if isinstance(node, ast.FunctionDef | ast.ClassDef) else set()


def bound_by(node: ast.AST) -> Iterator[str]:
    """Names that a node binds, but those of functions, classes and exceptions."""
    if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        yield node.id
    elif isinstance(node, ast.arg):
        yield node.arg
    elif isinstance(node, ast.Global):
        yield from node.names
    elif isinstance(node, ast.ImportFrom | ast.Import):
        yield from (alias.asname or alias.name for alias in node.names)


def defined_by(node: ast.stmt) -> list[str]:
    """What a statement defines, if it does nothing else."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Assign):
        targets = [one for target in node.targets for one in getattr(target, "elts", [target])]
        return [one.id for one in targets if isinstance(one, ast.Name)] if _only_names(targets) else []
    return []


def _only_names(targets: list[ast.expr]) -> bool:
    return all(isinstance(one, ast.Name) for one in targets)
