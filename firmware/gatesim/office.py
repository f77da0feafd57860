"""What people do on the host's pages during the demo: confirm devices, enrol a face, make and take back codes, open."""

import asyncio
import re
from dataclasses import dataclass
from time import perf_counter
from urllib.parse import urlsplit

from gatesim.browser import Browser, Sheet
from gatesim.errors import PageRefused, StepBroken
from gatesim.visitor import Visitor

POLL_S = 0.1
PHOTO_MS = 800  # between two pictures at the desk; the unit wants at least 700
LOADED_S = 60.0
LEAST = 3  # good pictures; with fewer the desk says that it knows


@dataclass(frozen=True, slots=True)
class Code:
    """A visitor code as the resident's page shows it: `path` is its page, `link` the visitor's."""

    home: str
    digits: str
    path: str
    link: str


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What came of one: photos taken, frames shown that the unit refused, and the person's page ("" if none)."""

    photos: int
    refused: int
    path: str
    twice: bool = False  # the face is enrolled in another home already


async def confirm_device(admin: Browser, slot: str, six: str, within_s: float = 30.0) -> None:
    """The installer compares the six digits the unit shows with those on the admin's page, and confirms."""
    until = perf_counter() + within_s
    while perf_counter() < until:
        sheet = await admin.see("/admin/doors")
        shown = [form for form in sheet.forms if form.action.endswith("/confirm") and form.fields.get("digits") == six]
        if shown:
            await admin.send(sheet, shown[0].action)
            return
        await asyncio.sleep(POLL_S)
    raise StepBroken(f"the admin page does not show the six digits of {slot}")


async def confirm_doors(vault: Visitor, doors: dict[str, Visitor], within_s: float = 60.0) -> int:
    """The person at the vault compares each door's digits with those on that door's own screen, and confirms."""
    await vault.until(lambda: len(vault.view.get("questions", [])) >= len(doors), "the vault asks of no door", within_s)
    asked = {question["digits"]: question["dev"] for question in vault.view["questions"]}
    for slot, door in doors.items():
        await door.until(lambda door=door: _six(door) in asked, f"{slot} shows other digits than the vault", 15)  # type: ignore[misc]
        await vault.say(do="confirm", dev=asked[_six(door)])
    await vault.until(lambda: not vault.view["questions"], "the vault did not take the confirmation", within_s)
    return len(doors)


def _six(unit: Visitor) -> str:
    """The six digits on a unit's screen."""
    return str((unit.view["digits"] or {}).get("six", ""))


async def enrol(desk: Browser, vault: Visitor, home: str, signer: str, frames: list[bytes], at: int) -> Enrolment:
    """Consent first, then the capture on the desk unit; the pictures are shown to its camera one after another."""
    sheet = await desk.see(f"/desk/homes/{home}")
    sheet = await desk.see(sheet.link(f"/desk/homes/{home}/faces/"))
    here = urlsplit(sheet.url).path
    party = here.rsplit("/", 1)[-1]
    sheet = await desk.send(sheet, here, checked="yes", read="yes", signer=signer)
    sheet = await desk.send(sheet, "/capture")
    await vault.until(lambda: vault.view.get("capture") is not None, "the desk unit did not begin the capture")
    photos, refused = 0, 0
    for frame in frames:
        refused += bool(await vault.show(frame, at))
        at += PHOTO_MS
        if vault.view["capture"] is None:
            return await _ended(vault, len(frames), refused, party)
        photos = vault.view["capture"]["photos"]
    return await _finish(desk, vault, sheet, photos, refused, party)


async def _finish(desk: Browser, vault: Visitor, sheet: Sheet, photos: int, refused: int, party: str) -> Enrolment:
    """Fewer good pictures than the unit asks for: "these are enough", or the capture is stopped."""
    if photos:
        await vault.say(do="enough" if photos >= LEAST else "few")
    else:
        await desk.send(sheet, "/stop")
    return await _ended(vault, photos, refused, party)


async def _ended(vault: Visitor, photos: int, refused: int, party: str) -> Enrolment:
    """What became of it: sealed, refused because another home has this face, or stopped."""
    await vault.until(lambda: vault.view["capture"] is None and not vault.view["checking"], "the capture does not end")
    how = vault.view["ended"]
    return Enrolment(photos, refused, f"/desk/faces/{party}" if how == "done" else "", how == "twice")


async def loaded(desk: Browser, path: str, doors: int, within_s: float = LOADED_S) -> float:
    """Waits until the person's page says that all doors hold the face; ms it took."""
    begun = perf_counter()
    while perf_counter() - begun < within_s:
        sheet = await desk.see(path)
        if re.search(rf"\b{doors} of {doors}\b", sheet.words):
            return (perf_counter() - begun) * 1000
        await asyncio.sleep(POLL_S)
    raise StepBroken(f"the face is not at all {doors} doors: {sheet.words[:200]}")


async def invite(resident: Browser) -> Code:
    """A code for today, as a resident makes one in two taps."""
    made = await resident.send(await resident.see("/invite"), "/invite", when="today")
    found = re.search(r'class="code"[^>]*>\s*(\d{4})\s+(\d{4})', made.html)
    home = re.search(r'class="digits">(\d+)</span>', made.html)
    link = re.search(r'https?://[^"\s<]+/v/[\w-]+', made.html)
    if found is None or home is None or link is None:
        raise PageRefused(f"the code's page shows no code: {made.words[:200]}")
    return Code(home.group(1), found.group(1) + found.group(2), urlsplit(made.url).path, link.group())


async def take_back(resident: Browser, code: Code) -> None:
    """Takes a code back on its page."""
    await resident.send(await resident.see(code.path), "/revoke")


async def lose_card(resident: Browser) -> None:
    """Reports the own card lost on the page of one's data."""
    await resident.send(await resident.see("/me/data"), "/me/cards/lost")


async def ringing(resident: Browser, within_s: float = 10.0) -> str:
    """The path of the call that rings on the resident's page."""
    until = perf_counter() + within_s
    while perf_counter() < until:
        sheet = await resident.see("/me")
        calls = [
            form.action for form in sheet.forms if form.action.startswith("/calls/") and form.action.endswith("/open")
        ]
        if calls:
            return calls[0].removesuffix("/open")
        await asyncio.sleep(POLL_S)
    raise StepBroken("the resident's page does not ring")


async def verdicts(admin: Browser) -> str:
    """What the proof page says after it has checked every stored entry again."""
    sheet = await admin.send(await admin.see("/admin/proof"), "/admin/proof")
    while "is being verified" in sheet.words:
        await asyncio.sleep(POLL_S)
        sheet = await admin.see("/admin/proof")
    if "All logs hold" not in sheet.words:
        raise StepBroken(f"the host's own check fails: {sheet.words[:300]}")
    return "every stored entry holds"
