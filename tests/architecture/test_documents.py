"""What documents say is there is there: links, modules, extras, targets, verbs and their options."""

import configparser
import io
import json
import os
import re
import subprocess
import sys
import textwrap
import tomllib
from collections import defaultdict
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from gatecore import enrol
from gatecore import records as r
from gatecore.gatecopy import Copy
from gatehost import settings
from gatehost.service.founding import plan
from gatehost.settings import KEYS
from gatesim.report import FREE, Report, Tally
from gateunit.settings import SETTINGS
from kaimen.__main__ import SAID, main, verbs

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "hw").rglob("*.md"), *(ROOT / "models").rglob("*.md")]
)
BELOW = (
    *("host backup-key", "host backup", "host backup-verify", "host restore", "host link"),
    *("face evaluate", "face adopt", "witness new", "witness sign"),
)
LINK = re.compile(r"\]\(([^)\s]+)\)")
# packages whose every module has its place in docs/architecture.md; each has its error tree beside
MAPPED = {
    "gatecore": "firmware",
    "gateunit": "firmware",
    "gateboard": "firmware",
    "gatesim": "firmware",
    "gateface": "models",
    "gateprov": "provisioning",
}


def read(path: str) -> str:
    """A document of the project."""
    return (ROOT / path).read_text(encoding="utf-8")


def targets(page: Path) -> list[str]:
    """Where the links of a page lead, but for those into the world."""
    found = LINK.findall(page.read_text(encoding="utf-8"))
    return [link for link in found if not re.match(r"[a-z]+:", link)]


def headings(page: Path) -> set[str]:
    """The anchors of a page."""
    lines = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", line.lower()).replace(" ", "-") for line in lines}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    astray = []
    for link in targets(page):
        name, _, anchor = link.partition("#")
        there = page.parent / name if name else page
        if not there.exists() or (anchor and anchor not in headings(there)):
            astray.append(link)
    assert not astray


def told() -> dict[str, set[str]]:
    """Package -> the modules that the table of docs/architecture.md names."""
    named, package = defaultdict(set), ""
    for first, second in re.findall(r"^\| ([\w.]*) ?\| ([^|]*) \|", read("docs/architecture.md"), re.MULTILINE):
        package = first or package
        named[package] |= {name.removesuffix("/") for name in re.findall(r"`([\w/]+)`", second)}
    return named


@pytest.mark.parametrize("package", sorted(MAPPED))
def test_the_map_of_modules_is_the_house(package: str) -> None:
    there = {path.stem for path in (ROOT / MAPPED[package] / package).glob("*.py")} - {"__init__", "errors"}
    assert told()[package] - {"errors", "modules"} == there


def test_the_map_names_every_extra() -> None:
    extras = tomllib.loads(read("pyproject.toml"))["project"]["optional-dependencies"]
    named = re.search(r"Extras: `([^`]*)`", read("docs/architecture.md"))
    assert named is not None
    assert re.findall(r"\[(\w+)\]", named[1]) == [*extras]


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md"])
def test_every_make_target_a_reader_is_told_of_exists(page: str) -> None:
    made = set(re.findall(r"^([\w-]+):", read("Makefile"), re.MULTILINE))
    told_of = set(re.findall(r"make ([\w-]+)", read(page)))
    assert {"demo", "test"} <= told_of <= made


def test_both_readmes_give_the_same_commands_and_folders() -> None:
    english, chinese = (
        [line.split("#")[0].strip() for line in read(page).splitlines() if line.startswith(("make ", "| `"))]
        for page in ("README.md", "README.zh-CN.md")
    )
    assert [re.findall(r"^make [^#]*|^\| `[\w/]+`", line) for line in english] == [
        re.findall(r"^make [^#]*|^\| `[\w/]+`", line) for line in chinese
    ]


def test_every_verb_is_told_in_one_line_and_in_a_document() -> None:
    assert set(SAID) == set(verbs())
    pages = " ".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert [name for name in SAID if f"kaimen {name}" not in pages] == []


def test_help_comes_where_it_was_asked_for_and_elsewhere_it_is_an_error(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for words, status in ((["--help"], 0), ([], 2), (["dmeo"], 2)):
        monkeypatch.setattr(sys, "argv", ["kaimen", *words])
        assert main() == status
        said = capsys.readouterr()
        assert all(name in (said.err if status else said.out) for name in SAID)
        assert (said.out if status else said.err) == ""


@pytest.mark.parametrize(("verb", "missing"), [("rom", "mpremote"), ("unit", "ai_edge_litert"), ("host", "alembic")])
def test_a_verb_whose_extra_is_not_installed_says_which(
    verb: str, missing: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def lacking(_: EntryPoint) -> None:
        raise ModuleNotFoundError(f"No module named {missing!r}", name=f"{missing}.part")

    monkeypatch.setattr(EntryPoint, "load", lacking)
    monkeypatch.setattr(sys, "argv", ["kaimen", verb])
    assert main() == 1
    extra = {"rom": "provisioning"}.get(verb, verb)
    told = f"kaimen {verb}: {missing} is missing: pip install '.[{extra}]' in the folder of kaimen's source\n"
    assert capsys.readouterr().err == told
    monkeypatch.setattr(sys, "argv", ["kaimen", "verify"])
    with pytest.raises(ModuleNotFoundError):  # it needs nothing: then the program itself is broken
        main()


@pytest.mark.parametrize("words", [["--help"], ["host", "--help"], ["verify", "--help"]])
def test_who_reads_no_further_or_has_no_room_gets_no_traceback(words: list[str]) -> None:
    line = [sys.executable, "-m", "kaimen", *words]
    known = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "wb") as nobody:
        done = subprocess.run(line, stdout=nobody, stderr=subprocess.PIPE, text=True, env=known, timeout=60)
    assert (done.returncode, done.stderr) == (141, "")
    with open("/dev/full", "wb") as full:
        done = subprocess.run(line, stdout=full, stderr=subprocess.PIPE, text=True, env=known, timeout=60)
    assert done.returncode == 1
    assert done.stderr == "kaimen: not all could be written (No space left on device): make room and do it again\n"


def test_no_name_and_no_language_is_too_much_for_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    old = io.TextIOWrapper(io.BytesIO(), "latin-1")
    monkeypatch.setattr(sys, "stdout", old)
    monkeypatch.setattr(sys, "argv", ["kaimen", "--help"])
    main()
    print("开门", os.fsdecode(b"\xff"))
    old.flush()
    assert isinstance(old.buffer, io.BytesIO)
    assert old.buffer.getvalue().endswith(b"\\u5f00\\u95e8 \\udcff\n")


@pytest.mark.parametrize("words", [*SAID, *BELOW])
def test_a_verb_asked_for_help_gives_it_and_every_option_is_documented(
    words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    name, *more = words.split()
    try:
        status = verbs()[name].load()([*more, "--help"])
    except SystemExit as end:
        status = end.code
    said = capsys.readouterr()
    assert (status, said.err) == (0, "")
    assert said.out.startswith(f"usage: kaimen {words}")
    pages = " ".join(page.read_text(encoding="utf-8") for page in PAGES)
    undocumented = [option for option in set(re.findall(r"--[a-z-]+", said.out)) - {"--help"} if option not in pages]
    assert not undocumented


def installing(kind: str) -> list[str]:
    """The blocks of one kind in Installing of docs/operations.md, as an operator copies them."""
    section = read("docs/operations.md").partition("## Installing")[2].partition("\n## ")[0]
    return [
        textwrap.dedent(block)
        for block in re.findall(rf"^ *```{kind}\n(.*?)^ *```$", section, re.MULTILINE | re.DOTALL)
    ]


def test_an_operator_can_start_with_what_the_page_says_to_write(tmp_path: Path) -> None:
    told, estate = installing("toml")
    (tmp_path / "host.toml").write_text(told, encoding="utf-8")
    chosen = settings.read(["--dir", str(tmp_path)])
    assert (chosen.device_url, chosen.listen.host) == ("https://192.168.1.10:8443", "127.0.0.1")
    made = plan.read(estate, "estate.toml")
    assert {door.kind for door in made.doors} == {"door", "board", "desk"}
    assert [person.login for person in made.people] == ["wangfang"]


@pytest.mark.parametrize("text", [installing("ini")[0], read("provisioning/gateprov/kaimen-unit.service")])
def test_a_service_is_started_again_however_often_it_failed(text: str) -> None:
    """A network or a chip that is late by a minute must not leave a host or a door down until somebody comes."""
    unit = configparser.ConfigParser(interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(text)
    assert unit["Unit"]["StartLimitIntervalSec"] == "0"
    assert unit["Service"]["Restart"] == "always"
    assert int(unit["Service"]["RestartSec"]) >= 1
    assert unit["Unit"]["After"] in ("local-fs.target", unit["Unit"].get("Wants"))  # After alone waits for nothing


def test_every_setting_is_documented() -> None:
    page = read("docs/operations.md")
    assert [key for key in (*KEYS, *SETTINGS) if f"`{key}`" not in page and f"`{key} " not in page] == []


def test_every_key_of_the_demos_report_is_documented() -> None:
    page = read("docs/operations.md")
    told_of = json.loads(Report(strangers={FREE: Tally()}).to_json())
    assert [key for key in (*told_of, *told_of["strangers"][FREE]) if f"`{key}`" not in page] == []


# --- docs/protocol.md, from which others write doors and verifiers --------------------------

KINDS = {"b16": 16, "b32": 32, "u": r.UINT, "t": r.TEXT, "bstr": r.BYTES, "...]": r.LIST}


def drawn(fields: str) -> list[tuple[str, int]]:
    """A row of the protocol page's table of records as names and kinds: `from seq u, utc u?, slot t (...)`."""
    found = []
    for one in re.split(r", (?![^(]*\))", re.sub(r" \([^)]*\)", "", fields)):
        words = one.replace("[b32 ...]", "...]").split()
        kind = KINDS[words[-1].removesuffix("?")]
        found.append((words[0], kind + r.OR_NULL if words[-1].endswith("?") else kind))
    return found


def records() -> dict[str, type[r.Record]]:
    """Every record of the core by its purpose."""
    named = [
        one
        for one in (*vars(r).values(), *vars(enrol).values())
        if isinstance(one, type) and issubclass(one, r.Record) and one.PURPOSE
    ]
    return {one.PURPOSE: one for one in (*named, Copy)}


def test_the_protocol_page_draws_every_record_as_it_is_written() -> None:
    table = re.findall(r"^\| `(gate-[a-z]+/1)` \| (.*) \| [^|]* \|$", read("docs/protocol.md"), re.MULTILINE)
    page = {
        purpose: drawn(fields.replace("policy key", "policy").replace("operator key", "operator"))
        for purpose, fields in table
    }
    assert {purpose: [kind for _, kind in fields] for purpose, fields in page.items()} == {
        purpose: [kind for _, kind in one.FIELDS] for purpose, one in records().items()
    }
    names = {purpose: [name for name, _ in fields] for purpose, fields in page.items()}
    assert names == {purpose: [name for name, _ in one.FIELDS] for purpose, one in records().items()}


def test_the_protocol_page_tells_of_every_type_of_entry() -> None:
    first = re.findall(r"^\| ([\d, ]+) \| ", read("docs/protocol.md"), re.MULTILINE)
    listed = {int(number) for cell in first for number in cell.split(",")}
    source = read("firmware/gatecore/records.py")
    named = re.search(r"# Entry types.*?\n(.*?)# pub of ACCESS", source, re.DOTALL)
    assert named is not None
    types = {getattr(r, name) for name in re.findall(r"\b[A-Z]{3,}\b(?=[^=]*=)", named[1])}
    assert types == listed


def test_every_test_the_threat_model_names_is_there() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", read("docs/threat-model.md"))
    assert len(named) > 40
    assert not [f"{path}::{name}" for path, name in named if f"def {name}(" not in read(path)]
