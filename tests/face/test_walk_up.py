"""A person walks up to the camera at ten frames a second; real pixels, real model, invented neighbours."""

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from tests.face.conftest import around, resident

from gateface import Engine, Gallery, Opened, Verdict, Visit, rule_for

Picture = NDArray[np.uint8]
ME = (1).to_bytes(16, "big")


def frame(portrait: Picture, side: int, left: int, top: int, light: float) -> Picture:
    """The portrait, `side` pixels large, before a wall of a VGA camera."""
    face = Image.fromarray(portrait[:280, 90:370]).resize((side, side), Image.Resampling.BILINEAR)
    seen = Image.new("RGB", (640, 480), (96, 100, 104))
    seen.paste(face, (left, top))
    lit: Picture = np.clip(np.asarray(seen, np.float32) * light, 0, 255).astype(np.uint8)
    return lit


@pytest.fixture(scope="module")
def gallery(engine: Engine, portrait: Picture) -> Gallery:
    """Five photos of the person, and 40 invented people about as near as strangers are."""
    shots = [frame(portrait, 400 + 16 * n, 60 + 9 * n, 10 * n, 0.85 + 0.06 * n) for n in range(5)]
    templates = [engine.faces(shot)[0].template for shot in shots]
    random = np.random.default_rng(0)
    others = [around(templates[0], 0.85, random) for _ in range(40)]
    people = [
        resident(2 + n, f"{n // 2:03}", *(around(one, 0.99, random) for _ in range(5))) for n, one in enumerate(others)
    ]
    return Gallery([resident(1, "999", *templates), *people], engine.model_id)


def walked(engine: Engine, gallery: Gallery, portrait: Picture) -> list[Verdict]:
    """From far to near within three seconds, one frame each 100 ms."""
    visit = Visit(rule_for(engine.model, gallery), gallery)
    verdicts = []
    for step in range(30):
        side = 110 + 12 * step
        shown = frame(portrait, side, 320 - side // 2 + 3 * (step % 4), 480 - side - step, 1 - 0.005 * step)
        found = engine.detect(shown)
        wanted = visit.wants(found, 100 * step)
        seen = [engine.embed(shown, one) if one is wanted else one for one in found]
        verdicts.append(visit.see(seen, 100 * step))
    return verdicts


def test_who_walks_up_is_let_in_at_the_third_independent_frame_or_earlier(
    engine: Engine, gallery: Gallery, portrait: Picture
) -> None:
    verdicts = walked(engine, gallery, portrait)
    opened = [verdict for verdict in verdicts if isinstance(verdict, Opened)]
    assert len(opened) == 1, "one decision a visit"
    assert opened[0].person == ME
    assert opened[0].frames <= 3


def test_who_is_not_enrolled_walks_up_in_vain(engine: Engine, gallery: Gallery, portrait: Picture) -> None:
    others = Gallery([person for person in gallery.people if person.person != ME], engine.model_id)
    assert not any(isinstance(verdict, Opened) for verdict in walked(engine, others, portrait))
