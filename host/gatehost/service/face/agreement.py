"""What a person signs before a face is taken: a text with the law's slots, filled from what holds today (L1).

The words are declared in `agreed/*.toml`, one file for each version, and are never changed under a version. What was
signed is kept as it was read, once for everybody who signed the same, and can be read again (F7). A text with an empty
slot, or with a clause the law makes void (L14), cannot be signed.
"""

import hashlib
import json
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from gatehost.model.account import RESIDENT, Actor
from gatehost.model.errors import NotFound, Refused, SettingsError
from gatehost.model.place import ROOT
from gatehost.service import ruling
from gatehost.service.context import Context
from gatehost.service.permissions import require
from gatehost.service.trail import looked
from gatehost.store import agreements, faces, places
from gatehost.store.store import Tx

DECLARED = Path(__file__).parent / "agreed"
VERSION, FIRST = "face-consent/2", "face-consent/1"
CHINESE, ENGLISH = "zh-CN", "en"
EMPTY = "______"  # stands in a text that cannot be signed yet
# what the law wants said before faces are processed (PIPL art. 17, face rules art. 5), in this order
SLOTS = ("processor", "contact", "purpose", "manner", "period", "necessity", "otherwise", "rights")
FILLED_BY = {"name": "processor.name", "contact": "processor.contact", "days": "data_request.days"}
# no consent may say this (Supreme Court on faces, art. 11): without bound, for ever, or to be passed on
VOID = re.compile(
    "永久|不可撤[销回]|不得撤[销回]|无限期|无期限|任意使用|一切用途|任何用途|转让|转授权|可供第三方|提供给第三方|放弃.{0,6}权利"
    r"|irrevocab|perpetual|unlimited|in perpetuity|transferab|sublicen|any purpose|waive",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Agreed:
    """A text as it is read: (heading, words) of each slot."""

    version: str
    language: str
    body: tuple[tuple[str, str], ...]


Words = dict[str, tuple[str, str]]  # language -> (heading, words)


@cache
def declared(version: str) -> tuple[Words, ...]:
    """The slots of a version in order; SettingsError for a file that lacks one, or a language of it."""
    path = DECLARED / f"{version.replace('/', '-')}.toml"
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    found = {one["slot"]: one for one in told["text"]}
    if version == VERSION and tuple(found) != SLOTS:
        raise SettingsError(f"{path.name}: slots are {', '.join(found)}, not {', '.join(SLOTS)}")
    return tuple(
        {CHINESE: (one["heading"]["zh"], one["words"]["zh"]), ENGLISH: (one["heading"]["en"], one["words"]["en"])}
        for one in found.values()
    )


def text(version: str, language: str, facts: dict[str, str]) -> Agreed:
    """A version's text in a language, with these facts in it."""
    spoken = language if language in (CHINESE, ENGLISH) else CHINESE
    body = tuple((one[spoken][0], _number(one[spoken][1], facts).format(**facts)) for one in declared(version))
    return Agreed(version, spoken, body)


def _number(words: str, facts: dict[str, str]) -> str:
    """English has another word for one day."""
    return words.replace("{days} days", "{days} day") if facts["days"] == "1" else words


async def facts(tx: Tx) -> dict[str, str]:
    """What the slots are filled with, from the rules in force; "" for what nobody has said yet."""
    estate = await places.the_estate(tx)
    found = {name: (await ruling.in_force(tx, key, ROOT)).value for name, key in FILLED_BY.items()}
    return found | {"estate": "" if estate is None else estate.name}


def lacking(told: dict[str, str]) -> tuple[str, ...]:
    """The rules that must be decided before the text can be signed."""
    return tuple(key for name, key in FILLED_BY.items() if not told[name].strip())


def void(agreed: Agreed) -> str:
    """The first words of a text the law makes void; "" for none."""
    found = VOID.search("\n".join(words for _, words in agreed.body))
    return found.group() if found else ""


async def signable(tx: Tx, language: str) -> Agreed:
    """The text of today. Refused("empty_slots", rules=...) or ("void_clause", words=...): it cannot be signed."""
    told = await facts(tx)
    empty = lacking(told)
    if empty:
        raise Refused("empty_slots", rules=list(empty))
    made = text(VERSION, language, told)
    wrong = void(made)
    if wrong:
        raise Refused("void_clause", words=wrong)
    return made


async def shown(ctx: Context, language: str) -> tuple[Agreed, tuple[str, ...]]:
    """The text as it reads today and the rules it still lacks."""
    async with ctx.store.read() as tx:
        told = await facts(tx)
    return text(VERSION, language, {name: value or EMPTY for name, value in told.items()}), lacking(told)


def hashed(agreed: Agreed) -> str:
    """The name a text is kept under."""
    return hashlib.sha256(json.dumps([agreed.version, agreed.language, agreed.body]).encode()).hexdigest()


async def keep(tx: Tx, agreed: Agreed) -> str:
    """Keeps a text that was signed; its name."""
    name = hashed(agreed)
    await agreements.put(tx, name, agreed.version, agreed.language, json.dumps(agreed.body, ensure_ascii=False))
    return name


async def signed(ctx: Context, actor: Actor, party: str, language: str) -> Agreed:
    """The very text a person's newest consent was given under. A resident reads their own. NotFound("face").

    Of consents older than kept texts there is the wording of their version, in the reader's language."""
    require(actor, "face.see")
    if actor.role == RESIDENT and party != actor.party:
        raise NotFound("face")
    async with ctx.store.read() as tx:
        consent = await faces.consent_of(tx, party, living=False)
        held = None if consent is None or consent.agreement is None else await agreements.get(tx, consent.agreement)
        told = await facts(tx)
    if consent is None:
        raise NotFound("face")
    await looked(ctx, actor, "face.see", about=party)
    if held is None:
        return text(FIRST, language, told)
    version, spoken, body = held
    return Agreed(version, spoken, tuple((heading, words) for heading, words in json.loads(body)))
