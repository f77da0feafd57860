"""What the board's shell does to lock, log and clock, on the real MicroPython with played pins and flash."""

import json
from pathlib import Path

import pytest

from gateboard import settings
from gateboard.errors import SettingsError

from .micropython import MicroPython
from .played import SETTINGS
from .shipped import shipped
from .test_memory import CHIP, PLAYED, SETUP

LOCK = SETTINGS["board"]["lock"]["pin"]
STORY = (
    SETUP
    + f"""
import rp2
time.stand_still()
from gatecore import records as r
from gatecore.wire import decode
def level():
    return machine.level({LOCK})
def last_entry():
    steps = board.ports.ring.batch(board.ports.ring.chain.seq - 1, 1)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return decode(end.value[1][0])
def pass_by(ms):
    time.let_pass(ms)
    machine.run_timers()
order = []
def watch(effect):
    order.append(effect.__class__.__name__ + str(level()) + str(board.ports.ring.chain.seq))
act = board.carrier._act
def acted(effect, now, grants):
    act(effect, now, grants)
    watch(effect)
board.carrier._act = acted
"""
)


def said(*steps: str) -> list[str]:
    """What each step prints, after a board was started and told a state."""
    return [step.text for step in MicroPython(files=PLAYED).run(STORY, *steps)[1:]]


@pytest.mark.micropython
def test_a_lock_falls_back_by_its_own_timer_though_the_loop_stands_still() -> None:
    opened, before, after, long_on, cut, held, free, over = said(
        "typed('120502#' + issued)\nprint(level())",
        "pass_by(4990)\nprint(level())",
        "pass_by(20)\nprint(level())",
        "board.ports.lock.unlock(10 ** 9)\npass_by(29000)\nprint(level())",
        "pass_by(1100)\nprint(level())",
        "board.post(e.Fire(True))\npass_by(10 ** 6)\nprint(level())",
        "board.ports.lock.unlock(100)\npass_by(200)\nprint(level())",
        "board.post(e.Fire(False))\nprint(level())",
    )
    assert (opened, before, after) == ("1", "1", "0")
    assert (long_on, cut) == ("1", "0"), "max_on_ms is the lock's own"
    assert (held, free, over) == ("1", "1", "0"), "a release is no pulse"


@pytest.mark.micropython
def test_no_light_and_no_buzzer_is_on_longer_than_its_board_file_says() -> None:
    """The siren's five seconds are three here; a light left on is cut off after a day, and shown again when asked."""
    pins = {name: wired["pin"] for name, wired in SETTINGS["board"]["signals"].items()}
    siren, cut, green, on, day, again = said(
        "from gatecore import feedback as f\nlights, mono = board.ports.signals, 5000\nlights.show(f.ALERT, mono)\n"
        f"lights.step(mono + 2999)\nprint(machine.level({pins['buzzer']}))",
        f"lights.step(mono + 3000)\nprint(machine.level({pins['buzzer']}))",
        f"lights.show(f.OPENED, mono)\nprint(machine.level({pins['green']}), machine.level({pins['red']}))",
        f"lights.step(mono + 86399999)\nprint(machine.level({pins['green']}))",
        f"lights.step(mono + 86400000)\nprint(machine.level({pins['green']}))",
        f"lights.show(f.OPENED, mono)\nprint(machine.level({pins['green']}))",
    )
    assert (siren, cut, green, on, day, again) == ("1", "0", "1 0", "1", "0", "1")


@pytest.mark.micropython
def test_a_pulse_of_no_length_still_has_an_end() -> None:
    """The timer must not be over before the pin is on: then nothing would switch it off."""
    periods, on, off = said(
        "timer, told = board.ports.lock._timer, []\ninit = timer.init\n"
        "def seen(**given):\n    told.append(given['period'])\n    init(**given)\n"
        "timer.init = seen\nfor ms in (0, -5, 1, 99, 500, 1 << 70):\n    board.ports.lock.unlock(ms)\nprint(told)",
        "board.ports.lock.unlock(0)\nprint(level())",
        "pass_by(101)\nprint(level())",
    )
    assert periods == "[100, 100, 100, 100, 500, 30000]"
    assert (on, off) == ("1", "0")


# A board that has run for 12.4 days (2^30 ms), 24.9 days (2^31) and 49.7 days (2^32): its counter has wrapped, and ms
# since its start are no small integers any more.
UPTIMES = [(1 << 30) - 3_000, (1 << 31) - 3_000, (1 << 32) - 3_000]
LIVED = """
wires = VALUES["board"]["inputs"]
for name in ("contact", "fire", "tamper"):
    machine.join(wires[name]["pin"], -1)
def run(ms):
    for _ in range(ms // 15):
        time.let_pass(15)
        machine.run_timers()
        board.turn()
def lived(to):
    while board.ports.mono() < to:
        time.let_pass(min(1 << 28, to - board.ports.mono()))
        board.ports.mono()
    board.clock.order(UTC, board.ports.mono())  # its codes are of that day
    board.turn()
def pressed(text):
    pins = VALUES["board"]["keypad"]
    for key in text:
        n = "123456789*0#".index(key)
        down = 1 << n
        board.ports.keypad.read = lambda: down
        run(45)
        board.ports.keypad.read = lambda: 0
        run(45)
"""


@pytest.mark.micropython
@pytest.mark.parametrize("uptime", UPTIMES)
def test_nothing_waits_longer_or_shorter_when_the_counter_wraps(uptime: int) -> None:
    """Debounce, silence, the lock's pulse, what is shown, throttle and log, each across the moment of wrapping."""
    told = said(
        LIVED + f"lived({uptime})\nprint(board.ports.mono() >= {uptime}, board.ports.mono() - {uptime} < 300)",
        "pressed('120502#' + issued)\nmono = board.ports.mono()\nprint(level(), mono > " + str(uptime) + ")",
        f"run(4500)\nprint(level(), board.ports.mono() > {uptime + 3_000})",
        "run(1000)\nprint(level())",
        "levels = list(board.door.memory.levels)\npressed('120502#7654322#')\n"
        "print(levels[1] - board.door.memory.levels[1])",
        "run(3_600_000 // 15)\nboard.door.memory.pass_time(board.ports.mono() + 3_600_000)\n"
        "print(board.door.memory.levels[1] == levels[1])",
        "pressed('1205')\nrun(9_000)\nprint(board.door._typed.home)",
        "run(1_500)\nprint(board.door._typed.home == '')",
        f"machine.join(wires['exit']['pin'], -1)\nrun(60)\nprint(level(), last_entry()[6] > {uptime})",
    )
    assert told == ["True True", "1 True", "1 True", "0", "1000", "True", "1205", "True", "1 True"]


@pytest.mark.micropython
def test_a_door_that_has_run_for_weeks_takes_no_memory_while_nothing_happens() -> None:
    """Whole turns of the loop between two ticks; a program that asked for the ms since its start would take some."""
    turns = "def idle():\n    for _ in range(200):\n        board.turn()\ndef nothing():\n    pass\n"
    for uptime in (0, 1 << 31):
        *_, nothing, idle, asked = MicroPython(packages=(), files=shipped(STORY + LIVED + CHIP) | PLAYED).run(
            STORY + LIVED + CHIP + f"lived({uptime})\nrun(5000)\ntidy()\ntime.let_pass(300)\nboard.turn()\n" + turns,
            "nothing()\nidle()",
            "nothing()",
            "idle()",
            "board.ports.mono() - 1",
        )
        assert idle.allocated == nothing.allocated
        assert asked.allocated is not None
        assert nothing.allocated is not None
        assert (asked.allocated > nothing.allocated) == (uptime > 0)


@pytest.mark.micropython
def test_no_lock_is_on_whose_end_could_not_be_set() -> None:
    (told,) = said(
        "def fails(**given):\n    raise OSError(12)\nboard.ports.lock._timer.init = fails\n"
        "try:\n    board.ports.lock.unlock(1000)\nexcept OSError:\n    print(level())"
    )
    assert told == "0"


@pytest.mark.micropython
def test_a_contact_that_chatters_keeps_nobodys_exit_button_or_fire_unheard() -> None:
    wires = SETTINGS["board"]["inputs"]
    told, quiet = said(
        "heard = []\nwatch = lambda x: heard.append(x.__class__.__name__) if not isinstance(x, e.Feedback) else None\n"
        f"for name in (10, 12, 13):\n    machine.join(name, -1)\n"
        "def chatter(n):\n    for k in range(n):\n"
        f"        (machine.part if k & 1 else machine.join)(*([{wires['contact']['pin']}] + ([] if k & 1 else [-1])))\n"
        "        board.scan()\n        time.let_pass(5)\n"
        "chatter(40)\nheard.clear()\n"
        f"machine.join({wires['exit']['pin']}, -1)\nchatter(8)\nmachine.part({wires['exit']['pin']})\n"
        f"machine.part({wires['fire']['pin']})\nchatter(8)\nprint([x for x in heard if x in ('Unlock', 'Release')])",
        "heard.clear()\nfor _ in range(30):\n    board.scan()\n    time.let_pass(5)\nprint(len(heard))",
    )
    assert told == "['Unlock', 'Release']"
    assert int(quiet) <= 3


@pytest.mark.micropython
def test_a_grant_is_on_flash_before_the_lock_moves_and_leaving_waits_for_nothing() -> None:
    grant, leaving = said(
        "before = board.ports.ring.chain.seq\ntyped('120502#' + issued[:7])\norder.clear()\ndecides(issued[7])\n"
        "print([item.replace(str(before + 1), 'after') for item in order])",
        "pass_by(6000)\nbefore = board.ports.ring.chain.seq\norder.clear()\nboard.post(e.Exit())\n"
        "print([item.replace(str(before), 'before').replace(str(before + 1), 'after') for item in order])",
    )
    assert grant.startswith("['Remember0")
    assert "'Log0after', 'Unlock1after'" in grant
    assert leaving.startswith("['Unlock1before', 'Log1after'")


@pytest.mark.micropython
def test_flash_that_fails_opens_the_door_all_the_same_and_the_entry_says_late() -> None:
    broken, works = said(
        "def fails(*given):\n    raise OSError(5)\n"
        "write = rp2.Flash.writeblocks\nrp2.Flash.writeblocks = fails\nseq = board.ports.ring.chain.seq\n"
        "typed('120502#' + issued)\nprint(level(), board.ports.ring.chain.seq - seq, board.carrier.failing)",
        "rp2.Flash.writeblocks = write\ntime.let_pass(1000)\nboard.carrier.flush()\nentry = last_entry()\n"
        "print(board.ports.ring.chain.seq - seq, entry[9], entry[10], board.carrier.failing)",
    )
    assert broken == "1 0 True"
    assert works == "1 10 [0, 1, 2, 0, 1] False"


@pytest.mark.micropython
def test_a_power_cut_gives_back_no_try_and_uses_no_number_twice() -> None:
    levels, again = said(
        "typed('120502#7654322#')\ntyped('120502#7654323#')\nboard._save()\nspent = list(board.door.memory.levels)\n"
        "seq, boot = board.ports.ring.chain.seq, board.clock.boot\nprint(spent)",
        "board = main.build(VALUES, random)\nboard.start()\n"
        "print(board.door.memory.levels[1] == spent[1], board.ports.ring.chain.seq - seq, board.clock.boot - boot,"
        " board.door.state.version, board.now().quality)",
    )
    assert levels == "[10000, 3000, 60000, 5000]"
    assert again == "True 1 1 1 1"


@pytest.mark.micropython
def test_a_board_whose_records_are_spoilt_begins_with_empty_buckets_and_counts_its_starts_on() -> None:
    """Spoiling what a board remembers of tries must not give them back, nor one of its clock a start it has had."""
    closed, later = said(
        "typed('120502#7654322#')\nboot = board.clock.boot\n"
        "for region in (board.ports.memory._region, board.ports.saved._region):\n"
        " for sector in range(region.count):\n  region.program(sector * 4096, bytes(256))\n"
        "board = main.build(VALUES, random)\nboard.start()\n"
        "mono = board.ports.mono()\nboard.clock.host(UTC, mono, mono)\n"
        "print(board.door.memory.levels, board.clock.boot - boot)\ntyped('120502#7654321#')\nprint(level())",
        "board.door.memory.pass_time(board.ports.mono() + 3600001)\ntyped('120502#7654321#')\nprint(level())",
    )
    assert closed.splitlines() == ["[0, 0, 0, 0] 1", "0"]
    assert later == "1"


@pytest.mark.micropython
def test_only_a_whole_turn_feeds_the_watchdog_and_it_bites_before_the_chip_s_limit() -> None:
    """A board that hangs, or fails in each turn, is started anew."""
    (fed,) = said(
        """
import sys
class Os:
    urandom = random
sys.modules["os"] = Os
limits, turns = [], []
class Dog(machine.WDT):
    def __init__(self, timeout=0):
        limits.append(timeout)
class Hangs(Exception):
    pass
def turn():
    turns.append(machine.fed[0])
    if len(turns) == 4:
        raise Hangs
board.turn, machine.WDT = turn, Dog
main.configured = lambda: VALUES
main.build = lambda values, random: board
began = machine.fed[0]
try:
    main.main()
except Hangs:
    pass
print([fed - began for fed in turns], machine.fed[0] - began, 0 < limits[0] <= 8388)
"""
    )
    assert fed == "[0, 1, 2, 3] 3 True"


@pytest.mark.micropython
def test_a_log_that_is_full_of_what_the_host_never_had_says_so_and_the_door_opens() -> None:
    """The gap is on flash before the entries it names go; an alarm and a message follow; storage has no fault."""
    setup = """
alerts = []
watch = lambda x: alerts.append(x.kind) if isinstance(x, e.Alert) else None
first = board.ports.ring.oldest()
for n in range(450):
    board.ports.ring.append(board.now(), r.ACCESS, [0, 0, 2, 1, 0], b"s", ["120502", None, bytes(150), 0])
    if n % 8 == 0:
        tidy()
    if alerts:
        break
def found(typ):
    steps = board.ports.ring.batch(board.ports.ring.oldest() - 1, 10 ** 9)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            kept = [decode(one) for one in end.value[1]]
            return [one[10] for one in kept if one[9] == typ]
gaps, alarms = found(r.GAP), found(r.ALARM)
print(first, gaps[0][0], gaps[0][1] + 1 == board.ports.ring.oldest(), alarms, alerts)
"""
    lost, faults, alive = said(
        setup,
        "print(board.carrier.failing, found(r.FAULT))",
        "tidy()\ntyped('120502#' + issued)\nprint(level(), last_entry()[9:11])",
    )
    assert lost == "1 1 True [[11]] [11]"
    assert faults == "False []"
    assert alive == "1 [10, [0, 1, 2, 0, 0]]"


# 2027-02-28 12:00:00 as a DS3231 holds it, and what one that is broken or was another's may say: a register, its value
GOOD = [0x00, 0x00, 0x12, 0x07, 0x28, 0x02, 0x27]
NONSENSE = [
    *((0, 0x60), (0, 0x5A), (1, 0x75), (2, 0x24), (2, 0x52), (4, 0x00), (4, 0x29), (4, 0x1B), (5, 0x00), (5, 0x13)),
    *((5, 0xA5), (5, 0x83), (6, 0x00), (6, 0x25), (6, 0xA5), (6, 0xFF)),
]


@pytest.mark.micropython
def test_the_battery_clock_is_read_set_and_doubted() -> None:
    none, stopped, right, odd, cannot = [
        step.text
        for step in MicroPython(files=PLAYED).run(
            "import machine\nfrom gateboard.rtc import BatteryClock",
            "clock = BatteryClock({'bus': 0, 'sda': 1, 'scl': 2})",
            "print(clock.read(), clock.write(1_790_000_000_000))",
            "machine.clock['registers'] = bytearray(19)\nclock.write(1_790_000_000_000)\nprint(clock.read(), end=' ')\n"
            "machine.clock['registers'][15] |= 0x80\nprint(clock.read())",  # a right time, and no telling since when
            # the first second, a leap day's, the last of a year, past 2^31 s, past 2^32 s in 1900's count, the last
            "for utc in (1767225600000, 1835395200000, 1861919999000, 2147483648000, 2085978496000, 4102444799000):\n"
            "    print(clock.write(utc) and clock.read() == utc, end=' ')",
            f"good = {GOOD}\nfor at, value in {NONSENSE}:\n"
            "    machine.clock['registers'][:7] = bytes(good)\n    machine.clock['registers'][at] = value\n"
            "    print(clock.read(), end=' ')\n"
            "machine.clock['registers'][:7] = bytes(good)\nprint(clock.read())",
            "before = bytes(machine.clock['registers'])\n"
            "print([clock.write(utc) for utc in (0, -1, 946684800000, 4102444800000, 1 << 64)],"
            " bytes(machine.clock['registers']) == before)",
        )[2:]
    ]
    assert none == "None False"
    assert stopped == "1790000000000 None"
    assert right.split() == ["True"] * 6
    assert odd.split() == ["None"] * len(NONSENSE) + ["1803816000000"]
    assert cannot == "[False, False, False, False, False] True"


# --- settings -----------------------------------------------------------------------------

BAD = {
    "half a reader": (("board", "reader", "data0"), 26, "reader: both wires, or none"),
    "a reader on the lock's pin": (("board", "reader"), {"data0": LOCK, "data1": 27}, f"pin {LOCK}: is used twice"),
    "no word of a reader": (("board", "reader"), {}, "reader: data0 is missing"),
    "start": (("board", "lock", "start"), True, "start and shutdown must be the same"),
    "long": (("board", "lock", "max_on_ms"), 10**6, "max_on_ms: must be 500 to 60000"),
    "a buzzer without end": (("board", "signals", "buzzer", "max_on_ms"), 10**9, "buzzer max_on_ms: must be 10 to"),
    "a buzzer that is a pin alone": (("board", "signals", "buzzer"), 19, "buzzer: must be a table"),
    "a light on the lock's pin": (("board", "signals", "red", "pin"), LOCK, f"pin {LOCK}: is used twice"),
    "unknown": (("board", "lock", "colour"), 1, "lock: there is no setting colour"),
    "twice": (("board", "keypad", "call"), 16, "pin 16: is used twice"),
    "chip": (("board", "chip"), "stm32", "board chip: must be rp2 or esp32"),
    "flag": (("board", "inputs", "exit", "normally_closed"), 1, "exit normally_closed: must be True or False"),
    "pin": (("board", "inputs", "exit", "pin"), 99, "pin: must be 0 to 48"),
    "rows": (("board", "keypad", "rows"), [2, 3], "keypad rows: must be 4 pins"),
    "a row that is a word": (("board", "keypad", "rows"), [2, 3, "4", 5], "keypad rows: must be 0 to 48"),
    "a number that is true": (("board", "lock", "max_on_ms"), True, "max_on_ms: must be 500 to 60000"),
    "a flag that is one": (("board", "lock", "active_high"), 1, "lock active_high: must be True or False"),
    "sizes": (("board", "flash", "log"), 1, "flash log: must be 32 to 4096"),
    "table": (("wifi",), 1, "wifi: must be a table"),
}


@pytest.mark.parametrize("name", BAD)
def test_settings_that_could_move_a_lock_or_name_nothing_are_refused_by_name(name: str, tmp_path: Path) -> None:
    values = json.loads(json.dumps(SETTINGS))
    settings.check(values)
    path, value, message = BAD[name]
    table = values
    for key in path[:-1]:
        table = table[key]
    table[path[-1]] = value
    file = tmp_path / "settings.json"
    file.write_text(json.dumps(values), encoding="utf-8")
    with pytest.raises(SettingsError, match=message):
        settings.read(str(file))


def test_settings_that_are_missing_or_no_json_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="provision this board again"):
        settings.read(str(tmp_path / "none"))
    (tmp_path / "bad").write_text("{", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"no settings are there, or no JSON; provision"):
        settings.read(str(tmp_path / "bad"))
    values = json.loads(json.dumps(SETTINGS))
    del values["board"]["lock"]["pin"]
    with pytest.raises(SettingsError, match="lock: pin is missing"):
        settings.check(values)
