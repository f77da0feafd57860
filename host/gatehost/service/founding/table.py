"""A table of the estate file, read strictly: every value within its bounds, and no key that nobody asked for."""

import datetime

from gatehost.model.errors import SettingsError


class Table:
    """One table of the file; `close` refuses keys nobody asked for."""

    def __init__(self, where: str, values: object) -> None:
        self.where = where
        if not isinstance(values, dict):
            raise SettingsError(f"{where}: must be a table")
        self._left = dict(values)

    def wrong(self, key: str, why: str) -> SettingsError:
        return SettingsError(f"{self.where}: {key} {why}")

    def text(self, key: str, default: str | None = None, longest: int = 60) -> str:
        value = self._left.pop(key, default)
        if value is None:
            raise self.wrong(key, "is missing")
        if not isinstance(value, str) or len(value) > longest or (default is None and not value.strip()):
            raise self.wrong(key, f"must be a text of 1 to {longest} characters")
        return value

    def one_of(self, key: str, allowed: tuple[str, ...], default: str) -> str:
        value = self.text(key, default)
        if value not in allowed:
            raise self.wrong(key, f"must be one of {', '.join(allowed)}")
        return value

    def number(self, key: str, default: int, low: int, high: int) -> int:
        value = self._left.pop(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise self.wrong(key, f"must be a number from {low} to {high}")
        return value

    def flag(self, key: str, default: bool) -> bool:
        value = self._left.pop(key, default)
        if not isinstance(value, bool):
            raise self.wrong(key, "must be true or false")
        return value

    def array(self, key: str) -> list[object]:
        value = self._left.pop(key, [])
        if not isinstance(value, list):
            raise self.wrong(key, "must be an array")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        values = self.array(key)
        if not all(isinstance(value, str) for value in values):
            raise self.wrong(key, "must be an array of texts")
        return tuple(str(value) for value in values)

    def moment(self, key: str) -> int:
        value = self._left.pop(key, None)
        if not isinstance(value, datetime.datetime) or value.tzinfo is None:
            raise self.wrong(key, "must be a date and time with its offset, as 2026-03-29T01:00:00Z")
        return int(value.timestamp() * 1000)

    def has(self, key: str) -> bool:
        return key in self._left

    def close(self) -> None:
        if self._left:
            raise SettingsError(f"{self.where}: unknown key {sorted(self._left)[0]}")
