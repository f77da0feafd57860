"""A PDF written anew with a mark over every page, in a process of its own: `python -m gatehost.service.paper.pdfmark`.

In: one line of JSON (the texts of the mark), then the PDF. Out: the marked PDF, of its pages alone: nothing that runs,
opens something else or carries files goes along, however it was packed. A PDF is somebody else's program, so this
process can write no file, and ends when it takes too long or too much.
"""

import json
import resource
import sys
import zlib
from io import BytesIO
from math import cos, radians, sin

from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.errors import FileNotDecryptedError, PyPdfError
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    EncodedStreamObject,
    FloatObject,
    IndirectObject,
    NameObject,
    NumberObject,
    PdfObject,
    TextStringObject,
)

from gatehost.service.paper.pdf import LOCKED

MOST_PAGES = 300
SECONDS, BYTES = 20, 768 << 20
MOST_OUT = 64 << 20
BROKEN = 1
TILT = 18  # degrees, as over pictures
DRAWN = (
    "/Stamp",
    "/FreeText",
    "/Ink",
    "/Highlight",
    "/Underline",
    "/StrikeOut",
    "/Square",
    "/Circle",
    "/Line",
    "/Widget",
)
TAKEN = ("/A", "/AA", "/PA", "/Parent", "/Popup", "/P", "/MK")  # of an annotation: what acts or leads elsewhere


def marked(data: bytes, words: str, plain: str) -> bytes:
    """The PDF with `words` (any script) and `plain` (ASCII) over each page; PyPdfError or ValueError for none.

    `words` are set in a font that every reader replaces by a Chinese one of its own; where there is none, `plain` in
    one of the fourteen standard fonts (ISO 32000-1, 9.6.2.2) still names reader and time."""
    reader = PdfReader(BytesIO(data))
    if reader.is_encrypted and not reader.decrypt(""):
        raise FileNotDecryptedError("password")
    if not 1 <= len(reader.pages) <= MOST_PAGES:
        raise ValueError("pages")
    writer = PdfWriter()
    resources = writer._add_object(_resources(writer))
    for page in reader.pages:
        _mark(writer, writer.add_page(_tame(page)), resources, words, plain)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def _mark(writer: PdfWriter, page: PageObject, resources: IndirectObject, words: str, plain: str) -> None:
    """The page's own content becomes a form that is drawn first: what it leaves behind cannot move the mark."""
    box = page.mediabox
    form = _stream(_content(page))
    form.update({
        NameObject("/Type"): NameObject("/XObject"), NameObject("/Subtype"): NameObject("/Form"),
        NameObject("/BBox"): ArrayObject([FloatObject(float(one)) for one in box]),
        NameObject("/Resources"): page.get("/Resources", DictionaryObject()),
    })  # fmt: skip
    shared = resources.get_object()
    assert isinstance(shared, DictionaryObject)
    held = DictionaryObject(shared)
    held[NameObject("/XObject")] = DictionaryObject({NameObject("/Page"): writer._add_object(form)})
    drawn = b"/Page Do\n" + _tiles(page, words, plain)
    page[NameObject("/Contents")] = writer._add_object(_stream(drawn))
    page[NameObject("/Resources")] = held


def _tame(page: PageObject) -> PageObject:
    """The page without what acts, before anything of it is copied."""
    for name in ("/AA", "/StructParents", "/Metadata", "/PieceInfo", "/Thumb", "/B"):
        page.pop(name, None)
    held = page.pop("/Annots", None)
    notes = held.get_object() if held is not None else None
    drawn = [_drawn(note) for note in notes] if isinstance(notes, ArrayObject) else []
    page[NameObject("/Annots")] = ArrayObject([one for one in drawn if one is not None])
    return page


def _content(page: PageObject) -> bytes:
    found = page.get("/Contents")
    held = found.get_object() if found is not None else None
    parts = held if isinstance(held, ArrayObject) else [held] if held is not None else []
    return b"\n".join(part.get_object().get_data() for part in parts)


def _drawn(annotation: PdfObject) -> PdfObject | None:
    """An annotation that only shows something (a stamp, a filled field, a seal), without what it could do."""
    held = annotation.get_object()
    if not isinstance(held, DictionaryObject) or held.get("/Subtype") not in DRAWN:
        return None
    for name in TAKEN:
        held.pop(name, None)
    return annotation


def _stream(data: bytes) -> EncodedStreamObject:
    made = EncodedStreamObject()
    made[NameObject("/Filter")] = NameObject("/FlateDecode")
    made._data = zlib.compress(data)
    return made


def _tiles(page: PageObject, words: str, plain: str) -> bytes:
    """The mark again and again over what is seen of the page, tilted, upright for the reader."""
    box, turned = page.cropbox, radians(TILT + page.rotation)
    width, height = float(box.width), float(box.height)
    size, reach = max(width, height) / 32, max(width, height) * 0.75
    x0, y0 = float(box.left) + width / 2, float(box.bottom) + height / 2
    lines = [b"q /Mark gs 0.66 0.15 0.11 rg 1 1 1 RG %.2f w" % (size / 30)]
    lines.append(b"%.4f %.4f %.4f %.4f %.2f %.2f cm" % (cos(turned), sin(turned), -sin(turned), cos(turned), x0, y0))
    for number, y in enumerate(range(int(-reach), int(reach), max(1, int(size * 3)))):
        font, text = (b"/Words", words.encode("utf-16-be").hex()) if number % 2 else (b"/Plain", plain.encode().hex())
        gap = "0020" * 3 if number % 2 else "20" * 4
        drawn = number % 2 == 0 and 2  # thin strokes of characters would vanish under an outline
        shown = ((text + gap) * 4).encode()
        lines.append(b"BT %d Tr %s %.2f Tf %.2f %d Td <%s> Tj ET" % (drawn, font, size, -reach, y, shown))
    return b"\n".join([*lines, b"Q"])


def _resources(writer: PdfWriter) -> DictionaryObject:
    """Two fonts, and how much shines through."""
    fonts = {"/Plain": _dict(Type="/Font", Subtype="/Type1", BaseFont="/Helvetica-Bold", Encoding="/WinAnsiEncoding")}
    below = _dict(Type="/Font", Subtype="/CIDFontType0", BaseFont="/SimHei")
    below[NameObject("/CIDSystemInfo")] = DictionaryObject({
        NameObject("/Registry"): TextStringObject("Adobe"), NameObject("/Ordering"): TextStringObject("GB1"),
        NameObject("/Supplement"): NumberObject(4),
    })  # fmt: skip
    below[NameObject("/W")] = ArrayObject([NumberObject(one) for one in (1, 95, 500)])  # Latin letters are half as wide
    below[NameObject("/FontDescriptor")] = writer._add_object(_descriptor())
    fonts["/Words"] = _dict(Type="/Font", Subtype="/Type0", BaseFont="/SimHei", Encoding="/UniGB-UTF16-H")
    fonts["/Words"][NameObject("/DescendantFonts")] = ArrayObject([writer._add_object(below)])
    shine = _dict(Type="/ExtGState")
    shine |= {NameObject("/ca"): FloatObject(0.42), NameObject("/CA"): FloatObject(0.45)}
    held = {NameObject(name): writer._add_object(font) for name, font in fonts.items()}
    return DictionaryObject({
        NameObject("/Font"): DictionaryObject(held),
        NameObject("/ExtGState"): DictionaryObject({NameObject("/Mark"): writer._add_object(shine)}),
    })  # fmt: skip


def _descriptor() -> DictionaryObject:
    """What a reader needs to choose a font in the place of one that is not in the file (ISO 32000-1, 9.8)."""
    made = _dict(Type="/FontDescriptor", FontName="/SimHei")
    numbers = {"/Flags": 4, "/Ascent": 752, "/Descent": -271, "/CapHeight": 737, "/ItalicAngle": 0, "/StemV": 120}
    made |= {NameObject(name): NumberObject(value) for name, value in numbers.items()}
    made[NameObject("/FontBBox")] = ArrayObject([NumberObject(one) for one in (-25, -254, 1000, 880)])
    return made


def _dict(**names: str) -> DictionaryObject:
    return DictionaryObject({NameObject("/" + key): NameObject(value) for key, value in names.items()})


def confine() -> None:
    """From here on this process can read what it is handed and answer; more time, memory or a file ends it."""
    limits = (
        (resource.RLIMIT_CPU, SECONDS), (resource.RLIMIT_AS, BYTES), (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    )  # fmt: skip
    for which, most in limits:
        resource.setrlimit(which, (most, most))


def main() -> int:
    """Reads, marks, answers."""
    confine()
    words, plain = json.loads(sys.stdin.buffer.readline())
    try:
        made = marked(sys.stdin.buffer.read(), words, plain)
    except FileNotDecryptedError:
        return LOCKED
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError, MemoryError, zlib.error):
        return BROKEN
    if len(made) > MOST_OUT:
        return BROKEN
    sys.stdout.buffer.write(made)
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
