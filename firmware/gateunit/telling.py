"""What a face's verdicts become for the door and its screen: one event for each change of mind."""

from collections.abc import Callable

from gatecore import events, feedback
from gateface import AskHome, Hint, Refusal, Refused, Verdict, Waiting
from gateunit.ports import Picture

BACKLIGHT = 120  # mean grey of the whole picture

HINTS = {
    Hint.COME_CLOSER: feedback.COME_CLOSER,
    Hint.ONE_AT_A_TIME: feedback.ONE_AT_A_TIME,
    Hint.LOOK_HERE: feedback.LOOK_HERE,
    Hint.STEP_INTO_VIEW: feedback.LOOK_HERE,
    Hint.TOO_DARK: feedback.MORE_LIGHT,
    Hint.TOO_BRIGHT: feedback.TOO_BRIGHT,
    Hint.UNCOVER: feedback.UNCOVER,
    Hint.MOVE_A_LITTLE: feedback.KEEP_MOVING,
}


class Telling:
    """Remembers what was told last, until `forget`."""

    def __init__(self, post: Callable[[events.Told], None]) -> None:
        self._post = post
        self._told: object = None

    def verdict(self, verdict: Verdict, picture: Picture) -> None:
        """Tells what is new; a refusal is always told."""
        before, self._told = self._told, verdict
        if isinstance(verdict, Refused):
            too_many = verdict.reason is Refusal.TOO_MANY_CLAIMS
            self._post(events.FaceHint(feedback.TOO_MANY_FACES) if too_many else events.FaceUnknown())
        elif verdict == before:
            return
        elif isinstance(verdict, AskHome):
            self._post(events.FaceUnsure())
        elif isinstance(verdict, Waiting) and verdict.reason in HINTS:
            self._post(events.FaceHint(hint_for(verdict.reason, picture)))

    def ask(self, reason: int) -> None:
        """What the person is to do, once for each change."""
        if self._told != reason:
            self._told = reason
            self._post(events.FaceHint(reason))

    def forget(self) -> None:
        """The next one is somebody else."""
        self._told = None


def hint_for(reason: Hint, picture: Picture) -> int:
    """What the person is told; a face that is dark in a bright picture has the light behind it."""
    if reason is Hint.TOO_DARK and float(picture[::8, ::8].mean()) >= BACKLIGHT:
        return feedback.AGAINST_LIGHT
    return HINTS[reason]
