"""What no row may ever become, told to the database itself: the same law as triggers of SQLite and of PostgreSQL.

law                 refuses
a_face_needs_its_consent       a face under no living consent of that very person
withdrawal_ends_the_face       (ends the credential with the consent)
a_template_needs_a_face        sealed templates of a person without a living face credential
a_right_keeps_its_limit        a grant longer than the decision it names, or one that passes a decision over
a_decision_stays               changing or deleting a decision; deciding below one that ranks higher
a_step_stays                   changing what a step says happened; its words may be emptied
a_slip_leaves_whole            releasing goods while a line is unchecked or differs
nobody_is_lost                 deleting a stay, or ending one as if the person had never come in

Triggers are no part of a migration: `renew` drops and makes all of them whenever the database was migrated.
"""

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.engine import Connection

from gatehost.model.grant import DAY_MS, LIMITED

LIVING = "('waiting', 'capturing', 'active', 'pending')"


@dataclass(frozen=True, slots=True)
class Law:
    """`when` an event on `table` meets `wrong`, it is refused; with `then`, that statement runs after it instead."""

    name: str
    event: str
    table: str
    wrong: str
    then: str = ""


def _key_of(kind: str) -> str:
    cases = " ".join(f"WHEN '{name}' THEN '{key}'" for name, key in LIMITED.items())
    return f"(CASE {kind} {cases} END)"


_NEWER = 'SELECT 1 FROM policy n WHERE n.place = p.place AND n."key" = p."key" AND n.id > p.id'
_KEPT = f"""SELECT 1 FROM policy p WHERE p.id = NEW.policy AND p."key" = {_key_of("NEW.kind")}
    AND p.value <> '' AND NOT EXISTS ({_NEWER})
    AND NEW.until - NEW.since <= CAST(p.value AS BIGINT) * {DAY_MS}"""
_DECIDED = f"""SELECT 1 FROM policy p WHERE p."key" = {_key_of("NEW.kind")} AND p.place IN ('estate', NEW.scope)
    AND p.value <> '' AND NOT EXISTS ({_NEWER})"""
# a place and all above it, without recursion: the tree is at most this deep
_UP = """(NEW.place,
    (SELECT a.parent FROM place a WHERE a.id = NEW.place),
    (SELECT b.parent FROM place a JOIN place b ON b.id = a.parent WHERE a.id = NEW.place),
    (SELECT c.parent FROM place a JOIN place b ON b.id = a.parent JOIN place c ON c.id = b.parent
        WHERE a.id = NEW.place))"""
_ABOVE = f"""SELECT 1 FROM policy p WHERE p."key" = NEW."key" AND p.place IN {_UP} AND p.value <> ''
    AND p.rank > NEW.rank AND NOT EXISTS ({_NEWER})"""
_CONSENT = "SELECT 1 FROM consent c WHERE c.id = NEW.consent AND c.party = NEW.party"
_FACE = f"""NEW.kind = 'face' AND NEW.consent IS NOT NULL AND (NOT EXISTS ({_CONSENT})
    OR (NEW.state IN {LIVING} AND NOT EXISTS ({_CONSENT} AND c.withdrawn_at IS NULL)))"""
_TEMPLATE = f"""NOT EXISTS (SELECT 1 FROM credential c JOIN consent s ON s.id = c.consent
    WHERE c.party = NEW.party AND c.kind = 'face' AND c.state IN {LIVING} AND s.withdrawn_at IS NULL)"""
_LIMIT = f"""{_key_of("NEW.kind")} IS NOT NULL AND (
    (NEW.policy IS NOT NULL AND NOT EXISTS ({_KEPT})) OR (NEW.policy IS NULL AND EXISTS ({_DECIDED})))"""
_STEP = 'OLD.id <> NEW.id OR OLD."case" <> NEW."case" OR OLD.version <> NEW.version OR OLD.act <> NEW.act ' + (
    "OR OLD.was <> NEW.was OR OLD.became <> NEW.became OR OLD.at <> NEW.at OR OLD.verdict <> NEW.verdict "
    "OR NEW.note NOT IN ('', OLD.note) OR NEW.form NOT IN ('', OLD.form) OR NEW.who NOT IN ('', OLD.who)"
)
_SLIP = """NEW.kind = 'item_release' AND NEW.state = 'released' AND OLD.state <> 'released' AND (
    NOT EXISTS (SELECT 1 FROM item i WHERE i."case" = NEW.id AND i.kind = 'goods')
    OR EXISTS (SELECT 1 FROM item i WHERE i."case" = NEW.id AND i.kind = 'goods'
        AND (i.checked_qty IS NULL OR i.checked_qty <> i.qty)))"""
_LOST = "OLD.in_at IS NOT NULL AND (NEW.in_at IS NULL OR NEW.state NOT IN ('inside', 'left', 'closed_by_staff'))"

LAWS = (
    Law("a_face_needs_its_consent", "INSERT", "credential", _FACE),
    Law("a_face_keeps_its_consent", "UPDATE", "credential", _FACE),
    Law(
        "withdrawal_ends_the_face",
        "UPDATE",
        "consent",
        "OLD.withdrawn_at IS NULL AND NEW.withdrawn_at IS NOT NULL",
        f"UPDATE credential SET state = 'withdrawn' WHERE consent = NEW.id AND kind = 'face' AND state IN {LIVING}",
    ),
    Law("a_template_needs_a_face", "INSERT", "sealed_templates", _TEMPLATE),
    Law("a_key_needs_a_face", "INSERT", "sealed_key", _TEMPLATE),
    Law("a_right_keeps_its_limit", "INSERT", "grant", _LIMIT),
    Law(
        "a_right_grows_within_its_limit",
        "UPDATE",
        "grant",
        f"(NEW.since <> OLD.since OR NEW.until <> OLD.until OR NEW.kind <> OLD.kind) AND {_LIMIT}",
    ),
    Law("a_decision_stays", "UPDATE", "policy", "OLD.id = OLD.id"),
    Law("a_decision_is_not_deleted", "DELETE", "policy", "OLD.id = OLD.id"),
    Law("a_higher_decision_binds", "INSERT", "policy", f"EXISTS ({_ABOVE})"),
    Law("a_step_stays", "UPDATE", "step", _STEP),
    Law("a_slip_leaves_whole", "UPDATE", "case", _SLIP),
    Law("nobody_is_lost", "UPDATE", "visit", _LOST),
    Law("nobody_is_deleted_inside", "DELETE", "visit", "OLD.state = 'inside'"),
)


def renew(connection: Connection) -> None:
    """Drops every law's trigger and makes it again as written here."""
    make = _sqlite if connection.dialect.name == "sqlite" else _postgres
    for law in LAWS:
        for statement in make(law):
            connection.execute(text(statement))


def _sqlite(law: Law) -> list[str]:
    when = "AFTER" if law.then else "BEFORE"
    does = law.then or f"SELECT RAISE(ABORT, '{law.name}')"
    head = f'CREATE TRIGGER {law.name} {when} {law.event} ON "{law.table}" WHEN {law.wrong}'
    return [f"DROP TRIGGER IF EXISTS {law.name}", f"{head} BEGIN {does}; END"]


def _postgres(law: Law) -> list[str]:
    when = "AFTER" if law.then else "BEFORE"
    back = "NULL" if law.then else ("OLD" if law.event == "DELETE" else "NEW")
    refusal = f"RAISE EXCEPTION '{law.name}' USING ERRCODE = 'integrity_constraint_violation'"
    does = f"IF {law.wrong} THEN {law.then or refusal}; END IF; RETURN {back};"
    return [
        f'DROP TRIGGER IF EXISTS {law.name} ON "{law.table}"',
        f"CREATE OR REPLACE FUNCTION {law.name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {does} END $$",
        f'CREATE TRIGGER {law.name} {when} {law.event} ON "{law.table}" FOR EACH ROW EXECUTE FUNCTION {law.name}()',
    ]
