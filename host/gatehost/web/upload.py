"""A photo on its way through: read from the browser into memory, handed on to the desk unit, never written.

The framework's own form reader puts files on disk, so these forms are read here, part by part.
"""

from aiohttp import BodyPartReader, web

from gatecore.intake import MAX_PHOTO
from gatehost.web.guarding import FORM_FIELD

PHOTO = web.RequestKey("photo", bytes)
FIELDS = web.RequestKey("fields", dict[str, str])
PIECE = 64 * 1024
MOST_TOKEN, MOST_TEXT = 1024, 4096
TEXTS = ("what", "where")  # of the forms that carry a photo


async def token_of(request: web.Request) -> str:
    """The form's token; the photo is kept beside the request. 413 for more than MAX_PHOTO."""
    token, photo, fields = "", b"", dict[str, str]()
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        if part.name == FORM_FIELD:
            token = (await held(part, MOST_TOKEN)).decode("ascii", "replace")
        elif part.name == "photo":
            photo = await held(part, MAX_PHOTO)
        elif part.name in TEXTS:
            fields[part.name] = (await held(part, MOST_TEXT)).decode("utf-8", "replace")
    request[PHOTO], request[FIELDS] = photo, fields
    return token


async def held(part: BodyPartReader, most: int) -> bytes:
    """A part's bytes; 413 when there are more."""
    found = bytearray()
    while piece := await part.read_chunk(PIECE):
        found += piece
        if len(found) > most:
            raise web.HTTPRequestEntityTooLarge(most, len(found))
    return bytes(found)


def is_upload(request: web.Request) -> bool:
    """Whether the form carries a photo."""
    return request.content_type == "multipart/form-data" and request.path.endswith("/photo")
