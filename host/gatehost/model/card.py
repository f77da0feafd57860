"""A card's number: what people read on it, type or let a desk reader type, and the one form it is kept in."""

import re

from gatecore.cards import MOST
from gatehost.model.errors import BadInput

_PAIR = re.compile(r"([0-9]{1,3})\s*[,，]\s*([0-9]{1,5})")
_HEX = re.compile(r"(?=.*[A-F])[0-9A-F]{8}")
_DECIMAL = re.compile(r"[0-9]{10}")
_MOST_FACILITY, _MOST_NUMBER = 0xFF, 0xFFFF


def canonical(typed: str) -> str:
    """Ten digits: the form a card's number is kept, searched and shown in.

    Taken are ten digits, "018,54919" (facility and number: the last 24 bits), and eight hex digits with a letter.
    BadInput("number", "card_number") for anything else, for 0, and for what no reader can give.
    """
    number = _value(typed.strip().upper())
    if number is None or not 0 < number <= MOST:
        raise BadInput("number", "card_number")
    return f"{number:010}"


def _value(words: str) -> int | None:
    pair = _PAIR.fullmatch(words)
    if pair is not None:
        facility, number = int(pair[1]), int(pair[2])
        return facility << 16 | number if facility <= _MOST_FACILITY and number <= _MOST_NUMBER else None
    if _HEX.fullmatch(words):
        return int(words, 16)
    return int(words) if _DECIMAL.fullmatch(words) else None


def is_one(typed: str) -> bool:
    """Whether these words are a card's number."""
    try:
        canonical(typed)
    except BadInput:
        return False
    return True
