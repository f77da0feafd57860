"""What a board runs of the firmware's sources: the same statements, without what no board reads.

Three things are left out before the compiler sees a file: what only a type checker reads; names of whole numbers,
which become the numbers; and functions, classes, methods and tables that nothing of the program names. What only a
function or its object knows by name then gets a letter (gateprov.letters). The program is
closed: its modules, and the `roots`, texts that use it from outside and are left as they are. A method is looked
for by its letters alone, so what is kept may be too much and is never too little. Of a table in `named` only those rows
stay whose number something of the program names. Nothing is reordered. The transcripts and the whole board program run
as pressed files in tests/board.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from gateprov.letters import bound_by, defined_by, shorten

SMALL = 1 << 30  # what a board keeps in one word
_NUMBER = re.compile(r"_*[A-Z][A-Z0-9_]*")
Definition = ast.FunctionDef | ast.ClassDef | ast.Assign
_SUMS = {
    ast.Add: int.__add__,
    ast.Sub: int.__sub__,
    ast.Mult: int.__mul__,
    ast.FloorDiv: int.__floordiv__,
    ast.LShift: int.__lshift__,
    ast.BitOr: int.__or__,
}


def press(program: Mapping[str, str], roots: Iterable[str] = (), named: Iterable[str] = ()) -> dict[str, str]:
    """The sources by their modules' names ("gatecore.log"), pressed. `roots` are sources whose names are kept too;
    `named` are tables ("gatecore.frames.SHAPES") whose rows nobody names are left out: to look one up finds nothing."""
    trees = {name: _plain(ast.parse(source)) for name, source in program.items()}
    wanted = {word for root in roots for word in re.findall(r"\w+", root)}
    for table in named:
        module, _, name = table.rpartition(".")
        _thin_table(trees, module, name, wanted)
    numbers = {name: _numbers(tree) for name, tree in trees.items()}
    for tree in trees.values():
        _Folded(numbers, _imports(tree, numbers)).visit(tree)
    for name, tree in trees.items():
        _Folded(numbers, {local: (name, local) for local in numbers[name]}).visit(tree)
    while _drop(trees, wanted, numbers) or _drop_attributes(trees.values(), wanted):
        pass
    shorten(trees.values(), wanted)
    return {name: ast.unparse(ast.fix_missing_locations(tree)) + "\n" for name, tree in trees.items()}


# --- what only a type checker reads -------------------------------------------------------


class _Types(ast.NodeTransformer):
    def visit_If(self, node: ast.If) -> ast.AST | list[ast.stmt] | None:
        self.generic_visit(node)
        return node.orelse or None if ast.unparse(node.test) == "TYPE_CHECKING" else node

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST | list[ast.AST] | None:
        plain: list[ast.AST] = [
            ast.ImportFrom("collections", [ast.alias("namedtuple")], 0) for alias in node.names if _typed(alias)
        ]
        node.names = [alias for alias in node.names if alias.name != "TYPE_CHECKING" and not _typed(alias)]
        return [*plain, node] if node.names else plain or None

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """NamedTuple("Key", [("key", str)]) keeps the names alone."""
        self.generic_visit(node)
        if not isinstance(node.func, ast.Name) or node.func.id != "NamedTuple":
            return node
        name, fields = node.args
        assert isinstance(fields, ast.List)
        names = [pair.elts[0] for pair in fields.elts if isinstance(pair, ast.Tuple)]
        return ast.Call(ast.Name("namedtuple", ast.Load()), [name, ast.Tuple(names, ast.Load())], [])

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST | None:
        self.generic_visit(node)
        return None if node.value is None else ast.Assign([node.target], node.value)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.generic_visit(node)
        node.returns = None
        for one in node.args.args + node.args.kwonlyargs + [node.args.vararg or ast.arg("")]:
            one.annotation = None
        node.body = _filled(_without_docstring(node.body))
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        self.generic_visit(node)
        body = [one for one in _without_docstring(node.body) if "__slots__" not in defined_by(one)]
        node.body = _filled(body)
        return node

    def visit_Assert(self, node: ast.Assert) -> None:
        return None


def _typed(alias: ast.alias) -> bool:
    return alias.name == "NamedTuple"


def _plain(tree: ast.Module) -> ast.Module:
    _Types().visit(tree)
    tree.body = _without_docstring(tree.body)
    return tree


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    first = body[0] if body else None
    told = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    return body[1:] if told else body


def _filled(body: list[ast.stmt]) -> list[ast.stmt]:
    return body or [ast.Pass()]


# --- numbers ------------------------------------------------------------------------------


def _numbers(tree: ast.Module) -> dict[str, int]:
    """Names that stand for one small whole number wherever they are read in a module."""
    bound = Counter(name for node in ast.walk(tree) for name in bound_by(node))
    found: dict[str, int] = {}
    for statement in tree.body:
        for name, value in _pairs(statement):
            number = _value(value, found)
            if number is not None and abs(number) < SMALL and bound[name] == 1 and _NUMBER.fullmatch(name):
                found[name] = number
    return found


def _pairs(statement: ast.stmt) -> Iterator[tuple[str, ast.expr]]:
    """name = value of an assignment, of each part of a tuple's."""
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return
    target, value = statement.targets[0], statement.value
    targets, values = [target], [value]
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
        targets, values = target.elts, value.elts
    for one, its in zip(targets, values, strict=True):
        if isinstance(one, ast.Name):
            yield one.id, its


def _value(node: ast.expr, known: Mapping[str, int]) -> int | None:
    if isinstance(node, ast.Constant):
        return node.value if type(node.value) is int else None
    if isinstance(node, ast.Name):
        return known.get(node.id)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = _value(node.operand, known)
        return None if inner is None else -inner
    if isinstance(node, ast.BinOp) and type(node.op) in _SUMS:
        left, right = _value(node.left, known), _value(node.right, known)
        return None if left is None or right is None else _SUMS[type(node.op)](left, right)
    return None


def _imports(tree: ast.Module, numbers: Mapping[str, dict[str, int]]) -> dict[str, tuple[str, str]]:
    """Local names of imported numbers, and of the modules that have numbers ("" for the number)."""
    bound = Counter(name for node in ast.walk(tree) for name in bound_by(node))
    found: dict[str, tuple[str, str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                if bound[alias.asname or alias.name] > 1:
                    continue  # something else has the name too, somewhere in this module
                if alias.name in numbers.get(node.module, {}):
                    found[alias.asname or alias.name] = (node.module, alias.name)
                elif f"{node.module}.{alias.name}" in numbers:
                    found[alias.asname or alias.name] = (f"{node.module}.{alias.name}", "")
    return found


class _Folded(ast.NodeTransformer):
    """Puts numbers for their names; `known`: what a local name is, (module, number's name or "")."""

    def __init__(self, numbers: Mapping[str, dict[str, int]], known: Mapping[str, tuple[str, str]]) -> None:
        self._numbers = numbers
        self._known = known

    def visit_Name(self, node: ast.Name) -> ast.expr:
        module, name = self._known.get(node.id, ("", ""))
        return _constant(self._numbers[module][name]) if name and isinstance(node.ctx, ast.Load) else node

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        self.generic_visit(node)
        module, name = self._known.get(node.value.id, ("", "x")) if isinstance(node.value, ast.Name) else ("", "x")
        return _constant(self._numbers[module][node.attr]) if not name and self._has(module, node.attr) else node

    def _has(self, module: str, name: str) -> bool:
        return name in self._numbers.get(module, {})


def _constant(number: int) -> ast.expr:
    return ast.Constant(number) if number >= 0 else ast.UnaryOp(ast.USub(), ast.Constant(-number))


# --- what nothing names -------------------------------------------------------------------


def _drop(trees: Mapping[str, ast.Module], wanted: set[str], numbers: Mapping[str, dict[str, int]]) -> bool:
    """Takes out one round of what nothing names; whether there was any."""
    words = wanted.union(*(_words(tree) for tree in trees.values()))
    used = set[tuple[str, str]]().union(*(_used(name, tree) for name, tree in trees.items()))
    dropped = False
    for name, tree in trees.items():
        here = {one for module, one in used if module == name} - set(numbers[name]) | wanted
        own = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        for node in tree.body:
            if isinstance(node, ast.ImportFrom):
                node.names = [alias for alias in node.names if (alias.asname or alias.name) in own]
            elif isinstance(node, ast.ClassDef):
                dropped |= _keep(node, words)
            else:
                _thin(node, here)
        dropped |= _keep(tree, here)
    return dropped


def _drop_attributes(trees: Iterable[ast.Module], wanted: set[str]) -> bool:
    """Takes out one round of self.name = value that nothing reads, where to reckon the value does nothing else."""
    nodes = [node for tree in trees for node in ast.walk(tree)]
    read = wanted | {node.attr for node in nodes if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)}
    read |= {word for node in nodes if isinstance(node, ast.Constant) for word in re.findall(r"\w+", str(node.value))}
    dropped = False
    for node in nodes:
        if isinstance(node, ast.FunctionDef):
            kept = [one for one in node.body if not _is_unread(one, read)]
            dropped |= len(kept) < len(node.body)
            node.body = _filled(kept)
    return dropped


def _is_unread(node: ast.stmt, read: set[str]) -> bool:
    """Whether a statement only keeps a name, a constant or a part of a name's value where nobody looks."""
    if not isinstance(node, ast.Assign) or len(node.targets) != 1:
        return False
    target, value = node.targets[0], node.value
    if isinstance(value, ast.Subscript) and isinstance(value.slice, ast.Constant):
        value = value.value
    if not isinstance(target, ast.Attribute) or not isinstance(target.value, ast.Name):
        return False
    return target.value.id == "self" and isinstance(value, ast.Name | ast.Constant) and target.attr not in read


def _thin_table(trees: Mapping[str, ast.Module], module: str, name: str, wanted: set[str]) -> None:
    """Takes the rows out of a table of numbers that no statement but the table names; all stay if a root names it."""
    tables = [node for node in trees[module].body if name in defined_by(node)] if module in trees else []
    if not tables or name in wanted:
        return
    (table,) = tables
    assert isinstance(table, ast.Assign)
    assert isinstance(table.value, ast.Dict)
    others = [*trees.items(), (module, ast.Module([node for node in trees[module].body if node is not table], []))]
    used = set[tuple[str, str]]().union(*(_used(one, tree) for one, tree in others if tree is not trees[module]))
    rows = zip(table.value.keys, table.value.values, strict=True)
    kept = [
        (key, value) for key, value in rows if isinstance(key, ast.Name) and _is_named(module, key.id, used, wanted)
    ]
    table.value = ast.Dict([key for key, _ in kept], [value for _, value in kept])


def _is_named(module: str, name: str, used: set[tuple[str, str]], wanted: set[str]) -> bool:
    return (module, name) in used or name in wanted


def _keep(owner: ast.Module | ast.ClassDef, names: set[str]) -> bool:
    before = len(owner.body)
    owner.body = [one for one in owner.body if not _is_idle(one, names)]
    if isinstance(owner, ast.ClassDef):
        owner.body = _filled(owner.body)
    return len(owner.body) < before


def _is_idle(node: ast.stmt, names: set[str]) -> bool:
    """Whether nothing but itself names what a statement defines."""
    if isinstance(node, ast.ImportFrom):
        return not node.names
    defined = defined_by(node)
    return bool(defined) and not any(name in names or name.startswith("__") for name in defined)


def _thin(node: ast.stmt, names: set[str]) -> None:
    """A, B = 1, 2 without those that nothing names."""
    pairs = list(_pairs(node))
    kept = [(name, value) for name, value in pairs if name in names]
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Tuple) and len(kept) < len(pairs) > 1 and kept:
        targets: list[ast.expr] = [ast.Name(name, ast.Store()) for name, _ in kept]
        node.targets = [ast.Tuple(targets, ast.Store())]
        node.value = ast.Tuple([value for _, value in kept], ast.Load())


def _used(module: str, tree: ast.Module) -> set[tuple[str, str]]:
    """(module, name) of everything of a module's top that some statement reads; an import alone reads nothing."""
    local: dict[str, tuple[str, str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                local[alias.asname or alias.name] = (node.module, alias.name)
    found: set[tuple[str, str]] = set()
    for statement in tree.body:
        itself = defined_by(statement) if isinstance(statement, ast.FunctionDef | ast.ClassDef) else []
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id not in itself:
                found.add(local.get(node.id, (module, node.id)))
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in local:
                found.add((".".join(local[node.value.id]), node.attr))
    return found


def _words(tree: ast.AST) -> set[str]:
    """Every name that is read somewhere, and every text that could be one; a function's own name counts outside it."""
    found: set[str] = set()
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ImportFrom):
            continue  # an import alone uses nothing
        inner = _words(node)
        if isinstance(node, ast.Name):
            inner |= {node.id} if isinstance(node.ctx, ast.Load) else set()
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            inner |= set(re.findall(r"\w+", node.value))
        elif isinstance(node, ast.Attribute):
            inner |= {node.attr}
        elif isinstance(node, ast.keyword) and node.arg:
            inner |= {node.arg}
        elif isinstance(node, ast.FunctionDef):
            inner -= {node.name}
        found |= inner
    return found
