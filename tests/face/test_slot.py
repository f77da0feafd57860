"""The model slot: another embedder, by one manifest, measured before it is used. A real network, not a stand-in."""

import hashlib
import shutil
import xml.etree.ElementTree as ET
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from tests.face.conftest import direction, resident
from tests.face.test_evaluate import made_album

from gateface import Engine, Gallery, ModelRefused, TemplateRefused, Visit, open_engine, rule_for
from gateface.command import main
from gateface.floors import Table, adopted, identity, measure, read_table, written
from gateface.manifest import SHIPPED, read_manifest
from gateface.openset import Setting, scores, templates

SMALL = Path(__file__).parent / "slot" / "small.tflite"
MANIFEST = """
[embedder]
id = "small-test-1"
file = "small.tflite"
sha256 = "{sha256}"
source = "tests/face/slot/build.py"
licence = "Apache-2.0"
licence_file = "LICENSE"
side = 112
size = 64
input = "float32"
mean = 127.5
scale = 0.0078125
bgr = true
mirror = true
points = [[38.29, 51.70], [73.53, 51.50], [56.03, 71.74], [56.13, 92.28], [18.0, 60.0], [94.0, 60.0]]
point_weights = [0.3, 0.3, 0.1, 0.3, 0.0, 0.0]
"""
Picture = NDArray[np.uint8]


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    """An operator's folder: weights, licence and manifest."""
    shutil.copy(SMALL, tmp_path)
    (tmp_path / "LICENSE").write_text("Apache License 2.0", encoding="utf-8")
    path = tmp_path / "model.toml"
    path.write_text(MANIFEST.format(sha256=hashlib.sha256(SMALL.read_bytes()).hexdigest()), encoding="utf-8")
    return path


def table_for(path: Path) -> Table:
    """A table for this very model, measured on invented vectors."""
    model = read_manifest(path).embedder
    return replace(measured(), identity=identity(model))


@cache
def measured() -> Table:
    """Measured once; it does not depend on the model."""
    model = replace(read_manifest().embedder, id="small-test-1")
    return measure(model, templates(made_album(260, 8, 0.999)), None, 12)


def refused(path: Path, table: Table) -> str:
    with pytest.raises(ModelRefused) as caught:
        adopted(path, table)
    return caught.value.code


def test_another_embedder_runs_by_its_manifest_alone(manifest: Path, portrait: Picture, engine: Engine) -> None:
    other = open_engine(manifest)
    (face,) = other.faces(portrait)
    assert face.template.shape == (64,)
    assert np.isclose(np.linalg.norm(face.template), 1, atol=1e-5)
    assert other.model_id == "small-test-1"
    mirrored = other.faces(np.ascontiguousarray(portrait[:, ::-1]))[0].template
    assert face.template @ mirrored > 0.9, "the mirror image is averaged in"


SIX = "[[38, 51], [73, 51], [56, 71], [56, 92], [18, 60], [94, 60]]"


@pytest.mark.parametrize(
    ("points", "weights"),
    [
        ("", ""),
        ("points = []", "point_weights = []"),
        ("points = [[38, 51], [73, 51], [56, 71]]", "point_weights = [0.4, 0.4, 0.2]"),
        (f"points = {SIX.replace('94', 'nan')}", "point_weights = [1, 1, 1, 1, 0, 0]"),
        (f"points = {SIX}", "point_weights = [1, 0, 0, 0, 0, 0]"),
        (f"points = {SIX}", "point_weights = [1, 1, -1, 0, 0, 0]"),
        (f"points = [{', '.join(['[9, 9]'] * 6)}]", "point_weights = [1, 1, 1, 1, 1, 1]"),
    ],
)
def test_an_alignment_no_face_can_be_brought_to_is_refused_at_start(manifest: Path, points: str, weights: str) -> None:
    lines = manifest.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith(("points", "point_weights"))]
    manifest.write_text("\n".join([*kept, points, weights]), encoding="utf-8")
    with pytest.raises(ModelRefused) as caught:
        open_engine(manifest)
    assert caught.value.code == "manifest_invalid"


WRONG = {
    "id": ['""', '" "', "5"],
    "file": ["5", '"none.tflite"', '"/etc"'],
    "sha256": ['"A"', "5"],
    "side": ["0", "-112", '"112"', "112.0", "true", "99999999"],
    "size": ["0", '"64"', "64.5", "128"],
    "input": ['"uint8"', '"pairs"', "3"],
    "mean": ['"127.5"', "nan", "true"],
    "scale": ["0", "inf", "1e300", '"1"'],
    "bgr": ['"false"', "0", "[]"],
    "mirror": ['"no"', "1"],
    "metric": ['"l2"'],
    "licence": ["5"],
    "mirorr": ["true"],
}


@pytest.mark.parametrize(("key", "wrong"), [(key, wrong) for key, values in WRONG.items() for wrong in values])
def test_a_field_that_is_wrong_is_refused_and_not_guessed_at(manifest: Path, key: str, wrong: str) -> None:
    """`bgr = "false"` used to mean blue first, `scale = 0` a network that sees nothing, a misspelt key its default."""
    lines = [line for line in manifest.read_text(encoding="utf-8").splitlines() if not line.startswith(f"{key} =")]
    manifest.write_text("\n".join([*lines, f"{key} = {wrong}"]), encoding="utf-8")
    with pytest.raises(ModelRefused) as caught:
        open_engine(manifest)
    assert caught.value.code in ("manifest_invalid", "weights_missing", "weights_unknown", "model_mismatch")


def test_templates_of_two_models_never_meet(manifest: Path, portrait: Picture, engine: Engine) -> None:
    other = open_engine(manifest)
    theirs, ours = other.faces(portrait)[0].template, engine.faces(portrait)[0].template
    old = Gallery([resident(1, "101", ours)], engine.model_id)
    for gallery, model in ((old, other), (Gallery([], "small-test-1"), engine)):
        with pytest.raises(TemplateRefused):
            model.match(theirs, gallery)
    with pytest.raises(TemplateRefused):
        Visit(rule_for(other.model, Gallery([], other.model_id)), old)
    with pytest.raises(TemplateRefused):
        Gallery([*old.people, resident(2, "102", theirs, model="small-test-1")], engine.model_id)


def test_a_model_without_floors_never_searches_and_never_opens(manifest: Path, portrait: Picture) -> None:
    other = open_engine(manifest)
    template = other.faces(portrait)[0].template
    gallery = Gallery([resident(1, "101", template, model=other.model_id)], other.model_id)
    rule = rule_for(other.model, gallery)
    assert rule.closed == ("no_floors",)
    match = gallery.nearest(template)
    assert match is not None
    assert not any(rule.accepts(match, 0, frames, claimed) for frames in (1, 2, 3) for claimed in (False, True))


def test_a_measured_model_is_adopted_with_its_floors(manifest: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = table_for(manifest)
    (manifest.parent / "floors.toml").write_text(written(table), encoding="utf-8")
    assert read_table(manifest.parent / "floors.toml") == table
    assert main(["adopt", str(manifest)]) == 0
    engine = open_engine(manifest.parent / "adopted.toml")
    assert engine.model.floors == table.floors
    assert rule_for(engine.model, Gallery([], engine.model_id)).search == table.floors.search
    assert "enrol again" in capsys.readouterr().out


def test_floors_rise_with_the_strangers_they_must_keep_out(manifest: Path) -> None:
    people = templates(made_album(260, 8, 0.999))
    measured = scores(people, Setting(100, 3, 1), 12)
    floor = measured.floor(0.001)
    assert (measured.strangers >= floor).mean() <= 0.001
    assert measured.floor(0.01) < floor
    table = table_for(manifest)
    assert table.floors.search[0] >= floor
    assert table.floors.home[0] <= table.floors.search[0]


def test_a_floor_above_one_is_written_read_and_kept(manifest: Path) -> None:
    """Strangers with a lead over the next home score above 1: a floor cut off there would let them in."""
    album = made_album(260, 8, 0.999)
    for at, name in enumerate(sorted(album.people)[:120]):
        lone = direction(np.random.default_rng(at // 2))  # each of them has a double, unlike everybody else
        album.people[name] = [replace(face, template=lone) for face in album.people[name]]
    people = templates(album)
    table = measure(read_manifest(manifest).embedder, people, None, 12)
    reached = [
        scores(people, Setting(100, photos, frames), 12).floor(0.001) for frames, photos in ((1, 3), (2, 3), (3, 5))
    ]
    assert min(reached) > 1.1
    assert all(floor >= min(score, 1.999) for floor, score in zip(table.floors.search, reached, strict=True))
    (manifest.parent / "floors.toml").write_text(written(table), encoding="utf-8")
    assert main(["adopt", str(manifest)]) == 0
    assert read_manifest(manifest.parent / "adopted.toml").embedder.floors == table.floors


def test_a_table_has_the_cosines_enrolment_and_proof_of_life_go_by(manifest: Path) -> None:
    """An embedder of another scale: two pictures of a person at about 0.5, far below what ships goes by."""
    wide = measure(read_manifest(manifest).embedder, templates(made_album(260, 8, 0.7)), None, 12).floors
    own = np.concatenate([(one @ one.T)[np.triu_indices(8, 1)] for one in templates(made_album(260, 8, 0.7)).values()])
    assert (own >= wide.same).mean() == pytest.approx(0.94, abs=0.01)
    assert (own >= wide.repeat).mean() == pytest.approx(0.015, abs=0.005)
    assert wide.same < 0.5 < wide.repeat < 0.7
    assert wide.several > 0.001, "scores spread further, so trying several numbers of frames costs more"
    table = replace(table_for(manifest), floors=wide)
    path = manifest.parent / "floors.toml"
    path.write_text(written(table), encoding="utf-8")
    assert read_table(path) == table
    path.write_text(written(table).replace("same = ", "some = "), encoding="utf-8")
    with pytest.raises(ModelRefused, match="no floors table"):
        read_table(path)


@pytest.mark.parametrize(
    ("key", "wrong"),
    [
        ("same", "1.01"),
        ("same", "nan"),
        ("repeat", "0.1"),
        ("search", "[0.98, 0.98, 2.0]"),
        ("search", "[0.98, 0.98, nan]"),
        ("home", "[0.0, 0.98, 0.98]"),
        ("crowd", "[0.9, 0.9, 1.001]"),
        ("margin", "-0.5"),
        ("margin", "inf"),
        ("several", "-0.1"),
        ("several", "nan"),
    ],
)
def test_floors_that_are_no_scores_are_refused(manifest: Path, key: str, wrong: str) -> None:
    lines = adopted(manifest, table_for(manifest)).splitlines()
    manifest.write_text(
        "\n".join(f"{key} = {wrong}" if line.startswith(f"{key} =") else line for line in lines), encoding="utf-8"
    )
    with pytest.raises(ModelRefused) as caught:
        read_manifest(manifest)
    assert caught.value.code == "manifest_invalid"


def test_a_group_of_likes_raises_the_floors(manifest: Path) -> None:
    """A third of the people look alike: strangers of their look reach higher scores than strangers at large."""
    album = made_album(260, 8, 0.99)
    names = sorted(album.people)[:80]
    centre = album.people[names[0]][0].template
    for name in names:
        mixed = [centre + face.template for face in album.people[name]]
        units = [(one / np.linalg.norm(one)).astype(np.float32) for one in mixed]
        album.people[name] = [replace(f, template=one) for f, one in zip(album.people[name], units, strict=True)]
    people = templates(album)
    everybody, group = (scores(people, Setting(100, 3, 1), 12, who) for who in (None, set(names)))
    assert group.floor(0.01) > everybody.floor(0.01)
    model = read_manifest(manifest).embedder
    alone, apart = measure(model, people, None, 12), measure(model, people, set(names), 12)
    assert apart.group_tries
    assert all(a <= b for a, b in zip(alone.floors.search, apart.floors.search, strict=True))


def test_a_model_without_a_table_is_refused(manifest: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["adopt", str(manifest)]) == 1
    assert "no floors table" in capsys.readouterr().err
    assert not (manifest.parent / "adopted.toml").exists()
    for wrong in ("", "[floors]\nsearch = [0.9]", "\x00", "model = 3"):
        (manifest.parent / "floors.toml").write_text(wrong, encoding="utf-8")
        assert main(["adopt", str(manifest)]) == 1


def test_a_table_of_another_model_or_of_other_settings_is_refused(manifest: Path) -> None:
    table = table_for(manifest)
    assert refused(manifest, replace(table, model="another-1")) == "other_model"
    for old, new in (
        ("mirror = true", "mirror = false"),
        ("38.29", "38.30"),
        ("bgr = true", "bgr = false"),
        ("mean = 127.5", "mean = 0"),
    ):
        text = MANIFEST.format(sha256=hashlib.sha256(SMALL.read_bytes()).hexdigest())
        assert old in text
        manifest.write_text(text.replace(old, new), encoding="utf-8")
        assert refused(manifest, table) == "other_model", old


@pytest.mark.parametrize(
    ("old", "new"), [('licence = "Apache-2.0"', ""), ('"Apache-2.0"', '" "'), ('"LICENSE"', '"NO"')]
)
def test_a_model_without_a_licence_is_refused(manifest: Path, old: str, new: str) -> None:
    table = table_for(manifest)
    text = manifest.read_text(encoding="utf-8")
    assert old in text
    manifest.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert refused(manifest, table) == "no_licence"


def test_weights_that_are_not_the_named_ones_are_refused(manifest: Path) -> None:
    table = table_for(manifest)
    weights = manifest.parent / "small.tflite"
    weights.write_bytes(weights.read_bytes() + b"\0")
    assert refused(manifest, table) == "weights_unknown"


def test_floors_below_the_measured_ones_are_refused_and_higher_ones_kept(manifest: Path) -> None:
    table = table_for(manifest)
    text = manifest.read_text(encoding="utf-8")
    base = adopted(manifest, table)
    section = base[base.index("[embedder.floors]") :]

    def with_first(key: str, change: float) -> str:
        first = f"{getattr(table.floors, key)[0]:.3f}"
        line = next(line for line in section.splitlines() if line.startswith(key))
        return section.replace(line, line.replace(first, f"{getattr(table.floors, key)[0] + change:.3f}", 1))

    for key in ("search", "home", "crowd"):
        manifest.write_text(text + with_first(key, -0.001), encoding="utf-8")
        assert refused(manifest, table) == "floors_too_low", key
    for old, new in (
        ("people = 300", "people = 9000"),
        ("margin = 0.5", "margin = 0.9"),
        (f"several = {table.floors.several}", "several = 0.0"),
        (f"same = {table.floors.same}", "same = 0.5"),
    ):
        assert old in section
        manifest.write_text(text + section.replace(old, new), encoding="utf-8")
        assert refused(manifest, table) == "floors_too_low", old
    stricter = text + with_first("home", 0.001)
    manifest.write_text(stricter, encoding="utf-8")
    assert adopted(manifest, table) == stricter


def test_a_few_people_are_too_few_for_floors(manifest: Path) -> None:
    model = read_manifest(manifest).embedder
    for people, pictures in ((20, 8), (200, 4), (35, 8)):
        with pytest.raises(ModelRefused, match="needed"):
            measure(model, templates(made_album(people, pictures, 0.999)), None, 2)


def test_evaluate_draws_and_prints_but_writes_no_floors_for_a_few_people(
    manifest: Path, portrait: Picture, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = tmp_path / "people", tmp_path / "out"
    for person in range(4):
        (folder / f"p{person}").mkdir(parents=True)
        for shot in range(4):
            width = 512 - 60 * person + 4 * shot
            picture = Image.fromarray(portrait).resize((width, 470 + 6 * shot)).crop((0, 0, width, 440))
            picture.save(folder / f"p{person}" / f"{shot}.jpg")
    (tmp_path / "some.txt").write_text("# names\np1\np2\n", encoding="utf-8")
    out.mkdir()
    (out / "floors.toml").write_text("of an earlier run", encoding="utf-8")
    arguments = ["evaluate", str(folder), "--names", str(tmp_path / "some.txt"), "--manifest", str(manifest)]
    assert main([*arguments, "--out", str(out), "--sizes", "3", "--draws", "1"]) == 1
    said = capsys.readouterr()
    assert "16 faces of 4 people" in said.out
    assert "some: all pairs" in said.out or "some: " in said.out
    assert "needed" in said.err
    assert not (out / "floors.toml").exists()
    for name in ("pairs", "search-everybody", "search-some"):
        assert ET.parse(out / f"{name}.svg").getroot().tag.endswith("svg")


def test_evaluate_of_nothing_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(tmp_path), "--out", str(tmp_path / "out")]) == 1
    assert "no two faces" in capsys.readouterr().err
    assert main(["evaluate", str(tmp_path / "nobody")]) == 1
    assert "No such file or directory" in capsys.readouterr().err
    assert main(["evaluate", str(tmp_path), "--out", "/dev/null/out"]) == 1
    assert "Not a directory: '/dev/null/out'" in capsys.readouterr().err
    assert main(["evaluate", str(tmp_path), "--manifest", str(tmp_path / "none.toml")]) == 1
    assert "none.toml" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (b"nobody_of_them\n# a comment\n", "names nobody with a picture here"),
        (b"", "names nobody with a picture here"),
        (b"\xff\xfe\x00", "is not UTF-8"),
    ],
)
def test_names_that_are_nobody_s_are_told_before_the_pictures_are_read(
    names: bytes, words: str, portrait: Picture, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "people" / "anna").mkdir(parents=True)
    Image.fromarray(portrait).save(tmp_path / "people" / "anna" / "1.jpg")
    (tmp_path / "names.txt").write_bytes(names)
    assert main(["evaluate", str(tmp_path / "people"), "--names", str(tmp_path / "names.txt")]) == 1
    said = capsys.readouterr()
    assert words in said.err
    assert "faces of" not in said.out


@pytest.mark.parametrize("wrong", [["--sizes", "0"], ["--sizes", "30", "-1"], ["--draws", "0"], ["--draws", "some"]])
def test_galleries_of_nobody_are_not_drawn(
    wrong: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["evaluate", str(tmp_path), *wrong])
    assert "invalid" in capsys.readouterr().err


def test_the_shipped_floors_are_no_lower_than_a_table_would_allow() -> None:
    """The shipped manifest passes its own door: licence, hash, a table of its own floors."""
    model = read_manifest().embedder
    assert model.floors is not None
    table = Table(model.id, identity(model), model.floors, (1, 1, 1), ())
    assert adopted(SHIPPED, table) == SHIPPED.read_text(encoding="utf-8")
