"""Calls from a door to a home."""

from dataclasses import dataclass

RINGING, ANSWERED, OPENED, DECLINED, NO_ANSWER, CANCELLED, LOST = (
    "ringing", "answered", "opened", "declined", "no_answer", "cancelled", "lost",
)  # fmt: skip
RING_MS = 50_000


@dataclass(frozen=True, slots=True)
class Call:
    """A call; `id` is 32 hex digits; `by` the name of who answered ("" before). `picture`: a snapshot can be fetched
    while the call lives. `may_open` False: a policy says calls only; the reason is in `policy.rule`."""

    id: str
    slot: str
    door: str
    home: str
    home_name: str
    state: str
    by: str
    began_at: int
    ends_at: int
    ended_at: int | None
    picture: bool


@dataclass(frozen=True, slots=True)
class Opening:
    """The truth about a remote opening: `result` is `opened`, `silent` (the door did not answer) or `refused`."""

    result: str
    code: str
    door: str
    took_ms: int
