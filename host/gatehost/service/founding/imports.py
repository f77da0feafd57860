"""Buildings, homes, people and old cards from CSV files: tried as a whole first, taken as a whole or not at all.

A file is UTF-8 (with or without BOM) or GBK/GB 18030, with commas, semicolons or tabs; its first line names the columns
in English or Chinese. A trial lists every line that cannot be taken and what to change; the file waits in memory until
somebody takes it, and is checked again then, in the transaction that takes it.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from gatecore.clock import MINUTE_MS
from gatehost.model.account import Actor
from gatehost.model.errors import BadInput, NotFound
from gatehost.model.table import Waiting
from gatehost.service import publish
from gatehost.service.context import Context
from gatehost.service.founding.lines import CHECKS, COLUMNS, Flaw, Known, Line, Made
from gatehost.service.permissions import require
from gatehost.service.trail import note
from gatehost.store import imports as rows
from gatehost.store.store import Tx

MOST_LINES = 10_000
MOST_BYTES = 5 * 1024 * 1024
WAITS_MS = 30 * MINUTE_MS
MOST_WAITING = 4
KINDS = tuple(COLUMNS)


@dataclass(frozen=True, slots=True)
class Trial:
    """What a file would bring: `lines` of it, and all that is wrong. `token` takes it, "" while anything is wrong."""

    kind: str
    lines: int
    flaws: tuple[Flaw, ...]
    token: str = ""


def read(kind: str, data: bytes) -> tuple[list[Line], tuple[Flaw, ...]]:
    """The lines of a file by its own columns. BadInput("file", "empty" | "long" | "encoding" | "table" | "columns" |
    "lines") for what is no such table at all."""
    if kind not in COLUMNS:
        raise BadInput("kind", "unknown")
    text = _text(data)
    first = text.partition("\n")[0]
    cut = max(",;\t", key=first.count)
    try:
        table = csv.reader(io.StringIO(text, newline=""), delimiter=cut, strict=True)
        heads = _heads(kind, next(table, []))
        lines = [(table.line_num, row) for row in table if any(cell.strip() for cell in row)]
    except csv.Error:
        raise BadInput("file", "table") from None
    if not lines:
        raise BadInput("file", "empty")
    if len(lines) > MOST_LINES:
        raise BadInput("file", "lines")
    flaws = tuple(Flaw(number, "", "cells", str(len(row))) for number, row in lines if len(row) > len(heads))
    named = [Line(n, {h: c.strip() for h, c in zip(heads, row, strict=False) if h}) for n, row in lines]
    return named, flaws


def _text(data: bytes) -> str:
    if not data.strip():
        raise BadInput("file", "empty")
    if len(data) > MOST_BYTES:
        raise BadInput("file", "long")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise BadInput("file", "encoding")


def _heads(kind: str, cells: Sequence[str]) -> list[str]:
    """The columns' names as ours, "" for one we do not know; each that is needed stands there once."""
    known = {word: column.name for column in COLUMNS[kind] for word in column.words}
    heads = [known.get(cell.strip().lower(), "") for cell in cells]
    named = [head for head in heads if head]
    if len(named) != len(set(named)) or any(one.needed and one.name not in named for one in COLUMNS[kind]):
        raise BadInput("file", "columns")
    return heads


async def trial(ctx: Context, actor: Actor, kind: str, data: bytes) -> Trial:
    """A dry run. BadInput("file", ...) as `read` says."""
    require(actor, "import.take")
    lines, wide = read(kind, data)
    async with ctx.store.read() as tx:
        made, flaws = await _checked(ctx, tx, kind, lines)
    found = tuple(sorted((*wide, *flaws), key=lambda one: one.line))
    if found:
        return Trial(kind, len(lines), found)
    waiting = ctx.live.imports
    for token in [token for token, one in waiting.items() if ctx.clock() - one.at > WAITS_MS]:
        del waiting[token]
    while len(waiting) >= MOST_WAITING:
        del waiting[next(iter(waiting))]
    token = ctx.token()
    waiting[token] = Waiting(actor.account, kind, data, ctx.clock())
    return Trial(kind, made.count, (), token)


async def _checked(ctx: Context, tx: Tx, kind: str, lines: Sequence[Line]) -> tuple[Made, list[Flaw]]:
    known = Known(ctx.clock(), *await rows.known(tx, ctx.clock()))
    made = Made()
    flaws = [flaw for line in lines for flaw in CHECKS[kind](known, line, made, ctx.random)]
    return made, flaws


async def take(ctx: Context, actor: Actor, token: str) -> Trial:
    """Takes a tried file, once; should anything in it be wrong by now, nothing of it, and what is wrong.
    NotFound("import") for one that waits no more."""
    require(actor, "import.take")
    held = ctx.live.imports.get(token)
    if held is None or held.account != actor.account or ctx.clock() - held.at > WAITS_MS:
        raise NotFound("import")
    lines, _ = read(held.kind, held.data)
    changed: tuple[str, ...] = ()
    async with ctx.store.write() as tx:
        made, flaws = await _checked(ctx, tx, held.kind, lines)
        if not flaws:
            await rows.put(tx, made.places, made.parties, made.ties, made.cards, ctx.clock())
            await note(ctx, tx, actor, "import.take", about=held.kind, detail=str(made.count))
            changed = await publish.publish(ctx, tx)
    ctx.live.imports.pop(token, None)
    publish.announce(ctx, changed)
    return Trial(held.kind, made.count, tuple(flaws))
