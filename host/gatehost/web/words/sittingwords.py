"""Why what a door took of a face was not taken over, in words: for the desk, and for the person who sat for it."""

from dataclasses import dataclass

from gatecore import intake
from gatehost.web.words.language import noted as N


@dataclass(frozen=True, slots=True)
class Why:
    """One reason, and what to do next: at the desk, and for the resident."""

    desk: str
    desk_next: str
    mine: str
    mine_next: str


_AGAIN = N("Take the pictures here, or make a new claim slip.")
_ASK = N("The front desk takes them with you, or gives you a new slip.")
_BY_ITSELF = N("You need not do anything: it goes on by itself. If nothing changes by tomorrow, ask the front desk.")
NOT_TAKEN: dict[int, Why] = {
    intake.TAKEN_TWICE: Why(
        N("This face is already enrolled in another home. Whose it is, is not shown to anybody."),
        N("Call the administrator: he finds out and decides. After that take the pictures again."),
        N("This face seems to be enrolled in another home already."),
        N("Come to the front desk with your ID document: it is cleared up there."),
    ),
    intake.FEW_PHOTOS: Why(
        N("There were fewer than three good pictures."), _AGAIN, N("There were too few good pictures."), _ASK
    ),
    intake.TAKEN_MODEL: Why(
        N("The door recognises faces by another model than the desk unit."),
        N("Take the pictures here, and tell the technician: both need the same model."),
        N("This door and the front desk do not fit together at the moment."),
        N("Have the pictures taken at the front desk."),
    ),
    intake.TAKEN_BROKEN: Why(
        N("What arrived was damaged, or was not made by this door."),
        N("Take the pictures here, or make a new claim slip. If it happens again, tell the technician."),
        N("The pictures arrived damaged."),
        _ASK,
    ),
    intake.TAKEN_DOOR: Why(
        N("Nobody has compared this door's six digits at the desk unit yet."),
        N("Compare them on the desk unit's screen: the pictures are then taken over, and nobody has to come again."),
        N("The front desk has still to check this door."),
        _BY_ITSELF,
    ),
    intake.NOT_SAVED: Why(
        N("The desk unit could not save them."),
        N("See to the desk unit's alarm. The pictures wait sealed and are tried again when it connects."),
        N("The front desk's unit could not save them."),
        _BY_ITSELF,
    ),
    intake.TAKEN_BEFORE: Why(
        N("The desk unit has seen these very pictures before, and takes none twice."),
        _AGAIN,
        N("These pictures were sent once before."),
        _ASK,
    ),
    intake.SLIP_ENDED: Why(
        N("The claim slip had ended before the pictures reached the desk unit."),
        _AGAIN,
        N("Your slip had ended before the pictures reached the front desk."),
        _ASK,
    ),
}
