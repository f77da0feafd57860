"""The digits behind stored codes: derived again for a day code, revealed for a listed one."""

from gatecore import codes
from gatehost.model.code import DAY
from gatehost.service.context import Context
from gatehost.store.codes import CodeRow


def digits_of(ctx: Context, zone: str, code: CodeRow) -> str:
    """The seven digits of a code; the eighth is `codes.with_check`'s."""
    if code.kind == DAY:
        assert code.day is not None
        assert code.slot is not None
        return codes.derive(zone_key(ctx, zone, code.day), code.home, code.day, code.slot)
    assert code.hidden is not None
    return ctx.keys.reveal(code.hidden)


def cancel_of(ctx: Context, zone: str, code: CodeRow) -> str:
    """The eight digits that cancel a day code at a door; "" for a listed one."""
    if code.kind != DAY or code.day is None or code.slot is None:
        return ""
    seven = codes.derive(zone_key(ctx, zone, code.day), code.home, code.day, code.slot + codes.CANCEL)
    return codes.with_check(code.home, seven)


def zone_key(ctx: Context, zone: str, day: int) -> bytes:
    """The zone's key for the epoch a day lies in."""
    return codes.zone_key(ctx.keys.codes, zone, day // codes.EPOCH_DAYS)
