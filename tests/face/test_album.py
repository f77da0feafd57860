"""A folder of other people's pictures: whose they are, and a word for everything that is none."""

import os
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from gateface import Engine, ModelRefused
from gateface.album import AGAIN, ANOTHERS, CLOSED, NO_FACE, NO_PICTURE, pictures, read_album
from gateface.command import main

Picture = NDArray[np.uint8]


def touched(folder: Path, *files: str) -> None:
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_bytes(file.encode())


def names(folder: Path) -> list[str]:
    return sorted(name for name, _ in pictures(folder))


def refused(folder: Path) -> str:
    with pytest.raises(ModelRefused) as caught:
        pictures(folder)
    assert caught.value.code == "folder_unclear"
    return str(caught.value)


def test_a_folder_of_pictures_is_a_person_at_any_depth_and_in_any_script(tmp_path: Path) -> None:
    touched(tmp_path, "set/王小明/照片 1.jpg", "set/王小明/2.PNG", "set/Ana María/a b.webp", "set/José/1.tiff")
    touched(tmp_path, "set/_strangers/Li_Na_0001.jpg", "set/_strangers/Li_Na_0002.jpg")
    assert names(tmp_path) == ["Ana María", "José", "Li_Na", "Li_Na", "王小明", "王小明"], "composed, as lists have it"


def test_loose_pictures_belong_to_whom_they_are_named_after(tmp_path: Path) -> None:
    touched(tmp_path, "Ana_Ruiz_0001.jpg", "Ana_Ruiz_0002.jpg", "王小明 3.jpg", "王小明 (4).jpg", "Bo.jpg", "p1.jpg")
    touched(tmp_path, "_7.jpg", "Ana_Ruiz/0003.jpg")
    assert names(tmp_path) == ["Ana_Ruiz", "Ana_Ruiz", "Ana_Ruiz", "Bo", "_7", "p1", "王小明", "王小明"]


def test_a_layout_of_two_meanings_is_refused_with_both_folders(tmp_path: Path) -> None:
    touched(tmp_path, "one/ana/2023/1.jpg", "one/bo/2023/1.jpg")
    assert "one/ana/2023 and one/bo/2023" in refused(tmp_path / "."), "two people would be one"
    touched(tmp_path, "two/ana/1.jpg", "two/ana/glasses/2.jpg", "two/bo/1.jpg")
    assert "ana and ana/glasses" in refused(tmp_path / "two"), "one person would be two"


def test_links_are_followed_once_and_in_no_circle(tmp_path: Path) -> None:
    touched(tmp_path, "elsewhere/ana/1.jpg", "here/bo/1.jpg")
    here = tmp_path / "here"
    (here / "ana").symlink_to(tmp_path / "elsewhere" / "ana", target_is_directory=True)
    (here / "abo").symlink_to(here / "bo", target_is_directory=True)
    (here / "bo" / "up").symlink_to(here, target_is_directory=True)
    assert names(here) == ["ana", "bo"]


def test_every_file_is_a_face_or_left_out_with_its_reason(engine: Engine, portrait: Picture, tmp_path: Path) -> None:
    for name in ("ana/1.png", "ana/2.gif", "bo/1.bmp", "bo/2.tif"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shift = int(name[-5])
        Image.fromarray(np.ascontiguousarray(portrait[: 440 + shift])).save(tmp_path / name)
    (tmp_path / "ana" / "copy.png").write_bytes((tmp_path / "ana" / "1.png").read_bytes())
    (tmp_path / "bo" / "mine.png").symlink_to(tmp_path / "ana" / "1.png")
    (tmp_path / "bo" / "gone.jpg").symlink_to(tmp_path / "nowhere.jpg")
    (tmp_path / "bo" / "folder.jpg").mkdir()
    os.mkfifo(tmp_path / "bo" / "pipe.jpg")
    Image.fromarray(np.zeros((90, 90, 3), np.uint8)).save(tmp_path / "bo" / "empty.png")
    Image.fromarray(portrait[:20, :20]).save(tmp_path / "bo" / "tiny.png")
    touched(tmp_path, "bo/phone.heic", "bo/notes.txt", "bo/._1.jpg", "bo/.DS_Store")
    (tmp_path / "bo" / "zero.jpg").write_bytes(b"")
    (tmp_path / "bo" / "cut.png").write_bytes((tmp_path / "ana" / "1.png").read_bytes()[:2000])
    album = read_album(engine, tmp_path)
    assert {name: len(faces) for name, faces in album.people.items()} == {"ana": 2, "bo": 2}
    assert album.left_out == {
        AGAIN: 1,
        ANOTHERS: 1,
        CLOSED: 2,
        NO_FACE: 1,
        NO_PICTURE: 3,
        "both sides must be at least 32 pixels": 1,
        "neither JPEG, PNG, WebP, BMP, TIFF nor GIF": 1,
        "the file is empty": 1,
        "the picture ends early or is damaged": 1,
    }
    assert album.example[ANOTHERS] == "bo/mine.png"


def test_of_several_faces_the_middle_one_counts_and_is_told(engine: Engine, portrait: Picture, tmp_path: Path) -> None:
    (tmp_path / "ana").mkdir()
    near = portrait[:256, 100:356]
    Image.fromarray(np.concatenate([near, near[:, ::-1]], 1)).save(tmp_path / "ana" / "two.png")
    album = read_album(engine, tmp_path)
    assert (len(album.people["ana"]), album.several) == (1, 1)


def test_the_summary_names_what_is_missing(
    portrait: Picture, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for at, name in enumerate(("José/1.png", "José/2.png", "王/1.png")):
        (tmp_path / "people" / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.ascontiguousarray(portrait[: 440 + at])).save(tmp_path / "people" / name)
    touched(tmp_path, "people/王/b.heic")
    (tmp_path / "some.txt").write_bytes("José\r\n王\r\nNobody\r\n# Li\r\n".encode("utf-8-sig"))
    arguments = ["evaluate", str(tmp_path / "people"), "--names", str(tmp_path / "some.txt"), "--draws", "1"]
    assert main([*arguments, "--out", str(tmp_path / "out")]) == 1
    said = capsys.readouterr()
    assert "some.txt: 1 of 3 names have no picture here: Nobody" in said.out
    assert "3 faces of 2 people" in said.out
    assert "left out, neither JPEG, PNG, WebP, BMP, TIFF nor GIF: 1 (first: 王/b.heic)" in said.out
    assert "visits to 0 residents of 3 photos, home number first: nobody to walk up" in said.out
    assert "needed" in said.err


def test_a_folder_of_two_meanings_is_told_before_a_picture_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    touched(tmp_path, "ana/2023/1.jpg", "bo/2023/1.jpg")
    assert main(["evaluate", str(tmp_path), "--out", str(tmp_path / "out")]) == 1
    assert "one person or two?" in capsys.readouterr().err
