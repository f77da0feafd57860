"""What can be sent ahead for a paper, in words: the lines of its checklist first."""

from gatehost.model.case import Paper
from gatehost.model.kind import Check, fits
from gatehost.service.paper import casework
from gatehost.web.frame.session import Asked
from gatehost.web.words import officewords
from gatehost.web.words.language import noted as N

SHOWN = {"id_copy": N("ID document")}  # looked at: what the archive files is called a copy, and nobody need bring one
OTHER = ("paper", "photo", "proof", "letter", "signature", "authorisation")  # what fits no line of a checklist


def wanted(paper: Paper) -> tuple[Check, ...]:
    """The lines of a paper's checklist for which something can be sent ahead."""
    kind = casework.kind_of(paper.case.kind)
    return tuple(check for check in kind.checks if check.doc and fits(check.only, paper.case.form))


def choices(asked: Asked, paper: Paper) -> list[tuple[str, str]]:
    """What a file may be, what the checklist asks for first."""
    lines = [check.doc for check in wanted(paper)]
    kinds = [*lines, *(kind for kind in OTHER if kind not in lines)]
    called = names(asked)
    return [(kind, called[kind]) for kind in kinds]


def names(asked: Asked) -> dict[str, str]:
    """What each kind of document is called."""
    return {kind: asked.say(word) for kind, word in (officewords.DOCUMENTS | SHOWN).items()}
