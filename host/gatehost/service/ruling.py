"""Which rule is in force at a place: the nearest decision up the tree."""

from gatehost.model.errors import SwitchedOff
from gatehost.model.place import Place
from gatehost.model.policy import KEYS, Rule
from gatehost.store import places, policies
from gatehost.store.store import Tx


async def in_force(tx: Tx, key: str, place: str) -> Rule:
    """What holds at a place for one key; a rule with place "" when nobody decided."""
    return await nearest(tx, key, await places.path_up(tx, place))


async def nearest(tx: Tx, key: str, up: tuple[Place, ...]) -> Rule:
    """The same along a known path, nearest place first."""
    for one in up:
        decided = await policies.latest(tx, key, one.id)
        if decided is not None:
            return decided
    return Rule(key, KEYS[key][1], "", "", "", "", 0, "")


async def demand(tx: Tx, key: str, place: str, allowed: tuple[str, ...]) -> None:
    """SwitchedOff(key, decided_by, document, why, value) unless the rule in force at the place is one of `allowed`."""
    held = await in_force(tx, key, place)
    if held.value not in allowed:
        raise SwitchedOff(key, decided_by=held.decided_by, document=held.document, why=held.why, value=held.value)


class Rulings:
    """All decisions at once, for work that asks about many homes."""

    def __init__(self, decided: dict[tuple[str, str], Rule]) -> None:
        self._decided = decided

    def rule(self, key: str, *up: str) -> Rule:
        """What holds along a path of place ids, nearest first."""
        for place in up:
            found = self._decided.get((key, place))
            if found is not None:
                return found
        return Rule(key, KEYS[key][1], "", "", "", "", 0, "")


async def load(tx: Tx) -> Rulings:
    """Every newest decision."""
    return Rulings({(rule.key, rule.place): rule for rule in await policies.everything(tx)})
