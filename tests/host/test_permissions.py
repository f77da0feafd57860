"""The table of permissions, said again from the outside, act by act and role by role: what is not in it is nothing."""

import pytest

from gatehost.model.account import ROLES, Actor
from gatehost.model.errors import Denied
from gatehost.service.permissions import MAY, may, require

# a: admin, d: front desk, r: resident (own homes), g: guard, o: operator, c: committee, v: visitor
LETTERS = dict(zip("adrgocv", ("admin", "desk", "resident", "guard", "operator", "committee", "visitor"), strict=True))
WRITTEN = """
account.link ad      account.password adrgoc  staff.add ao        home.find ad       home.see adr      home.edit ad
home.leave ad        code.make adr            code.see adr        code.revoke adr    code.lift adr     pin.give ad
pin.see adr          pin.end adr              card.see adg        card.lose adr      visit.see adr     visit.confirm dr
visit.history ad     visit.close dg           gate.search adg     gate.enter dg      gate.leave dg     gate.see adg
gate.shift dg        muster.see adg           muster.tick adg     case.open adrgv    case.see adrg     case.act adrg
case.report adoc     stats.see aoc            door.see adr        door.open adr      log.see ad        alarm.see ad
call.answer adr      call.see adr             device.see ad       device.claim a     device.confirm a  device.revoke a
face.enrol d         face.see adr             face.withdraw adr   policy.see adrgoc  policy.set ao     policy.bind o
audit.see a          audit.verify ac          day.see ad
audit.erase a         witness.keep a         witness.ask ac
gate.pass dg           gate.away adg          gate.settle ad
camera.edit a         incident.see ad
face.wanted ad        face.twice a            promise.see a
stats.export ao       import.take a         doc.attach adr        doc.show adr
archive.see ad        archive.file ad         notice.tell ad         notice.read r
privacy.see aoc       privacy.assess a
desk.book adr         home.confirm dr       guests.see ao
card.renew ad         estates.see o         estates.tell ao
card.hint ad          doc.compare adg       visit.export a      register.see ad      watch.see ac
feed.edit a           staff.see ao           staff.edit ao
backup.see a          place.edit a            clock.say a
"""
EXPECTED = WRITTEN.split()
TABLE = dict(zip(EXPECTED[::2], EXPECTED[1::2], strict=True))


def actor(role: str) -> Actor:
    """Somebody of home 120502."""
    return Actor(1, "p", "n", role, ("120502",) if role == "resident" else (), "en", True)


def test_every_act_is_in_the_expected_table() -> None:
    assert set(TABLE) == set(MAY)
    assert set(LETTERS.values()) == set(ROLES)


@pytest.mark.parametrize("action", sorted(MAY))
def test_a_role_may_what_the_table_says(action: str) -> None:
    for letter, role in LETTERS.items():
        assert may(actor(role), action) is (letter in TABLE[action]), role


@pytest.mark.parametrize("role", ["", "Admin", "admin ", "root", "resident\0"])
@pytest.mark.parametrize("action", sorted(MAY))
def test_an_unknown_role_may_nothing(role: str, action: str) -> None:
    assert not may(actor(role), action)


def test_an_unknown_action_is_nobodys() -> None:
    for role in ROLES:
        with pytest.raises(Denied):
            require(actor(role), "everything")


@pytest.mark.parametrize("action", sorted(action for action, letters in TABLE.items() if "r" in letters))
def test_a_resident_may_nothing_for_another_home(action: str) -> None:
    assert may(actor("resident"), action, "120502")
    assert not may(actor("resident"), action, "120601")
    assert not may(actor("resident"), action, "")


def test_nobody_but_the_committee_and_the_admin_holds_the_log_to_account_and_no_guard_sees_history() -> None:
    assert {action for action, letters in TABLE.items() if "g" in letters} == {
        "account.password", "card.see", "gate.search", "gate.enter", "gate.leave", "gate.see", "gate.shift",
        "gate.pass", "gate.away", "muster.see", "muster.tick", "case.open", "case.see", "case.act", "policy.see",
        "doc.compare", "visit.close",
    }  # fmt: skip
