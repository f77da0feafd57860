"""The demo's error tree.

DemoError
├── PortTaken       another program listens there; says which option moves the demo
├── FolderRefused   the folder cannot be used; says why and what to give instead
├── ReportRefused   no report can be written there
├── ChildFailed     the host or a door ended or never became ready; carries its last words
├── PageRefused     a page of the host did not have what a person would have used
└── StepBroken      a step of the story did not hold

Messages are for the person who started the demo.
"""


class DemoError(Exception):
    """Any reason why the demo cannot go on."""


class PortTaken(DemoError):
    """A port is in use."""


class FolderRefused(DemoError):
    """A folder cannot be used."""


class ReportRefused(DemoError):
    """A file cannot be written."""


class ChildFailed(DemoError):
    """A process of the demo is not there any more."""


class PageRefused(DemoError):
    """A page did not answer as a person would need it."""


class StepBroken(DemoError):
    """What should have happened did not."""
