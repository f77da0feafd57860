"""Rights: who, where, from when to when. What no right may exceed is here; a policy may only ask for less."""

from dataclasses import dataclass

DAY_MS = 86_400_000
RESIDENT, VISITOR, COURIER, CONTRACTOR, EVENT, TEMP_PASS, TEMP_PARKING, STANDING_ITEM, CARD, PARKING = (
    "resident",
    "visitor",
    "courier",
    "contractor",
    "event",
    "temp_pass",
    "temp_parking",
    "standing_item",
    "card",
    "parking",
)
# the longest window of a kind, whatever anybody decides: rows D5, D7, E16 and the doors' own limits
CEILINGS: dict[str, int] = {
    RESIDENT: 400 * DAY_MS,
    VISITOR: 31 * DAY_MS,
    COURIER: 366 * DAY_MS,
    CONTRACTOR: 366 * DAY_MS,
    EVENT: 31 * DAY_MS,
    TEMP_PASS: 3 * DAY_MS,
    TEMP_PARKING: 7 * DAY_MS,
    STANDING_ITEM: 366 * DAY_MS,
    CARD: 400 * DAY_MS,
    PARKING: 400 * DAY_MS,
}
# kinds whose limit a policy may tighten: kind -> policy key, in days
LIMITED = {
    TEMP_PASS: "card.temp_max_days",
    TEMP_PARKING: "parking.temp_max_days",
    STANDING_ITEM: "item.standing_max_days",
    VISITOR: "visitor.max_days",
}
HOSTED = (VISITOR, TEMP_PASS, TEMP_PARKING)  # somebody of the estate answers for them


@dataclass(frozen=True, slots=True)
class Grant:
    """A right as stored; times in ms UTC. `scope` is any node of the tree; `uses` 0: any number; `weekdays` 0: any."""

    id: int
    kind: str
    scope: str
    home: str | None
    party: str | None
    credential: int | None
    code: int | None
    case: int | None
    policy: int | None
    since: int
    until: int
    weekdays: int
    from_minute: int | None
    to_minute: int | None
    uses: int
    heads: int
    label: str
    made_at: int
    made_by: str
    ended_at: int | None
    end_why: str

    def holds(self, now: int) -> bool:
        """Whether it is in force at an instant."""
        return self.ended_at is None and self.since <= now < self.until

    def at_this_hour(self, minute: int) -> bool:
        """Whether it holds at a minute of the estate's day."""
        return self.from_minute is None or self.to_minute is None or self.from_minute <= minute < self.to_minute
