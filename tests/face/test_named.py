"""The bench of one group's strangers counts what it says: nobody is before themselves, and pairs are told by name."""

from pathlib import Path

import numpy as np
import pytest
from tests.bench import named, opening
from tests.bench.named import Walk, leave_one_out, told
from tests.face.conftest import around, direction
from tests.face.test_evaluate import made_album
from tests.face.test_visit import seen

from gateface import Engine

ALIKE = 0.999


def group() -> named.Faces:
    """Twelve people; p0 and p1 have one face, p2 has two pictures only."""
    people = dict(made_album(12, 5, ALIKE).people)
    random = np.random.default_rng(7)
    face = direction(random)
    for name in ("p0", "p1"):
        people[name] = [seen(around(face, ALIKE, random)) for _ in range(5)]
    people["p2"] = people["p2"][:2]
    return people


def test_nobody_walks_up_to_themselves_and_everybody_else_with_enough_photos_is_there(engine: Engine) -> None:
    people = group()
    walks = list(leave_one_out(engine, people, people, people, 3, 2))
    assert [walk.name for walk in walks] == sorted(people) * 2
    assert {walk.name: walk.before for walk in walks} == {name: 11 if name == "p2" else 10 for name in people}
    assert {(walk.name, walk.opened_as) for walk in walks if walk.opened_as} == {("p0", "p1"), ("p1", "p0")}


def test_strangers_before_others_of_whom_they_are_none(engine: Engine) -> None:
    people = group()
    walks = list(leave_one_out(engine, people, ["p0", "p2"], set(people) - {"p0", "p1"}, 3, 3))
    assert {(walk.name, walk.before, walk.opened_as) for walk in walks} == {("p0", 9, ""), ("p2", 9, "")}


def test_the_words_count_visits_people_and_pairs() -> None:
    words = told([Walk("a", 2, "b"), Walk("a", 2, "b"), Walk("b", 3, "a"), Walk("c", 3, "")])
    assert words.startswith("3 of 4 strangers' visits opened, 75.0% (95 %: ")
    assert words.endswith("(3 people, each before 2 to 3; a as b 2; b as a 1)")
    assert "nobody" in told([Walk("a", 2, "")])


def test_without_a_folder_names_or_anybody_named_it_measures_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "names.txt").write_text("Ana\n")
    (tmp_path / "people").mkdir()
    folder, names = str(tmp_path / "people"), str(tmp_path / "names.txt")
    assert [named.main(words) for words in ([], [folder], [folder, names], [folder, names, "Ana"])] == [2] * 4
    assert capsys.readouterr().out == ""


def test_a_gate_s_people_are_all_opened(tmp_path: Path) -> None:
    assert opening.measured(7, tmp_path).startswith("7 people opened in ")
