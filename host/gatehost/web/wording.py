"""Numbers and states in words: what a line, a code, a door or an act is called, in the reader's language."""

from dataclasses import dataclass

from gatecore import events, intake
from gatehost.model import call, code, credential, device, party, place, policy, visit
from gatehost.web import gatewords, moment, officewords, paperwords, sittingwords, watchwords
from gatehost.web.language import noted as N
from gatehost.web.refusals import Say, decision


@dataclass(frozen=True, slots=True)
class State:
    """A state as pages show it: a colour's meaning, a word and a symbol, always together."""

    tone: str
    word: str
    icon: str = ""


DONE = {
    "witness": N("The witness is added. It counts from the next hand-over on."),
    "cosigned": N("The witness's word is kept beside the log."),
    "revoked": N("The code is taken back. Connected doors know it at once."),
    "password": N("Your password is saved."),
    "withdrawn": N("Consent is withdrawn. Every door is being told to erase the face."),
    "person": N("The person is added."),
    "tie": N("The person no longer belongs to this home."),
    "pin": N("The PIN no longer works."),
    "card_lost": N(
        "Your card is dead at every connected door, and guards know its number. The desk gives you a new one."
    ),
    "seen": N("Marked as looked at."),
    "confirmed": N("The device is confirmed. It gets its certificate and its state now."),
    "refused": N("The device is refused. Its claim cannot be used again."),
    "slot": N("The place for a device is ready. Make a claim for it next."),
    "rule": N("The decision is saved. Connected doors know it at once."),
    "device": N("The device is never believed again."),
    "released": N("The device is back in service."),
    "key": N("The device makes a new key. Its log names it, and the old key confirms it."),
    "lifted": N("Codes of this home work at that door again."),
    "asked": N("The vault is asked; its answer appears below."),
    "two_people": N("Decided: two people. Take the pictures again; both open with face and home number."),
    "same_person": N("The older face is being erased. Take the pictures again."),
    "stopped": N("The capture was stopped. Nothing was kept."),
}
DONE |= gatewords.DONE | officewords.DONE | paperwords.DONE | watchwords.DONE

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
        N("The door still works; its log has a gap. Replace the storage."),
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
    100: (
        N("A device exists twice"),
        N("Its log continued in two ways: a copied card. It gets nothing new until you decide."),
    ),
    101: (
        N("A code for one visit let somebody in twice"),
        N("Two doors that were not connected opened for it. The home was told; ask whom it expected."),
    ),
}

TIES = {
    party.OWNER: N("Owner"),
    party.TENANT: N("Tenant"),
    party.FAMILY: N("Family"),
    party.CHILD: N("Child"),
    party.GUARDIAN: N("Guardian"),
    party.AGENT: N("Authorised person"),
    party.STAFF: N("Staff"),
}

RULES = {
    "home_open": N("May homes open doors from their phone?"),
    "calls": N("May visitors call homes from the door?"),
    "face_mode": N("Face entry"),
    "face_life": N("Must a face show that it is alive?"),
    "visitor_codes": N("Visitor codes"),
    "gate_pins": N("Residents' PINs at gates"),
    "old_cards": N("Do cards of the former system still work?"),
    "duress_alarm": N("Who is told of a duress PIN?"),
}
VALUES = {
    ("home_open", policy.OPEN): N("Yes, at any time"),
    ("home_open", policy.CALL_ONLY): N("Only while a visitor is calling"),
    ("home_open", policy.OFF): N("No"),
    ("face_mode", policy.FACE_OFF): N("Off"),
    ("face_mode", policy.FACE_FREE): N("Free: look and enter"),
    ("face_mode", policy.FACE_AT_HOME): N("After dialling the home number"),
    ("face_life", policy.LIFE_OFF): N("Never: a photo of a resident can open"),
    ("face_life", policy.LIFE_UNSURE): N("Only when the match is narrow or the light poor"),
    ("face_life", policy.LIFE_ALWAYS): N("Always: turn the head, and blink or open the mouth, about 3 seconds"),
    ("duress_alarm", "desk"): N("Front desk"),
    ("duress_alarm", "admin"): N("Estate admin"),
    ("duress_alarm", "off"): N("Nobody"),
}
NOTES = {
    "face_life": N(
        "Stops printed photos and photos on a phone, held still, moved, tilted, bent or rolled, and photos with eye"
        " holes. Does not stop several photos of one person swapped, a video that shows the asked movements, a live"
        " deepfake or a mask."
        " Measured on simulated pictures only, never yet on people at a door."
    ),
}
ON_OFF = {"on": N("On"), "off": N("Off")}
QUALITY = {
    0: ("bad", N("no time")),
    1: ("bad", N("no sure time")),
    2: ("wait", N("battery clock")),
    3: ("good", N("host time")),
    4: ("good", N("two sources agree")),
}
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
    "policy": (N("The estate decided that the home number comes first."), N("Change it under Policies, face entry.")),
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


FLAWS = {
    "entry": N("the entry itself cannot be read"),
    "chain": N("it does not follow the entry before it"),
    "commitment": N("what was said in private does not belong to it"),
    "seal": N("the door's seal does not cover it"),
    "columns": N("the list shows something else than the door wrote"),
    "missing": N("it is missing"),
    "head": N("the log goes on otherwise than this computer remembers"),
}
PRIVATE = {
    "disclosed": ("good", N("disclosed")),
    "erased": ("calm", N("lawfully erased")),
    "missing": ("bad", N("MISSING")),
    "none": ("calm", N("never had one")),
}
ACTIONS = {
    "witness.add": N("added a witness"),
    "witness.answer": N("kept a witness's word"),
    "account.link": N("made a sign-in link"),
    "account.password": N("set a password"),
    "alarm.see": N("looked at an alarm"),
    "audit.erase": N("erased private parts of the log"),
    "audit.export": N("exported the logs"),
    "audit.verify": N("verified the logs"),
    "code.lift": N("lifted a pause of codes"),
    "code.link": N("made a visitor's link"),
    "code.make": N("made a visitor code"),
    "code.revoke": N("took a visitor code back"),
    "code.see": N("looked at visitor codes"),
    "device.claim": N("made a claim"),
    "device.confirm": N("confirmed a device"),
    "device.refuse": N("refused a device"),
    "device.release": N("took a device back into service"),
    "device.revoke": N("revoked a device"),
    "device.key": N("ordered a device to change its key"),
    "device.slot": N("made a place for a device"),
    "door.not_opened": N("tried to open a door; it did not open"),
    "door.open": N("wanted to open a door"),
    "door.order": N("sent a signed order to a door"),
    "face.ask_same": N("asked the vault whether two faces are one person's"),
    "face.same_person": N("decided that two records are one person's"),
    "face.slip": N("made a claim slip for a face"),
    "face.two_people": N("decided that two people look alike"),
    "face.capture": N("took pictures for a face"),
    "face.consent": N("wrote down a consent"),
    "face.see": N("looked at a face's state"),
    "face.withdraw": N("withdrew a consent"),
    "home.add": N("added a person"),
    "home.end": N("ended that a person belongs here"),
    "home.find": N("searched"),
    "home.see": N("looked at the home"),
    "log.see": N("looked at a door's log"),
    "pin.end": N("ended a PIN"),
    "pin.give": N("gave a PIN"),
    "pin.see": N("looked at PINs"),
    "policy.set": N("decided a policy"),
    "visit.see": N("looked at who came"),
}
ACTIONS |= gatewords.ACTIONS | officewords.ACTIONS | paperwords.ACTIONS | watchwords.ACTIONS


class Words:
    """The tables above, said in one reader's language."""

    def __init__(self, say: Say) -> None:
        self._say = say

    def method(self, number: int | None) -> str:
        """How somebody came in."""
        return self._say(METHODS.get(number or 0, N("Door")))

    def method_icon(self, number: int | None) -> str:
        """Its symbol."""
        return METHOD_ICONS.get(number or 0, "door")

    def reason(self, number: int | None) -> str:
        """Why a door did or did not open."""
        return self._say(REASONS.get(number or 0, N("another reason")))

    def type(self, number: int) -> str:
        """What kind of entry it is."""
        return self._say(TYPES.get(number, N("Entry")))

    def access(self, granted: bool | None) -> State:
        """Opened or refused."""
        if granted is None:
            return State("calm", self._say(N("Noted")))
        return State("good", self._say(N("Opened"))) if granted else State("bad", self._say(N("Refused")))

    def alarm(self, kind: int) -> str:
        """What happened."""
        return self._say(ALARMS.get(kind, (N("Alarm"), ""))[0])

    def alarm_next(self, kind: int) -> str:
        """What to do about it."""
        text = ALARMS.get(kind, ("", N("Ask the technician.")))[1]
        return self._say(text)

    def tie(self, role: str) -> str:
        """How a person belongs to a home."""
        return self._say(TIES.get(role, N("Person")))

    def rule(self, key: str) -> str:
        """What a policy is about."""
        return self._say(RULES[key])

    def note(self, key: str) -> str:
        """What a policy can and cannot do, where that must be said; else ""."""
        return self._say(NOTES[key]) if key in NOTES else ""

    def value(self, key: str, value: str) -> str:
        """What a policy says."""
        return self._say(VALUES.get((key, value)) or ON_OFF[value])

    def quality(self, number: int) -> State:
        """How sure a door is of its time."""
        tone, word = QUALITY[min(max(number, 0), 4)]
        return State(tone, self._say(word), "wait")

    def hint(self, reason: int) -> str:
        """What the person before the camera could do better."""
        return self._say(CAPTURE_HINTS.get(reason, N("Please look at the camera")))

    def not_taken(self, reason: int, mine: bool = False) -> tuple[str, str]:
        """Why what a door took was not taken over, and what to do next: for the desk, or for the person themselves."""
        why = sittingwords.NOT_TAKEN.get(reason, sittingwords.NOT_TAKEN[intake.TAKEN_BROKEN])
        said = (why.mine, why.mine_next) if mine else (why.desk, why.desk_next)
        return self._say(said[0]), self._say(said[1])

    def way(self, way: int | None) -> State:
        """How a door lets faces in; None while it has not told."""
        tone, word = WAYS.get(-1 if way is None else way, ("wait", N("Has not told yet")))
        return State(tone, self._say(word), "face")

    def closed(self, reason: str) -> tuple[str, str]:
        """Why, and what to do next ("" for nothing)."""
        why, then = CLOSED.get(reason, (N("The door asks for the home number."), ""))
        return self._say(why), self._say(then) if then else ""

    def same(self, verdict: int | None) -> State:
        """What the vault says of a person somebody named."""
        if verdict is None:
            return State("wait", self._say(N("The vault has not answered yet")))
        tone, word = SAMES[verdict]
        return State(tone, self._say(word))

    def code_state(self, state: str) -> State:
        """A visitor code now."""
        tone, word = {
            code.ISSUED: ("good", N("Valid")),
            code.EARLY: ("wait", N("Not yet valid")),
            code.ENDED: ("calm", N("Ended")),
            code.REVOKED: ("bad", N("Taken back")),
        }[state]
        return State(tone, self._say(word))

    def face_state(self, state: str) -> State:
        """A face credential now."""
        tone, word = {
            credential.WAITING: ("wait", N("Consent given, no pictures yet")),
            credential.CAPTURING: ("wait", N("Being taken")),
            credential.ACTIVE: ("good", N("Works")),
            credential.WITHDRAWN: ("wait", N("Withdrawn, being erased")),
            credential.ERASED: ("calm", N("Erased everywhere")),
        }[state]
        return State(tone, self._say(word))

    def call_state(self, state: str) -> State:
        """What became of a call."""
        tone, word = {
            call.RINGING: ("wait", N("Ringing")),
            call.ANSWERED: ("wait", N("Answered")),
            call.OPENED: ("good", N("Opened")),
            call.DECLINED: ("calm", N("Not opened")),
            call.NO_ANSWER: ("calm", N("No answer")),
            call.CANCELLED: ("calm", N("The visitor left")),
            call.LOST: ("bad", N("Connection lost")),
        }[state]
        return State(tone, self._say(word), "bell" if state == call.RINGING else "")

    def device_state(self, state: str) -> State:
        """Whether a device is believed."""
        tone, word = {
            device.PENDING: ("wait", N("Waits for you")),
            device.ACTIVE: ("good", N("In service")),
            device.REVOKED: ("bad", N("Revoked")),
            device.QUARANTINED: ("bad", N("Set aside")),
            device.REFUSED: ("bad", N("Refused")),
        }[state]
        return State(tone, self._say(word))

    def uses(self, held: code.VisitorCode) -> str:
        """How often a code was used, of how often it may be."""
        if held.uses == 0:
            return self._say(N("%(used)s used"), used=held.used)
        return self._say(N("%(used)s used, %(uses)s at each door"), used=held.used, uses=held.uses)

    def how_often(self, uses: int) -> str:
        """How often a code may be used."""
        if uses == 0:
            return self._say(N("as often as you like"))
        return self._say(N("%(number)s times at each door"), number=uses)

    def times(self, counts: tuple[int, ...]) -> list[tuple[int, str]]:
        """Numbers of uses to choose from."""
        return [(count, self.how_often(count)) for count in counts]

    def named(self, places: tuple[place.Place, ...]) -> list[tuple[str, str]]:
        """Places to choose from."""
        return [(one.id, one.name) for one in places]

    def weekdays(self, mask: int, language: str) -> str:
        """The days of a mask (bit 0 is Monday)."""
        return " ".join(moment.weekday(language, day) for day in range(7) if mask >> day & 1)

    def line(self, line: visit.Line) -> str:
        """What an entry is about: the code's label or the person where the reader may know, else the way."""
        if line.granted is None:
            return self.type(line.typ)
        who = line.visitor or line.person
        return f"{self.method(line.method)} · {who}" if who else self.method(line.method)

    def is_text(self, key: str) -> bool:
        """Whether a rule says what somebody wrote, in whatever language."""
        return key in policy.TEXTS or key in policy.GATES

    def decision(self, rule: policy.Rule) -> str:
        """Who decided a rule, in which document, and why."""
        return decision(self._say, rule.decided_by, rule.document, rule.why)

    def flaw(self, what: str) -> str:
        """What is wrong with an entry."""
        return self._say(FLAWS.get(what, N("it cannot be read")))

    def private(self, what: str) -> State:
        """What became of an entry's private part."""
        tone, word = PRIVATE[what]
        return State(tone, self._say(word))

    def action(self, action: str) -> str:
        """What somebody did or looked at."""
        return self._say(ACTIONS.get(action, N("Another act")))

    def paper_state(self, state: str) -> State:
        """How far a paper has come."""
        tone, word = paperwords.STATES.get(state, ("calm", N("Open")))
        return State(tone, self._say(word))

    def duty(self, duty: str) -> str:
        """Whose signature it is, or who takes it on; a name stays a name."""
        return self._say(paperwords.DUTIES[duty]) if duty in paperwords.DUTIES else duty

    def connection(self, connected: bool) -> State:
        """Up or down."""
        if connected:
            return State("good", self._say(N("Connected")))
        return State("bad", self._say(N("Offline")), "offline")
