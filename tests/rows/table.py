"""docs/rows.md: every row of the estate office with the tests that show it, or "not yet".

`python -m tests.rows.table` writes it anew. A test says its rows with `@row("B9")`; ALSO names tests elsewhere that
show a row; STAFF are rows of conduct that a checklist carries, not software.
"""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "rows.md"
NUMBERS = {"A": 22, "B": 32, "C": 17, "D": 12, "E": 30, "F": 10, "G": 8, "H": 18, "L": 21}
HEAD = """# Rows of the estate office

Made by `python -m tests.rows.table`; a test fails when it is stale. A row is shown by a test through the service a page
calls, in the real host; "partly" says what is missing, "not yet" is a row nothing shows so far, "conduct" is how staff
behave: no software, but a line of the staff checklist.

| row | rule of the sources | shown by |
|---|---|---|
"""
# tests of other folders that show a row: row -> path::name, several with blanks between
ALSO = {
    "A7": "tests/unit/test_vault.py::test_an_uploaded_photo_is_judged_here_and_each_defect_is_said",
    "L13": "tests/attack/visited.py::",
    "A14": "tests/web/test_office.py::test_face_enrolment_begins_with_consent_and_ends_with_a_slip",
    "A21": "tests/web/test_office.py::test_face_enrolment_begins_with_consent_and_ends_with_a_slip",
    "B7": "tests/web/test_rounds.py::test_a_day_that_was_changed_says_so_and_the_police_s_file_is_the_admin_s_alone",
    "B14": "tests/web/test_poster.py::test_the_kiosk_signs_staff_out_forgets_and_prints_a_badge",
    "B18": "tests/web/test_practice.py::",
    "B20": "tests/web/test_rounds.py::"
    "test_whoever_holds_a_slip_says_how_it_was_without_an_account_and_reads_the_answer",
    "B22": "tests/host/test_feed.py::",
    "B30": "tests/web/test_rounds.py::test_a_visitor_under_the_rule_goes_in_with_the_home_through_the_pages",
    "E17": "tests/web/test_rounds.py::"
    "test_the_proof_is_added_on_the_paper_s_page_and_a_wrong_file_is_told_and_kept_out",
    "E19": "tests/web/test_rounds.py::test_a_rule_of_numbers_or_words_is_decided_on_its_page_and_a_wrong_one_is_told",
    "H15": "tests/web/test_rounds.py::test_a_month_is_shown_and_given_as_a_table_without_a_name",
    "L12": "tests/host/test_accounts.py::test_five_wrong_passwords_close_a_login_for_a_while"
    " tests/attack/test_attacks.py::",
    "L16": "tests/unit/test_disk.py::test_a_visitor_before_the_camera_and_a_call_leave_no_picture_on_the_door_s_disk"
    " tests/host/test_calls.py::test_a_picture_lives_in_memory_and_only_with_its_call"
    " tests/attack/test_visit_memory.py::",
    "L17": "tests/bench/digit.py:: tests/bench/tap.py::"
    " tests/core/test_codes.py::test_the_fifth_wrong_in_a_row_raises_an_alarm_whatever_opens_between"
    " tests/core/test_door.py::test_a_leaf_that_opens_unasked_is_forced_and_one_held_open_is_told_once"
    " tests/unit/test_session.py::test_a_clock_order_moves_the_clock_and_a_strangers_does_not",
    "L18": "tests/unit/test_unit.py::test_the_fire_line_releases_the_door_at_once_and_holds_it_open"
    " tests/unit/test_unit.py::test_a_door_that_is_not_set_up_opens_for_exit_and_fire_only"
    " tests/core/test_door.py::test_fire_releases_before_anything_is_written_and_once"
    " tests/provisioning/test_sheet.py::test_exit_fire_and_supply_are_left_to_a_hand_and_a_signature",
    "B4": "tests/web/test_counted.py::test_a_courier_is_in_with_three_taps_and_out_with_one",
    "B13": "tests/web/test_counted.py::",
    "B15": "tests/host/test_invite.py::",
    "C8": "tests/host/test_calls.py::",
    "C9": "tests/web/test_office.py::test_a_policy_needs_an_owner_and_a_reason_and_keeps_its_history",
    "C10": "tests/web/test_window.py::test_a_ring_appears_by_itself_and_open_answers_in_place",
    "L21": "tests/host/test_estates.py::test_four_fifths_are_counted_over_all_estates_of_an_operator",
    "L3": "tests/web/test_office.py::test_a_resident_withdraws_in_two_steps_and_sees_each_door",
    "L4": "tests/web/test_office.py::test_a_minor_is_signed_for_by_a_guardian",
}
# rows a test shows a part of, and what is still missing
PARTLY: dict[str, str] = {}
STAFF = {
    "H17": "conduct: the training case kind carries the staff checklist (`service/paper/declared/training.toml`)",
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
        here = [*tests.get(name, []), *ALSO.get(name, "").split()]
        cell = "<br>".join(f"`{test.removesuffix('::')}`" for test in here) or STAFF.get(name, "not yet")
        if here and name in PARTLY:
            cell = f"partly ({PARTLY[name]}): {cell}"
        lines.append(f"| {name} | {said[name].replace('|', '/')} | {cell} |")
    open_, partly = sum("| not yet |" in line for line in lines), sum("| partly (" in line for line in lines)
    told = f"{len(lines)} rows: {len(lines) - open_ - partly} shown, {partly} partly, {open_} not yet."
    return f"{HEAD}{chr(10).join(lines)}\n\n{told}\n"


if __name__ == "__main__":
    PAGE.write_text(written(), encoding="utf-8")
