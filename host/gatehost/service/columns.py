"""What the searchable columns of an entry are, computed from its bytes alone: at ingest, and again when verified."""

from gatecore.records import ACCESS, ALARM, CALL, Entry, Private
from gatehost.store.accesslog import SEALED, SEALED_WITHOUT_PRIVATE, EntryRow, entry_id

LARGEST = (1 << 63) - 1  # of a column; a larger number stays in the entry's own bytes


def row(no: int, received_at: int, entry: Entry, data: bytes, private: bytes | None) -> EntryRow:
    """The row of a verified entry of device number `no`."""
    home, person, mark = _detail(entry.typ, private)
    result, method, reason, flags = _access(entry)
    at = entry.utc if entry.utc is not None and entry.tq and entry.utc <= LARGEST else received_at
    withheld = entry.commit is not None and private is None
    return (
        entry_id(no, entry.seq),
        at,
        received_at,
        entry.tq,
        min(entry.typ, LARGEST),
        result,
        method,
        reason,
        flags,
        home,
        person,
        mark,
        SEALED_WITHOUT_PRIVATE if withheld else SEALED,
        data,
        private,
    )


def _access(entry: Entry) -> tuple[int | None, int | None, int | None, int | None]:
    if entry.typ != ACCESS or len(entry.pub) < 5 or not all(0 <= number <= LARGEST for number in entry.pub):
        return None, None, None, None
    return entry.pub[1], entry.pub[2], entry.pub[3], entry.pub[4]


def _detail(typ: int, private: bytes | None) -> tuple[str | None, bytes | None, bytes | None]:
    """(home, person, mark) of an access, call or alarm entry's private half."""
    if private is None or typ not in (ACCESS, CALL, ALARM):
        return None, None, None
    detail = Private.from_wire(private).detail
    if not isinstance(detail, list) or not detail or not isinstance(detail[0], str) or not detail[0]:
        home = None
    else:
        home = detail[0]
    if typ != ACCESS or not isinstance(detail, list) or len(detail) < 3:
        return home, None, None
    person = detail[1] if isinstance(detail[1], bytes) and len(detail[1]) == 16 else None
    mark = detail[2] if isinstance(detail[2], bytes) and 0 < len(detail[2]) <= 32 else None
    return home, person, mark
