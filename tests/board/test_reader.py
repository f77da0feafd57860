"""A card reader on a board, on the real MicroPython with played pins: the same frames as a unit's, and a whole door."""

import random

import pytest
from gpiozero.pins.mock import MockFactory
from tests.unit.test_reader import Wires, wiegand

from gatecore.cards import CardRead
from gatecore.events import Key
from gatesim.clock import SimClock
from gateunit.reader import GAP_MS

from .micropython import MicroPython
from .played import SETTINGS
from .shipped import shipped
from .test_memory import CHIP, PLAYED, SETUP

pytestmark = pytest.mark.micropython

WIRED = SETTINGS | {"board": SETTINGS["board"] | {"reader": {"data0": 26, "data1": 27}}}
HOLD = f"""
def send(bits):
    for bit in bits:
        machine.fall(26 if bit == "0" else 27)
        time.let_pass(1)
        reader.read()
def after():
    reader.read()
    time.let_pass({GAP_MS})
    return reader.read()
"""
ALONE = (
    """
import machine, time
from gateboard.reader import Reader
time.stand_still()
reader = Reader({"data0": 26, "data1": 27}, time.ticks_ms)
"""
    + HOLD
)
AT_REST = """
for wire in VALUES["board"]["inputs"].values():
    if wire["normally_closed"]:
        machine.join(wire["pin"], -1)
"""
# A door with a reader: 1234567 is a resident's, 7654321 was reported lost, 5000000 has ended.
DOOR = (
    SETUP.replace(repr(SETTINGS), repr(WIRED)).replace("board = built()", AT_REST + "board = built()")
    + HOLD
    + """
reader = board.ports.reader
shelf = board.ports.shelf
shelf.begin([])
ENDS = UTC // 1000 + 86400
from gatecore.sign import hmac_sha256
from gatecore.wire import encode
marks = [hmac_sha256(KEY, encode(["VC1-card", number]))[:16] for number in (1234567, 7654321, 5000000)]
for kind, rows in (
    (s.DOOR, [["Stair", "", 6, 0, 5000, 20000, 0, 1, "office", KEY]]), (s.OFFSETS, [[0, 480]]),
    (s.HOMES, [["120502", "12", 1]]), (s.PEOPLE, [[b"p" * 16, "120502", 0, ENDS, 0, 0]]),
    (s.CARDS, [[marks[0], b"p" * 16, ENDS], [marks[1], b"p" * 16, 0], [marks[2], b"p" * 16, UTC // 1000 - 1]]),
):
    for chunk in s.chunks(kind, rows):
        shelf.add(chunk)
board.post(e.StateTaken(shelf.swap(1, 2)))
seen = []
act = board.carrier._act
def acted(effect, now, grants):
    act(effect, now, grants)
    seen.append(effect)
board.carrier._act = acted
def hold(bits):
    seen.clear()
    for bit in bits:
        machine.fall(26 if bit == "0" else 27)
        board.scan()
    time.let_pass(25)
    board.scan()
    print([effect.__class__.__name__ for effect in seen], [effect.pub for effect in seen if isinstance(effect, e.Log)])
"""
)


def flipped(bits: str) -> str:
    """The same frame, its last bit wrong."""
    return bits[:-1] + str(1 - int(bits[-1]))


def of_a_unit(bits: str) -> str:
    """What a unit's reader makes of the same bits, each followed by a ms."""
    factory = MockFactory()
    wires = Wires(factory, SimClock())
    wires.send(bits)
    wires.clock._mono += GAP_MS
    told = wires.reader.read()
    wires.reader.close()
    factory.reset()
    return repr(told)


def test_a_board_reads_every_frame_as_a_unit_does() -> None:
    dice = random.Random(7)
    frames = [wiegand(1_234_567, 26), wiegand(4_000_000_001), "0011", "11100001", "1" * 26, "0", "1" * 63, "01" * 40]
    frames += ["".join(dice.choice("01") for _ in range(bits)) for bits in (4, 8, 25, 26, 27, 33, 34, 35) * 6]
    frames += [wiegand(dice.randrange(1 << 24), 26) for _ in range(10)] + [wiegand(dice.randrange(1 << 32))]
    asked = "".join(f"send({bits!r})\nprint(repr(after()))\n" for bits in frames)
    _, step = MicroPython(files=PLAYED).run(ALONE, asked)
    expected = [of_a_unit(bits) for bits in frames]
    assert repr(CardRead(1_234_567)) in expected
    assert repr(Key("3")) in expected
    assert expected.count("None") > 10
    assert step.text.splitlines() == expected


def test_a_frame_ends_with_the_silence_and_half_a_one_spoils_only_itself() -> None:
    card = wiegand(1_234_567, 26)
    first, late, whole, idle, closed = MicroPython(files=PLAYED).run(
        ALONE,
        f"send({card[:13]!r})\nprint(reader.read(), reader.busy)",
        f"send({card[13:]!r})\nprint(reader.read(), after())",
        f"send({card[:20]!r})\nprint(after())\nsend({card!r})\nprint(after())",
        "print(reader.read(), reader.busy)",
        f"reader.close()\nsend({card!r})\nprint(after())",
    )[1:]
    assert first.text == "None True"
    assert late.text == "None CardRead(number=1234567)"
    assert whole.text.splitlines() == ["None", "CardRead(number=1234567)"]
    assert idle.text == "None False"
    assert closed.text == "None"


def test_a_card_opens_a_boards_door_and_every_other_is_refused_by_its_reason() -> None:
    own, lost, ended, unknown, bent, key = MicroPython(packages=(), files=shipped(DOOR) | PLAYED).run(
        DOOR,
        f"hold({wiegand(1_234_567)!r})",
        f"time.let_pass(30000)\nhold({wiegand(7_654_321)!r})",
        f"time.let_pass(30000)\nhold({wiegand(5_000_000)!r})",
        f"time.let_pass(30000)\nhold({wiegand(99)!r})",
        f"time.let_pass(30000)\nhold({flipped(wiegand(1_234_567))!r})",
        "hold('0001')\nprint(board.door._typed.home)",
    )[1:]
    assert own.text == "['Log', 'Unlock', 'Feedback'] [[0, 1, 4, 0, 0]]"
    assert lost.text == "['Log', 'Feedback', 'Alert'] [[0, 0, 4, 18, 0]]"
    assert ended.text == "['Log', 'Feedback'] [[0, 0, 4, 19, 0]]"
    assert unknown.text == "['Remember', 'Log', 'Feedback'] [[0, 0, 4, 17, 0]]"
    assert bent.text == "[] []", "one flipped bit is no card"
    assert key.text.splitlines()[1] == "1"


def test_a_silent_reader_takes_no_memory_and_nothing_is_erased_while_a_frame_comes() -> None:
    loops = "def idle():\n    for _ in range(200):\n        board.scan()\ndef nothing():\n    pass\n"
    settled = "board.scan()\ntime.let_pass(1000)\nboard.scan()\n"
    loops += "def tidy_now():\n    board._typed = board.ports.mono() - 4000\n    board._tidy()\n"
    nothing, idle, held, over = MicroPython(
        packages=(), files=shipped(DOOR + CHIP + "shelf._to_erase, shelf._idle") | PLAYED
    ).run(
        DOOR + CHIP + settled + loops,
        "nothing()",
        "idle()",
        "tidy()\nshelf.begin([])\nmachine.fall(26)\ntidy_now()\nprint(shelf._to_erase == shelf._idle().count)",
        "time.let_pass(50)\nreader.read()\ntime.let_pass(50)\nreader.read()\ntidy_now()\n"
        "print(shelf._to_erase == shelf._idle().count)",
    )[1:]
    assert idle.allocated == nothing.allocated
    assert (held.text, over.text) == ("True", "False")


def test_a_board_without_a_reader_loads_nothing_of_it_and_keeps_no_cards() -> None:
    without = DOOR.replace(repr(WIRED), repr(SETTINGS))
    kinds = "\nimport sys\nprint(reader, 'gatecore.cards' in sys.modules, sorted(shelf.state._kinds))"
    for source, told in ((without, "None False [1, 2, 4]"), (DOOR, "[1, 2, 4, 8, 12]")):
        *_, step = MicroPython(packages=(), files=shipped(DOOR + kinds) | PLAYED).run(source + kinds)
        assert step.text.endswith(told), "flash is kept for what a door can use"
