"""Finds the verb a person typed among the installed entry points and hands the rest of the line to it."""

import errno
import io
import os
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import EntryPoint, entry_points

# one line for each verb of ours; a verb somebody else registers is listed by its name
SAID = {
    "demo": "the whole product on this machine: host, two doors, the front desk",
    "door": "one simulated door as a page, to try a real host",
    "face": "measure a face model of your own, and let it be used",
    "host": "an estate's host: pages, doors, log; also its backups and a link for a locked-out administrator",
    "provision": "make a board or a Raspberry Pi's card a door, test it and print its sheet",
    "rom": "the boards' program for firmware with a ROM file system",
    "unit": "a Raspberry Pi's door or front-desk unit",
    "verify": "check an exported log with the trust file",
    "witness": "a key of your own outside the estate, to vouch for its log",
}
# what a verb needs beside the wheel; the others need nothing
EXTRA = {
    "demo": "host,unit",
    "door": "unit",
    "face": "unit",
    "host": "host",
    "provision": "provisioning",
    "rom": "provisioning",
    "unit": "unit",
}
CLOSED = 141  # as a shell counts a command whose reader went away
Verb = Callable[[Sequence[str]], int]


def verbs() -> dict[str, EntryPoint]:
    """Every registered verb by name; nothing is imported yet."""
    return {found.name: found for found in entry_points(group="kaimen.verbs")}


def main() -> int:
    """Runs `kaimen VERB [ARG ...]`; the exit status is the verb's, 2 when there is no such verb, 1 when it cannot begin
    or its words cannot be written, 130 after Ctrl-C, 141 when nobody reads on."""
    if isinstance(sys.stdout, io.TextIOWrapper):  # names of files and 中文, on a terminal of any encoding
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        try:
            return _run(sys.argv[1:])
        finally:
            if sys.stdout is not None:
                sys.stdout.flush()
    except KeyboardInterrupt:  # before the verb minds signals itself, or after
        return 130
    except BrokenPipeError:
        _say_no_more()
        return CLOSED
    except OSError as wrong:
        if wrong.errno != errno.ENOSPC or wrong.filename is not None:
            raise
        _say_no_more()
        print(f"kaimen: not all could be written ({wrong.strerror}): make room and do it again", file=sys.stderr)
        return 1


def _run(words: Sequence[str]) -> int:
    known = verbs()
    if not words or words[0] not in known:
        asked = words in (["--help"], ["-h"])
        out = sys.stdout if asked else sys.stderr
        print("usage: kaimen VERB [ARG ...]      (kaimen VERB --help says more)", file=out)
        for name in sorted(known):
            print(f"  {name:<10} {SAID.get(name, '')}".rstrip(), file=out)
        return 0 if asked else 2
    try:
        verb: Verb = known[words[0]].load()
        return verb(words[1:])
    except ModuleNotFoundError as wrong:
        lacking = (wrong.name or "").partition(".")[0]
        if words[0] not in EXTRA or lacking.startswith(("gate", "kaimen")):
            raise
        needed = f"pip install '.[{EXTRA[words[0]]}]' in the folder of kaimen's source"
        print(f"kaimen {words[0]}: {lacking} is missing: {needed}", file=sys.stderr)
        return 1


def _say_no_more() -> None:
    """What is still waiting to be written goes nowhere, so that the end of the process has nothing to complain of."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


if __name__ == "__main__":
    raise SystemExit(main())
