"""The portable subset: what a file may not use if CPython and MicroPython are to do the same with it.

`faults(source)` names every line that leaves the subset. The rules follow the grammar and the built-in types of
MicroPython 1.24 to 1.29 on a board; what only differs in speed or memory is not their business.
"""

import ast
import builtins
from collections.abc import Iterator

Fault = tuple[int, str]

# What built-in types, hashes and exceptions lack on the small interpreter.
MISSING_METHODS = {
    *("bit_length", "bit_count", "conjugate", "as_integer_ratio"),
    *("removeprefix", "removesuffix", "rjust", "ljust", "zfill", "isascii", "casefold", "title", "capitalize"),
    *("swapcase", "translate", "maketrans", "expandtabs", "isalnum", "isidentifier", "format_map"),
    *("hexdigest", "iter_unpack", "add_note", "with_traceback", "_replace", "_asdict", "_make"),
}
MISSING_ATTRIBUTES = {"__traceback__", "__cause__", "__context__", "__notes__", "__qualname__", "__annotations__"}
OWN_INIT = {f"{name}.__init__" for name in dir(builtins)}
MISSING_NAMES = {"vars", "ascii", "slice", "breakpoint", "ExceptionGroup", "aiter", "anext"}
MISSING_MODULES = {
    *("typing", "enum", "dataclasses", "__future__", "datetime", "abc", "contextlib", "functools", "itertools"),
    *("logging", "pathlib", "secrets", "hmac", "uuid", "copy", "string", "traceback", "inspect", "warnings"),
}
# Built-in functions and methods that take these by position only, or not at all.
KEYWORDS_NOT_TAKEN = {
    "to_bytes": {"length", "byteorder", "signed"},
    "from_bytes": {"bytes", "byteorder", "signed"},
    "encode": {"encoding", "errors"},
    "decode": {"encoding", "errors"},
    "split": {"sep", "maxsplit"},
    "rsplit": {"sep", "maxsplit"},
    "sum": {"start"},
    "int": {"base"},
    "zip": {"strict"},
    "namedtuple": {"defaults", "rename", "module"},
    "pow": {"base", "exp", "mod"},
    "round": {"ndigits"},
    "bytes": {"encoding", "errors"},
    "bytearray": {"encoding", "errors"},
    "unpack_from": {"buffer", "offset"},
    "print": {"flush", "file"},
}
NEVER_CALLED = {"__init_subclass__", "__set_name__", "__class_getitem__", "__prepare__", "__post_init__", "__format__"}
NEW_SYNTAX: dict[type[ast.AST], str] = {
    ast.Match: "match is not in its grammar",
    ast.TryStar: "except* is not in its grammar",
}


def faults(source: str) -> list[Fault]:
    """Every fault of a file, by line; nothing under `if TYPE_CHECKING:` and no annotation counts."""
    tree = ast.parse(source)
    without_types(tree)
    found = {fault for node in ast.walk(tree) for rule in RULES for fault in rule(node)}
    return sorted(found | set(unguarded_ints(tree)))


def without_types(tree: ast.AST) -> None:
    """Take out what only a type checker reads."""
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            node.body = [ast.copy_location(ast.Pass(), node)]
        elif isinstance(node, ast.arg | ast.AnnAssign):
            node.annotation = ast.copy_location(ast.Constant(None), node)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.returns = None


def syntax(node: ast.AST) -> Iterator[Fault]:
    if type(node) in NEW_SYNTAX:
        yield line(node), NEW_SYNTAX[type(node)]
    if type(node).__name__ in ("TypeAlias", "TypeVar", "TemplateStr"):
        yield line(node), "a type statement or template is not in its grammar"
    if isinstance(node, ast.arguments) and node.posonlyargs:
        yield node.posonlyargs[0].lineno, "positional-only parameters are not in its grammar"
    if isinstance(node, ast.comprehension) and node.is_async:
        yield line(node.target), "asynchronous comprehensions are not in its grammar"


def displays(node: ast.AST) -> Iterator[Fault]:
    if isinstance(node, ast.List | ast.Tuple | ast.Set) and isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
        yield from (
            (item.lineno, "a star in a display is not in its grammar") for item in node.elts if is_starred(item)
        )
    if isinstance(node, ast.Dict) and None in node.keys:
        yield node.lineno, "** in a display is not in its grammar"


def classes(node: ast.AST) -> Iterator[Fault]:
    if isinstance(node, ast.ClassDef):
        if len(node.bases) > 1:
            yield node.lineno, "one base class only"
        if node.keywords:
            yield node.lineno, "class keywords are not accepted"
        if getattr(node, "type_params", ()):
            yield node.lineno, "type parameters are not in its grammar"
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        if node.name in NEVER_CALLED:
            yield node.lineno, f"{node.name} is never called"
        if getattr(node, "type_params", ()):
            yield node.lineno, "type parameters are not in its grammar"
    if isinstance(node, ast.Attribute) and node.attr.startswith("__") and not node.attr.endswith("__"):
        yield node.lineno, "names with two leading underscores are not made private to the class"


def imports(node: ast.AST) -> Iterator[Fault]:
    names = []
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
        names = [node.module]
    for name in names:
        if name.split(".")[0] in MISSING_MODULES:
            yield line(node), f"module {name} is missing on a board"


def missing(node: ast.AST) -> Iterator[Fault]:
    if isinstance(node, ast.Attribute) and node.attr in MISSING_ATTRIBUTES:
        yield node.lineno, f".{node.attr} is missing"
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in MISSING_METHODS:
        yield node.lineno, f".{node.func.attr}() is missing"
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in MISSING_NAMES:
        yield node.lineno, f"{node.id} is missing"
    if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "hashlib" and node.attr != "sha256":
        yield node.lineno, "a board hashes with SHA-256 only"
    if isinstance(node, ast.Slice) and node.step is not None and not is_one(node.step):
        yield node.lineno, "slices have no step"


def calls(node: ast.AST) -> Iterator[Fault]:
    if not isinstance(node, ast.Call):
        return
    name = called(node)
    for keyword in node.keywords:
        if keyword.arg in KEYWORDS_NOT_TAKEN.get(name, ()):
            yield node.lineno, f"{name} does not take {keyword.arg}="
    if name in ("to_bytes", "from_bytes") and len(node.args) > 2:
        yield node.lineno, f"{name} is unsigned only"
    if name in ("isinstance", "issubclass") and len(node.args) == 2 and isinstance(node.args[1], ast.BinOp):
        yield node.lineno, "isinstance takes a class or a tuple, not a union"
    if name == "join" and is_bytes(node.func) and any(isinstance(pieces, ast.GeneratorExp) for pieces in node.args):
        yield node.lineno, "join bytes from a list"


def errors(node: ast.AST) -> Iterator[Fault]:
    if isinstance(node, ast.Raise) and node.cause is not None:
        yield node.lineno, "the cause of `raise ... from` is lost: put the reason into the error"
    if isinstance(node, ast.Call) and ast.unparse(node.func) in OWN_INIT:
        yield node.lineno, "built-in classes have no __init__ to name: call super().__init__"
    if isinstance(node, ast.Assert) and not narrows(node.test):
        yield node.lineno, "assertions are compiled out: raise an error of our own"


def numbers(node: ast.AST) -> Iterator[Fault]:
    if isinstance(node, ast.Constant) and isinstance(node.value, float | complex):
        yield node.lineno, "floats have 32 bits on a board"
    if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div):
        yield line(node), "floats have 32 bits on a board: divide with //"


RULES = (syntax, displays, classes, imports, missing, calls, errors, numbers)


def narrows(test: ast.AST) -> bool:
    """Whether an assertion only tells a type checker what is known: `x is not None`, `isinstance(x, C)`."""
    if isinstance(test, ast.Compare) and isinstance(test.ops[0], ast.IsNot):
        return ast.unparse(test.comparators[0]) == "None"
    return is_type_test(test)


def unguarded_ints(tree: ast.AST) -> Iterator[Fault]:
    """`isinstance(x, int)` where the same function has not asked before whether x is a bool."""
    scopes = [tree, *(node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))]
    for scope in scopes:
        tests = [node for node in own(scope) if is_type_test(node)]
        for test in tests:
            if "int" not in tested(test) or "bool" in tested(test):
                continue
            before = [node for node in own(scope) if place(node) < place(test) and asks_for_bool(node, test.args[0])]
            if not before:
                yield test.lineno, "ask for bool before int: True is an int on CPython only"


def own(scope: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a function that are not inside another function."""
    for child in ast.iter_child_nodes(scope):
        yield child
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from own(child)


def is_type_test(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and called(node) == "isinstance" and len(node.args) == 2


def tested(test: ast.AST) -> set[str]:
    """The class names an `isinstance` asks for."""
    assert isinstance(test, ast.Call)
    return {node.id for node in ast.walk(test.args[1]) if isinstance(node, ast.Name)}


def asks_for_bool(node: ast.AST, value: ast.AST) -> bool:
    """Whether `node` tells bools apart: isinstance(value, bool), value is True, value is False, type(value)."""
    same = ast.dump(value)
    if isinstance(node, ast.Call) and node.args and ast.dump(node.args[0]) == same:
        return called(node) == "type" or (is_type_test(node) and "bool" in tested(node))
    if isinstance(node, ast.Compare) and ast.dump(node.left) == same and isinstance(node.ops[0], ast.Is | ast.IsNot):
        right = node.comparators[0]
        return isinstance(right, ast.Constant) and isinstance(right.value, bool)
    return False


def called(node: ast.Call) -> str:
    """The last name of what is called."""
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def is_bytes(method: ast.AST) -> bool:
    """Whether a method is asked of a bytes literal."""
    owner = getattr(method, "value", None)
    return isinstance(owner, ast.Constant) and isinstance(owner.value, bytes)


def is_starred(node: ast.AST) -> bool:
    return isinstance(node, ast.Starred)


def is_one(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value == 1


def place(node: ast.AST) -> tuple[int, int]:
    return getattr(node, "lineno", 0), getattr(node, "col_offset", 0)


def line(node: ast.AST) -> int:
    return getattr(node, "lineno", 0)
