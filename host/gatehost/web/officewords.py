"""What the office behind the desk says: refusals, fields, acts and what was done, in words."""

from gatehost.web.language import noted as N

REFUSALS: dict[str, tuple[str, str]] = {}
FIELDS: dict[tuple[str, str], str] = {
    ("days", "range"): N("Choose one of the lengths offered"),
}
ACTIONS = {
    "stats.export": N("gave out statistics"),
}
DONE: dict[str, str] = {}
