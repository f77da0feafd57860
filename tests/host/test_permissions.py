"""The table of permissions, said again from the outside: what is not in it is nothing."""

import pytest

from gatehost.model.account import Actor
from gatehost.model.errors import Denied
from gatehost.service.permissions import MAY, may, require

ADMIN_ONLY = {
    "device.claim",
    "device.confirm",
    "device.revoke",
    "policy.set",
    "audit.see",
    "audit.verify",
    "face.twice",
    "promise.see",
}
NOT_FOR_RESIDENTS = ADMIN_ONLY | {
    "account.link",
    "home.find",
    "home.edit",
    "pin.give",
    "log.see",
    "alarm.see",
    "device.see",
    "face.enrol",
    "face.wanted",
    "day.see",
}


def actor(role: str) -> Actor:
    """Somebody of home 120502."""
    return Actor(1, "p", "n", role, ("120502",) if role == "resident" else (), "en", True)


@pytest.mark.parametrize("action", sorted(MAY))
def test_a_role_may_what_the_table_says(action: str) -> None:
    assert may(actor("resident"), action) is (action not in NOT_FOR_RESIDENTS)
    assert may(actor("desk"), action) is (action not in ADMIN_ONLY)
    assert may(actor("admin"), action) is (action != "face.enrol")


@pytest.mark.parametrize("role", ["", "Admin", "admin ", "root", "guard", "resident\0"])
@pytest.mark.parametrize("action", sorted(MAY))
def test_an_unknown_role_may_nothing(role: str, action: str) -> None:
    assert not may(actor(role), action)


def test_an_unknown_action_is_nobodys() -> None:
    for role in ("admin", "desk", "resident"):
        with pytest.raises(Denied):
            require(actor(role), "everything")


@pytest.mark.parametrize("action", sorted(set(MAY) - NOT_FOR_RESIDENTS))
def test_a_resident_may_nothing_for_another_home(action: str) -> None:
    assert may(actor("resident"), action, "120502")
    assert not may(actor("resident"), action, "120601")
    assert not may(actor("resident"), action, "")
