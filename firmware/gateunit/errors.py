"""The unit's error tree.

UnitError
├── SettingsError   settings, board or claim file: says which file, which line and what to write there
├── CameraError     a camera is not there, has stopped or gives something else than pictures; it is tried again
├── StorageError    the disk refused; what was to be written waits in memory
├── SealError       a sealed box that is not for this key, or was altered
├── VaultError      the vault must not do this: nobody confirmed it, or nobody asked for it
├── ContactError    first contact failed; says what the installer does next
└── LinkError       the other end of the link broke the protocol

Messages hold no secret, face, name or number of a home.
"""


class UnitError(Exception):
    """Any refusal of the unit."""


class SettingsError(UnitError):
    """What a person wrote is not usable; the message says where and what to change."""


class CameraError(UnitError):
    """The camera gives no pictures now; the message says why."""


class StorageError(UnitError):
    """The disk is full, gone or failing."""


class SealError(UnitError):
    """The box does not open."""


class VaultError(UnitError):
    """`code` says which rule of the vault stands against it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class ContactError(UnitError):
    """The host and this device did not come together."""


class LinkError(UnitError):
    """`code` travels in REFUSED."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
