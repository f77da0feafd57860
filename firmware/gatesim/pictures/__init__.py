"""The two portraits that ship with the demo (SOURCES.md): one plays a resident, one a stranger."""

from pathlib import Path

from gatesim.frame import as_frame, moved, posed, read
from gatesim.story import Faces

HERE = Path(__file__).parent
SAYS = """\
Faces: one public-domain portrait (Eileen Collins, NASA), shown a little nearer, turned or brighter each time, played
the resident; another (Grace Hopper, US Navy) the stranger. That proves the way from camera to lock, not accuracy:
give people of your own with --faces DIR, or read docs/models.md for what was measured."""


def faces() -> Faces:
    """Five frames for the desk, three for a visit, three of the stranger."""
    resident = read(HERE / "resident.jpg")
    stranger = as_frame(read(HERE / "stranger.jpg"))
    return Faces([posed(resident, n) for n in range(5)], [moved(resident, n) for n in (5, 6, 2)], [stranger] * 3)
