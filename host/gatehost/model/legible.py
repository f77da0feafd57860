"""Text as a reader sees it: nothing in it that turns, hides or covers what stands beside it.

A name with a right-to-left override reads as another name, one with zero-width characters is not found by search, and
a tower of combining marks covers the rows above. Phones put such characters around what is copied, so they are left
out and nobody is refused for them.
"""

import re

# Controls but tab and line ends, soft hyphen, fillers without a shape, zero widths, marks, overrides and isolates of
# direction (UAX #9), line and paragraph separators, half surrogates, interlinear and tag characters, noncharacters.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164"
    "\ufeff\uffa0\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)
_MARK = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_TOWER = re.compile(f"({_MARK}{{3}}){_MARK}+")  # no written language puts more than three upon one letter


def legible(text: str) -> str:
    """The text without what cannot be seen, at most three marks upon a letter."""
    if text.isascii() and text.isprintable():
        return text
    return _TOWER.sub(r"\1", _UNSEEN.sub("", text))
