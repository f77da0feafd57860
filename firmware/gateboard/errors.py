"""The board shell's error tree.

BoardError           messages say what to change; they hold no secret and no number of a home
├── SettingsError    settings that could move a lock unasked, or that name what is not there
├── FlashError       flash that cannot be read, programmed or erased
└── LinkError        the connection to the host cannot go on; `code` may travel
"""


class BoardError(Exception):
    """Any fault of the shell."""


class SettingsError(BoardError):
    """The settings are not usable."""


class FlashError(BoardError):
    """The flash did not do what it was told."""


class LinkError(BoardError):
    """This connection ends."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
