"""Refusals in words: why not, and what to do next; and what to write beside a field that cannot be used."""

from collections.abc import Callable
from dataclasses import dataclass

from gatehost.model import errors
from gatehost.web.words import paperwords
from gatehost.web.words.language import Say
from gatehost.web.words.language import noted as N
from gatehost.web.words.subjects import FIELDS, REFUSALS


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
