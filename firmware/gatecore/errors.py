"""The core's error tree.

GateError
├── WireError     bytes that are not the one encoding we write
├── RecordError   well encoded, but not a record of the expected shape
├── TrustError    a well-formed record that this door must not accept
└── ChainError    log entries that do not join, or a seal that does not cover them

Each carries `code`, a short ASCII word that may travel and be shown; messages hold no secret, face, name or number.
"""


class GateError(Exception):
    """Any refusal of the core."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class WireError(GateError):
    """The bytes are not deterministic CBOR of our subset, or not one of our envelopes."""


class RecordError(GateError):
    """The value is not a record of the expected purpose and shape."""


class TrustError(GateError):
    """The record is well formed but signed by the wrong party, for another door, or out of its time."""


class ChainError(GateError):
    """Entries were altered, dropped, inserted or reordered, or the seal is not over them."""
