"""Who may do what: one table, and nothing that is not in it.

A resident's act counts for the homes of their living ties only. Acts on papers are further narrowed by the paper's kind
(service.paper.casework), acts at the gate by the guard's shift (service.gate.shift).
"""

from gatehost.model.account import ADMIN, COMMITTEE, DESK, GUARD, OPERATOR, RESIDENT, VISITOR, Actor
from gatehost.model.errors import Denied

OFFICE = (ADMIN, DESK)
HOUSE = (ADMIN, DESK, RESIDENT)
GATE = (ADMIN, DESK, GUARD)
SIGNED_IN = (ADMIN, DESK, RESIDENT, GUARD, OPERATOR, COMMITTEE)
MAY: dict[str, tuple[str, ...]] = {
    "account.link": OFFICE,
    "account.password": SIGNED_IN,
    "backup.see": (ADMIN,),
    "clock.say": (ADMIN,),
    "staff.see": (ADMIN, OPERATOR),
    "staff.add": (ADMIN, OPERATOR),
    "staff.edit": (ADMIN, OPERATOR),
    "home.find": OFFICE,
    "home.see": HOUSE,
    "home.edit": OFFICE,
    "home.leave": OFFICE,
    "home.confirm": (DESK, RESIDENT),
    "guests.see": (ADMIN, OPERATOR),
    "code.make": HOUSE,
    "code.see": HOUSE,
    "code.revoke": HOUSE,
    "code.lift": HOUSE,
    "pin.give": OFFICE,
    "pin.see": HOUSE,
    "pin.end": HOUSE,
    "card.see": GATE,
    "card.lose": HOUSE,
    "card.renew": OFFICE,
    "card.hint": OFFICE,
    "visit.see": HOUSE,
    "visit.confirm": (DESK, RESIDENT),
    "visit.history": OFFICE,
    "visit.close": (DESK, GUARD),
    "visit.export": (ADMIN,),
    "register.see": OFFICE,
    "watch.see": (ADMIN, COMMITTEE),
    "gate.search": GATE,
    "gate.enter": (DESK, GUARD),
    "gate.leave": (DESK, GUARD),
    "gate.see": GATE,
    "gate.shift": (DESK, GUARD),
    "gate.pass": (DESK, GUARD),
    "gate.away": GATE,
    "gate.settle": OFFICE,
    "camera.edit": (ADMIN,),
    "place.edit": (ADMIN,),
    "feed.edit": (ADMIN,),
    "incident.see": OFFICE,
    "muster.see": GATE,
    "muster.tick": GATE,
    "case.open": (*HOUSE, GUARD, VISITOR),
    "case.see": (*HOUSE, GUARD),
    "case.act": (*HOUSE, GUARD),
    "case.report": (ADMIN, DESK, OPERATOR, COMMITTEE),
    "import.take": (ADMIN,),
    "notice.tell": OFFICE,
    "notice.read": (RESIDENT,),
    "privacy.see": (ADMIN, OPERATOR, COMMITTEE),
    "estates.see": (OPERATOR,),
    "estates.tell": (ADMIN, OPERATOR),
    "privacy.assess": (ADMIN,),
    "doc.attach": HOUSE,
    "desk.book": HOUSE,
    "doc.show": HOUSE,
    "doc.compare": GATE,
    "archive.see": OFFICE,
    "archive.file": OFFICE,
    "stats.see": (ADMIN, OPERATOR, COMMITTEE),
    "stats.export": (ADMIN, OPERATOR),
    "door.see": HOUSE,
    "door.open": HOUSE,
    "log.see": OFFICE,
    "alarm.see": OFFICE,
    "call.answer": HOUSE,
    "call.see": HOUSE,
    "device.see": OFFICE,
    "device.claim": (ADMIN,),
    "device.confirm": (ADMIN,),
    "device.revoke": (ADMIN,),
    "face.enrol": (DESK,),
    "face.see": HOUSE,
    "face.withdraw": HOUSE,
    "face.wanted": OFFICE,
    "face.twice": (ADMIN,),
    "promise.see": (ADMIN,),
    "policy.see": SIGNED_IN,
    "policy.set": (ADMIN, OPERATOR),
    "policy.bind": (OPERATOR,),
    "audit.see": (ADMIN,),
    "audit.verify": (ADMIN, COMMITTEE),
    "audit.erase": (ADMIN,),
    "witness.keep": (ADMIN,),
    "witness.ask": (ADMIN, COMMITTEE),
    "day.see": OFFICE,
}


def may(actor: Actor, action: str, home: str | None = None) -> bool:
    """Whether the actor may do it, for this home where one is named; an unknown role or action may nothing."""
    if actor.role not in MAY.get(action, ()):
        return False
    return actor.role != RESIDENT or home is None or home in actor.homes


def require(actor: Actor, action: str, home: str | None = None) -> None:
    """Denied(action) unless the actor may."""
    if not may(actor, action, home):
        raise Denied(action)
