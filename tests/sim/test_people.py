"""Who a folder of pictures is made of, and what happens to pictures that are of no use."""

from pathlib import Path

import pytest
from PIL import Image

from gatesim.errors import FolderRefused
from gatesim.frame import as_frame, read
from gatesim.people import home_of, read_folder


def picture(path: Path, size: tuple[int, int] = (40, 30)) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, (90, 120, 150)).save(path)


def test_the_first_half_enrols_and_the_rest_are_one_visit(tmp_path: Path) -> None:
    for number in range(5):
        picture(tmp_path / "ann" / f"{number}.jpg")
    (ann,) = read_folder(tmp_path).residents
    assert [path.name for path in ann.enrol] == ["0.jpg", "1.jpg"]
    assert [path.name for path in ann.visit] == ["2.jpg", "3.jpg", "4.jpg"]


def test_at_most_five_pictures_enrol_and_none_of_them_visits(tmp_path: Path) -> None:
    for number in range(20):
        picture(tmp_path / "ann" / f"{number:02}.jpg")
    (ann,) = read_folder(tmp_path).residents
    assert len(ann.enrol) == 5
    assert not set(ann.enrol) & set(ann.visit)
    assert ann.visit[0].name == "10.jpg"


def test_everybody_has_a_home_of_their_own() -> None:
    homes = [home_of(number) for number in range(2_000)]
    assert len(set(homes)) == 2_000
    assert {len(home) for home in homes} == {6}


def test_what_is_of_no_use_is_counted_and_said(tmp_path: Path) -> None:
    picture(tmp_path / "ann" / "1.jpg")
    picture(tmp_path / "ann" / "2.jpg")
    picture(tmp_path / "once" / "1.jpg")
    (tmp_path / "ann" / "torn.jpg").write_bytes((tmp_path / "ann" / "1.jpg").read_bytes()[:200])
    (tmp_path / "ann" / "empty.png").write_bytes(b"")
    (tmp_path / "ann" / "list.txt").write_text("no picture", encoding="utf-8")
    crowd = read_folder(tmp_path)
    assert [one.name for one in crowd.residents] == ["ann"]
    assert dict(crowd.unused) == {
        "unreadable pictures": 2,
        "files that are no pictures by their name": 1,
        "persons with fewer than two readable pictures": 1,
    }


def test_strangers_are_pictures_or_folders(tmp_path: Path) -> None:
    picture(tmp_path / "ann" / "1.jpg")
    picture(tmp_path / "ann" / "2.jpg")
    picture(tmp_path / "_strangers" / "bob.jpg")
    picture(tmp_path / "_strangers" / "eve" / "1.jpg")
    picture(tmp_path / "_strangers" / "eve" / "2.jpg")
    (tmp_path / "_strangers" / "nobody").mkdir()
    crowd = read_folder(tmp_path)
    assert [(one.name, len(one.visit)) for one in crowd.strangers] == [("bob", 3), ("eve", 2)]
    assert crowd.unused["strangers without a readable picture"] == 1


def test_a_folder_of_nobody_is_refused_with_what_is_expected(tmp_path: Path) -> None:
    with pytest.raises(FolderRefused, match="no such folder"):
        read_folder(tmp_path / "missing")
    with pytest.raises(FolderRefused, match="two readable pictures"):
        read_folder(tmp_path)


def test_frames_are_what_a_camera_gives(tmp_path: Path) -> None:
    picture(tmp_path / "tall.png", (300, 900))
    frame = as_frame(read(tmp_path / "tall.png"))
    assert frame.startswith(b"\xff\xd8\xff")
    assert len(frame) < 1024 * 1024
