"""Pictures in, faces and templates out, on the real models."""

import threading

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from tests.face.portraits import mirrored, on_canvas, turned_picture

from gateface import Defect, Engine, PictureRefused
from gateface.align import Aligner
from gateface.engine import checked
from gateface.manifest import read_manifest
from gateface.quality import Limits, judged

Picture = NDArray[np.uint8]


def test_one_portrait_gives_one_face_where_it_is(engine: Engine, portrait: Picture) -> None:
    (face,) = engine.faces(portrait)
    right_eye, left_eye, nose, mouth = face.landmarks[:4]
    assert np.hypot(*(right_eye - (203, 100))) < 6
    assert np.hypot(*(left_eye - (248, 107))) < 6
    assert right_eye[0] < nose[0] < left_eye[0]
    assert nose[1] < mouth[1] < face.box[3]
    assert face.quality.usable


def test_a_template_is_a_finite_unit_vector_of_128_numbers(engine: Engine, portrait: Picture) -> None:
    template = engine.faces(portrait)[0].template
    assert template.dtype == np.float32
    assert template.shape == (128,)
    assert np.isclose(np.linalg.norm(template), 1, atol=1e-5)


def test_the_same_face_elsewhere_in_a_larger_frame_keeps_its_template(engine: Engine, portrait: Picture) -> None:
    wanted = engine.faces(portrait)[0].template
    for left, top in ((0, 0), (64, 90), (128, 208)):
        (face,) = engine.faces(on_canvas(portrait, 640, 720, left, top))
        assert face.template @ wanted > 0.98, (left, top)


def test_a_face_at_any_size_keeps_its_template(engine: Engine, portrait: Picture) -> None:
    wanted = engine.faces(portrait)[0].template
    for side in (300, 480, 1000, 1900):
        (face,) = engine.faces(np.asarray(Image.fromarray(portrait).resize((side, side), Image.Resampling.LANCZOS)))
        assert face.template @ wanted > 0.97, side


def test_a_tilted_head_keeps_its_template(engine: Engine, portrait: Picture) -> None:
    wanted = engine.faces(portrait)[0].template
    for degrees in (-20, -10, 10, 20):
        (face,) = engine.faces(turned_picture(portrait, degrees))
        assert face.template @ wanted > 0.965, degrees


def test_a_mirror_image_is_the_same_person(engine: Engine, portrait: Picture) -> None:
    assert engine.faces(mirrored(portrait))[0].template @ engine.faces(portrait)[0].template > 0.98


def test_detecting_alone_finds_the_same_faces_and_embedding_later_the_same_template(
    engine: Engine, portrait: Picture
) -> None:
    (found,) = engine.detect(portrait)
    (face,) = engine.faces(portrait)
    assert np.array_equal(engine.embed(portrait, found).template, face.template)


def test_pictures_without_a_face_give_none(engine: Engine) -> None:
    random = np.random.default_rng(0)
    for picture in (
        np.zeros((480, 640, 3), np.uint8),
        np.full((480, 640, 3), 255, np.uint8),
        random.integers(0, 256, (480, 640, 3), dtype=np.uint8),
    ):
        assert engine.faces(picture) == []


def test_things_and_animals_are_no_faces(engine: Engine) -> None:
    from skimage import data

    for name in ("coffee", "chelsea", "rocket"):
        assert not [face for face in engine.detect(getattr(data, name)()) if face.quality.usable], name


def test_two_people_are_two_faces_the_nearer_first(engine: Engine, portrait: Picture) -> None:
    frame = np.zeros((480, 640, 3), np.uint8)
    frame[:, :320] = np.asarray(Image.fromarray(portrait).resize((680, 680)))[:480, 120:440]
    frame[:, 320:] = portrait[:480, 60:380]
    near, far = engine.detect(frame)
    assert near.quality.eyes > far.quality.eyes
    assert near.box[2] < far.box[0]


@pytest.mark.parametrize(
    "wrong",
    [
        np.zeros((480, 640), np.uint8),
        np.zeros((480, 640, 4), np.uint8),
        np.zeros((480, 640, 3), np.float32),
        np.zeros((0, 640, 3), np.uint8),
        np.zeros((3, 480, 640), np.uint8),
        np.zeros((20, 20, 3), np.uint8),
    ],
)
def test_anything_but_a_colour_picture_is_refused(engine: Engine, wrong: Picture) -> None:
    for work in (engine.detect, engine.faces):
        with pytest.raises(PictureRefused):
            work(wrong)


def test_read_only_and_sliced_frames_are_read_as_they_are(engine: Engine, portrait: Picture) -> None:
    wanted = engine.faces(portrait)[0].template
    frozen = portrait.copy()
    frozen.flags.writeable = False
    assert np.array_equal(engine.faces(frozen)[0].template, wanted)
    backwards = np.ascontiguousarray(portrait[..., ::-1])[..., ::-1]
    assert np.array_equal(engine.faces(backwards)[0].template, wanted)


def test_a_picture_is_never_changed(engine: Engine, portrait: Picture) -> None:
    before = portrait.copy()
    engine.faces(portrait)
    assert np.array_equal(portrait, before)


def test_threads_sharing_an_engine_get_the_same_templates(engine: Engine, portrait: Picture) -> None:
    pictures = [portrait, mirrored(portrait), turned_picture(portrait, 8)]
    wanted = [engine.faces(picture)[0].template for picture in pictures]
    wrong: list[int] = []

    def work(at: int) -> None:
        for _ in range(5):
            if not np.array_equal(engine.faces(pictures[at])[0].template, wanted[at]):
                wrong.append(at)

    threads = [threading.Thread(target=work, args=(at % 3,)) for at in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_small_dark_blurred_or_cut_off_face_says_so(engine: Engine, portrait: Picture) -> None:
    from PIL import ImageFilter

    def defects(picture: Picture) -> tuple[Defect, ...]:
        return engine.detect(picture)[0].quality.defects

    small = np.asarray(Image.fromarray(portrait).resize((300, 300)))
    assert Defect.TOO_SMALL in defects(small)
    assert Defect.DARK in defects((portrait * 0.15).astype(np.uint8))
    blurred = np.asarray(Image.fromarray(portrait).filter(ImageFilter.GaussianBlur(4)))
    assert Defect.BLURRED in defects(blurred)
    assert Defect.CUT_OFF in defects(np.ascontiguousarray(portrait[:, 205:]))


def test_a_face_counts_as_turned_from_about_28_degrees_to_either_side(engine: Engine, portrait: Picture) -> None:
    (face,) = engine.detect(portrait)
    chip = Aligner(read_manifest().embedder).chip(checked(portrait), face.landmarks)
    right, left = face.landmarks[0], face.landmarks[1]
    for turn, told in ((0.34, False), (0.36, True), (-0.34, False), (-0.36, True)):
        seen = face.landmarks.copy()
        line = left - right
        seen[2] = (right + left) / 2 + turn * line + 0.5 * np.array([-line[1], line[0]])
        found = judged(chip, seen, (portrait.shape[0], portrait.shape[1]), Limits())
        assert (Defect.TURNED in found.defects) is told, turn
