"""Who may import whom (docs/architecture.md section 3): any other arrow fails with the file's name."""

import ast
import re
import sys
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = {"gatecore", "gateunit", "gateboard", "gatesim", "gateface", "gatehost", "gateverify", "gateprov", "kaimen"}

# package -> (folder, first-party packages it may use, outside modules it may use; None = any)
CORE = {"hashlib", "binascii", "struct", "collections", "micropython"}
LAW: dict[str, tuple[str, set[str], set[str] | None]] = {
    "gatecore": ("firmware", set(), CORE),
    "gateboard": ("firmware", {"gatecore"}, None),
    "gateunit": ("firmware", {"gatecore", "gateface"}, None),
    "gatesim": ("firmware", {"gatecore", "gateunit"}, None),
    "gateface": ("models", set(), {"numpy", "PIL", "ai_edge_litert", "tflite_runtime"}),
    "gatehost": ("host", {"gatecore"}, None),
    "gateverify": ("host", set(), set()),
    "gateprov": ("provisioning", {"gatecore"}, None),
    "kaimen": ("provisioning", set(), set()),
}

# inside the host: part -> parts it may use
HOST: dict[str, set[str]] = {
    "model": set(),
    "store": {"model"},
    "service": {"model", "store"},
    "sync": {"model", "service", "store"},
    "web": {"model", "service"},
}
STORE_FOR_SYNC = {"accesslog"}

# inside a part of the host, from the ground up: a room uses those below it. What lies beside the rooms is the ground of
# all in the service; of the pages it is the roof, which holds the rooms together
ROOMS: dict[str, tuple[str, ...]] = {
    "service": ("face", "door", "home", "evidence", "paper", "enrol", "gate", "office", "founding", "safekeeping"),
    "web": (
        "words", "frame", "door", "paper", "desk", "enrol", "home", "visitor", "gate", "evidence", "office",
    ),
}  # fmt: skip
BESIDE = {"service": 0, "web": len(ROOMS["web"])}


def imports(path: Path, for_types: bool = True) -> list[tuple[int, str]]:
    """Every absolute module named by an import statement of `path`, with its line; `for_types`: those under
    `if TYPE_CHECKING:` as well, which never run."""
    package = path.relative_to(ROOT / folder_of(path)).with_suffix("").parts
    found: list[tuple[int, str]] = []
    for node in walk(ast.parse(path.read_text(encoding="utf-8")), for_types):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = ".".join(package[: -node.level]) if node.level else ""
            module = ".".join(part for part in (above, node.module or "") if part)
            found += [(node.lineno, f"{module}.{alias.name}") for alias in node.names]
    return found


def walk(tree: ast.AST, for_types: bool) -> Iterator[ast.AST]:
    """All nodes, with or without what stands under `if TYPE_CHECKING:`."""
    for node in ast.iter_child_nodes(tree):
        if not for_types and isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        yield node
        yield from walk(node, for_types)


def folder_of(path: Path) -> str:
    """The source root a file lies under."""
    return path.relative_to(ROOT).parts[0]


def sources(package: str) -> list[Path]:
    """All Python files of one of our packages."""
    return sorted((ROOT / LAW[package][0] / package).rglob("*.py"))


@pytest.mark.parametrize("package", sorted(LAW))
def test_a_package_imports_only_what_it_may(package: str) -> None:
    _, first_party, outside = LAW[package]
    wrong = []
    for path in sources(package):
        for line, name in imports(path, for_types=package != "gatecore"):
            top = name.split(".")[0]
            if top == package or top in first_party:
                continue
            if top in OURS or (outside is not None and top not in outside and not standard(package, top)):
                wrong.append(f"{path.relative_to(ROOT)}:{line} {name}")
    assert not wrong, wrong


def standard(package: str, top: str) -> bool:
    """The core may not even use the whole standard library; the others may."""
    return package != "gatecore" and top in sys.stdlib_module_names


@pytest.mark.parametrize("part", sorted(HOST))
def test_inside_the_host_every_arrow_points_down(part: str) -> None:
    wrong = []
    for path in sorted((ROOT / "host" / "gatehost" / part).rglob("*.py")):
        for line, name in imports(path):
            words = name.split(".")
            if words[0] == "aiohttp" and part in {"model", "store", "service"}:
                wrong.append(f"{path.relative_to(ROOT)}:{line} {name}")
            if words[0] != "gatehost" or len(words) < 2 or words[1] == part or words[1] not in HOST:
                continue
            if words[1] not in HOST[part]:
                wrong.append(f"{path.relative_to(ROOT)}:{line} {name}")
            if part == "sync" and words[1] == "store" and words[2] not in STORE_FOR_SYNC:
                wrong.append(f"{path.relative_to(ROOT)}:{line} {name}")
    assert not wrong, wrong


@pytest.mark.parametrize("part", sorted(ROOMS))
def test_a_room_uses_only_rooms_below_it(part: str) -> None:
    home = ROOT / "host" / "gatehost" / part
    assert {path.parent.name for path in home.glob("*/__init__.py")} == {*ROOMS[part]}
    wrong = []
    for path in sorted(home.rglob("*.py")):
        for line, name in imports(path):
            words = name.split(".")
            if words[:2] == ["gatehost", part] and len(words) > 2 and words[2] in above(part, path):
                wrong.append(f"{path.relative_to(ROOT)}:{line} {name}")
    assert not wrong, wrong


def above(part: str, path: Path) -> tuple[str, ...]:
    """The rooms a module of a part may not use."""
    rooms = ROOMS[part]
    return rooms[rooms.index(path.parent.name) + 1 if path.parent.name in rooms else BESIDE[part] :]


def test_beside_the_rooms_of_the_pages_lies_the_roof_alone() -> None:
    assert {path.stem for path in (ROOT / "host" / "gatehost" / "web").glob("*.py")} == {"__init__", "app", "routes"}


def test_a_page_is_made_of_templates_of_its_room_or_of_rooms_below() -> None:
    web = ROOT / "host" / "gatehost" / "web"
    wrong = []
    assert {path.parent.name for path in web.rglob("*.html")} < {*ROOMS["web"]}
    for path in sorted([*web.rglob("*.py"), *web.rglob("*.html")]):
        for room in re.findall(r'"([a-z]+)/[a-z_]+\.html"', path.read_text(encoding="utf-8")):
            if room in above("web", path):
                wrong.append(f"{path.relative_to(ROOT)} {room}")
    assert not wrong, wrong


@pytest.mark.parametrize("package", sorted(LAW))
def test_no_module_leads_back_to_itself(package: str) -> None:
    """Not even in names for the type checker: two modules that need each other are one idea or three."""
    folder = ROOT / LAW[package][0]
    modules = {".".join(path.relative_to(folder).with_suffix("").parts): path for path in sources(package)}
    arrows = {name: needs(path, modules) - {name} for name, path in modules.items()}
    while leaves := [name for name, needed in arrows.items() if not needed & arrows.keys()]:
        for name in leaves:
            del arrows[name]
    assert not arrows, sorted(arrows)


def needs(path: Path, modules: Collection[str]) -> set[str]:
    """The modules that import statements anywhere in `path` name, or something in them."""
    named = {part for _, name in imports(path) for part in (name, name.rpartition(".")[0])}
    return named & {*modules}


def test_no_top_level_folder_is_importable() -> None:
    assert not [
        folder for folder in ("firmware", "models", "host", "provisioning") if (ROOT / folder / "__init__.py").exists()
    ]


def test_an_arrow_that_is_not_allowed_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    planted = tmp_path / "firmware" / "gatecore" / "planted.py"
    planted.parent.mkdir(parents=True)
    planted.write_text("import dataclasses\nfrom gatehost.store import schema\n", encoding="utf-8")
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    with pytest.raises(AssertionError, match=r"planted\.py:1 dataclasses.*planted\.py:2 gatehost"):
        test_a_package_imports_only_what_it_may("gatecore")
