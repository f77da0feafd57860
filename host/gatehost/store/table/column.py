"""The words tables are written in."""

from typing import TypedDict

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, LargeBinary, MetaData, Text, TextClause, text

# SQLite gives a row its number only to a column of type INTEGER; PostgreSQL wants BIGINT for ms.
Big = BigInteger().with_variant(Integer(), "sqlite")
metadata = MetaData()
_NAMED = ("place.id", "party.id", "slot.id")  # rows that are known by a text


class Where(TypedDict):
    """The condition of a partial index, for both databases."""

    sqlite_where: TextClause
    postgresql_where: TextClause


def number() -> Column[int]:
    """The row's own number."""
    return Column("id", Big, primary_key=True)


def string(name: str, null: bool = False) -> Column[str]:
    """A text."""
    return Column(name, Text, nullable=null)


def said(name: str, otherwise: str = "") -> Column[str]:
    """A text that rows written before it, or without it, have as `otherwise`."""
    return Column(name, Text, nullable=False, server_default=text(f"'{otherwise}'"))


def whole(name: str, null: bool = False) -> Column[int]:
    """A small whole number."""
    return Column(name, Integer, nullable=null)


def count(name: str, otherwise: int = 0) -> Column[int]:
    """A small whole number that rows without it have as `otherwise`."""
    return Column(name, Integer, nullable=False, server_default=text(str(otherwise)))


def big(name: str, null: bool = False) -> Column[int]:
    """A number of 64 bits: an instant in ms UTC, a size, a seq."""
    return Column(name, Big, nullable=null)


def octets(name: str, null: bool = False) -> Column[bytes]:
    """Bytes."""
    return Column(name, LargeBinary, nullable=null)


def to(name: str, target: str, null: bool = False) -> Column[object]:
    """A row of another table."""
    return Column(name, Text if target in _NAMED else Big, ForeignKey(target), nullable=null)


def where(condition: str) -> Where:
    """An index only of rows for which this holds."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}
