"""One board from box to door: found, flashed, let in, tested, started; every step timed for the acceptance sheet.

While the office compares the six digits the installer tests the wires, so nobody waits for the other. A step that fails
leaves a board that does not start as a door; the same command goes on from there.
"""

import ipaddress
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from gatecore.enrol import Claim
from gatecore.sign import key_id
from gateprov import flasher, image, rom
from gateprov.bench import Bench, Talk, Who
from gateprov.boards import Board
from gateprov.claim import check_end, warning
from gateprov.errors import HostError, PortError
from gateprov.host import Host
from gateprov.line import Line
from gateprov.person import Person
from gateprov.selftest import SelfTest
from gateprov.sheet import OK, Acceptance, Finding
from gateprov.wifi import Wifi

POLL_S = 1.0
ENTRY_S = 60.0
NAMED = (
    "The claim names the host by name: while no name server answers, this board sees no keys for seconds at every "
    "dial. Better: an address in the host's device_url, and a new claim."
)
LINKS = 3  # a greeting that was too slow is tried again


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done. `now` and `sleep` are in seconds, `today` in s since 1970; `seed` is this laptop's 32 bytes
    of randomness."""

    port: str
    claim: Claim
    host: Host
    seed: bytes
    now: Callable[[], float]
    sleep: Callable[[float], None]
    today: int
    board: str | None = None
    wifi: Wifi | None = None
    fresh: bool = False
    testing: bool = True


class Installation:
    """The steps, in order; `done` grows with each."""

    def __init__(self, order: Order, person: Person) -> None:
        self._order, self._person = order, person
        self._began = order.now()
        self.done = Acceptance(order.claim.slot, "", host=order.claim.url)

    def run(self) -> Acceptance:
        """All of it; ProvisionError with what to do when a step fails."""
        with Line(self._order.port) as line:
            if not _is_address(self._order.claim.url):
                self._person.tell(NAMED)
            if itself := warning(self._order.claim):
                self._person.tell(itself)
            board, made = self._program(line)
            bench = Bench(line)
            asked = self._ask(bench)
            tests = SelfTest(bench, self._person, self._order.now, self._began)
            if self._order.testing:
                self.done.tests += tests.wires(board)
            if asked is not None:
                self._confirm(bench, asked)
            self._entry(bench)
            if self._order.testing:
                self.done.tests += tests.clock(board)
            with self._step("start"):
                flasher.finish(line, made)
                line.start()
        return self.done

    def _program(self, line: Line) -> tuple[Board, image.Image]:
        with self._step("board"):
            found = flasher.look(line)
            board = flasher.board_for(found, self._order.board)
            self.done.board, self.done.firmware = board.name, found.firmware
            self._person.tell(f"{board.name}, {found.firmware} on {self._order.port}")
        with self._step("copy"):
            made = image.build(board, self._order.wifi)
            flasher.stop_what_runs(line)
            flasher.divide(line, board)
            if rom.room(line):
                made = self._in_place(line, made)
            copied = flasher.copy(line, made, self._person.progress)
            self._person.tell(f"{copied} of {len(made.files)} files copied, all verified on the board")
        return board, made

    def _in_place(self, line: Line, made: image.Image) -> image.Image:
        """The program into the ROM partition, where it runs; what is left to be copied as files."""
        written = rom.deploy(line, image.program(), self._person.progress)
        self._person.tell(f"the program {'written to' if written else 'is in'} the ROM partition, verified there")
        return made.without_program()

    def _ask(self, bench: Bench) -> bytes | None:
        """The request to be answered; None on a board that has been let in with this claim before."""
        with self._step("ask"):
            who = bench.who()
            asked = self._request(bench, who)
            self.done.dev = key_id(bench.who().public).hex()
            if asked is not None:
                self._order.host.post("enrol", asked)
                self._person.digits(self._order.claim.slot, bench.digits(self._order.claim))
        return asked

    def _request(self, bench: Bench, who: Who) -> bytes | None:
        claim, fresh = self._order.claim, self._order.fresh
        if who.waits_for(claim) and not fresh:
            return who.asked
        if who.slot and not fresh:
            if who.slot == claim.slot and who.estate == claim.estate:
                return None
            whose = "" if who.estate == claim.estate else " of another estate"
            raise PortError(
                f"{self._order.port}: this board is {who.slot}{whose}; --fresh makes it a new device for {claim.slot}; "
                "what of its log has not reached the host is then lost"
            )
        check_end(claim, self._order.today)
        bench.make(self._order.seed)
        return bench.ask(claim)

    def _confirm(self, bench: Bench, asked: bytes) -> None:
        with self._step("confirm"):
            answer = self._order.host.post("enrolled", asked)
            while answer is None:
                bench.there()
                self._order.sleep(POLL_S)
                answer = self._order.host.post("enrolled", asked)
            bench.accept(self._order.claim, answer, self._order.host.authority)
            self._person.tell("confirmed: the board holds its certificate")

    def _entry(self, bench: Bench) -> None:
        """The door's own program, the cable as its radio: entries sealed and verified by the host, the state taken."""
        with self._step("entry"):
            for left in reversed(range(LINKS)):
                try:
                    talk = self._link(bench)
                    break
                except HostError:
                    if not left:
                        raise
            self._person.tell(
                f"entry {talk.seq} sealed by the board, verified by the host; state {talk.version} is there"
            )

    def _link(self, bench: Bench) -> Talk:
        """One connection, until everything has arrived both ways."""
        talk = bench.dial()

        def frames(received: bytes | None) -> list[bytes]:
            nonlocal talk
            first = talk.frames if received is None else ()
            talk = bench.hear(received or b"")
            return [*first, *talk.frames]

        self._order.host.carry(frames, lambda: talk.complete, ENTRY_S)
        return talk

    @contextmanager
    def _step(self, what: str) -> Iterator[None]:
        began = self._order.now()
        yield
        self.done.tests.append(Finding(what, OK, began - self._began, self._order.now() - began))


def _is_address(url: str) -> bool:
    """Whether a board dials this without asking a name server."""
    try:
        ipaddress.ip_address(urlsplit(url).hostname or "")
    except ValueError:
        return False
    return True
