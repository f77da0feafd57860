"""Which rule is in force at a place: of the decisions up the tree the highest in rank, and of those the nearest."""

from collections.abc import Iterable, Sequence

from gatehost.model.errors import SwitchedOff
from gatehost.model.place import Place
from gatehost.model.policy import Rule, default
from gatehost.store import places, policies
from gatehost.store.store import Tx


async def in_force(tx: Tx, key: str, place: str) -> Rule:
    """What holds at a place for one key; a rule with place "" when nobody decided."""
    return await nearest(tx, key, await places.path_up(tx, place))


async def nearest(tx: Tx, key: str, up: tuple[Place, ...]) -> Rule:
    """The same along a known path, nearest place first."""
    decided = await policies.along(tx, [key], [one.id for one in up])
    return _strongest(key, [decided.get((key, one.id)) for one in up])


async def all_in_force(tx: Tx, keys: Iterable[str], place: str) -> tuple[Rule, ...]:
    """What holds at a place for each of these keys, in two questions."""
    wanted, up = list(keys), await places.path_up(tx, place)
    decided = await policies.along(tx, wanted, [one.id for one in up])
    return tuple(_strongest(key, [decided.get((key, one.id)) for one in up]) for key in wanted)


def _strongest(key: str, decided: Sequence[Rule | None]) -> Rule:
    """Of the newest decisions along a path, nearest first, the one that binds."""
    standing = [rule for rule in decided if rule is not None and rule.value != ""]
    if not standing:
        return Rule(key, default(key), "", "", "", "", 0, "")
    return max(standing, key=lambda rule: rule.rank)  # the first of equals: the nearest


async def number(tx: Tx, key: str, place: str) -> int:
    """A limit in force at a place (model.policy.LIMITS)."""
    return int((await in_force(tx, key, place)).value)


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
        return _strongest(key, [self._decided.get((key, place)) for place in up])

    def decided_at(self, key: str) -> set[str]:
        """The places that have a decision of their own."""
        return {place for other, place in self._decided if other == key}


async def load(tx: Tx) -> Rulings:
    """Every newest decision."""
    return Rulings({(rule.key, rule.place): rule for rule in await policies.everything(tx)})
