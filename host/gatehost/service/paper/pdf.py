"""PDFs judged by their content (ISO 32000-1, 7.5): whole, of a bearable size, and without anything that runs.

The host opens none itself: a process of its own with little leave (service.paper.pdfmark) writes it anew under a mark,
once to try when it is sent, and each time it is shown. Sealed on the shelf lies the file as it was sent.
"""

import asyncio
import json
import re
import sys

from gatehost.model.errors import BadInput
from gatehost.service.paper.picture import MOST_BYTES

TYPE = "application/pdf"
LOCKED = 3  # how the process ends at a password
PATIENCE_S = 60.0
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


async def marked(one_at_a_time: asyncio.Lock, data: bytes, words: str, plain: str) -> bytes:
    """The PDF with both texts over each page, of its pages alone.

    BadInput("file", "locked" for one that asks for a password | "pdf" for one that cannot be read in PATIENCE_S)."""
    line = [sys.executable, "-I", "-m", "gatehost.service.paper.pdfmark"]
    pipe, nothing = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    async with one_at_a_time:
        reader = await asyncio.create_subprocess_exec(*line, stdin=pipe, stdout=pipe, stderr=nothing, env={})
        try:
            async with asyncio.timeout(PATIENCE_S):
                out, _ = await reader.communicate(json.dumps([words, plain]).encode() + b"\n" + data)
        except TimeoutError:
            out = b""
        finally:
            if reader.returncode is None:
                reader.kill()
                await reader.wait()
    if reader.returncode or not is_one(out):
        raise BadInput("file", "locked" if reader.returncode == LOCKED else "pdf")
    return out
