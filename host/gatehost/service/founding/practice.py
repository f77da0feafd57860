"""Practice (row B18): what a guard or the desk finds to work on in a host of its own, whose estate is invented.

Nothing practised can reach a door, a log or a number of the real estate: it is another process with other keys and
another database, it opens no port for devices, and its folder is gone when it ends (docs/adr/0115).
"""

from gatehost.model.account import DESK, GUARD, Actor
from gatehost.model.errors import NotFound
from gatehost.model.visit import Newcomer
from gatehost.service.context import Context
from gatehost.service.gate import admission, asking
from gatehost.service.office import accounts
from gatehost.service.paper import application, casework
from gatehost.store import accounts as rows

ROLES = ("guard", "desk", "resident")  # logins of the practice estate, one a role
HOME, GATE = "120502", "north"
HOUR_MS = 3_600_000
OFFICER = Actor(0, "", "练习前台", DESK, (), "zh_CN", True)
WATCHMAN = Actor(-2, "", "练习保安", GUARD, (), "zh_CN", True)


async def fill(ctx: Context) -> None:
    """Work to begin with: a visitor who asks, one who waits at the gate, a courier inside for too long, a repair to be
    given to somebody, a question."""
    await asking.ask(ctx, GATE, HOME, "张阿姨", "", "看望")
    await admission.ask(ctx, WATCHMAN, GATE, Newcomer("visitor", HOME, "王叔"))
    await admission.enter(ctx, WATCHMAN, GATE, Newcomer("courier", HOME, "小王"), happened_at=ctx.clock() - HOUR_MS)
    repair: dict[str, object] = {"what": "厨房漏水", "where": "厨房", "urgency": "now"}
    await application.hand_in(ctx, OFFICER, "repair", HOME, repair)
    await casework.open_case(ctx, OFFICER, "enquiry", HOME, {"what": "车位怎么办理"})


async def sign_in_link(ctx: Context, login: str) -> str:
    """A one-use link for one of ROLES. NotFound("link") for any other name."""
    async with ctx.store.write() as tx:
        account = await rows.by_login(tx, login) if login in ROLES else None
        if account is None:
            raise NotFound("link")
        return await accounts.put_link(ctx, tx, account.id, activated=True)
