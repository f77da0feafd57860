"""Names that are emptied when their time is over, wherever else than in stays, papers and the log they were written.

What is counted stays: that there was a code, a right, a search, and when. Each function says how many rows it emptied.
"""

from sqlalchemy import delete, exists, or_, select, update

from gatehost.model.account import RESIDENT, VISITOR
from gatehost.store.store import Tx
from gatehost.store.table.account import account, audit
from gatehost.store.table.door import alarm, call
from gatehost.store.table.estate import party, tie
from gatehost.store.table.face import consent
from gatehost.store.table.gate import gate_deed
from gatehost.store.table.paper import appointment
from gatehost.store.table.right import code, credential, grant

SEARCHES = ("gate.search", "home.find")  # the look-ups that are written down with the words looked for


async def guests(tx: Tx, before: int) -> int:
    """Of codes, rights and plates that ended before an instant: for whom they were and who made them; and what guards
    wrote at a unit before it."""
    named = or_(code.c.visitor != "", code.c.made_by != "")
    codes = update(code).where(code.c.until <= before, named).values(visitor="", made_by="")
    over = or_(grant.c.until <= before, grant.c.ended_at <= before)
    labelled = or_(grant.c.label != "", grant.c.made_by != "")
    rights = update(grant).where(over, labelled).values(label="", made_by="")
    plate = (credential.c.kind == "plate", credential.c.until <= before, credential.c.number != "")
    plates = update(credential).where(*plate).values(number="")
    deeds = update(gate_deed).where(gate_deed.c.at <= before, gate_deed.c.note != "").values(note="")
    times = update(appointment).where(appointment.c.at <= before, appointment.c.made_by != "").values(made_by="")
    return sum([(await tx.execute(one)).rowcount for one in (codes, rights, plates, deeds, times)])


async def searches(tx: Tx, before: int) -> int:
    """Of what was done before an instant: the words of searches, and which resident or visitor did it. Who of the staff
    did it, and when, stays."""
    old = audit.c.at < before
    words = update(audit).where(old, audit.c.action.in_(SEARCHES), audit.c.about != "").values(about="")
    who = update(audit).where(old, audit.c.role.in_((RESIDENT, VISITOR)), audit.c.who != "").values(who="")
    return sum([(await tx.execute(one)).rowcount for one in (words, who)])


async def rings(tx: Tx, before: int) -> int:
    """Calls before an instant, and of which home an alarm was."""
    calls = await tx.execute(delete(call).where(call.c.began_at < before, call.c.ended_at.is_not(None)))
    alarms = await tx.execute(update(alarm).where(alarm.c.at < before, alarm.c.home != "").values(home=""))
    return calls.rowcount + alarms.rowcount


async def people(tx: Tx, before: int, now: int) -> int:
    """Everybody whose last tie ended before an instant: name, phone, birth date, account, signatures."""
    mine = tie.c.party == party.c.id
    lives = exists().where(mine, or_(tie.c.until.is_(None), tie.c.until > before))
    wanted = select(party.c.id).where(exists().where(mine), ~lives, party.c.erased_at.is_(None))
    gone = list((await tx.execute(wanted)).scalars())
    for at in range(0, len(gone), 500):
        some = gone[at : at + 500]
        empty = {"name": "", "phone": "", "born": "", "id_tail": "", "erased_at": now}
        await tx.execute(update(party).where(party.c.id.in_(some)).values(**empty))
        closed = {"login": None, "password": None, "closed_at": now}
        await tx.execute(update(account).where(account.c.party.in_(some)).values(**closed))
        await tx.execute(update(consent).where(consent.c.party.in_(some)).values(signer=""))
    return len(gone)
