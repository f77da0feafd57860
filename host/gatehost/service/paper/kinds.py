"""The kinds of paper, read strictly from `declared/*.toml`: an unknown key, name or state refuses to start.

A file is one kind; its name is the kind's. `flow` takes the states and moves of a flow in `flows.toml`; moves of the
kind's own are added, one of the same act and state replaces the flow's, acts in `without` are left out. Every text is
`{ en = "...", zh = "..." }`.
"""

import re
import tomllib
from collections.abc import Collection, Iterable
from functools import cache
from pathlib import Path
from typing import Any

from gatehost.model.account import DUTIES, ROLES
from gatehost.model.document import DAILY
from gatehost.model.document import KINDS as DOCUMENTS
from gatehost.model.errors import SettingsError
from gatehost.model.grant import CEILINGS
from gatehost.model.kind import TYPES, Chain, Check, Field, Kind, Move, Only, RightOf, Words
from gatehost.model.place import BUILDING, ESTATE, GATE, HOME
from gatehost.model.policy import WORDS, known
from gatehost.service.paper.needs import DOES, NEEDS

DECLARED = Path(__file__).parent / "declared"
HOST = "host"  # fields that nobody types: the host counts them
PLACES = (ESTATE, GATE, BUILDING, HOME)
SIGNERS = (*DUTIES, "desk", "guard", "host", "admin")
_KIND = {
    "name", "prefix", "form_code", "flow", "opens", "sees", "places", "start", "ends", "field", "check", "move",
    "chain", "right", "due", "keep", "fee", "copies", "files", "lapses", "begins", "without",
}  # fmt: skip


class _Table:
    """One table of a file, every key of which must be asked for or known."""

    def __init__(self, where: str, told: dict[str, Any], allowed: Collection[str]) -> None:
        self.where, self.told = where, told
        for key in told:
            self.expect(key in allowed, f"unknown key {key!r}")

    def expect(self, holds: bool, otherwise: str) -> None:
        if not holds:
            raise SettingsError(f"{self.where}: {otherwise}")

    def text(self, key: str, otherwise: str = "") -> str:
        found = self.told.get(key, otherwise)
        self.expect(isinstance(found, str), f"{key} must be a text")
        return str(found)

    def flag(self, key: str, otherwise: bool = False) -> bool:
        found = self.told.get(key, otherwise)
        self.expect(isinstance(found, bool), f"{key} must be true or false")
        return bool(found)

    def words(self, key: str) -> Words:
        return self.both(self.told.get(key), key)

    def both(self, found: object, key: str) -> Words:
        right = isinstance(found, dict) and set(found) == {"en", "zh"} and all(found.values())
        self.expect(right, f'{key} must be {{ en = "...", zh = "..." }}')
        assert isinstance(found, dict)
        return str(found["en"]), str(found["zh"])

    def names(self, key: str, allowed: Collection[str], otherwise: tuple[str, ...] = ()) -> tuple[str, ...]:
        found = self.told.get(key, list(otherwise))
        self.expect(isinstance(found, list), f"{key} must be a list")
        for one in found:
            self.expect(one in allowed, f"{key} names {one!r}; known are {', '.join(sorted(allowed))}")
        return tuple(found)

    def only(self) -> Only:
        found = self.told.get("only", {})
        self.expect(isinstance(found, dict), "only must be a table of field = [values]")
        return tuple((key, tuple(str(one) for one in values)) for key, values in found.items())

    def rows(self, key: str, allowed: Collection[str]) -> "Iterable[_Table]":
        found = self.told.get(key, [])
        self.expect(isinstance(found, list), f"{key} must be [[{key}]]")
        return [_Table(f"{self.where} [[{key}]] {number}", row, allowed) for number, row in enumerate(found, 1)]


@cache
def kinds() -> dict[str, Kind]:
    """Every declared kind by its key; SettingsError names file, table and key of what cannot be."""
    return read_folder(DECLARED)


def read_folder(folder: Path) -> dict[str, Kind]:
    """The kinds of a folder."""
    flows = _load(folder / "flows.toml")
    paths = [path for path in sorted(folder.glob("*.toml")) if path.name != "flows.toml"]
    found = {path.stem: read(path.stem, _load(path), flows) for path in paths}
    prefixes = [kind.prefix for kind in found.values()]
    for kind in found.values():
        if prefixes.count(kind.prefix) > 1:
            raise SettingsError(f"{kind.key}: prefix {kind.prefix!r} is used twice")
    return found


def _load(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as wrong:
        raise SettingsError(f"{path.name}: {wrong}") from wrong


def read(key: str, told: dict[str, Any], flows: dict[str, Any]) -> Kind:
    """One kind from its file's content."""
    table = _Table(key, told, _KIND)
    flow = flows.get(told.get("flow", ""), {})
    table.expect("flow" not in told or bool(flow), f"unknown flow {told.get('flow')!r}")
    base = _Table(f"flow {told.get('flow')}", flow, {"start", "ends", "move"})
    fields = tuple(_field(row) for row in table.rows("field", _FIELD))
    moves = _moves(table, base)
    kind = Kind(
        key=key,
        name=table.words("name"),
        prefix=table.text("prefix"),
        form_code=table.text("form_code"),
        opens=table.names("opens", ROLES),
        sees=table.names("sees", ROLES),
        places=table.names("places", PLACES, (HOME,)),
        start=table.text("start") or base.text("start"),
        ends=tuple(told.get("ends", flow.get("ends", ()))),
        fields=fields,
        checks=tuple(_check(row) for row in table.rows("check", _CHECK)),
        moves=moves,
        chains=tuple(_chain(row) for row in table.rows("chain", {"only", "duties"})),
        right=_right(table),
        due=table.text("due"),
        keep=table.text("keep"),
        fee=table.text("fee"),
        copies=tuple(table.both(one, "copies") for one in told.get("copies", [])),
        files=table.flag("files"),
        lapses=table.flag("lapses"),
        begins=table.names("begins", DOES),
    )
    _consistent(table, kind)
    return kind


_FIELD = {"key", "type", "label", "help", "required", "choices", "only", "by"}


def _field(row: _Table) -> Field:
    kind = row.text("type", "text")
    row.expect(kind in TYPES, f"unknown type {kind!r}")
    row.expect(re.fullmatch(r"[a-z][a-z_]*", row.text("key")) is not None, "key must be a word")
    choices = tuple((one, row.both(words, one)) for one, words in row.told.get("choices", {}).items())
    row.expect(bool(choices) == (kind == "choice"), "choices belong to type choice")
    words = (row.words("label"), row.words("help"))
    return Field(
        row.text("key"), kind, *words, row.flag("required"), choices, row.only(), row.names("by", (*ROLES, HOST))
    )


_CHECK = {"key", "label", "required", "only", "doc", "attach", "rule"}


def _check(row: _Table) -> Check:
    doc = row.text("doc")
    row.expect(doc in ("", *DOCUMENTS[DAILY]), f"unknown document {doc!r}")
    attach = row.flag("attach")
    row.expect(bool(doc) or not attach, "what must be attached is a document")
    rule = row.text("rule")
    row.expect(not rule or WORDS.get(rule, ((), ""))[0] == ("off", "on"), f"{rule!r} is no rule that is off or on")
    return Check(row.text("key"), row.words("label"), row.flag("required", True), row.only(), doc, attach, rule)


_MOVE = {"act", "label", "was", "to", "detour", "by", "duty", "reason", "needs", "does", "page"}


def _moves(table: _Table, base: _Table) -> tuple[Move, ...]:
    own = [_move(row) for row in table.rows("move", _MOVE)]
    taken = {(move.act, state) for move in own for state in move.was}
    from_flow = [_move(row) for row in base.rows("move", _MOVE)]
    without = table.told.get("without", [])
    table.expect({*without} <= {move.act for move in from_flow}, f"the flow has not all of {without}")
    kept = [move for move in from_flow if not any((move.act, state) in taken for state in move.was)]
    return (*own, *[move for move in kept if move.act not in without])


def _move(row: _Table) -> Move:
    was = tuple(row.told.get("was", ()))
    row.expect(bool(was) and bool(row.text("act")), "a move has an act and the states it starts from")
    duty = row.text("duty")
    row.expect(duty in ("", "chain", *SIGNERS), f"unknown duty {duty!r}")
    page = row.text("page")
    row.expect(re.fullmatch(r"(/(\w+|\{case\}|\{place\}|\{applicant\}))*", page) is not None, f"page {page!r}")
    return Move(
        row.text("act"),
        row.words("label"),
        was,
        row.text("to", was[0]),
        row.text("detour"),
        row.names("by", ROLES),
        duty,
        row.flag("reason"),
        row.names("needs", NEEDS),
        row.names("does", DOES),
        page,
    )


def _chain(row: _Table) -> Chain:
    return Chain(row.only(), row.names("duties", SIGNERS))


_RIGHT = ("kind", "since", "until", "uses", "heads", "label", "plate", "first", "last")


def _right(table: _Table) -> RightOf | None:
    told = table.told.get("right")
    if told is None:
        return None
    row = _Table(f"{table.where} [right]", told, (*_RIGHT, "code"))
    row.expect(row.text("kind") in CEILINGS, f"unknown right {row.text('kind')!r}")
    kind, since, until, uses, heads, label, plate, first, last = (row.text(name) for name in _RIGHT)
    return RightOf(kind, since, until, uses, heads, label, plate, row.flag("code"), first, last)


def _consistent(table: _Table, kind: Kind) -> None:
    """States can be reached and left, fields that are named exist, limits are known."""
    fields = {field.key for field in kind.fields}
    table.expect(bool(kind.prefix) and bool(kind.opens), "prefix and opens are needed")
    table.expect(len(fields) == len(kind.fields), "a field is declared twice")
    reached = {kind.start, *(move.to for move in kind.moves), *(move.detour for move in kind.moves)}
    for move in kind.moves:
        table.expect(set(move.was) <= reached, f"move {move.act}: nothing leads to {sorted(set(move.was) - reached)}")
    for state in kind.states:
        left = any(state in move.was for move in kind.moves)
        table.expect(left != (state in kind.ends), f"state {state!r} is an end and left, or neither")
    conditions = [*(f.only for f in kind.fields), *(c.only for c in kind.checks), *(c.only for c in kind.chains)]
    named = [name for only in conditions for name, _ in only]
    if kind.right is not None:
        right = kind.right
        keys = (right.since, right.until, right.uses, right.heads, right.label, right.plate, right.first, right.last)
        named += [name for name in keys if name]
    for name in named:
        table.expect(name in fields, f"there is no field {name!r}")
    for key in (kind.due, kind.keep, kind.fee):
        table.expect(not key or known(key), f"there is no rule {key!r}")
    table.expect(all(move.duty != "chain" for move in kind.moves) or bool(kind.chains), "a chain is needed")
