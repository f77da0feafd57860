"""What a visit comes to: nothing yet, an opening, the question for the home number, a refusal."""

from dataclasses import dataclass
from enum import StrEnum

from .face import Defect
from .rule import Closed


class Hint(StrEnum):
    """What the screen says while nothing is decided."""

    NOBODY = "nobody"
    ONE_AT_A_TIME = "one_at_a_time"
    COME_CLOSER = "come_closer"
    LOOK_HERE = "look_here"
    TOO_DARK = "too_dark"
    TOO_BRIGHT = "too_bright"
    UNCOVER = "uncover"
    STEP_INTO_VIEW = "step_into_view"
    KEEP_STILL = "keep_still"
    MOVE_A_LITTLE = "move_a_little"
    DONE = "done"


HINTS = {
    Defect.TOO_SMALL: Hint.COME_CLOSER,
    Defect.CUT_OFF: Hint.STEP_INTO_VIEW,
    Defect.TURNED: Hint.LOOK_HERE,
    Defect.DARK: Hint.TOO_DARK,
    Defect.BRIGHT: Hint.TOO_BRIGHT,
    Defect.BLURRED: Hint.KEEP_STILL,
    Defect.COVERED: Hint.UNCOVER,
}


class Way(StrEnum):
    """How a person was found."""

    SEARCH = "search"
    HOME = "home"


class Refusal(StrEnum):
    """Why a claim of a home was refused."""

    NOT_THIS_HOME = "not_this_home"
    TOO_MANY_CLAIMS = "too_many_claims"


@dataclass(frozen=True, slots=True)
class Waiting:
    """Nothing decided yet."""

    reason: Hint


@dataclass(frozen=True, slots=True)
class Opened:
    """Given once per followed face. `score` is the margin score, `frames` how many made it."""

    person: bytes
    home: str
    frames: int
    way: Way
    score: float


@dataclass(frozen=True, slots=True)
class AskHome:
    """The face alone does not suffice: the screen asks for the home number. Repeated while the face stays."""

    reason: Closed


@dataclass(frozen=True, slots=True)
class Refused:
    """Given once per refused claim."""

    reason: Refusal


Verdict = Waiting | Opened | AskHome | Refused
