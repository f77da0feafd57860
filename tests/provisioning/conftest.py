"""What the provisioning tests share: an office and a board on the desk."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.provisioning.board import Board
from tests.provisioning.office import Office


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A running host with its administrator at the page."""
    with Office(tmp_path_factory.mktemp("office")) as running:
        yield running


@pytest.fixture
def board() -> Iterator[Board]:
    """A board as it comes out of its box, MicroPython on it."""
    with Board() as made:
        yield made


@pytest.fixture
def claimed(office: Office) -> Path:
    """A fresh claim for b12-door; whoever held the slot is revoked."""
    forms = office.see("/admin/doors/b12-door").forms
    if any(form.action.endswith("/revoke") for form in forms):
        office.revoke("b12-door", "replaced")
    return office.claim("b12-door")
