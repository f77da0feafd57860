"""A row/column bitmap becomes keys; keys become what a person means: a code, a PIN, a home to call.

One dialogue on every keypad: home number, `#`, digits. Eight digits decide by themselves, `#` ends and decides
anything, `*` clears, ten seconds of silence clear, home number and Call is a call.
"""

from gatecore.codes import CODE_DIGITS

KEYS = "123456789*0#C"  # bit n of a bitmap is KEYS[n]; C is the call button
DEBOUNCE_MS = 20
SILENCE_MS = 10_000
MAX_HOME = 8

NOTHING, CLEARED, HOME_DIGIT, AT_HOME, CODE_DIGIT, DECIDE, CALL = 0, 1, 2, 3, 4, 5, 6


class Matrix:
    """Debounces one keypad; a key counts once, when it has been down for DEBOUNCE_MS, and no two count together."""

    def __init__(self) -> None:
        self._seen = 0
        self._since = 0
        self._stable = 0

    def scan(self, bitmap: int, mono: int) -> str:
        """The key that became pressed with this reading, or "". Allocates nothing while the reading stays 0."""
        if bitmap != self._seen:
            self._seen, self._since = bitmap, mono
            return ""
        if bitmap == self._stable or mono - self._since < DEBOUNCE_MS:
            return ""
        new = bitmap & ~self._stable
        self._stable = bitmap
        for n in range(len(KEYS)):
            if new == 1 << n:
                return KEYS[n]
        return ""


class Dialogue:
    """What has been typed so far. `home` and `digits` are readable after each key."""

    def __init__(self) -> None:
        self.home = ""
        self.digits = ""
        self.at_home = False
        self.last = 0

    def key(self, key: str, mono: int) -> int:
        """Takes one key and says what it did; after DECIDE and CALL the caller reads `home`, `digits` and clears."""
        self.last = mono
        if key == "*":
            return self.clear()
        if key == "C":
            return CALL
        if not self.at_home:
            return self._home_key(key)
        if key == "#":
            return DECIDE if self.digits else self.clear()
        self.digits += key
        return DECIDE if len(self.digits) == CODE_DIGITS else CODE_DIGIT

    def _home_key(self, key: str) -> int:
        if key == "#":
            if not self.home:
                return NOTHING
            self.at_home = True
            return AT_HOME
        if len(self.home) >= MAX_HOME:
            return self.clear()
        self.home += key
        return HOME_DIGIT

    def clear(self) -> int:
        """Forgets what was typed."""
        self.home, self.digits, self.at_home = "", "", False
        return CLEARED

    def silent(self, mono: int) -> bool:
        """Whether something was typed and then nothing for SILENCE_MS."""
        return (self.home != "" or self.at_home) and mono - self.last >= SILENCE_MS
