"""Half a year of a large estate, put into an empty database: homes, people, stays, papers, codes and the access log.

Rows come from one seeded generator; only ciphertexts and keys differ from run to run. Log entries are chained, sealed
by their door's key, checked as an ingest checks them and made leaves of the estate's tree; stays older than the
retention are emptied as the nightly job would leave them.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import insert, select
from tests.bench.ingest import BATCH

from gatecore import enrol, records
from gatecore.clock import DAY_MS, HOST, Now, day_of
from gatecore.enrol import Claim
from gatecore.log import Chain, genesis, seal
from gatecore.records import Private
from gatehost.keys import Signer
from gatehost.model.account import ADMIN, Actor
from gatehost.model.visit import CLOSED, EXPECTED, INSIDE, LEFT, VISIT_KINDS
from gatehost.service.calendar import start_of_day
from gatehost.service.context import Context
from gatehost.service.door import contact, devices
from gatehost.service.founding import estate
from gatehost.store import accesslog, places
from gatehost.store.accesslog import Verified
from gatehost.store.devices import by_dev
from gatehost.store.store import Tx
from gatehost.store.table.account import audit
from gatehost.store.table.estate import party, tie
from gatehost.store.table.face import consent
from gatehost.store.table.gate import visit
from gatehost.store.table.paper import case, item, step
from gatehost.store.table.right import code, credential, grant
from gatehost.sync import batch

ADMINISTRATOR = Actor(0, "", "Administrator", ADMIN, (), "zh_CN", True)
HOUR_MS = 3_600_000
KEPT_MS = 90 * DAY_MS
TOGETHER = 8  # batches of a door in one transaction
SURNAMES = "李王张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = "梅强芳伟娜秀英敏静丽磊军洋勇艳杰娟涛明超霞平刚桂香宝玉兰海燕"
ROLES = ("owner", "family", "tenant")
WHY = ("看望亲友", "送餐", "维修空调", "打扫", "停车", "抄表")


@dataclass(frozen=True, slots=True)
class Size:
    """How large: homes are a multiple of 20; `stays` and `entries` are spread over `days`."""

    homes: int = 2_000
    people: int = 6_000
    stays: int = 108_000
    entries: int = 1_000_000
    days: int = 180


SMALL = Size(homes=20, people=60, stays=600, entries=2_000, days=20)


def plan(size: Size) -> str:
    """The estate file: buildings of 100 homes at most, each with a door, and two gates in and out."""
    each = min(size.homes, 100)
    text = ['name = "海棠苑"', "dial_length = 6", "utc_offset_minutes = 480"]
    names = [f"b{number:02}" for number in range(1, size.homes // each + 1)]
    for name in names:
        text += ["[[building]]", f'id = "{name}"', f'name = "{int(name[1:])}栋"', f'dial = "{name[1:]}"']
        text += [f"floors = {each // 4}", "per_floor = 4"]
    for gate in ("north", "south"):
        text += ["[[gate]]", f'id = "{gate}"', f'name = "{gate}门"', f"buildings = {names!r}".replace("'", '"')]
    slots = [(f"{gate}-{way}", gate, way) for gate in ("north", "south") for way in ("in", "out")]
    for slot, at, way in (*slots, *((f"{name}-door", name, "in") for name in names)):
        text += ["[[door]]", f'slot = "{slot}"', f'at = "{at}"', f'name = "{slot}"', f'direction = "{way}"']
    for login, role in (("guard", "guard"), ("officer", "desk"), ("committee", "committee")):
        text += ["[[staff]]", f'name = "{login}"', f'login = "{login}"', f'role = "{role}"']
    return "\n".join(text)


class HalfYear:
    """The generator: `fill` puts everything in, the rest is what a measurement asks for."""

    def __init__(self, ctx: Context, size: Size, folder: Path, seed: int = 7) -> None:
        self.ctx, self.size, self.folder, self.dice = ctx, size, folder, random.Random(seed)
        self.now = ctx.clock()
        self.begin = self.now - size.days * DAY_MS
        self.homes: list[str] = []
        self.building: dict[str, str] = {}
        self.people: list[str] = []

    async def fill(self) -> None:
        """Everything, into the empty database of the context."""
        path = self.folder / "estate.toml"
        path.write_text(plan(self.size), encoding="utf-8")
        await estate.seed(self.ctx, path)
        async with self.ctx.store.read() as tx:
            for one in await places.all_but_homes(tx):
                if one.kind == "building":
                    self.building |= {home.id: one.id for home in await places.homes_of(tx, one.id)}
        self.homes = sorted(self.building)
        async with self.ctx.store.write() as tx:
            await self._people(tx)
            await self._codes(tx)
            await self._papers(tx)
        for rows in chunks(self._stays(), 5_000):
            async with self.ctx.store.write() as tx:
                await tx.execute(insert(visit), rows)
        async with self.ctx.store.write() as tx:
            await tx.execute(insert(audit), list(self._look_ups()))
        await self._log()

    def name(self) -> str:
        """A name as people here have it."""
        return self.dice.choice(SURNAMES) + "".join(self.dice.sample(GIVEN, self.dice.choice((1, 2))))

    def phone(self) -> str:
        """A mobile number."""
        return f"13{self.dice.randrange(10**9):09}"

    def when(self, until: int = 0) -> int:
        """An instant of the half year."""
        return self.begin + self.dice.randrange(self.size.days * DAY_MS - until)

    async def _people(self, tx: Tx) -> None:
        dice, at = self.dice, self.begin
        self.people = [dice.randbytes(16).hex() for _ in range(self.size.people)]
        rows = [{"id": one, "name": self.name(), "phone": self.phone(), "born": ""} for one in self.people]
        await tx.execute(insert(party), rows)
        ties, cards, consents = [], [], []
        for number, one in enumerate(self.people):
            turn, place = divmod(number, len(self.homes))
            held = {"party": one, "place": self.homes[place], "role": ROLES[turn % 3]}
            ties.append(held | {"since": at, "until": None, "callable": 1})
            state = "lost" if number % 199 == 7 else "active"
            cards.append(self._credential(one, "card", state, f"{4_000_000_000 + number}"))
            if number % 3 == 0:
                signed = {"purpose": "face-entry", "text_version": "face-consent/1", "signer": "x"}
                consents.append({"party": one, "given_at": at, "withdrawn_at": None} | signed)
        await tx.execute(insert(tie), ties)
        await tx.execute(insert(consent), consents)
        given = {row.party: row.id for row in await tx.execute(select(consent.c.id, consent.c.party))}
        faces = [
            self._credential(one, "face", "active", f"2026-{number:05}") | {"consent": given[one]}
            for number, one in enumerate(given)
        ]
        plates = [self._credential(one, "plate", "active", self.plate(n)) for n, one in enumerate(self.people[::4])]
        await tx.execute(insert(credential), [*cards, *faces, *plates])
        kept = select(credential.c.id, credential.c.party).where(credential.c.kind == "plate")
        base = {"kind": "parking", "scope": "estate", "since": at, "until": self.now + 100 * DAY_MS, "made_at": at}
        rights = [base | {"party": row.party, "credential": row.id, "label": "车位"} for row in await tx.execute(kept)]
        await tx.execute(insert(grant), rights)

    def plate(self, number: int) -> str:
        """A plate of the estate."""
        return f"浙A{10_000 + number}"

    def _credential(self, one: str, kind: str, state: str, number: str) -> dict[str, object]:
        held = {"party": one, "kind": kind, "state": state, "number": number, "consent": None}
        return held | {"since": self.begin, "until": self.now + 365 * DAY_MS, "replaces": None}

    async def _codes(self, tx: Tx) -> None:
        """A day code for every sixth home on each of the last 30 days, today's and yesterday's among them."""
        held = await places.the_estate(tx)
        assert held is not None
        today, rows = day_of(self.now, held.offsets), []
        for day in range(today - 29, today + 1):
            since = start_of_day(day, held.offsets)
            for home in self.homes[day % 6 :: 6]:
                rows.append(
                    {
                        "home": home, "visitor": self.name(), "kind": "day", "day": day, "slot": 0, "hidden": None,
                        "mark": self.dice.randbytes(16), "since": since, "until": since + DAY_MS + 2 * HOUR_MS,
                        "uses": 3, "weekdays": 0, "first_hours": 0, "made_at": since, "made_by": "x",
                        "revoked_at": None, "link_hash": self.dice.randbytes(32),
                    }
                )  # fmt: skip
        await tx.execute(insert(code), rows)

    async def _papers(self, tx: Tx) -> None:
        """Slips and repairs: four of a hundred homes a day; those of the last day are still open."""
        count, rows = max(self.size.homes * self.size.days // 100, 10), []
        for number in range(count):
            at = self.begin + number * (self.size.days * DAY_MS) // count
            kind, prefix = (("item_release", "IR"), ("repair", "RP"))[number % 2]
            over, end = at < self.now - DAY_MS, {"item_release": "filed", "repair": "closed"}[kind]
            state = end if over else {"repair": "open"}.get(kind, "approved")
            late = HOUR_MS if number % 50 == 0 else -HOUR_MS
            row = {
                "kind": kind, "number": f"{prefix}-2026-{number // 2 + 1:05}", "place": self.dice.choice(self.homes),
                "form": '{"name": "x"}', "state": state, "version": 3, "opened_by": "officer", "opened_at": at,
                "due_at": None if over else at + DAY_MS, "archive_due_at": at + DAY_MS,
                "closed_at": at + HOUR_MS if over else None, "archived_at": at + DAY_MS + late if over else None,
            }  # fmt: skip
            rows.append(row)
        await tx.execute(insert(case), rows)
        numbers = list((await tx.execute(select(case.c.id, case.c.opened_at))).all())
        steps = [
            {"case": row.id, "version": n + 1, "act": act, "at": row.opened_at + n * HOUR_MS, "who": "officer"}
            for row in numbers
            for n, act in enumerate(("open", "apply", "sign"))
        ]
        await tx.execute(insert(step), steps)
        await tx.execute(insert(item), [{"case": row.id, "kind": "goods", "what": "沙发", "qty": 1} for row in numbers])

    def _stays(self) -> Iterator[dict[str, object]]:
        """Stays in the order of time; the last hours' are still inside."""
        many, dice = self.size.stays, self.dice
        length = self.size.days * DAY_MS
        for number in range(many):
            at = self.begin + number * length // many + dice.randrange(length // many)
            yield self._stay(at, dice.choices(VISIT_KINDS, (20, 50, 8, 8, 12, 2))[0], dice.choice(self.homes))
        for home in self.homes[:: max(len(self.homes) // 50, 1)]:
            row = self._stay(self.now, "visitor", home)
            yield row | {"state": EXPECTED, "in_at": None, "in_gate": None, "planned_until": self.now + 8 * HOUR_MS}

    def _stay(self, at: int, kind: str, home: str) -> dict[str, object]:
        dice = self.dice
        lasts = dice.randrange(5 * 60_000, (30 if kind == "courier" else 300) * 60_000)
        inside = at + lasts > self.now
        out = None if inside else at + lasts
        row = {
            "kind": kind, "state": INSIDE if inside else CLOSED if dice.random() < 0.02 else LEFT, "heads": 1,
            "name": self.name(), "phone": self.phone(), "plate": "", "company": "", "purpose": dice.choice(WHY),
            "home": home, "building": self.building[home], "asked_at": at - dice.randrange(1_000, 90_000),
            "planned_until": at + lasts + HOUR_MS, "in_at": at, "in_gate": dice.choice(("north", "south")),
            "in_by": "guard", "notice": "visit/1", "out_at": out, "out_gate": None if inside else "north",
            "out_how": "guard", "reason": "day closed", "keep_until": None if out is None else out + KEPT_MS,
        }  # fmt: skip
        if kind == "vehicle":
            row["plate"] = self.plate(dice.randrange(90_000))
        if at <= self.now - KEPT_MS:
            row |= dict.fromkeys(("name", "phone", "plate", "company", "purpose"), "")
            row |= {"home": None, "keep_until": None}
        return row

    def _look_ups(self) -> Iterator[dict[str, object]]:
        """Who of the staff looked: a tenth as many as stays."""
        for _ in range(max(self.size.stays // 10, 10)):
            home, at = self.dice.choice(self.homes), self.when()
            action = self.dice.choice(("gate.search", "home.see", "home.find"))
            who = {"account": 1, "who": "officer", "role": "desk", "about": "", "detail": ""}
            yield who | {"at": at, "action": action, "home": home if action == "home.see" else ""}

    async def _log(self) -> None:
        """The doors' entries, in transactions of several batches from each door."""
        doors = [await self._door(slot.slot) for slot in await devices.doors(self.ctx, ADMINISTRATOR)]
        rounds = max(self.size.entries // BATCH // len(doors), 1)
        span = self.size.days * DAY_MS // rounds // BATCH
        for first in range(0, rounds, TOGETHER):
            begins = [self.begin + number * span * BATCH for number in range(first, min(first + TOGETHER, rounds))]
            await accesslog.store(self.ctx.store, [door.batch(at, span) for at in begins for door in doors])

    async def _door(self, slot: str) -> "Door":
        """A device let into a slot as at any first contact."""
        claim: Claim = Claim.from_wire((await devices.make_claim(self.ctx, ADMINISTRATOR, slot)).data)
        signer = Signer(self.dice.randbytes(32))
        asked = enrol.request(claim, signer.public, self.dice.randbytes(31) + b"\x00", self.dice.randbytes(16), "bench")
        await contact.request(self.ctx, asked.to_wire())
        dev = signer.key_id.hex()
        waiting = next(one for one in await devices.waiting(self.ctx, ADMINISTRATOR) if one.dev == dev)
        await devices.confirm(self.ctx, ADMINISTRATOR, dev, waiting.digits)
        async with self.ctx.store.read() as tx:
            row = await by_dev(tx, dev)
        assert row is not None
        homes = [home for home in self.homes if slot.startswith(self.building[home])] or self.homes
        return Door(row.no, signer, homes, self.people, self.dice)


class Door:
    """A device that writes its log."""

    def __init__(self, no: int, signer: Signer, homes: list[str], people: list[str], dice: random.Random) -> None:
        self.no, self.signer, self.homes, self.dice = no, signer, homes, dice
        self.people = [bytes.fromhex(one) for one in people]
        self.chain = Chain(signer.key_id, genesis(signer.public))
        self.checked = Chain(signer.key_id, genesis(signer.public))

    def batch(self, at: int, span: int) -> Verified:
        """The next BATCH entries from `at` on, one in each `span` ms, sealed and then checked."""
        entries, halves = [], []
        for number in range(BATCH):
            made = at + number * span + self.dice.randrange(max(span, 1))
            home, by = self.dice.choice(self.homes), self.dice.choice((records.FACE, records.CODE, records.CARD))
            person = self.dice.choice(self.people) if by != records.CODE else None
            private = Private(self.dice.randbytes(16), home.encode(), [home, person, None]).to_wire()
            result = self.dice.random() < 0.97
            pub = [0, int(result), by, 0 if result else 1, 0]
            entries.append(self.chain.next(Now(1, self.chain.seq * 1000, made, HOST), records.ACCESS, pub, private))
            self.chain.take(entries[-1])
            halves.append(private)
        end = at + BATCH * span
        sealed = seal(self.chain, Now(1, self.chain.seq * 1000, end, HOST), None, self.signer)
        rows = batch.check(batch.Source(self.no, self.signer.public), self.checked, entries, halves, sealed, (), end)
        return Verified(self.no, rows, sealed, 0, self.checked.seq, self.checked.head, bytes(16), end)


def chunks(rows: Iterator[dict[str, object]], many: int) -> Iterator[Sequence[dict[str, object]]]:
    """The rows in lists."""
    held: list[dict[str, object]] = []
    for row in rows:
        held.append(row)
        if len(held) == many:
            yield held
            held = []
    if held:
        yield held
