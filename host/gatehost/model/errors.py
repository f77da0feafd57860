"""The host's error tree.

HostError
├── Denied         this person may not do this
├── NotFound       there is no such thing, or not for this person
├── BadInput       a field of what was asked cannot be used (`field`)
├── Refused        a rule of the estate says no (`code` says which, `facts` what a person needs to know)
│   ├── SwitchedOff    a policy forbids it; `facts` = decided_by, document, why
│   └── TooMany        a limit is reached; `facts` may hold `until` (ms)
├── DoorSilent     the door is not connected or did not answer in time
├── DeviceRefused  what a device sent is not to be believed; nothing was stored
│   └── Forked         one number with two contents: a clone or a restored card
├── StoreError     the database cannot be used (newer, damaged, its disk full)
├── BackupError    a backup cannot be made, or is none that may be restored; the message names the file
└── SettingsError  a setting or an estate file is wrong; the message names the place

`code` is a short ASCII word: pages translate it, messages hold no secret, name or number.
"""


class HostError(Exception):
    """Any refusal of the host."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


class Denied(HostError):
    """The person's role or homes do not allow this."""


class NotFound(HostError):
    """No such thing, or none that this person may see."""


class BadInput(HostError):
    """One field cannot be used; `field` names it, `code` says why."""

    def __init__(self, field: str, code: str) -> None:
        super().__init__(code, field=field)
        self.field = field


class Refused(HostError):
    """A rule says no."""


class SwitchedOff(Refused):
    """A policy switched this off; `facts` tell who decided, in which document, and why."""


class TooMany(Refused):
    """A limit is reached."""


class DoorSilent(HostError):
    """The door is not connected, or did not answer in time."""


class DeviceRefused(HostError):
    """A device's frame, entry or request does not hold."""


class Forked(DeviceRefused):
    """The same sequence number with other bytes."""


class StoreError(HostError):
    """The database cannot be used."""


class BackupError(HostError):
    """A backup cannot be made, checked or restored; the code is a whole sentence."""


class SettingsError(HostError):
    """A setting is missing, unknown or out of bounds; the code is a whole sentence."""
