"""Who may do what: one table, and nothing that is not in it."""

from gatehost.model.account import ADMIN, DESK, RESIDENT, Actor
from gatehost.model.errors import Denied

EVERYBODY = (ADMIN, DESK, RESIDENT)
OFFICE = (ADMIN, DESK)
# action -> roles. A resident's action counts for the homes of their live ties only.
MAY: dict[str, tuple[str, ...]] = {
    "account.link": OFFICE,
    "account.password": EVERYBODY,
    "home.find": OFFICE,
    "home.see": EVERYBODY,
    "home.edit": OFFICE,
    "code.make": EVERYBODY,
    "code.see": EVERYBODY,
    "code.revoke": EVERYBODY,
    "code.lift": EVERYBODY,
    "pin.give": OFFICE,
    "pin.see": EVERYBODY,
    "pin.end": EVERYBODY,
    "visit.see": EVERYBODY,
    "door.see": EVERYBODY,
    "door.open": EVERYBODY,
    "log.see": OFFICE,
    "alarm.see": OFFICE,
    "call.answer": EVERYBODY,
    "call.see": EVERYBODY,
    "device.see": OFFICE,
    "device.claim": (ADMIN,),
    "device.confirm": (ADMIN,),
    "device.revoke": (ADMIN,),
    "face.enrol": (DESK,),
    "face.see": EVERYBODY,
    "face.withdraw": EVERYBODY,
    "face.wanted": OFFICE,
    "face.twice": (ADMIN,),
    "promise.see": (ADMIN,),
    "policy.see": EVERYBODY,
    "policy.set": (ADMIN,),
    "audit.see": (ADMIN,),
    "audit.verify": (ADMIN,),
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
