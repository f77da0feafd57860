"""What all subjects say, gathered: why not, what is wrong with a field, what somebody did, what was done."""

from gatehost.web.words import (
    doorwords,
    evidencewords,
    facewords,
    framewords,
    gatewords,
    homewords,
    officewords,
    paperwords,
    rulewords,
    staffwords,
)

SUBJECTS = (
    framewords, doorwords, facewords, homewords, evidencewords, rulewords, gatewords, officewords, paperwords,
    staffwords,
)  # fmt: skip
# code -> why not, and what to do next
REFUSALS: dict[str, tuple[str, str]] = {code: said for one in SUBJECTS for code, said in one.REFUSALS.items()}
# (field, code) -> what to write beside the field
FIELDS: dict[tuple[str, str], str] = {at: said for one in SUBJECTS for at, said in one.FIELDS.items()}
# act -> what somebody did, as the list of looks says it
ACTIONS: dict[str, str] = {act: said for one in SUBJECTS for act, said in one.ACTIONS.items()}
# word in a page's address -> what was just done
DONE: dict[str, str] = {word: said for one in SUBJECTS for word, said in one.DONE.items()}
