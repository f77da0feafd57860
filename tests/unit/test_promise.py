"""A door's promise: counted where the templates are, named per person, and never a pair."""

from typing import Any

import numpy as np
import pytest

from gatecore import frames, intake
from gatecore.frames import pack, unpack
from gatecore.state import FACE_AT_HOME, FACE_FREE, FACE_OFF
from gateface import Gallery, Person, packed, rule_for
from gateface.embed import unit
from gateface.manifest import read_manifest
from gateunit.promise import POLICY, Promise, promise_of, with_look_alikes

MODEL = read_manifest().embedder
DICE = np.random.default_rng(5)


def one(n: int, photos: int = 4, own: Any = None, spread: float = 0.1, home: str = "") -> Person:
    """Person `n`: photos scattered by `spread` around a direction of their own."""
    way = DICE.standard_normal(128) if own is None else own
    stored = tuple(
        packed(unit((way + spread * np.linalg.norm(way) / 11 * DICE.standard_normal(128)).astype(np.float32)))
        for _ in range(photos)
    )
    return Person(n.to_bytes(16, "big"), home or f"{n:06}", stored, MODEL.id)


def promise(people: list[Person], mode: int = FACE_FREE) -> Promise:
    gallery = Gallery(people, MODEL.id)
    return promise_of(with_look_alikes(rule_for(MODEL, gallery), gallery), gallery, mode)


def test_a_sound_gallery_is_searched_freely_and_estimates_itself() -> None:
    told = promise([one(n) for n in range(40)])
    assert (told.way, told.why, told.people) == (intake.WAY_FREE, (), 40)
    assert told.more_photos == told.alike == ()
    assert told.estimated is not None
    assert told.estimated <= told.promised == 0.001


def test_who_has_too_few_photos_is_named_and_closes_free_search() -> None:
    told = promise([one(n, photos=2 if n < 4 else 4) for n in range(40)])
    assert told.way == intake.WAY_HOME
    assert "few_photos" in told.why
    assert told.more_photos == tuple(n.to_bytes(16, "big") for n in range(4))


def test_who_is_not_found_by_the_own_photos_is_named() -> None:
    told = promise([one(n, spread=3.0 if n == 7 else 0.1) for n in range(40)])
    assert told.more_photos == ((7).to_bytes(16, "big"),)


def test_look_alikes_of_two_homes_are_flagged_and_of_one_home_are_not() -> None:
    twin = DICE.standard_normal(128)
    people = [one(n) for n in range(40)] + [one(50, own=twin), one(60, own=twin)]
    assert promise(people).alike == ((50).to_bytes(16, "big"), (60).to_bytes(16, "big"))
    same_home = [*people[:40], one(50, own=twin, home="family"), one(60, own=twin, home="family")]
    assert promise(same_home).alike == ()


@pytest.mark.parametrize("number", [0, 1, 29])
def test_too_few_people_are_not_estimated(number: int) -> None:
    assert promise([one(n) for n in range(number)]).estimated is None


def test_more_than_three_hundred_dial_first() -> None:
    told = promise([one(n, photos=3) for n in range(301)])
    assert (told.way, told.why, told.estimated) == (intake.WAY_HOME, ("too_many_people",), None)


class Counted(Gallery):
    """Counts how often everybody is compared."""

    searches = 0

    def scores(self, template: Any) -> Any:
        Counted.searches += 1
        return super().scores(template)


def test_a_gate_of_thousands_compares_no_photo_with_everybody() -> None:
    """It would keep the next face waiting: 6,000 people of four photos are 24,000 searches."""
    gallery = Counted([one(n, photos=2 if n == 9 else 3) for n in range(301)], MODEL.id)
    told = promise_of(with_look_alikes(rule_for(MODEL, gallery), gallery), gallery, FACE_FREE)
    assert Counted.searches == 0
    assert told.more_photos == ((9).to_bytes(16, "big"),), "too few photos are told still"


def test_who_was_enrolled_with_another_model_is_called_back_and_the_reason_told() -> None:
    people, left = [one(n) for n in range(40)], [(n).to_bytes(16, "big") for n in (90, 80)]
    gallery = Gallery(people, MODEL.id)
    told = promise_of(rule_for(MODEL, gallery), gallery, FACE_AT_HOME, left)
    assert (told.people, told.why) == (40, (POLICY, "other_model"))
    assert told.more_photos == tuple(sorted(left))


@pytest.mark.parametrize(("mode", "way"), [(FACE_OFF, intake.WAY_OFF), (FACE_AT_HOME, intake.WAY_HOME)])
def test_what_the_estate_decided_comes_first(mode: int, way: int) -> None:
    told = promise([one(n) for n in range(40)], mode)
    assert told.way == way
    assert (POLICY in told.why) is (mode == FACE_AT_HOME)


def test_what_travels_holds_no_template_and_no_pair() -> None:
    twin = DICE.standard_normal(128)
    people = [one(n) for n in range(40)] + [one(n, own=twin) for n in (50, 60, 70)]
    told = promise(people)
    data = pack(frames.PROMISE, 1, *told.fields())
    assert unpack(data)[2][4] == sorted(told.alike)  # in the order of their names, which says nothing of who with whom
    assert not any(photo[:16] in data for person in people for photo in person.photos)
    assert len(data) < 400


async def test_a_door_tells_its_promise_when_it_has_looked_and_again_when_linked(house: Any) -> None:
    house.eyes = True
    async with house.running():
        told: list[Promise] = []
        house.unit.sight.promised = told.append
        await house.see(np.full((480, 640, 3), 90, np.uint8), 2)
        assert [one.people for one in told] == [0]
        house.unit.sight.promise_again()
        assert len(told) == 2
