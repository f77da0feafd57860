"""What the door tells the person before it: about fourteen states, each with a light, a sound and a text together.

The texts are in gatecore.wording, for doors that have a screen; the shells only render.
"""

# States.
IDLE, DIAL, CODE, HINT, ASK_HOME, OPENED, REFUSED, CALLING, TALKING, NO_ANSWER, DECLINED, NOT_SET_UP, ALERT, FREE = (
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13,
)  # fmt: skip

# Light: steady white, blinking white, green, red, blue; sound: none, click, rising, low, ring, siren.
LIGHT = ("white", "white-blink", "white-blink", "white-blink", "white-blink", "green", "red", "blue-blink", "blue",
         "red", "red", "red-blink", "red-blink", "green-blink")  # fmt: skip
SOUND = ("none", "click", "click", "none", "click", "rising", "low", "ring", "rising",
         "low", "low", "none", "siren", "siren")  # fmt: skip
SECONDS = (0, 0, 0, 3, 10, 5, 5, 0, 0, 5, 5, 0, 10, 0)  # 0: until something else happens

# Reasons beside the codes' own 0..9, 15, 16 (codes.py): of faces, cards, calls and the door itself.
FACE_UNKNOWN, NO_RIGHT, OUTSIDE_HOURS, OFF, NOT_HERE = 10, 11, 12, 13, 14
NOT_CONNECTED, NOBODY, BAD_COMMAND, HELD_OPEN, FORCED_OPEN, STORAGE, UNCLEAR = 20, 21, 22, 23, 24, 25, 26
NOT_LIVE, CAMERA = 27, 28
CARD_UNKNOWN, CARD_LOST, CARD_ENDED, CARD_WAIT = 17, 18, 19, 29
COME_CLOSER, ONE_AT_A_TIME, LOOK_HERE, MORE_LIGHT, KEEP_MOVING, UNCOVER, TOO_MANY_FACES = 30, 31, 32, 33, 34, 35, 36
TURN_LEFT, TURN_RIGHT, BLINK, TOO_BRIGHT, AGAINST_LIGHT, OPEN_MOUTH = 50, 51, 52, 53, 54, 55
