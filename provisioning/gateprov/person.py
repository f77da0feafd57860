"""What an installation asks of whoever stands at the door."""

from typing import Protocol


class Person(Protocol):
    """Who stands at the door with the laptop."""

    def tell(self, text: str) -> None:
        """A line about what happens."""

    def progress(self, done: int, of: int) -> None:
        """How far the copying is."""

    def digits(self, slot: str, digits: str) -> None:
        """Six digits to be compared with those on the host's page."""

    def key(self, key: str, missing: str) -> None:
        """The board saw a key; these are still to be pressed. Called with "" to ask for the first."""

    def confirm(self, question: str) -> bool:
        """Yes or no."""
