"""One door's state machine and the only place that decides: `step(event, now) -> effects`.

Every opening, whatever its cause, is an Unlock or Release effect made here, with its Log beside it. An entry grant is
[Remember?, Log, Unlock, Feedback]; leaving is [Unlock, Log?]: it waits for nothing, and a door without its host only
counts what comes after EXIT_ENTRIES of an hour. What a camera adds is gatecore.sighted.
"""

from gatecore import codes, feedback, throttle
from gatecore import records as r
from gatecore.compat import TYPE_CHECKING
from gatecore.errors import TrustError
from gatecore.events import (
    ALERT_CANCELLED,
    ALERT_DISTRUST,
    ALERT_DURESS,
    ALERT_FIRE,
    ALERT_FORCED,
    ALERT_GUESSING,
    ALERT_HELD,
    ALERT_PAUSED,
    ALERT_STORAGE,
    ALERT_TAMPER,
    Alert,
    Asked,
    Booted,
    Call,
    CallNews,
    Challenge,
    Contact,
    Distrusted,
    Done,
    Exit,
    Feedback,
    Fire,
    Hangup,
    Key,
    Link,
    Log,
    Ordered,
    Release,
    Remember,
    StateTaken,
    Stepped,
    Stored,
    Tamper,
    Tick,
    Unlock,
)  # fmt: skip
from gatecore.keypad import AT_HOME, CALL, CLEARED, CODE_DIGIT, DECIDE, HOME_DIGIT, Dialogue
from gatecore.state import CALLABLE, State

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from gatecore.clock import Now
    from gatecore.compat import Random
    from gatecore.events import Told
    from gatecore.trust import Trust

    Effects = list[Told]

RING_MS = 50_000  # one call, until nobody answered
BEACON_MS = 3_600_000
EXIT_UNLOCK_MS = 5_000  # of a door without state: leaving always works
PUSH_MS = 2_000  # a leaf may open this long after the lock fell back
FREE_ENTRIES = 10  # an hour, of refusals that cost no try; all of them are counted
EXIT_ENTRIES = 60  # an hour, of a door without its host
_NONE: "Effects" = []  # made once, and never changed
DISTRUST_CODES = (
    "signature",
    "device",
    "rollback",
    "challenge",
    "nonce",
    "keys",
    "conflict",
    "chunk",
    "chunks",
    "purpose",
)


class Door:
    """Holds what a door knows between two events. `random(n)` names calls; `trust` checks commands."""

    def __init__(self, state: State, memory: "throttle.Memory", trust: "Trust", random: "Random") -> None:
        self.state = state
        self.memory = memory
        self._trust = trust
        self._random = random
        self._typed = Dialogue()
        self._made: "list[Any]" = []  # the codes of the home that was typed, and what makes them (codes.day_codes)
        self._making: "Iterable[None]" = ()
        self._connected = False
        self._fire = False
        self._fault = 0  # why, shown at rest
        self._leaf_open = False
        self._held_told = False
        self._opened_at = 0
        self._free_until = -1  # the leaf may be open until then (mono)
        self._call = b""
        self._call_home = ""
        self._call_until = 0
        self._shown_until = 0
        self._asked_for: "dict[bytes, str]" = {}  # the newest challenge, the home called when it was given
        self._counts = [0] * 4  # unknown faces, mistyped, refused at no cost, left by the button
        self._counted_at = 0
        self._logged_at = 0

    def step(self, event: "Told", now: "Now") -> "Effects":
        """The effects of one event at one instant, in the order to carry them out."""
        self.memory.pass_time(now.mono)
        effects: Effects = self.STEPS[event.__class__](self, event, now)
        for effect in effects:
            if isinstance(effect, Log):
                self._logged_at = now.mono
            elif isinstance(effect, Unlock):
                self._free_until = max(self._free_until, now.mono + effect.ms + PUSH_MS)
            elif isinstance(effect, Feedback):
                self._shown_until = now.mono + effect.seconds * 1000 if effect.seconds else 0
        return effects

    # --- keypad ---------------------------------------------------------------------------

    def _key(self, event: Key, now: "Now") -> "Effects":
        if self.state.door is None:
            return [shown(feedback.NOT_SET_UP)]
        if event.key == "*" and self._call:
            return self._hang_up() + [self._rest()]
        did = self._typed.key(event.key, now.mono)
        home = self.state.canonical(self._typed.home)
        if did == HOME_DIGIT:
            return [shown(feedback.DIAL)]
        if did == AT_HOME:
            self._made = []
            self._making = codes.day_codes(self.state, home, now, self._made)
            self._derive(1)
            return [shown(feedback.CODE)] + self._seek(home, now)
        if did == CODE_DIGIT:
            self._derive(1)
            return [shown(feedback.CODE)]
        if did == CLEARED:
            return [self._rest()] + self._end_seek()
        if did == CALL:
            self._typed.clear()
            return self._end_seek() + self._ring(home, now)
        if did == DECIDE:
            digits = self._typed.digits
            self._typed.clear()
            ended = self._end_seek()
            decided = self._decide(home, digits, now)
            if len(decided) == 2 and isinstance(decided[0], Log):  # a refusal that cost no try
                self._free(decided)
            return ended + decided if ended else decided
        return []

    def _decide(self, home: str, digits: str, now: "Now") -> "Effects":
        if len(digits) == codes.CODE_DIGITS:
            return self._code(home, digits, now)
        if len(digits) == codes.PIN_DIGITS:
            return self._pin(home, digits, now)
        return self._mistyped()

    def _code(self, home: str, eight: str, now: "Now") -> "Effects":
        memory = self.memory
        if not memory.open(throttle.CODES):
            return self._closed(r.CODE, throttle.CODES)
        if home in memory.paused:
            return self._refuse(r.CODE, codes.PAUSED, home)
        self._derive(codes.CODE_DIGITS)  # mostly there is nothing left to do
        verdict = codes.check_code(self.state, memory, home, eight, now, self._connected, self._made)
        if verdict.reason == codes.MISTYPED:
            return self._mistyped()
        if verdict.reason == codes.CANCELS:
            return self._cancel(home, verdict)
        if verdict.reason != codes.OK:
            return self._wrong(r.CODE, throttle.CODES, home, verdict)
        self._use(verdict, now)
        flags = r.DERIVED_FLAG if verdict.derived else 0
        effects = self._grant(r.CODE, home, None, verdict.id, flags)
        effects.insert(0, Remember(memory.to_wire()))
        return effects

    def _derive(self, steps: int) -> None:
        """So many of the home's codes more: one with each key, so that none waits for all of them."""
        for _ in self._making:
            steps -= 1
            if not steps:
                return

    def _use(self, verdict: "codes.Verdict", now: "Now") -> None:
        seconds = 0 if now.utc is None else now.utc // 1000
        memory = self.memory
        memory.forget_before(seconds)
        used = memory.uses.get(verdict.mark)
        if used is None:
            used = memory.uses[verdict.mark] = [0, seconds, verdict.until]
        used[0] += 1

    def _cancel(self, home: str, verdict: "codes.Verdict") -> "Effects":
        memory, mark = self.memory, verdict.mark
        if mark in memory.cancelled:  # typed again: nothing is new
            return self._refuse(r.CODE, codes.CANCELS, home)
        memory.cancelled[mark] = verdict.until
        return [
            Remember(memory.to_wire()),
            self._access(r.REFUSED, r.CODE, codes.CANCELS, r.CANCEL_FLAG, home.encode(), [home, None, None, 0]),
            Alert(ALERT_CANCELLED, home),
            shown(feedback.REFUSED, codes.CANCELS),
        ]

    def _pin(self, home: str, seven: str, now: "Now") -> "Effects":
        if not self.memory.open(throttle.PINS):
            return self._closed(r.PIN, throttle.PINS)
        verdict = codes.check_pin(self.state, home, seven, now)
        if verdict.reason != codes.OK:
            return self._wrong(r.PIN, throttle.PINS, home, verdict)
        effects = self._grant(r.PIN, home, verdict.person, verdict.id, 0, verdict.duress)
        return effects + [Alert(ALERT_DURESS, home)] if verdict.duress else effects

    def _mistyped(self) -> "Effects":
        memory = self.memory
        self._counts[1] += 1
        if memory.open(throttle.TYPOS):
            memory.spend(throttle.TYPOS)
            return [Remember(memory.to_wire()), shown(feedback.REFUSED, codes.MISTYPED)]
        if not memory.open(throttle.CODES):
            return self._closed(r.CODE, throttle.CODES)
        memory.spend(throttle.CODES)
        return [Remember(memory.to_wire())] + self._refuse(r.CODE, codes.MISTYPED, "")

    def _wrong(self, method: int, bucket: int, home: str, verdict: "codes.Verdict") -> "Effects":
        refusal = self._refuse(method, verdict.reason, home)
        if not verdict.costs:
            return refusal
        memory = self.memory
        memory.spend(bucket)
        alarm, pause = memory.count_wrong(home)
        refusal.insert(0, Remember(memory.to_wire()))
        if alarm:
            refusal += [noted(r.ALARM, ALERT_GUESSING), Alert(ALERT_GUESSING, "")]
        if pause:
            refusal += [Log(r.ALARM, [ALERT_PAUSED], home.encode(), [home]), Alert(ALERT_PAUSED, home)]
        return refusal

    def _closed(self, method: int, bucket: int) -> "Effects":
        minutes = -(-self.memory.wait_ms(bucket) // 60_000)
        return [
            self._access(r.REFUSED, method, codes.CLOSED, 0, None, None),
            shown(feedback.REFUSED, codes.CLOSED, minutes),
        ]

    def _seek(self, home: str, now: "Now") -> "Effects":
        """A home was named and nothing else yet; a door without eyes waits for digits."""
        return []

    def _end_seek(self) -> "Effects":
        return _NONE

    # --- opening and refusing -------------------------------------------------------------

    def _access(self, result: int, method: int, reason: int, flags: int, subject: "bytes | None", detail: "Any") -> Log:
        door = self.state.door
        direction = 0 if door is None else door.direction
        return Log(r.ACCESS, [direction, result, method, reason, flags], subject, detail)

    def _grant(
        self, method: int, home: str, person: "bytes | None", mark: bytes, flags: int, duress: bool = False
    ) -> "Effects":
        """Entry: the entry first, durably, then the lock."""
        assert self.state.door is not None
        subject = home.encode() if person is None else person
        detail = [home, person, mark, int(duress)]
        effects = self._hang_up()
        effects.append(self._access(r.GRANTED, method, codes.OK, flags, subject, detail))
        effects.append(Unlock(self.state.door.unlock_ms, True))
        effects.append(shown(feedback.OPENED))
        return effects

    def _refuse(self, method: int, reason: int, home: str, person: "bytes | None" = None) -> "Effects":
        subject = home.encode() if person is None else person
        return [
            self._access(r.REFUSED, method, reason, 0, subject, [home, person, b"", 0]),
            shown(feedback.REFUSED, reason),
        ]

    def _free(self, refusal: "Effects") -> None:
        """Takes the entry out of a refusal that cost no try, from the eleventh of an hour on: who goes on at a door
        without its host must not push older entries out of a full log."""
        self._counts[2] += 1
        if self._counts[2] > FREE_ENTRIES:
            del refusal[:-1]

    # --- calls and commands ---------------------------------------------------------------

    def _ring(self, home: str, now: "Now") -> "Effects":
        door = self.state.door
        if door is None or not home:
            return [shown(feedback.DIAL)]
        why, row = 0, self.state.home(home)
        if not door.calls:
            why = feedback.OFF
        elif row is None:
            why = feedback.NOT_HERE
        elif not row[2] & CALLABLE:
            why = feedback.NOBODY
        elif not self._connected:
            why = feedback.NOT_CONNECTED
        if why:
            return [shown(feedback.REFUSED, why)]
        before = self._hang_up()
        self._call, self._call_home, self._call_until = self._random(16), home, now.mono + RING_MS
        return before + [
            Log(r.CALL, [1], home.encode(), [home, self._call]),
            Call(self._call, home),
            shown(feedback.CALLING),
        ]

    def _hang_up(self) -> "Effects":
        if not self._call:
            return []
        ended, self._call, self._call_home = self._call, b"", ""
        return [Hangup(ended)]

    def _call_news(self, event: CallNews, now: "Now") -> "Effects":
        if not self._call or event.call != self._call:
            return []
        if event.state == feedback.TALKING:
            return [shown(feedback.TALKING)]
        home = self._call_home
        self._hang_up()
        return [Log(r.CALL, [2, event.state], home.encode(), [home, event.call]), shown(event.state, event.reason)]

    def _asked(self, event: Asked, now: "Now") -> "Effects":
        challenge = self._trust.challenge(now.mono)
        self._asked_for = {challenge: self._call_home}
        return [Challenge(event.ticket, challenge)]

    def _ordered(self, event: Ordered, now: "Now") -> "Effects":
        try:
            command = self._trust.accept_command(event.data, now.mono)
        except TrustError as wrong:
            return self._distrusted(Distrusted(2, wrong.code), now)
        action, challenge = command.action, command.challenge
        if action == "open" and self.state.door is not None:
            return self._remote(challenge, command.by)
        if action[:5] == "lift/":
            self.memory.lift(action[5:])
            return [Remember(self.memory.to_wire()), Done(challenge, True, "")]
        return [Done(challenge, False, "action")]

    def _remote(self, challenge: bytes, by: bytes) -> "Effects":
        home = self._asked_for.get(challenge, self._call_home)  # whose call was answered: another may ring by now
        assert self.state.door is not None
        detail = [home, None, by, 0]
        return self._hang_up() + [
            self._access(r.GRANTED, r.REMOTE, codes.OK, 0, home.encode(), detail),
            Unlock(self.state.door.unlock_ms, True),
            Done(challenge, True, ""),
            shown(feedback.OPENED),
        ]

    def _distrusted(self, event: Distrusted, now: "Now") -> "Effects":
        code = (DISTRUST_CODES + (event.code,)).index(event.code)  # one past them for any other
        told = [shown(feedback.REFUSED, feedback.BAD_COMMAND)] if event.what == 2 and self._call else []
        effects: Effects = [noted(r.DISTRUST, event.what, code), Alert(ALERT_DISTRUST, "")]
        return effects + told

    # --- the door itself ------------------------------------------------------------------

    def _exit(self, event: Exit, now: "Now") -> "Effects":
        door = self.state.door
        ms = EXIT_UNLOCK_MS if door is None else door.unlock_ms
        effects = [Unlock(ms, False), noted(r.EXIT), shown(feedback.OPENED)]
        self._counts[3] += 1
        if self._counts[3] > EXIT_ENTRIES and not self._connected:
            del effects[1]
        return effects

    def _on_fire(self, event: Fire, now: "Now") -> "Effects":
        if event.on == self._fire:
            return []
        self._fire = event.on
        effects: Effects = [Release(event.on), noted(r.FIRE, int(event.on))]
        return effects + [Alert(ALERT_FIRE, ""), self._rest()]

    def _tampered(self, event: Tamper, now: "Now") -> "Effects":
        return [noted(r.TAMPER), Alert(ALERT_TAMPER, "")]

    def _contact(self, event: Contact, now: "Now") -> "Effects":
        if event.open == self._leaf_open:
            return []
        self._leaf_open = event.open
        self._held_told = False
        if not event.open:
            return [self._rest()]
        self._opened_at = now.mono
        if self._fire or now.mono <= self._free_until:
            return []
        return [
            noted(r.FORCED),
            Alert(ALERT_FORCED, ""),
            shown(feedback.ALERT, feedback.FORCED_OPEN),
        ]

    def _tick(self, event: Tick, now: "Now") -> "Effects":
        effects = self._held(now) or self._time_out(now)
        if now.mono - self._counted_at >= BEACON_MS:
            self._counted_at = now.mono
            for kind in range(4):
                many = self._counts[kind]
                if many:
                    effects.append(noted(r.COUNT, kind + 1, many))
                    self._counts[kind] = 0
        if not effects and now.mono - self._logged_at >= BEACON_MS:
            effects = [noted(r.BEACON)]
        return effects

    def _held(self, now: "Now") -> "Effects":
        door = self.state.door
        if door is None or not self._leaf_open or self._held_told or self._fire:
            return []
        if now.mono - self._opened_at < door.held_ms:
            return []
        self._held_told = True
        return [noted(r.HELD), Alert(ALERT_HELD, ""), shown(feedback.ALERT, feedback.HELD_OPEN)]

    def _time_out(self, now: "Now") -> "Effects":
        if self._call and now.mono >= self._call_until:
            return self._hang_up() + [shown(feedback.NO_ANSWER)]
        if self._typed.silent(now.mono) or (self._shown_until and now.mono >= self._shown_until):
            self._typed.clear()
            return [self._rest()]
        return []

    def _rest(self) -> Feedback:
        """What is shown when nothing happens."""
        if self._fire:
            return shown(feedback.FREE)
        if self.state.door is None:
            return shown(feedback.NOT_SET_UP)
        return shown(feedback.IDLE, self._fault)

    def _booted(self, event: Booted, now: "Now") -> "Effects":
        return [noted(r.BOOT, self.state.generation, self.state.version), self._rest()]

    def _linked(self, event: Link, now: "Now") -> "Effects":
        self._connected = event.up
        if event.up or not self._call:
            return []
        return self._hang_up() + [shown(feedback.REFUSED, feedback.NOT_CONNECTED)]

    def _state_taken(self, event: StateTaken, now: "Now") -> "Effects":
        self.state = event.state
        self._made, self._making = [], ()
        return [noted(r.STATE, self.state.generation, self.state.version), self._rest()]

    def _stored(self, event: Stored, now: "Now") -> "Effects":
        if event.ok:
            return [noted(r.FAULT, 1)]
        return [noted(r.FAULT, 0), Alert(ALERT_STORAGE, ""), shown(feedback.ALERT, feedback.STORAGE)]

    def _stepped(self, event: Stepped, now: "Now") -> "Effects":
        return [noted(r.CLOCK, int(event.ms < 0), abs(event.ms) // 1000, event.quality)]

    # event -> what takes it
    STEPS: "dict[Any, Any]" = {
        Key: _key,
        Contact: _contact,
        Exit: _exit,
        Fire: _on_fire,
        Tamper: _tampered,
        Link: _linked,
        Booted: _booted,
        Tick: _tick,
        StateTaken: _state_taken,
        Distrusted: _distrusted,
        Ordered: _ordered,
        Asked: _asked,
        CallNews: _call_news,
        Stored: _stored,
        Stepped: _stepped,
    }


def noted(typ: int, *pub: int) -> Log:
    """An entry of which nothing is private."""
    return Log(typ, list(pub), None, None)


def shown(state: int, reason: int = 0, number: int = 0) -> Feedback:
    return Feedback(state, reason, feedback.SECONDS[state], number)
