"""Refusals in words: why not, and what to do next; and what to write beside a field that cannot be used."""

from collections.abc import Callable
from dataclasses import dataclass

from gatehost.model import errors
from gatehost.web import gatewords, officewords, paperwords, staffwords, watchwords
from gatehost.web.language import noted as N

Say = Callable[..., str]


class Wrong(dict[str, str]):
    """What is wrong with each field of a form, in words; "" for a field that is fine."""

    def __getattr__(self, field: str) -> str:
        return self.get(field, "")


@dataclass(frozen=True, slots=True)
class Told:
    """A refusal in words."""

    status: int
    tone: str
    why: str
    next: str


# code -> why not, and what to do next
REFUSALS: dict[str, tuple[str, str]] = {
    "witness": (N("There is no such witness"), N("Add it first, by the line its program prints.")),
    "head": (N("There is no tree head yet"), N("It comes with the first entry. Try again in a minute.")),
    "credentials": (
        N("Name or password is not right"),
        N("Check both and try again. Forgotten? The front desk gives you a new link."),
    ),
    "consent_stands": (
        N("The consent still stands"),
        N("Withdraw it on the person's own page for faces: this paper then ends by itself."),
    ),
    "no_consent": (
        N("There is no consent yet"),
        N("Face entry begins with the person's own consent. Show the text first."),
    ),
    "guardian": (
        N("A child under 14 cannot consent alone"),
        N("A parent or guardian reads the text and signs with their own name."),
    ),
    "slot_taken": (N("A device already holds this place"), N("Revoke the old device first, then make a new claim.")),
    "duress_needs_pin": (N("A duress PIN comes second"), N("Give the person an ordinary PIN first.")),
    "taken": (N("Somebody else answered"), N("The first answer wins. You need not do anything.")),
    "over": (N("This call is over"), N("If the visitor is still there, they can press Call again.")),
    "codes": (N("This home has four live codes"), N("Take one back, then invite again.")),
    "pins": (N("This home has three PINs"), N("End one of them first.")),
    "code": (N("There is no such code"), N("It may belong to another home, or have ended long ago.")),
    "call": (N("This call is over"), N("If the visitor is still there, they can press Call again.")),
    "home": (N("There is no such home"), N("Check the number and search again.")),
    "person": (N("There is no such person"), N("Search for the home and pick the person there.")),
    "face": (N("There is no face for this person"), N("Nothing has to be withdrawn.")),
    "case": (N("This is decided already"), N("Take the pictures again at the front desk.")),
    "not_confirmed": (N("The vault has not said yes"), N("Name the person first and wait for the vault's answer.")),
    "task": (N("This capture is over"), N("See the person's page for how it ended, or start again.")),
    "link": (N("This link no longer works"), N("Ask the front desk for a new one.")),
    "pin": (N("There is no such PIN"), N("It may have been ended already.")),
    "estate": (N("There is no such estate"), N("Somebody may have taken it off the list already.")),
    "place": (N("There is no such place"), N("Look at the list of places.")),
    "tie": (N("This has ended already"), N("Nothing has to be done.")),
    "alarm": (N("There is no such alarm"), N("Somebody may have looked at it already.")),
    "device": (N("There is no such device"), N("It may have been decided already. Look at the list of doors.")),
    "slot": (N("There is no such door"), N("Look at the list of doors.")),
    "form": (N("This page was open too long"), N("Go back, reload the page, and try again. Nothing was done.")),
    "signed_out": (N("You are signed out"), N("Sign in and try again. Nothing was done.")),
    "large": (N("That was too much text"), N("Shorten it and try again.")),
    "unreadable": (
        N("This form could not be read"),
        N("Go back, reload the page, and send it again. Nothing was done."),
    ),
    "slow": (N("The form did not arrive in time"), N("Check your connection and send it again. Nothing was done.")),
    "random": (N("No free number was found"), N("Please try again.")),
    "state_too_large": (N("That is more than a door can hold"), N("Nothing was changed. Ask the technician.")),
    "disk_full": (
        N("The host's disk is full"),
        N("Nothing was saved. Ask the technician to make room, then do it again. Doors go on opening."),
    ),
    "unread": (N("The consent text was not read"), N("Read it together, then tick the box.")),
}
for _words in (gatewords, officewords, paperwords, staffwords, watchwords):
    REFUSALS |= _words.REFUSALS

FIELDS: dict[tuple[str, str], str] = {
    ("cards", "none"): N("Tick at least one card"),
    ("cards", "many"): N("At most 500 cards at once: untick some"),
    ("statement", "damaged"): N("This is not a whole text of that page. Copy all of it again."),
    ("statement", "own"): N("This is this estate's own count: it is in the sum already"),
    ("statement", "older"): N("A newer count of this estate is here already"),
    ("statement", "ahead"): N("This count is dated in the future: check the clock of that estate's computer"),
    ("key", "missing"): N("This estate is new here: give the line of its trust file too"),
    ("key", "differs"): N("The count was signed by another key than this one"),
    ("reason", "reason"): N("Please say for whom and why, in at most 300 characters each"),
    ("reason", "keyless"): N("This database keeps no keys of private parts"),
    ("paper", "paper"): N("Please say on what paper it was asked: its number and date"),
    ("window", "large"): N("These hours hold too much for one report: choose fewer, or export the file alone"),
    ("window", "window"): N("Choose a door and two times, the earlier one first"),
    ("scope", "unknown"): N("There is no such export"),
    ("name", "name"): N("A witness's name has no blanks and only plain letters and digits"),
    ("name", "taken"): N("There is such a witness already"),
    ("public", "key"): N("This is not the line that kaimen witness new prints"),
    ("line", "cosignature"): N("This is no word of a known witness for the newest head. Let it judge again."),
    ("head", "head"): N("This is no printed head: the word head, two numbers, and 64 characters"),
    ("password", "short"): N("Please use at least 10 characters"),
    ("password", "common"): N("Too easy to guess: use something longer"),
    ("password", "long"): N("At most 200 characters"),
    ("again", "differ"): N("The two are not the same"),
    ("digits", "differ"): N("These are not the digits of this device. If its screen shows others, refuse it."),
    ("signer", "missing"): N("Please write the name of who signs"),
    ("read", "unread"): N("Please tick that the text was read"),
    ("checked", "unchecked"): N("Please tick that you have seen the papers"),
    ("name", "missing"): N("Please write a name"),
    ("value", "unknown"): N("This cannot be decided so: see what may be written"),
    ("value", "last_way"): N("One way in must stay for visitors: leave either calls or visitor codes on here"),
    ("decided_by", "missing"): N("Please write who decided"),
    ("why", "missing"): N("Please write why: residents will read it"),
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
    ("phone", "digits"): N("Only digits, spaces, + and -"),
    ("name", "long"): N("This is too long"),
    ("visitor", "long"): N("This is too long"),
    ("decided_by", "long"): N("This is too long"),
    ("document", "long"): N("This is too long"),
    ("why", "long"): N("This is too long"),
    ("uses", "range"): N("From 1 to 100, or any number"),
    ("day", "range"): N("From today to 31 days ahead"),
    ("until", "range"): N("The end must lie ahead"),
    ("photo", "empty"): N("Choose a photo first"),
    ("photo", "long"): N("The picture is too large: at most 12 MB"),
    ("until", "long"): N("At most 31 days"),
}
for _words in (gatewords, officewords, paperwords, staffwords, watchwords):
    FIELDS |= _words.FIELDS


def wrong_field(error: errors.BadInput, say: Say) -> Wrong:
    """What to write beside the field that cannot be used."""
    text = FIELDS.get((error.field, error.code)) or paperwords.CODES.get(error.code)
    text = text or REFUSALS.get(error.code, ("",))[0]
    return Wrong({error.field: say(text or N("Please check this"))})


def explain(error: Exception, say: Say, at: Callable[[int | None], str]) -> Told:
    """Why not, and what to do next."""
    if isinstance(error, errors.SwitchedOff):
        return Told(403, "calm", say(N("This is switched off")), switched_off(error, say))
    if isinstance(error, errors.TooMany) and error.code == "tries":
        until = error.facts.get("until")
        time = at(until) if isinstance(until, int) else ""
        return Told(
            429,
            "wait",
            say(N("Too many wrong tries")),
            say(
                N("Signing in rests for this name until %(time)s. A link from the front desk works at once."), time=time
            ),
        )
    if isinstance(error, errors.DoorSilent):
        return Told(
            503,
            "wait",
            say(N("The door did not answer")),
            say(
                N("It may be without power or network. Nothing was opened. Other ways in still work: code, PIN, face.")
            ),
        )
    if isinstance(error, errors.HostError):
        return refused(error, say)
    return Told(
        500,
        "bad",
        say(N("Something went wrong here")),
        say(N("Nothing was changed. Try again; if it stays, tell the front desk the time.")),
    )


def refused(error: errors.HostError, say: Say) -> Told:
    """A refusal by its code, with the answer's status by its kind."""
    status = {
        errors.Denied: 403,
        errors.NotFound: 404,
        errors.BadInput: 400,
        errors.Refused: 409,
        errors.TooMany: 409,
        errors.StoreError: 503,
    }.get(type(error), 400)
    if error.code in REFUSALS:
        why, next = REFUSALS[error.code]
        return Told(status, "wait", say(why), say(next))
    if isinstance(error, errors.Denied):
        return Told(
            403,
            "bad",
            say(N("This is not yours to do")),
            say(N("Your sign-in does not allow it. Ask the front desk if it should.")),
        )
    if isinstance(error, errors.NotFound):
        return Told(
            404,
            "calm",
            say(N("There is nothing here")),
            say(N("The address may be old or mistyped. Start again from the first page.")),
        )
    return Told(status, "wait", say(N("That did not work")), say(N("Please check what you entered and try again.")))


def switched_off(error: errors.SwitchedOff, say: Say) -> str:
    """Who decided, in which document, and why: the same sentence wherever something is off."""
    facts = {name: str(error.facts.get(name, "")) for name in ("decided_by", "document", "why")}
    return decision(say, facts["decided_by"], facts["document"], facts["why"])


def decision(say: Say, decided_by: str, document: str, why: str) -> str:
    """The sentence that names a policy's owner."""
    parts = (
        [say(N("Decided by: %(who)s."), who=decided_by)]
        if decided_by
        else [say(N("This is how it was set up at first."))]
    )
    if document:
        parts.append(say(N("Document: %(document)s."), document=document))
    if why:
        parts.append(say(N("Reason: %(why)s."), why=why.rstrip("。.")))
    return " ".join(parts)
