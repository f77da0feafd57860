"""The state and the sealed templates a unit holds: fetched by hash, checked by the law book, kept in two copies.

The copy that is not in use is overwritten; at the start the newest whose signature and hashes hold is taken.
"""

from collections.abc import Callable

from gatecore.errors import GateError, TrustError
from gatecore.records import MAX_CHUNK_BYTES, StateHeader
from gatecore.sign import sha256
from gatecore.state import HeldState
from gatecore.trust import Trust
from gateunit.ledger import Ledger
from gateunit.ports import Store

COPIES = ("state-0", "state-1")
FACE = "face-"
MOST_WANTED = 32  # pieces asked for and not yet there
MOST_FACE_BYTES = 64 * 1024


class Held:
    """`state` is what the door goes by; `taken(state)` hears of a new one, `faces_changed()` of other people, templates
    or use of faces: a visitor's code is no reason to open hundreds of templates anew."""

    def __init__(self, store: Store, ledger: Ledger, trust: Trust) -> None:
        self._store, self._ledger, self._trust = store, ledger, trust
        self._in_use = 1
        self._chunks: dict[bytes, bytes] = {}
        self._pending: StateHeader | None = None
        self._header = b""
        self._asked: set[bytes] = set()
        self._absent: set[bytes] = set()
        self._faces: dict[bytes, bytes] = {}
        self.taken: Callable[[HeldState], None] = lambda state: None
        self.faces_changed: Callable[[], None] = lambda: None
        self.state = self._load()
        self._load_faces()

    def offer(self, header: bytes) -> None:
        """Takes a signed header; TrustError if the law book refuses it. A newer one replaces one still fetched."""
        self._pending = self._trust.accept_header(header, self.state)
        self._header = header
        self._absent.clear()
        self._finish()

    def wanted(self) -> list[bytes]:
        """Hashes to ask for now; each is named once until `again`."""
        room = MOST_WANTED - len(self._asked)
        fresh = [piece for piece in self._lacking() if piece not in self._asked | self._absent][:room]
        self._asked.update(fresh)
        return fresh

    def again(self) -> None:
        """Forgets what was asked for: the connection it was asked over has gone."""
        self._asked.clear()
        self._absent.clear()

    def piece(self, digest: bytes, data: bytes) -> None:
        """Takes an answer; TrustError("chunk") if it is not what was asked for. Empty: there is no such piece."""
        if digest not in self._asked:
            raise TrustError("chunk")
        if data and sha256(data) != digest:
            raise TrustError("chunk")
        self._asked.discard(digest)
        if not data:
            self._absent.add(digest)
        elif self._pending is not None and digest in self._pending.chunks:
            if len(data) > MAX_CHUNK_BYTES:
                raise TrustError("chunk")
            self._chunks[digest] = data
            self._finish()
        elif len(data) <= MOST_FACE_BYTES and any(row[3] == digest for row in self.state.faces):
            self._keep_face(digest, data)

    def templates(self, digest: bytes) -> bytes | None:
        """Sealed templates by hash, if they have come."""
        return self._faces.get(digest)

    def _lacking(self) -> list[bytes]:
        chunks = [] if self._pending is None else self._pending.chunks
        lacking = [digest for digest in chunks if digest not in self._chunks]
        return list(dict.fromkeys(lacking + [row[3] for row in self.state.faces if row[3] not in self._faces]))

    def _finish(self) -> None:
        """Swaps once nothing is lacking; TrustError if what was signed is no state."""
        header = self._pending
        if header is None or any(digest not in self._chunks for digest in header.chunks):
            return
        self._pending = None
        chunks = [self._chunks[digest] for digest in header.chunks]
        try:
            state = self._trust.build_state(header, chunks)
        except TrustError:
            raise
        except GateError as wrong:
            raise TrustError(wrong.code) from wrong
        self._chunks = dict(zip(header.chunks, chunks, strict=True))
        self._in_use = 1 - self._in_use
        self._ledger.note(COPIES[self._in_use], _joined(self._header, chunks))
        before, self.state = self.state, state
        self._forget_faces()
        if known_by_face(state) != known_by_face(before):
            self.faces_changed()
        self.taken(state)

    def _load(self) -> HeldState:
        best = HeldState()
        for copy, name in enumerate(COPIES):
            found = self._copy(name, best)
            if found is not None:
                best, self._in_use = found, copy
        return best

    def _copy(self, name: str, best: HeldState) -> HeldState | None:
        data = self._store.load(name)
        parts = [] if data is None else _parted(data)
        if not parts:
            return None
        try:
            header = self._trust.accept_header(parts[0], best)
            state = self._trust.build_state(header, parts[1:])
        except GateError:
            return None
        self._chunks = dict(zip(header.chunks, parts[1:], strict=True))
        return state

    def _load_faces(self) -> None:
        for row in self.state.faces:
            data = self._store.load(FACE + row[3].hex())
            if data is not None and sha256(data) == row[3]:
                self._faces[row[3]] = data

    def _keep_face(self, digest: bytes, data: bytes) -> None:
        self._faces[digest] = data
        self._ledger.note(FACE + digest.hex(), data)
        self.faces_changed()

    def _forget_faces(self) -> None:
        """Templates nobody in the state has are erased, here and on storage."""
        named = {row[3] for row in self.state.faces}
        for digest in [digest for digest in self._faces if digest not in named]:
            del self._faces[digest]
            self._ledger.note(FACE + digest.hex(), None)


def known_by_face(state: HeldState) -> object:
    """What of a state concerns faces: whose templates, and what the door uses them for."""
    return state.faces, None if state.door is None else state.door.face


def _joined(header: bytes, chunks: list[bytes]) -> bytes:
    return b"".join(len(part).to_bytes(4, "big") + part for part in [header, *chunks])


def _parted(data: bytes) -> list[bytes]:
    parts, at = [], 0
    while at + 4 <= len(data):
        end = at + 4 + int.from_bytes(data[at : at + 4], "big")
        parts.append(data[at + 4 : end])
        at = end
    return parts if at == len(data) else []
