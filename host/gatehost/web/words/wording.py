"""Numbers and states in words: what a line, a code, a door or an act is called, in the reader's language."""

from dataclasses import dataclass

from gatecore import intake
from gatehost.model import call, code, credential, device, party, place, policy, visit
from gatehost.web.words import (  # fmt: skip
    doorwords,
    facewords,
    gatewords,
    moment,
    officewords,
    paperwords,
    rulewords,
    sittingwords,
    staffwords,
    watchwords,
)
from gatehost.web.words.language import noted as N
from gatehost.web.words.refusals import Say, decision


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
    "tie": N(
        "The person no longer belongs to this home. Their ways in here end; a door that is offline learns it later."
    ),
    "corrected": N("Saved. What was signed under the old name stays as it was signed."),
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
DONE |= gatewords.DONE | officewords.DONE | paperwords.DONE | staffwords.DONE | watchwords.DONE


TIES = {
    party.OWNER: N("Owner"),
    party.TENANT: N("Tenant"),
    party.FAMILY: N("Family"),
    party.CHILD: N("Child"),
    party.GUARDIAN: N("Guardian"),
    party.AGENT: N("Authorised person"),
    party.STAFF: N("Staff"),
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
    "home.correct": N("corrected a name or a phone number"),
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
ACTIONS |= gatewords.ACTIONS | officewords.ACTIONS | paperwords.ACTIONS | staffwords.ACTIONS | watchwords.ACTIONS


# as the first start and the host itself sign
UNNAMED = {"Administrator": N("Estate admin"), "Front desk": N("Front desk"), "visitor": N("Visitor")}


class Words:
    """The tables above, said in one reader's language."""

    def __init__(self, say: Say) -> None:
        self._say = say

    def who(self, name: str) -> str:
        """Somebody's name; the first accounts and whoever has none are called by what they are."""
        return self._say(UNNAMED[name]) if name in UNNAMED else name

    def method(self, number: int | None) -> str:
        """How somebody came in."""
        return self._say(doorwords.METHODS.get(number or 0, N("Door")))

    def method_icon(self, number: int | None) -> str:
        """Its symbol."""
        return doorwords.METHOD_ICONS.get(number or 0, "door")

    def reason(self, number: int | None) -> str:
        """Why a door did or did not open."""
        return self._say(doorwords.REASONS.get(number or 0, N("another reason")))

    def type(self, number: int) -> str:
        """What kind of entry it is."""
        return self._say(doorwords.TYPES.get(number, N("Entry")))

    def access(self, granted: bool | None) -> State:
        """Opened or refused."""
        if granted is None:
            return State("calm", self._say(N("Noted")))
        return State("good", self._say(N("Opened"))) if granted else State("bad", self._say(N("Refused")))

    def alarm(self, kind: int) -> str:
        """What happened."""
        return self._say(doorwords.ALARMS.get(kind, (N("Alarm"), ""))[0])

    def alarm_next(self, kind: int) -> str:
        """What to do about it."""
        text = doorwords.ALARMS.get(kind, ("", N("Ask the technician.")))[1]
        return self._say(text)

    def tie(self, role: str) -> str:
        """How a person belongs to a home."""
        return self._say(TIES.get(role, N("Person")))

    def rule(self, key: str) -> str:
        """What a policy is about."""
        return self._say(rulewords.NAMES[key])

    def note(self, key: str) -> str:
        """What a policy can and cannot do, where that must be said; else ""."""
        return self._say(rulewords.NOTES[key]) if key in rulewords.NOTES else ""

    def value(self, key: str, value: str) -> str:
        """What a policy says."""
        return self._say(rulewords.VALUES.get((key, value)) or rulewords.ON_OFF[value])

    def quality(self, number: int) -> State:
        """How sure a door is of its time."""
        tone, word = doorwords.QUALITY[min(max(number, 0), 4)]
        return State(tone, self._say(word), "wait")

    def hint(self, reason: int) -> str:
        """What the person before the camera could do better."""
        return self._say(facewords.CAPTURE_HINTS.get(reason, N("Please look at the camera")))

    def not_taken(self, reason: int, mine: bool = False) -> tuple[str, str]:
        """Why what a door took was not taken over, and what to do next: for the desk, or for the person themselves."""
        why = sittingwords.NOT_TAKEN.get(reason, sittingwords.NOT_TAKEN[intake.TAKEN_BROKEN])
        said = (why.mine, why.mine_next) if mine else (why.desk, why.desk_next)
        return self._say(said[0]), self._say(said[1])

    def way(self, way: int | None) -> State:
        """How a door lets faces in; None while it has not told."""
        tone, word = facewords.WAYS.get(-1 if way is None else way, ("wait", N("Has not told yet")))
        return State(tone, self._say(word), "face")

    def closed(self, reason: str) -> tuple[str, str]:
        """Why, and what to do next ("" for nothing)."""
        why, then = facewords.CLOSED.get(reason, (N("The door asks for the home number."), ""))
        return self._say(why), self._say(then) if then else ""

    def same(self, verdict: int | None) -> State:
        """What the vault says of a person somebody named."""
        if verdict is None:
            return State("wait", self._say(N("The vault has not answered yet")))
        tone, word = facewords.SAMES[verdict]
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
        return self._say(doorwords.FLAWS.get(what, N("it cannot be read")))

    def private(self, what: str) -> State:
        """What became of an entry's private part."""
        tone, word = doorwords.PRIVATE[what]
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
