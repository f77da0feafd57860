"""The person with the laptop, as a terminal: few words, each a thing to do."""

import sys

KEY_NAMES = {"C": "Call"}


class Terminal:
    """person.Person on standard input and output."""

    def tell(self, text: str) -> None:
        """A line."""
        print(text, flush=True)

    def progress(self, done: int, of: int) -> None:
        """A count that stays on its line."""
        if of:
            print(f"\rcopying {done}/{of}", end="\n" if done == of else "", flush=True)

    def digits(self, slot: str, digits: str) -> None:
        """The six digits, large enough."""
        print(
            f"\n    {digits[:3]} {digits[3:]}\n\nCompare with {slot} on the host's page Doors, and confirm there.",
            flush=True,
        )

    def key(self, key: str, missing: str) -> None:
        """The echo of a key."""
        left = " ".join(KEY_NAMES.get(one, one) for one in missing)
        seen = f"  {KEY_NAMES.get(key, key)} seen." if key else "Press every key once."
        print(f"{seen} Left: {left}" if left else f"{seen} All keys work.", flush=True)

    def confirm(self, question: str) -> bool:
        """Yes by y, or by 是."""
        print(f"{question} [y/n] ", end="", flush=True)
        return sys.stdin.readline().strip().lower() in ("y", "yes", "是", "j")
