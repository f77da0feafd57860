"""Times at the front desk."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Appointment:
    """A time somebody has taken for a paper; `seat` is which of those served at once. Times in ms UTC."""

    id: int
    case: int
    at: int
    seat: int
    made_at: int
    made_by: str
    ended_at: int | None
    end_why: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A time at the desk and how many seats of it are left."""

    at: int
    left: int


@dataclass(frozen=True, slots=True)
class OfferedDay:
    """A local date (days since 1970) with its times, taken ones among them."""

    day: int
    offers: tuple[Offer, ...]
