"""Numbers and states in words: what a line, a code, a door or an act is called, in the reader's language."""

from dataclasses import dataclass

from gatecore import intake
from gatehost.model import call, code, credential, device, place, policy, visit
from gatehost.model.account import ADMIN, DESK
from gatehost.web.words import doorwords, facewords, homewords, moment, paperwords, rulewords, sittingwords, subjects
from gatehost.web.words.language import Say
from gatehost.web.words.language import noted as N
from gatehost.web.words.refusals import decision


@dataclass(frozen=True, slots=True)
class State:
    """A state as pages show it: a colour's meaning, a word and a symbol, always together."""

    tone: str
    word: str
    icon: str = ""


# as the first start and the host itself sign
UNNAMED = {"Administrator": N("Estate admin"), "Front desk": N("Front desk"), "visitor": N("Visitor")}
FIRST = {"Administrator": ADMIN, "Front desk": DESK}


class Words:
    """The tables of all subjects, said in one reader's language."""

    def __init__(self, say: Say) -> None:
        self._say = say

    def who(self, name: str) -> str:
        """Somebody's name; the first accounts and whoever has none are called by what they are."""
        return self._say(UNNAMED[name]) if name in UNNAMED else name

    def account(self, name: str, role: str) -> str:
        """Whose account it is: the first ones by what they are, while they are it; any other as it was named."""
        return self.who(name) if FIRST.get(name) == role else name

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
        return self._say(homewords.TIES.get(role, N("Person")))

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
        return self._say("%(number)s time at each door", "%(number)s times at each door", number=uses)

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
        return self._say(subjects.ACTIONS.get(action, N("Another act")))

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
