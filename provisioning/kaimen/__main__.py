"""Finds the verb a person typed among the installed entry points and hands the rest of the line to it."""

import sys
from collections.abc import Callable, Sequence
from importlib.metadata import EntryPoint, entry_points

Verb = Callable[[Sequence[str]], int]


def verbs() -> dict[str, EntryPoint]:
    """Every registered verb by name; nothing is imported yet."""
    return {found.name: found for found in entry_points(group="kaimen.verbs")}


def main() -> int:
    """Runs `kaimen VERB [ARG ...]`; the exit status is the verb's, or 2 when there is no such verb."""
    known = verbs()
    words = sys.argv[1:]
    if not words or words[0] not in known:
        print(f"usage: kaimen {{{','.join(sorted(known))}}} [ARG ...]", file=sys.stderr)
        return 2
    verb: Verb = known[words[0]].load()
    return verb(words[1:])


if __name__ == "__main__":
    raise SystemExit(main())
