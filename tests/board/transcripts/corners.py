"""What no story meets: bouncing keys, a door without time, texts, and rights at their edges."""

from gatecore import codes, feedback, keypad, schedule, state, wording
from gatecore.clock import Now
from gatecore.throttle import Memory

matrix, mono, typed = keypad.Matrix(), 0, ""
for bitmap in (1, 0, 1, 1, 0, 0, 1 << 12, 1 << 12, 0, 0, 3, 3, 1, 1, 0, 0):
    typed += matrix.scan(bitmap, mono)
    mono += keypad.DEBOUNCE_MS
    typed += matrix.scan(bitmap, mono)
    mono += 7
print(typed)
dialogue = keypad.Dialogue()
print(
    [dialogue.key(key, 5) for key in "##123456789#*12#*12#C"],
    dialogue.home,
    dialogue.silent(10005),
    dialogue.silent(10),
)

DAY, HOUR = 20780, 3600000
NOON = DAY * 24 * HOUR + 4 * HOUR
for number in sorted(wording.WHY):
    print(number, len(wording.text(feedback.REFUSED, number, 0)), wording.text(feedback.REFUSED, number, 1))
print(wording.text(feedback.OPENED, 0, 1))

told, memory = state.HeldState(1, 1), Memory()
key = b"L" * 32
eight = codes.with_check("120502", "1234567")
nobody, somebody = Now(1, 0, None, 0), Now(1, 0, NOON, 3)
print(
    codes.check_code(told, memory, "120502", eight, somebody, True).reason,
    codes.check_pin(told, "1", "1", somebody).reason,
)
print(codes.check_code(told, memory, "home", eight, somebody, True).reason, codes.live_days(nobody, told))
door = ["Stair", "", 6, 0, 5000, 20000, 1, 1, "office", key]
zone = codes.zone_key(b"M" * 32, "12", DAY // 30)
mark = codes.digest(key, "120502", "1234567")
issued = ["120502", mark, b"I" * 16, 0, NOON, 0, 1 << 1, 7200]
for kind, rows in ((state.DOOR, [door]), (state.OFFSETS, [[0, 480]]), (state.ZONES, [["12", DAY // 30, zone]]),
                   (state.HOMES, [["120502", "12", 1]]), (state.CODES, [issued]),
                   (state.SCHEDULES, [[1, 1, 0, 60], [1, 1, 700, 800]])):  # fmt: skip
    for chunk in state.chunks(kind, rows):
        told.add(chunk)
for moment in (somebody, Now(1, 0, NOON - 1, 3), Now(1, 0, 86400000, 3), Now(1, 0, 5 * 86400000, 3)):
    verdict = codes.check_code(told, memory, "120502", eight, moment, True)
    print(verdict.reason, verdict.costs)
memory.uses[mark] = [1, 0, NOON]
print(codes.check_code(told, memory, "120502", eight, Now(1, 0, 5 * 86400000, 3), True).reason)
derived = codes.with_check("120502", codes.derive(zone, "120502", DAY, 0))
memory.uses[codes.digest(key, "120502", derived[:7])] = [3, 0, NOON * 2]
print(codes.check_code(told, memory, "120502", derived, somebody, False).reason)
print(codes.check_code(told, memory, "120502", derived, Now(1, 0, NOON + 14 * HOUR + 1, 3), False).reason)
print(codes.check_code(told, memory, "999999", codes.with_check("999999", "1234567"), somebody, False).reason)

print(
    [
        schedule.window(moment, 10, 20)
        for moment in (nobody, Now(1, 0, 9000, 3), Now(1, 0, 9000, 1), Now(1, 0, 20000, 1))
    ]
)
print(schedule.on_weekday(nobody, 3, []), schedule.on_weekday(somebody, 0, []), schedule.on_weekday(somebody, 1, []))
print(
    [schedule.may_pass(moment, 1, told) for moment in (nobody, somebody, Now(1, 0, NOON, 1), Now(1, 0, NOON + HOUR, 3))]
)
print(schedule.may_pass(somebody, 0, told), schedule.may_pass(somebody, 9, told))
