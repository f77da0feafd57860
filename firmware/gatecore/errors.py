"""The core's one error tree.

GateError
"""


class GateError(Exception):
    """Every refusal of the core; its text never holds a secret."""
