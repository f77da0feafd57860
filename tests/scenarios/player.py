"""Plays a story told in plain lines to one door and prints everything it answered. Runs on both interpreters.

A line is  [HH:MM[:SS]] WHO-OR-WHAT ... [-> EXPECTED, ...]  with `//` comments; the words are in `_SAID` and `_expect`.
{code HOME SLOT [DAY]} is a day code, {wrong HOME N} the N-th wrong code with a good check digit.
"""

import binascii

from gatecore import cards, codes, feedback, state
from gatecore import events as e
from gatecore import records as r
from gatecore.clock import Now
from gatecore.ed25519 import Signer, verify
from gatecore.errors import GateError
from gatecore.log import Chain, genesis
from gatecore.sighted import SightedDoor
from gatecore.sign import sha256
from gatecore.throttle import Memory
from gatecore.trust import Trust
from gatecore.wire import encode, sign1

MASTER, LIST_KEY = b"M" * 32, b"L" * 32
DAY, HOUR_MS = 20780, 3600000  # Monday 2026-11-23
NOWHERE = {"anne": b"A" * 16, "boris": b"B" * 16, "carla": b"C" * 16, "dora": b"D" * 16, "nobody": b"N" * 16}
ESTATE, POLICY, OPERATOR, DEVICE, STRANGER = [
    Signer(sha256(name)) for name in (b"estate", b"policy", b"operator", b"device", b"stranger")
]
SIGNERS = {"operator": OPERATOR, "policy": POLICY, "stranger": STRANGER}


def _seconds(day, hour):
    return day * 86400 + hour * 3600 - 8 * 3600


class Player:
    """One door, its clock, and the rows it was told."""

    def __init__(self):
        self._count = 0
        self.rows = {
            state.DOOR: [["Stair 3", "1205", 6, 0, 5000, 20000, state.FACE_FREE, 1, "estate office", LIST_KEY]],
            state.OFFSETS: [[0, 480]],
            state.ZONES: [["12", n, codes.zone_key(MASTER, "12", n)] for n in range(691, 694)],
            state.HOMES: [["120502", "12", 1], ["120601", "12", 0], ["120602", "12", 1]],
            state.CODES: [],
            state.REVOKED: [],
            state.PINS: [],
            state.PEOPLE: [
                [NOWHERE["anne"], "120502", 0, _seconds(DAY + 300, 0), 3, 0],
                [NOWHERE["boris"], "120601", 0, _seconds(DAY + 300, 0), 2, 1],
            ],
            state.CARDS: [],
            state.SCHEDULES: [[1, 127, 8 * 60, 20 * 60]],
            state.LIFE: [[state.LIFE_OFF]],
        }
        self.version = 0
        self.trust = Trust(DEVICE.key_id, ESTATE.public, verify, self.random)
        self.trust.accept_keys(sign1(r.Keys(1, POLICY.public, OPERATOR.public).to_wire(), ESTATE))
        self.memory = b""
        self.door = self.made(state.HeldState(), Memory())
        self.chain = Chain(DEVICE.key_id, genesis(DEVICE.public))
        self.start, self.mono, self.boot, self.quality, self.day = 8 * HOUR_MS, 0, 1, 3, DAY
        self.call = b""
        self.lines = []
        self.reached = set()

    def made(self, held, memory):
        """A door with eyes and a reader."""
        door = SightedDoor(held, memory, self.trust, self.random)
        cards.fit(door)
        return door

    def random(self, n):
        self._count += 1
        return self._count.to_bytes(n, "big")

    def now(self):
        utc = None if self.quality == 0 else self.day * 24 * HOUR_MS + self.start + self.mono - 8 * HOUR_MS
        return Now(self.boot, self.mono, utc, self.quality)

    def at(self, clock):
        """Lets powered-on time pass until HH:MM[:SS] of the estate's day."""
        parts = [int(part) for part in clock.split(":")] + [0]
        self.mono = (parts[0] * 3600 + parts[1] * 60 + parts[2]) * 1000 - self.start

    def do(self, event):
        self.reached.add(event.__class__.__name__)
        effects = self.door.step(event, self.now())
        for effect in effects:
            self.lines.append("    " + shown(effect))
            self._reach(effect)
            if isinstance(effect, e.Log):
                self._append(effect)
            elif isinstance(effect, e.Remember):
                self.memory = effect.data
            elif isinstance(effect, e.Call):
                self.call = effect.call
        return effects

    def _append(self, log):
        private = None
        if log.subject is not None:
            private = encode([self.random(16), log.subject, log.detail])
        self.chain.take(self.chain.next(self.now(), log.typ, log.pub, private))

    def _reach(self, effect):
        self.reached.add(effect.__class__.__name__)
        if isinstance(effect, e.Feedback):
            self.reached.add(f"state {effect.state}")
            self.reached.add(f"reason {effect.reason}")
        elif isinstance(effect, e.Log):
            self.reached.add(f"entry {effect.typ}")
        elif isinstance(effect, e.Alert):
            self.reached.add(f"alert {effect.kind}")

    def take_state(self):
        self.version += 1
        fresh = state.HeldState(1, self.version)
        for kind in sorted(self.rows):
            for chunk in state.chunks(kind, self.rows[kind]):
                fresh.add(chunk)
        return self.do(e.StateTaken(fresh))

    def type(self, text):
        effects = []
        for key in self.filled(text).replace(" ", ""):
            effects = effects + self.do(e.Key(key))
        return effects

    def filled(self, text):
        while "{" in text:
            start, end = text.index("{"), text.index("}")
            text = text[:start] + self.digits(text[start + 1 : end].split()) + text[end + 1 :]
        return text

    def digits(self, words):
        home, n = words[1], int(words[2])
        if words[0] == "wrong":
            tail = str(n)
            return codes.with_check(home, "0" * (7 - len(tail)) + tail)
        day = DAY + (int(words[3]) if len(words) > 3 else 0)
        return codes.with_check(home, codes.derive(codes.zone_key(MASTER, "12", day // 30), home, day, n))

    def mark(self, home, eight):
        return codes.digest(LIST_KEY, home, eight[:7])

    def command(self, action, by, fresh=True):
        challenge = self.do(e.Asked(1))[0].challenge if fresh else b"stale challenge!"
        data = sign1(r.Command(DEVICE.key_id, action, challenge, b"y" * 32).to_wire(), SIGNERS[by])
        return self.do(e.Ordered(data))

    def reboot(self):
        self.boot, self.start, self.mono = self.boot + 1, self.start + self.mono, 0
        self.door = self.made(self.door.state, Memory.restore(self.memory or None))
        return self.do(e.Booted())


def shown(effect):
    """An effect as one line."""
    return " ".join([_text(value) for value in e.told(effect)])


def _text(value):
    if isinstance(value, (list, tuple)):
        return "[" + ",".join([_text(item) for item in value]) + "]"
    if isinstance(value, bytes):
        return "h" + binascii.hexlify(sha256(value)[:4] if len(value) > 32 else value).decode()
    return str(value)


def _on(word):
    return word in ("on", "up", "open", "works")


def _issue(player, words):
    home, eight = words[0], player.filled(" ".join(words[1:7])).split()[0]
    rest = player.filled(" ".join(words[1:])).split()[1:]
    since, until, uses = int(rest[0]), int(rest[1]), int(rest[2])
    row = [home, player.mark(home, eight), b"I" * 16, _seconds(DAY, since), _seconds(DAY, until), uses, 0, 0]
    player.rows[state.CODES].append(row)
    return player.take_state()


def _revoke(player, words):
    eight = player.filled(" ".join(words[1:]))
    player.rows[state.REVOKED].append([words[0], player.mark(words[0], eight), _seconds(DAY + 2, 0)])
    return player.take_state()


def _pin(player, words):
    row = [words[0], codes.digest(LIST_KEY, words[0], words[1]), NOWHERE["anne"], _seconds(DAY + int(words[3]), 0)]
    player.rows[state.PINS].append(row + [1 if words[2] == "duress" else 0])
    return player.take_state()


def _set(player, words):
    if words[0] == "life":
        player.rows[state.LIFE] = [[int(words[1])]]
    else:
        player.rows[state.DOOR][0][{"face": 6, "calls": 7}[words[0]]] = int(words[1])
    return player.take_state()


def _person(player, words):
    since, until = _seconds(DAY, int(words[2])), _seconds(DAY, int(words[3]))
    player.rows[state.PEOPLE].append([NOWHERE[words[0]], words[1], since, until, 3, 0])
    return player.take_state()


def _lists(player, words):
    row = [cards.digest(LIST_KEY, int(words[0])), NOWHERE[words[1]], _seconds(DAY, int(words[2]))]
    player.rows[state.CARDS].append(row)
    return player.take_state()


def _loses(player, words):
    mark = cards.digest(LIST_KEY, int(words[0]))
    for row in player.rows[state.CARDS]:
        if row[0] == mark:
            row[2] = cards.LOST
    return player.take_state()


def _frame(player, words):
    told = cards.frame(int(words[0]), int(words[1]))
    return [] if told is None else player.do(told)


def _face(player, words):
    if words[0] == "nobody":
        return player.do(e.FaceUnknown())
    if words[0] == "unsure":
        return player.do(e.FaceUnsure())
    if words[0] == "hint":
        return player.do(e.FaceHint(int(words[1])))
    live = e.LIFE_PROVEN if "alive" in words else e.LIFE_NOT_PROVEN if "still" in words else e.LIFE_UNASKED
    return player.do(e.FaceSeen(NOWHERE[words[0]], "home" in words, live, "unsure" not in words))


def _news(player, words):
    named = {"talking": feedback.TALKING, "declined": feedback.DECLINED, "silent": feedback.NO_ANSWER}
    call = b"another call...." if "other" in words else player.call
    return player.do(e.CallNews(call, named[words[0]], 0))


def _clock(player, words):
    player.quality = int(words[0])
    return []


def _day(player, words):
    player.day = DAY + int(words[0])
    return []


def _spoil(player, words):
    player.memory = b"spoilt"
    return player.reboot()


_SAID = {
    "types": lambda p, w: p.type(" ".join(w)),
    "face": _face,
    "card": lambda p, w: p.do(cards.CardRead(int(w[0]))),
    "frame": _frame,
    "lists": _lists,
    "loses": _loses,
    "reader": lambda p, w: p.do(cards.Reads(_on(w[0]))),
    "host": lambda p, w: p.do(e.Link(_on(w[0]))),
    "leaf": lambda p, w: p.do(e.Contact(_on(w[0]))),
    "fire": lambda p, w: p.do(e.Fire(_on(w[0]))),
    "eyes": lambda p, w: p.do(e.Eyes(_on(w[0]))),
    "storage": lambda p, w: p.do(e.Stored(_on(w[0]))),
    "exit": lambda p, w: p.do(e.Exit()),
    "tamper": lambda p, w: p.do(e.Tamper()),
    "tick": lambda p, w: p.do(e.Tick()),
    "boots": lambda p, w: p.do(e.Booted()),
    "power": lambda p, w: p.reboot(),
    "spoilt": _spoil,
    "state": lambda p, w: p.take_state(),
    "issue": _issue,
    "revoke": _revoke,
    "pin": _pin,
    "person": _person,
    "set": _set,
    "clock": _clock,
    "day": _day,
    "step": lambda p, w: p.do(e.Stepped(int(w[0]), 3)),
    "news": _news,
    "command": lambda p, w: p.command(w[0], w[2], len(w) < 4),
    "distrust": lambda p, w: p.do(e.Distrusted(int(w[0]), w[1])),
}


def _expect(wanted, effects):
    """Whether the effects are what a line's right side says."""
    words = wanted.split()
    last = [effect for effect in effects if isinstance(effect, e.Feedback)][-1:]
    if words[0] == "opens":
        return any([isinstance(effect, e.Unlock) for effect in effects])
    if words[0] == "refused":
        shut = not any([isinstance(effect, e.Unlock) for effect in effects])
        return shut and last and (last[0].state, last[0].reason) == (feedback.REFUSED, int(words[1]))
    if words[0] == "shows":
        return last and last[0].state == int(words[1])
    if words[0] == "logs":
        return any([isinstance(effect, e.Log) and effect.typ == int(words[1]) for effect in effects])
    if words[0] == "alerts":
        return any([isinstance(effect, e.Alert) and effect.kind == int(words[1]) for effect in effects])
    if words[0] == "nothing":
        return not effects
    raise ValueError(wanted)


def play(text, make=Player):
    """(lines of the transcript, what was reached); AssertionError names the line that did not hold."""
    player = make()
    for line in text.split("\n"):
        line = line.split("//")[0].strip()
        if not line:
            continue
        player.lines.append(line)
        said, _, wanted = line.partition("->")
        words = said.split()
        if ":" in words[0]:
            player.at(words[0])
            words = words[1:]
        try:
            effects = _SAID[words[0]](player, words[1:])
        except GateError as wrong:
            raise AssertionError(line + " : " + wrong.code)
        for part in wanted.split(","):
            if part.strip() and not _expect(part.strip(), effects):
                raise AssertionError(line + "\n" + "\n".join([shown(effect) for effect in effects]))
    player.lines.append("head " + binascii.hexlify(player.chain.head).decode())
    return player.lines, player.reached
