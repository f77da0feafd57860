"""What the law asks to be said and counted, from what really holds: rules for the public, faces, the impact assessment.

Nothing here is written by hand and left to grow old: every number and switch is read when it is asked for. A signed
assessment is kept as an entry of the host's own log, which no retention erases (L7: at least three years).
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from gatecore.clock import DAY_MS
from gatehost.model.account import Actor
from gatehost.model.case import Case
from gatehost.model.errors import BadInput
from gatehost.model.place import ROOT
from gatehost.model.policy import KEYS, LIMITS, TEXTS, TIMES, WORDS, Rule
from gatehost.service import ruling
from gatehost.service.context import Context
from gatehost.service.face import agreement
from gatehost.service.face.consent import ASSESSED
from gatehost.service.permissions import require
from gatehost.service.trail import note
from gatehost.store import audits, cases, devices, faces, places, policies
from gatehost.store.store import Tx

SIGNED, KIND = ASSESSED, "data_request"
WARN_AT = 0.8
LONGEST = 300
# a poster hangs where burglars read it too: what would help them stands on residents' own pages alone
UNPOSTED = {"duress_alarm", "face_life"}
PUBLIC = (
    *(key for key in KEYS if key not in UNPOSTED),
    *WORDS,
    "visitor.code_days", "visitor.max_days", "card.temp_max_days", "parking.temp_max_days", "item.standing_max_days",
    "item.decide_hours", "overstay.courier", "retention.visit", "retention.log", "retention.document",
    "data_request.days", "enrol.fee", "item.hours", "bulky.hours", "desk.hours", "desk.pause", "processor.name",
    "processor.contact",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Faces:
    """People whose faces are stored, sealed; `threshold` is when the law wants a filing, `warned` from 80 % of it."""

    stored: int
    threshold: int
    warned: bool
    due: bool


@dataclass(frozen=True, slots=True)
class DoorWays:
    """A door and whether it lets faces in; another way is never missing (codes, cards, PINs, calls)."""

    name: str
    face: str


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the impact assessment is filled with. `changed`: decisions made since it was last signed."""

    estate: str
    faces: Faces
    doors: tuple[DoorWays, ...]
    rules: tuple[Rule, ...]
    consent: str
    signed_at: int | None
    signed_by: str
    changed: tuple[Rule, ...]


async def public_rules(ctx: Context) -> tuple[Rule, ...]:
    """What holds for whoever comes to the estate: for the poster and the page anybody may read."""
    async with ctx.store.read() as tx:
        return await ruling.all_in_force(tx, PUBLIC, ROOT)


async def counted(ctx: Context, actor: Actor) -> Faces:
    """The face counter (L10)."""
    require(actor, "privacy.see")
    async with ctx.store.read() as tx:
        return await _faces(tx)


async def _faces(tx: Tx) -> Faces:
    many, most = await faces.stored(tx), await ruling.number(tx, "faces.filing_threshold", ROOT)
    return Faces(many, most, many >= most * WARN_AT, many >= most)


async def requests(ctx: Context, actor: Actor) -> tuple[Case, ...]:
    """Data requests that are not done, the one due first on top; numbers and days only for who sees no papers."""
    require(actor, "privacy.see")
    async with ctx.store.read() as tx:
        found = await cases.listed(tx, (KIND,), open_only=True)
    return tuple(sorted(found, key=lambda one: one.due_at or one.opened_at + 7 * DAY_MS))


async def assessment(ctx: Context, actor: Actor) -> Assessment:
    """The assessment as of now (L7)."""
    require(actor, "privacy.see")
    async with ctx.store.read() as tx:
        estate = await places.the_estate(tx)
        last = await audits.of_action(tx, SIGNED, 1)
        at = last[0].at if last else None
        rules = await ruling.all_in_force(tx, (*KEYS, *WORDS, *LIMITS, *TIMES, *TEXTS), ROOT)
        changed = [rule for rule in await policies.everything(tx) if at is not None and rule.since > at]
        return Assessment(
            "" if estate is None else estate.name,
            await _faces(tx),
            await _doors(tx),
            rules,
            agreement.VERSION,
            at,
            last[0].who if last else "",
            tuple(changed),
        )


async def _doors(tx: Tx) -> tuple[DoorWays, ...]:
    found = []
    for device in await devices.in_states(tx, "active"):
        if device.kind != "desk":
            found.append(DoorWays(device.name, (await ruling.in_force(tx, "face_mode", device.slot)).value))
    return tuple(found)


async def sign(ctx: Context, actor: Actor, necessity: str, risks: str, measures: str) -> None:
    """Signs the assessment as it is now, with the three things no program can say. BadInput(name, "missing" | "long")
    for one that is empty: an assessment with an empty part is none."""
    require(actor, "privacy.assess")
    written = {"necessity": necessity.strip(), "risks": risks.strip(), "measures": measures.strip()}
    for name, text in written.items():
        if not text:
            raise BadInput(name, "missing")
        if len(text) > LONGEST * 10:
            raise BadInput(name, "long")
    held = await assessment(ctx, actor)
    facts = {rule.key: rule.value for rule in held.rules} | {"faces": held.faces.stored, "consent": held.consent}
    facts |= {"doors": [asdict(door) for door in held.doors]}
    async with ctx.store.write() as tx:
        await note(ctx, tx, actor, SIGNED, detail=json.dumps(written | {"facts": facts}, ensure_ascii=False))


async def signed(ctx: Context, actor: Actor) -> tuple[tuple[int, str, Mapping[str, object]], ...]:
    """(when, by whom, what was written and what held) of every assessment that was signed, newest first."""
    require(actor, "privacy.see")
    async with ctx.store.read() as tx:
        lines = await audits.of_action(tx, SIGNED, 100)
    return tuple((line.at, line.who, json.loads(line.detail)) for line in lines)
