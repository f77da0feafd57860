"""A table somebody brought, tried and not yet taken."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Waiting:
    """A file that was tried and waits to be taken: whose it is, what it brings, and since when (ms UTC)."""

    account: int
    kind: str
    data: bytes
    at: int
