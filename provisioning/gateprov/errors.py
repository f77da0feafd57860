"""What may go wrong while a unit is set up, each with what to do about it.

ProvisionError
├── BoardFileError   a file of hw/boards that could move a lock unasked, or that no such chip can carry out
├── ClaimError       a claim that is none, is for another slot, or has ended
├── PortError        the serial port, or what answers on it
├── ImageError       a program file that does not compile or does not arrive
├── HostError        the host does not answer, or refuses
├── SelfTestError    the board does not do what its wiring says
└── CardError        a folder that is no boot partition we know, or has no room

The text is for the person with the laptop: one sentence that says what is wrong, one that says what to do. It holds no
token, key or password.
"""


class ProvisionError(Exception):
    """Any refusal of this package."""


class BoardFileError(ProvisionError):
    """A board file is not usable; the text begins with the file and the line."""


class ClaimError(ProvisionError):
    """The claim cannot be used."""


class PortError(ProvisionError):
    """Nothing usable answers on the serial port."""


class ImageError(ProvisionError):
    """The program is not, or not wholly, on the board."""


class HostError(ProvisionError):
    """The host did not let the device in."""


class SelfTestError(ProvisionError):
    """A test of the finished unit failed."""


class CardError(ProvisionError):
    """The boot partition cannot be written."""
