"""Who a folder of pictures is made of, and what happens to pictures that are of no use."""

import io
from pathlib import Path

import pytest
from PIL import Image

from gatesim import people
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
        "files other than JPEG, PNG, WebP and BMP": 1,
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


@pytest.mark.parametrize("name", ["-rf", 'O\'Brien "Bob"', "张 伟", "👩‍🦰", "a; b", "100%", "_strangers2"])
def test_whatever_a_folder_is_called_it_is_a_person(tmp_path: Path, name: str) -> None:
    for ending in ("JPG", "jpeg", "PNG", "webp"):
        picture(tmp_path / name / f"1 {name}.{ending}")
    (one,) = read_folder(tmp_path).residents
    assert (one.name, len(one.enrol), len(one.visit)) == (name, 2, 2)


def test_links_are_followed_and_those_that_lead_nowhere_are_unreadable(tmp_path: Path) -> None:
    picture(tmp_path / "elsewhere" / "1.jpg")
    picture(tmp_path / "elsewhere" / "2.jpg")
    (tmp_path / "faces").mkdir()
    (tmp_path / "faces" / "ann").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "gone.jpg").symlink_to(tmp_path / "nowhere")
    crowd = read_folder(tmp_path / "faces")
    assert [one.name for one in crowd.residents] == ["ann"]
    assert dict(crowd.unused) == {"unreadable pictures": 1}


def test_what_lies_in_the_wrong_place_is_said_and_what_is_hidden_is_nobody(tmp_path: Path) -> None:
    for name in ("ann", "ann/older", ".thumbnails"):
        picture(tmp_path / name / "1.jpg")
        picture(tmp_path / name / "2.jpg")
    picture(tmp_path / "loose.jpg")
    picture(tmp_path / "ann" / ".1.jpg")
    crowd = read_folder(tmp_path)
    assert [(one.name, len(one.enrol) + len(one.visit)) for one in crowd.residents] == [("ann", 2)]
    assert dict(crowd.unused) == {"files beside the persons' folders": 1, "folders inside a person's folder": 1}


def test_a_folder_that_cannot_be_listed_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who runs this as root may list every folder: here the system says no to the walk itself."""
    picture(tmp_path / "ann" / "1.jpg")

    def denied(folder: Path) -> list[Path]:
        raise PermissionError(13, "Permission denied", str(folder))

    monkeypatch.setattr(people, "_listed", denied)
    with pytest.raises(FolderRefused, match="cannot be read: Permission denied"):
        read_folder(tmp_path)


def test_somebody_who_ends_it_is_heard_after_each_person(tmp_path: Path) -> None:
    for name in "abc":
        picture(tmp_path / name / "1.jpg")
        picture(tmp_path / name / "2.jpg")
    assert [len(crowd.residents) for crowd in people.reading(tmp_path)] == [1, 2, 3]


def test_a_photo_of_a_phone_is_read_upright_and_no_larger_than_a_frame_needs(tmp_path: Path) -> None:
    turned = Image.Exif()
    turned[0x0112] = 6  # the camera was held upright: a quarter turn to the right
    Image.new("CMYK", (4000, 3000), (40, 30, 20, 0)).save(tmp_path / "phone.jpg", exif=turned)
    found = read(tmp_path / "phone.jpg")
    assert (found.mode, found.size) == ("RGB", (1500, 2000))
    assert Image.open(io.BytesIO(as_frame(found))).size == (480, 640)


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
