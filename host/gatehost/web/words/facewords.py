"""What cameras and doors say of faces: hints before the camera, how a door lets faces in, whether two are one."""

from gatecore import intake
from gatehost.web.words.language import noted as N

CAPTURE_HINTS = {
    30: N("Come a little closer"),
    31: N("One person at a time, please"),
    32: N("Please face the camera"),
    33: N("Too dark here"),
    34: N("Please move a little"),
    35: N("Uncover your face: no mask, no sunglasses"),
    36: N("Too many tries: use another way in"),
    intake.NO_FACE: N("No face to be seen: step before the camera"),
    intake.CUT_OFF: N("The face is cut off: step into the middle"),
    intake.BLURRED: N("Blurred: hold still for a moment, or use a sharper photo"),
    intake.BRIGHT: N("Too bright: turn away from the direct light"),
    intake.OTHER_PERSON: N("This is another person than on the first picture"),
    intake.SAME_POSE: N("The same as a picture before: change distance, angle or light"),
    intake.EMPTY_FILE: N("The file is empty: choose another"),
    intake.NO_PICTURE: N("This is no picture: use a JPEG photo"),
    intake.BROKEN_PICTURE: N("The picture is damaged: send it again"),
    intake.HUGE_PICTURE: N("The picture is too large: at most 12 MB and 50 million pixels"),
    intake.TINY_PICTURE: N("The picture is too small: use a larger one"),
    intake.MOVING_PICTURE: N("This picture moves: use a still photo"),
    intake.NO_EYES: N("The desk unit has no working camera or face engine: ask the technician"),
    intake.STRAIGHT: N("Look straight at the camera, an arm's length away"),
    intake.STEP_BACK: N("Take one step back"),
    intake.OTHER_LIGHT: N("Other light: turn towards the window or a lamp"),
    intake.GLASSES: N("Glasses: put them on or off; without any, smile"),
    intake.TURN_A_LITTLE: N("Turn the head a little"),
    intake.FEW_PHOTOS: N("Fewer than three pictures: ask the person to come again for more"),
    intake.ONE_DISTANCE: N("All from one distance: recognition from afar may fail; a picture from a step back helps"),
    intake.ONE_LIGHT: N("All in one light: recognition at night may fail; a picture in other light helps"),
    intake.ALIKE: N("Somebody in another home looks alike: this person opens with face and home number"),
    intake.WALKED_AWAY: N("Nobody stood before the camera any more"),
    intake.VAULT_AWAY: N("The desk unit lost its connection; what it has goes on when it comes back"),
    intake.NOT_SAVED: N("The desk unit could not save: look at its alarm, then take the pictures again"),
}

# how a door lets faces in, and why; each reason with what to do next
WAYS = {
    intake.WAY_OFF: ("calm", N("Faces do not open here")),
    intake.WAY_FREE: ("good", N("Look and enter")),
    intake.WAY_HOME: ("wait", N("Home number first, then the face")),
}

CLOSED = {
    "open": (N("All conditions for free search hold."), ""),
    "policy": (N("The estate decided that the home number comes first."), N("Change it under Rules, face entry.")),
    "few_photos": (
        N("More than 5 % of the people have fewer than three pictures."),
        N("Call the people below back for more pictures."),
    ),
    "too_many_people": (
        N("More than 300 people pass here; free search was not measured beyond."),
        N("Nothing to do: the home number keeps strangers out."),
    ),
    "too_alike": (
        N("The residents here look too much alike for free search."),
        N("More pictures of each person help; else the home number stays."),
    ),
    "hard_to_recognise": (
        N("More than 10 % of the people are not found by their own pictures."),
        N("Call the people below back for better pictures, in two lights and at two distances."),
    ),
    "other_model": (
        N("Some people's pictures were taken for another face model and cannot be compared here."),
        N("Call the people below back: their pictures are taken again."),
    ),
    "no_floors": (
        N("For this face model no thresholds were measured."),
        N("The technician measures it before faces open anything."),
    ),
}

SAMES = {
    intake.SAME_NO: ("bad", N("The vault says no: it is not this person")),
    intake.SAME_YES: ("good", N("The vault says yes: it is this person")),
    intake.SAME_UNKNOWN: ("wait", N("The vault does not remember: take the pictures again")),
    intake.SAME_ENOUGH: ("bad", N("Asked three times: the vault answers no more for this person")),
}
REFUSALS: dict[str, tuple[str, str]] = {
    "consent_stands": (
        N("The consent still stands"),
        N("Withdraw it on the person's own page for faces: this paper then ends by itself."),
    ),
    "no_consent": (
        N("There is no consent yet"),
        N("Face entry begins with the person's own consent. Show the text first."),
    ),
    "not_assessed": (
        N("The impact assessment is not signed yet"),
        N("The administrator signs it under Office. Until then PIN, card, code and call let the person in."),
    ),
    "guardian": (
        N("A child under 14 cannot consent alone"),
        N("A parent or guardian reads the text and signs with their own name."),
    ),
    "face": (N("There is no face for this person"), N("Nothing has to be withdrawn.")),
    "twice": (N("This is decided already"), N("Take the pictures again at the front desk.")),
    "not_same": (N("The vault has not said yes"), N("Name the person first and wait for the vault's answer.")),
    "task": (N("This capture is over"), N("See the person's page for how it ended, or start again.")),
    "unread": (N("The consent text was not read"), N("Read it together, then tick the box.")),
}
FIELDS: dict[tuple[str, str], str] = {
    ("signer", "missing"): N("Please write the name of who signs"),
    ("read", "unread"): N("Please tick that the text was read"),
    ("checked", "unchecked"): N("Please tick that you have seen the papers"),
    ("photo", "empty"): N("Choose a photo first"),
    ("photo", "long"): N("The picture is too large: at most 12 MB"),
}
ACTIONS: dict[str, str] = {
    "face.ask_same": N("asked the vault whether two faces are one person's"),
    "face.same_person": N("decided that two records are one person's"),
    "face.slip": N("made a claim slip for a face"),
    "face.two_people": N("decided that two people look alike"),
    "face.capture": N("took pictures for a face"),
    "face.consent": N("wrote down a consent"),
    "face.see": N("looked at a face's state"),
    "face.withdraw": N("withdrew a consent"),
}
DONE: dict[str, str] = {
    "withdrawn": N("Consent is withdrawn. Every door is being told to erase the face."),
    "vault_asked": N("The vault is asked; its answer appears below."),
    "two_people": N("Decided: two people. Take the pictures again; both open with face and home number."),
    "same_person": N("The older face is being erased. Take the pictures again."),
    "stopped": N("The capture was stopped. Nothing was kept."),
}
