"""The screen as lines of text: what a small display, a speaker's words or a technician's terminal shows."""

import sys
from typing import TextIO

from gatecore import feedback
from gateunit import guidance


class TextScreen:
    """ports.Screen. Each change is one line: light, sound and sentence together (nobody is left to one sense)."""

    def __init__(self, language: int, out: TextIO = sys.stdout) -> None:
        self._language, self._out = language, out
        self._last = ""

    def show(self, state: int, reason: int, number: int) -> None:
        """See ports.Screen."""
        words = guidance.text(state, reason, self._language)
        more = f" ({number} min)" if number else ""
        self._line(f"[{feedback.LIGHT[state]}, {feedback.SOUND[state]}] {words}{more}")

    def digits(self, title: str, six: str) -> None:
        """See ports.Screen."""
        if six:
            self._line(f"{title}: {six[:3]} {six[3:]}")

    def _line(self, words: str) -> None:
        if words != self._last:
            self._last = words
            print(words, file=self._out, flush=True)
