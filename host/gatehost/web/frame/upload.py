"""A photo or file on its way through: read from the browser into memory and handed on, never written as it came.

The framework's own form reader puts files on disk, so these forms are read here, part by part.
"""

from aiohttp import BodyPartReader, web

from gatecore.intake import MAX_PHOTO
from gatehost.model.legible import legible
from gatehost.service.paper.documents import MOST_OF_A_VISITOR
from gatehost.web.frame.guarding import FORM_FIELD

PHOTO = web.RequestKey("photo", bytes)
TEXTS = web.RequestKey("texts", dict[str, str])
PIECE = 64 * 1024
MOST_TEXT, MOST_FIELDS = 8192, 20


async def token_of(request: web.Request) -> str:
    """The form's token; the file and the other fields are kept beside the request. 413 for more than MAX_PHOTO."""
    texts, photo = dict[str, str](), b""
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        if part.name in ("photo", "file"):
            photo = await held(part, MOST_OF_A_VISITOR if is_visitors(request) else MAX_PHOTO)
        elif part.name and len(texts) < MOST_FIELDS:
            texts[part.name] = legible((await held(part, MOST_TEXT)).decode("utf-8", "replace"))
    request[PHOTO], request[TEXTS] = photo, texts
    return texts.get(FORM_FIELD, "")


async def held(part: BodyPartReader, most: int) -> bytes:
    """A part's bytes; 413 when there are more."""
    found = bytearray()
    while piece := await part.read_chunk(PIECE):
        found += piece
        if len(found) > most:
            raise web.HTTPRequestEntityTooLarge(most, len(found))
    return bytes(found)


def is_visitors(request: web.Request) -> bool:
    """Whether it is the one form with a file of people who are not signed in."""
    return request.path.startswith("/visit/wait/")


def is_upload(request: web.Request) -> bool:
    """Whether the form carries a photo for the desk unit, or a file."""
    return request.content_type == "multipart/form-data" and request.path.endswith(("/photo", "/file"))
