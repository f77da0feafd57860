"""PDFs judged by their content (ISO 32000-1, 7.5): whole, of a bearable size, and without anything that runs.

The host opens none: a PDF goes sealed to the shelf and, for whoever works on its paper, back to their own reader.
"""

import re

from gatehost.model.errors import BadInput
from gatehost.service.picture import MOST_BYTES

TYPE = "application/pdf"
_HEAD = re.compile(rb"%PDF-[12]\.\d")
_END = 1024  # the end mark lies within so many bytes of the end
# names of what runs, opens something else, or carries other files; a plain scan has none of them
_ACTIVE = re.compile(rb"/(?:JavaScript|JS|Launch|EmbeddedFiles?|RichMedia|XFA|SubmitForm|ImportData)(?![A-Za-z])")


def is_one(data: bytes) -> bool:
    """Whether it begins as a PDF does."""
    return data.startswith(b"%PDF-")


def judged(data: bytes) -> str:
    """Its type. BadInput("file", "long" | "pdf" for one that is not whole | "active" for one that does things)."""
    if len(data) > MOST_BYTES:
        raise BadInput("file", "long")
    if not _HEAD.match(data) or b"%%EOF" not in data[-_END:] or b"startxref" not in data[-_END - 64 :]:
        raise BadInput("file", "pdf")
    if _ACTIVE.search(data):
        raise BadInput("file", "active")
    return TYPE
