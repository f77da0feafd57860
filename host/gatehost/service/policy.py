"""Rules of the estate: who decided, in which document, why; the nearest place up the tree that decided wins."""

from gatehost.model.account import Actor
from gatehost.model.policy import Rule
from gatehost.service.context import Context


async def rules(ctx: Context, actor: Actor, place: str) -> tuple[Rule, ...]:
    """What holds at a place, one rule for each of model.policy.KEYS. NotFound("place")."""
    raise NotImplementedError


async def rule(ctx: Context, key: str, place: str) -> Rule:
    """What holds at a place for one key."""
    raise NotImplementedError


async def history(ctx: Context, actor: Actor, place: str, key: str) -> tuple[Rule, ...]:
    """Every decision at exactly this place, newest first."""
    raise NotImplementedError


async def set_rule(
    ctx: Context, actor: Actor, place: str, key: str, value: str, decided_by: str, document: str, why: str
) -> Rule:
    """Decides a rule at a place; doors are told. BadInput("key" | "value" | "decided_by" | "why", why)."""
    raise NotImplementedError
