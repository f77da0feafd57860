"""How faces are taken in, in the fields of gatecore.frames that a unit with a camera and the host exchange.

Steps, words and endings of a capture, how faces count, look-alikes, claim slips, photos. A board never loads this.
"""

CAPTURE_READY, CAPTURE_PHOTO, CAPTURE_DONE, CAPTURE_FAILED, CAPTURE_ENDED, CAPTURE_TWICE = 0, 1, 2, 3, 4, 5
WAY_OFF, WAY_FREE, WAY_HOME = 0, 1, 2  # PROMISE: faces count not at all, freely, after the home number
SAME_NO, SAME_YES, SAME_UNKNOWN, SAME_ENOUGH = 0, 1, 2, 3  # not known any more: capture again; asked too often

# What is told during a capture beside feedback.COME_CLOSER ... UNCOVER: defects of a frame or of an uploaded photo,
NO_FACE, CUT_OFF, BLURRED, BRIGHT, OTHER_PERSON, SAME_POSE = 60, 61, 62, 63, 64, 65
EMPTY_FILE, NO_PICTURE, BROKEN_PICTURE, HUGE_PICTURE, TINY_PICTURE, MOVING_PICTURE, NO_EYES = 66, 67, 68, 69, 70, 71, 72
# what to do for the next of the five frames,
STRAIGHT, STEP_BACK, OTHER_LIGHT, GLASSES, TURN_A_LITTLE = 80, 81, 82, 83, 84
WISHES = (STRAIGHT, STEP_BACK, OTHER_LIGHT, GLASSES, TURN_A_LITTLE)
# how it ended,
FEW_PHOTOS, ONE_DISTANCE, ONE_LIGHT, ALIKE, WALKED_AWAY, VAULT_AWAY, NOT_SAVED = 85, 86, 87, 88, 89, 90, 91
# and of a claim slip.
SLIP_TYPE, SLIP_WRONG, SLIP_USED, SLIP_ENDED, SLIP_ELSEWHERE = 92, 93, 94, 95, 96
SLIP_TRIES, SLIP_OFFLINE, SLIP_NO_VAULT, SLIP_TAKEN = 97, 98, 99, 100
# Why a vault does not take what a door had taken, beside FEW_PHOTOS and NOT_SAVED: enrolled in another home, another
# face model, damaged or not that door's, its digits not compared yet, looked at before.
TAKEN_TWICE, TAKEN_MODEL, TAKEN_BROKEN, TAKEN_DOOR, TAKEN_BEFORE = 101, 102, 103, 104, 105
SLIP_DIGITS = 10
MAX_PHOTO = 12 << 20  # bytes of one uploaded photo
MAX_PHOTO_PART = 512 * 1024
