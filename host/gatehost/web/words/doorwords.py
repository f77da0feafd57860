"""What doors and their log say: how somebody came in, why not, what happened, what is wrong with an entry, in words."""

from gatecore import events
from gatehost.model import alarm
from gatehost.web.words.language import noted as N

METHODS = {
    1: N("Face"),
    2: N("Visitor code"),
    3: N("PIN"),
    4: N("Card"),
    5: N("From a phone"),
    6: N("Face, home dialled"),
}
METHOD_ICONS = {1: "face", 2: "invite", 3: "key", 4: "key", 5: "open", 6: "face"}

REASONS = {
    0: N("in order"),
    1: N("wrong code"),
    2: N("code has ended"),
    3: N("code not valid yet"),
    4: N("code taken back"),
    5: N("code used up"),
    6: N("mistyped"),
    7: N("too many tries"),
    8: N("codes of the home rest"),
    9: N("door has no sure time"),
    10: N("face not recognised"),
    11: N("no permission at this door"),
    12: N("outside the hours"),
    13: N("switched off"),
    14: N("no such home here"),
    15: N("code cancelled at the door"),
    16: N("a code was cancelled"),
    17: N("card not known here"),
    18: N("card reported lost"),
    19: N("card has ended"),
    20: N("not connected"),
    21: N("nobody takes calls"),
    22: N("order was not valid"),
    23: N("door open too long"),
    24: N("door forced"),
    25: N("storage fault"),
    26: N("home number needed"),
    27: N("no proof of a living person"),
    29: N("reader rests"),
}

TYPES = {
    1: N("Started"),
    2: N("Alive"),
    4: N("Took new state"),
    6: N("Clock moved"),
    7: N("Oldest entries replaced"),
    8: N("An entry was stored late"),
    11: N("Call"),
    13: N("Door forced"),
    14: N("Door open too long"),
    15: N("Case opened"),
    16: N("Fire input"),
    17: N("Alarm"),
    18: N("Hourly count"),
    19: N("Storage, camera or reader"),
    20: N("Something was not believed"),
    21: N("Left by the exit button"),
}

ALARMS: dict[int, tuple[str, str]] = {
    events.ALERT_GUESSING: (
        N("Somebody is guessing codes or trying cards"),
        N("That keypad or reader rests between tries; other ways in still work. Look who stands there."),
    ),
    events.ALERT_PAUSED: (
        N("Codes of one home rest at a door"),
        N("Ten wrong tries against this home. The home can lift the pause."),
    ),
    events.ALERT_FORCED: (N("Door forced"), N("Send somebody to the door.")),
    events.ALERT_HELD: (N("Door open too long"), N("Send somebody to close it.")),
    events.ALERT_TAMPER: (
        N("The case of a device was opened"),
        N("Look at the device. If nobody was sent, revoke it."),
    ),
    events.ALERT_FIRE: (N("Fire input: doors are released"), N("Follow the fire plan.")),
    events.ALERT_DISTRUST: (
        N("A door refused what it was sent"),
        N("It believes only signed orders. Ask the technician."),
    ),
    events.ALERT_STORAGE: (
        N("Storage of a door has failed"),
        N(
            "The door goes on opening. What it cannot write waits in its memory, and a power cut would lose it. "
            "Make room, or replace the card."
        ),
    ),
    events.ALERT_DURESS: (
        N("Opened under duress"),
        N("The door opened as usual. Call the police; do not call the home."),
    ),
    events.ALERT_CANCELLED: (N("A visitor code was cancelled at the door"), N("The home was told. Nothing to do.")),
    events.ALERT_CAMERA: (
        N("The camera of a door gives no pictures"),
        N("Codes, cards and calls still work there. Look at the camera and its cable."),
    ),
    events.ALERT_LOST_CARD: (
        N("A lost card was held to a door"),
        N("The door stayed shut. Look who stands there, and ask for the card."),
    ),
    events.ALERT_READER: (
        N("The card reader of a door does not answer"),
        N("Faces, codes and calls still work there. Look at the reader and its cable."),
    ),
    events.ALERT_LOG_FULL: (
        N("The log of a door is full"),
        N("The door still works; its oldest entries are being replaced. Connect it, or ask the technician."),
    ),
    events.ALERT_UNCOVERED: (
        N("A door misses its entries in the estate's log"),
        N("The host has them and does not show them. Keep the newest export and ask the technician at once."),
    ),
    alarm.FORK: (
        N("A device exists twice"),
        N("Its log continued in two ways: a copied card. It gets nothing new until you decide."),
    ),
    alarm.CONFLICT: (
        N("A code for one visit let somebody in twice"),
        N("Two doors that were not connected opened for it. The home was told; ask whom it expected."),
    ),
    alarm.WITNESS: (
        N("A door does not accept the estate's log"),
        N("It remembers another one: something was changed or left out. Export the log, and call the technician."),
    ),
}

QUALITY = {
    0: ("bad", N("no time")),
    1: ("bad", N("no sure time")),
    2: ("wait", N("battery clock")),
    3: ("good", N("host time")),
    4: ("good", N("two sources agree")),
}

FLAWS = {
    "entry": N("the entry itself cannot be read"),
    "chain": N("it does not follow the entry before it"),
    "commitment": N("what was said in private does not belong to it"),
    "seal": N("the door's seal does not cover it"),
    "columns": N("the list shows something else than the door wrote"),
    "missing": N("it is missing"),
    "head": N("the log goes on otherwise than this computer remembers"),
    "cert": N("its certificate is not the one this estate signed"),
    "tree": N("the entries stored are not those that were signed together"),
}
PRIVATE = {
    "disclosed": ("good", N("disclosed")),
    "erased": ("calm", N("lawfully erased")),
    "missing": ("bad", N("MISSING")),
    "none": ("calm", N("never had one")),
    "beside": ("calm", N("not asked for")),
}
REFUSALS: dict[str, tuple[str, str]] = {
    "slot_taken": (N("A device already holds this place"), N("Revoke the old device first, then make a new claim.")),
    "taken": (N("Somebody else answered"), N("The first answer wins. You need not do anything.")),
    "over": (N("This call is over"), N("If the visitor is still there, they can press Call again.")),
    "call": (N("This call is over"), N("If the visitor is still there, they can press Call again.")),
    "clock": (
        N("This computer's clock is not believed"),
        N("Set it right, or say on the page Today that it is; then give the door its time."),
    ),
    "alarm": (N("There is no such alarm"), N("Somebody may have looked at it already.")),
    "device": (N("There is no such device"), N("It may have been decided already. Look at the list of doors.")),
    "slot": (N("There is no such door"), N("Look at the list of doors.")),
    "place": (N("There is no such place"), N("Look at the list of places.")),
}
FIELDS: dict[tuple[str, str], str] = {
    ("digits", "differ"): N("These are not the digits of this device. If its screen shows others, refuse it."),
    ("place", "desk"): N("Only a desk unit stands at no gate and in no building"),
    ("dial", "dial"): N("Digits only, and fewer than a home's number has"),
    ("dial", "taken"): N("Homes of another building begin with these digits"),
    ("floors", "floors"): N("From 0 to 99"),
    ("per_floor", "floors"): N("From 0 to 99"),
    ("floors", "digits"): N("A home's number has no room for so many floors"),
    ("floors", "many"): N("That would be more homes than an estate can have"),
    ("behind", "unknown"): N("One of these is there no more: choose again"),
    ("slot", "taken"): N("This short name is in use"),
    ("slot", "characters"): N("Only small letters, digits and hyphens"),
    ("slot", "like_a_home"): N("A short name of digits alone would look like a home"),
}
ACTIONS: dict[str, str] = {
    "alarm.see": N("looked at an alarm"),
    "device.claim": N("made a claim"),
    "device.confirm": N("confirmed a device"),
    "device.refuse": N("refused a device"),
    "device.release": N("took a device back into service"),
    "device.revoke": N("revoked a device"),
    "device.clock": N("set a door's clock"),
    "device.key": N("ordered a device to change its key"),
    "device.slot": N("made a place for a device"),
    "door.not_opened": N("tried to open a door; it did not open"),
    "door.open": N("wanted to open a door"),
    "door.order": N("sent a signed order to a door"),
    "log.see": N("looked at a door's log"),
}
DONE: dict[str, str] = {
    "seen": N("Marked as looked at."),
    "confirmed": N("The device is confirmed. It gets its certificate and its state now."),
    "refused": N("The device is refused. Its claim cannot be used again."),
    "slot": N("The place for a device is ready. Make a claim for it next."),
    "device": N("The device is never believed again."),
    "in_service": N("The device is back in service."),
    "clock": N("The door has taken this computer's time."),
    "key": N("The device makes a new key. Its log names it, and the old key confirms it."),
}
