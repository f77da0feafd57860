"""What stands on a paper: its fields, its checklist, its lines of goods, what the gate counted, fees taken."""

from dataclasses import replace

from gatehost.model.account import GUARD, RESIDENT, Actor
from gatehost.model.case import CHECK, FEE, GOODS, Case, Item, Paper
from gatehost.model.errors import BadInput, Denied, Refused
from gatehost.model.kind import Field, Kind
from gatehost.service.context import Context
from gatehost.service.paper import casework, form
from gatehost.store import cases

MOST_LINES = 100
MOST_QTY = 100_000
EDITED_IN = ("draft", "needs_more", "amend", "open", "assigned")


def editable(kind: Kind, case: Case, role: str) -> tuple[Field, ...]:
    """The fields a role may change now: while a paper is being written those that are not another's, afterwards and
    until its end only those that are this role's own (what the desk checks, a card's number)."""
    if case.closed_at is not None:
        return ()
    if case.state in EDITED_IN and role in kind.opens:
        return tuple(field for field in kind.fields if form.for_role(field, role))
    return tuple(field for field in kind.fields if role in field.by and role in kind.sees)


async def save(ctx: Context, actor: Actor, number: int, version: int, typed: dict[str, object]) -> Case:
    """Writes the form anew; the form as it was stays in the step. Refused("changed" | "locked"), BadInput."""
    async with casework.changing(ctx, actor, number, version) as (tx, kind, held):
        fields = editable(kind, held.case, actor.role)
        if not fields:
            raise Refused("locked")
        keys = {field.key for field in fields}
        told = {key: value for key, value in held.case.form.items() if key not in keys} | form.read(fields, typed)
        await casework.noted(ctx, tx, actor, held.case, "save", told)
    return replace(held.case, form=told, version=version + 1)


async def tick(ctx: Context, actor: Actor, number: int, version: int, key: str, done: bool = True) -> Paper:
    """Ticks a line of the checklist, with name and time, or takes the tick back."""
    async with casework.changing(ctx, actor, number, version) as (tx, kind, held):
        if key not in {check.key for check in kind.checks} or actor.role not in kind.sees or actor.role == RESIDENT:
            raise BadInput("check", "unknown")
        if held.case.closed_at is not None:
            raise Refused("locked")
        for item in held.items:
            if item.kind == CHECK and item.what == key:
                await cases.drop_item(tx, item.id)
        if done:
            line = Item(0, number, CHECK, key, "", None, None, "", None, None, ctx.clock(), actor.name)
            await cases.put_item(tx, line)
        return await casework.carried_on(ctx, tx, actor, held, "tick" if done else "untick", key)


async def add_goods(ctx: Context, actor: Actor, number: int, version: int, what: str, spec: str, qty: int) -> Paper:
    """A line of goods. BadInput("what" | "qty"), Refused("locked")."""
    if not what.strip() or len(what) > 100 or len(spec) > 100:
        raise BadInput("what", "missing" if not what.strip() else "long")
    if not 1 <= qty <= MOST_QTY:
        raise BadInput("qty", "range")
    async with casework.changing(ctx, actor, number, version) as (tx, kind, held):
        if held.case.state not in EDITED_IN or actor.role not in kind.opens or len(held.items) >= MOST_LINES:
            raise Refused("locked")
        line = Item(0, number, GOODS, what.strip(), spec.strip(), qty, None, "", None, None, None, "")
        await cases.put_item(tx, line)
        return await casework.carried_on(ctx, tx, actor, held, "goods", what.strip())


async def drop_goods(ctx: Context, actor: Actor, number: int, version: int, line: int) -> Paper:
    """Strikes a line of goods out; the step says which."""
    async with casework.changing(ctx, actor, number, version) as (tx, kind, held):
        found = next((item for item in held.goods() if item.id == line), None)
        if found is None or held.case.state not in EDITED_IN or actor.role not in kind.opens:
            raise Refused("locked")
        await cases.drop_item(tx, line)
        return await casework.carried_on(ctx, tx, actor, held, "strike", f"{found.what} × {found.qty}")


async def count(ctx: Context, actor: Actor, number: int, version: int, line: int, qty: int) -> Paper:
    """What the gate sees of one line: how many. Only while the slip is at the gate, only by its guard."""
    async with casework.changing(ctx, actor, number, version) as (tx, _, held):
        if held.case.state != "at_gate" or actor.role != GUARD:
            raise Refused("locked")
        found = next((item for item in held.goods() if item.id == line), None)
        if found is None or not 0 <= qty <= MOST_QTY:
            raise BadInput("qty", "range")
        verdict = "same" if qty == found.qty else "differs"
        await cases.set_item(tx, line, checked_qty=qty, verdict=verdict, done_at=ctx.clock(), done_by=actor.name)
        return await casework.carried_on(ctx, tx, actor, held, "count", f"{found.what}: {qty}")


async def take_fee(ctx: Context, actor: Actor, number: int, version: int, what: str, amount: int) -> Item:
    """A fee taken, with its numbered receipt (row A12). It touches no right: nothing reads it but the receipt."""
    if not what.strip() or not 0 < amount <= 100_000_000:
        raise BadInput("amount", "range")
    async with casework.changing(ctx, actor, number, version) as (tx, _, held):
        if actor.role == RESIDENT or actor.role == GUARD:
            raise Denied("case.fee")
        receipt = f"{held.case.number}/{1 + sum(item.kind == FEE for item in held.items)}"
        line = Item(0, number, FEE, what.strip(), "", None, None, "", amount, receipt, ctx.clock(), actor.name)
        line = replace(line, id=await cases.put_item(tx, line))
        await casework.carried_on(ctx, tx, actor, held, "fee", receipt)
        return line
