"""Who shows that he is alive must be who was accepted, by the cosine measured for the embedder in use."""

from dataclasses import replace

import numpy as np
import pytest
from tests.face.conftest import around
from tests.face.test_visit import EMBEDDER, GALLERY, RULE, seen

from gateface import Opened, Visit, Way
from gateunit.proof import ANOTHER, Proof, Shown


@pytest.mark.parametrize(
    ("same", "cosine", "ended"), [(0.93, 0.95, None), (0.93, 0.9, False), (0.4, 0.5, None), (0.4, 0.3, False)]
)
def test_each_frame_of_a_proof_is_of_the_person_accepted(same: float, cosine: float, ended: bool | None) -> None:
    assert EMBEDDER.floors is not None
    model = replace(EMBEDDER, floors=replace(EMBEDDER.floors, same=same))
    visit = Visit(replace(RULE, model=model), GALLERY)
    person = GALLERY.people[3]
    frame = GALLERY.vectors[3].copy()
    noise = np.linalg.svd(GALLERY.vectors)[2][-1]  # like nobody enrolled
    frame = seen((cosine * frame + np.sqrt(1 - cosine**2) * noise).astype(np.float32))
    proof = Proof(Opened(person.person, person.home, 1, Way.SEARCH, 1.0), True, frame, bytes, 0)
    proof.see(Shown(frame, None), visit, 0)
    assert proof.ended is ended
    assert proof.why == ("" if ended is None else ANOTHER)


def test_a_frame_of_somebody_else_ends_the_proof() -> None:
    person = GALLERY.people[3]
    other = seen(around(GALLERY.vectors[8], 0.99, np.random.default_rng(0)))
    proof = Proof(Opened(person.person, person.home, 1, Way.SEARCH, 1.0), True, other, bytes, 0)
    proof.see(Shown(other, None), Visit(RULE, GALLERY), 0)
    assert (proof.ended, proof.why) == (False, ANOTHER)
