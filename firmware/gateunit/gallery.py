"""The people this door knows by face: rows of the state, sealed templates by hash, keys opened with the box key."""

from collections.abc import Callable

from gatecore.errors import GateError
from gatecore.sign import key_id
from gateface import FaceError, Gallery, Person
from gateunit.errors import SealError
from gateunit.held import Held
from gateunit.learned import Learned
from gateunit.ports import KeyStore
from gateunit.seal import face_info, open_templates


def open_gallery(
    held: Held,
    keys: KeyStore,
    estate: bytes,
    model: str,
    refused: Callable[[bytes], None],
    learned: Learned | None = None,
) -> Gallery:
    """Everybody whose templates are here and open, with what this door has learned of them. `refused(hash)` hears of a
    box that is not for this door.

    Templates of another model are left out: they cannot be compared.
    """
    dev = key_id(keys.first())
    people: dict[bytes, Person] = {}
    for person, home, made_by, digest, sealed in held.state.faces:
        templates = held.templates(digest)
        if templates is None or made_by != model:
            continue
        try:
            key = keys.open(sealed, face_info(estate, person, model, dev))
            photos = tuple(open_templates(templates, key, person, model))
            extra, day = learned.of(person, key, model) if learned else ((), -1)
            people[person] = Person(person, home, photos, model, extra, day)
        except (SealError, FaceError, GateError):
            refused(digest)
    return Gallery(people.values(), model)
