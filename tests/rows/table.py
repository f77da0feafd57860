"""docs/rows.md: every row of the estate office with the tests that show it, or "not yet".

`python -m tests.rows.table` writes it anew. A test says its rows with `@row("B9")`; ALSO names tests elsewhere that
show a row; STAFF are rows of conduct that a checklist carries, not software.
"""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "rows.md"
NUMBERS = {"A": 22, "B": 32, "C": 17, "D": 12, "E": 30, "F": 10, "G": 8, "H": 18, "L": 18}
HEAD = """# Rows of the estate office

Made by `python -m tests.rows.table`; a test fails when it is stale. A row is shown by a test through the service a page
calls, in the real host; "partly" says what is missing, "not yet" is a row nothing shows so far, "conduct" is how staff
behave: no software, but a line of the staff checklist.

| row | rule of the sources | shown by |
|---|---|---|
"""
# tests of other folders that show a row: row -> path::name
ALSO = {
    "A7": "tests/unit/test_vault.py::test_an_uploaded_photo_is_judged_here_and_each_defect_is_said",
    "L13": "tests/attack/visited.py::",
    "A14": "tests/web/test_office.py::test_face_enrolment_begins_with_consent_and_ends_with_a_slip",
    "A21": "tests/web/test_office.py::test_face_enrolment_begins_with_consent_and_ends_with_a_slip",
    "B4": "tests/web/test_counted.py::test_a_courier_is_in_with_three_taps_and_out_with_one",
    "B13": "tests/web/test_counted.py::",
    "B15": "tests/host/test_invite.py::",
    "C8": "tests/host/test_calls.py::",
    "C9": "tests/web/test_office.py::test_a_policy_needs_an_owner_and_a_reason_and_keeps_its_history",
    "C10": "tests/web/test_window.py::test_a_ring_appears_by_itself_and_open_answers_in_place",
    "L3": "tests/web/test_office.py::test_a_resident_withdraws_in_two_steps_and_sees_each_door",
    "L4": "tests/web/test_office.py::test_a_minor_is_signed_for_by_a_guardian",
}
# rows a test shows a part of, and what is still missing
PARTLY = {
    "B10": "no proof attached",
    "B14": "no document is scanned and no picture taken, by design; badges print",
    "B18": "no practice mode",
    "B20": "no feedback link on slips",
    "B24": "the day is not sealed",
    "C4": "no hours of the day",
    "C11": "uses of office codes are not shown on a page",
    "C17": "only for building doors and gates",
    "D1": "no sharing hint",
    "E5": "names are compared, not signatures",
    "E19": "the estate cannot add to the list",
    "F1": "an estate's own fields do not exist, so none can be made mandatory",
    "F3": "no backup and restore verbs",
    "L10": "of one estate, not of all of an operator",
    "L12": "no intrusion detection",
    "L15": "the committee's and guards' look-ups are not on the home's page",
    "H15": "no monthly summary by home",
}
STAFF = {
    "H17": "conduct: the training case kind carries the staff checklist (`service/declared/training.toml`)",
}


def ids() -> list[str]:
    """Every row that must be in the table."""
    return [f"{letter}{number}" for letter, most in NUMBERS.items() for number in range(1, most + 1)]


def rules() -> dict[str, str]:
    """What each row says, in short."""
    lines = (Path(__file__).with_name("rows.txt")).read_text(encoding="utf-8").splitlines()
    return dict(line.split(" = ", 1) for line in lines)


def shown() -> dict[str, list[str]]:
    """row -> tests that name it."""
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        if "node_modules" in path.parts:
            continue
        text = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)) if "row(" in text else ():
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                for name in _named(node):
                    found.setdefault(name, []).append(f"{path.relative_to(ROOT)}::{node.name}")
    return found


def _named(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    calls = [one for one in node.decorator_list if isinstance(one, ast.Call) and ast.unparse(one.func) == "row"]
    return [str(word.value) for call in calls for word in call.args if isinstance(word, ast.Constant)]


def exists(test: str) -> bool:
    """Whether a test named in ALSO is there (a name without a function: the whole file)."""
    path, _, name = test.partition("::")
    text = (ROOT / path).read_text(encoding="utf-8") if (ROOT / path).exists() else ""
    return bool(text) and (not name or f"def {name}(" in text)


def written() -> str:
    """The page as it should be."""
    tests, said, lines = shown(), rules(), []
    for name in ids():
        here = [*tests.get(name, []), *([ALSO[name]] if name in ALSO else [])]
        cell = "<br>".join(f"`{test.removesuffix('::')}`" for test in here) or STAFF.get(name, "not yet")
        if here and name in PARTLY:
            cell = f"partly ({PARTLY[name]}): {cell}"
        lines.append(f"| {name} | {said[name].replace('|', '/')} | {cell} |")
    open_, partly = sum("| not yet |" in line for line in lines), sum("| partly (" in line for line in lines)
    told = f"{len(lines)} rows: {len(lines) - open_ - partly} shown, {partly} partly, {open_} not yet."
    return f"{HEAD}{chr(10).join(lines)}\n\n{told}\n"


if __name__ == "__main__":
    PAGE.write_text(written(), encoding="utf-8")
