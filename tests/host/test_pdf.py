"""A PDF is given out under a mark only: each page names who looked and when, and nothing in it can act."""

import asyncio
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, TextStringObject
from tests.host.test_documents import pdf
from tests.web.window import chromium, needs_chromium

from gatehost.model.errors import BadInput
from gatehost.service.paper import pdf as pdfs
from gatehost.service.paper import pdfmark

WORDS, PLAIN = "11-22 10:00 · 不得复制 · 王芳", "document 12 - account 7 - 2026-11-22 02:00Z"


def pages(data: bytes) -> list[str]:
    """What is written on each page."""
    return [page.extract_text() for page in PdfReader(BytesIO(data)).pages]


def written(writer: PdfWriter) -> bytes:
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


async def through(data: bytes) -> bytes:
    """As the host has it done: by a process of its own."""
    return await pdfs.marked(asyncio.Lock(), data, WORDS, PLAIN)


async def test_every_page_names_who_looked_and_when_and_keeps_what_was_on_it() -> None:
    text = b"BT /F 12 Tf 99 99 Td (Lease) Tj ET"
    made = await through(pdf(text, b"0 0 9 9 re f", text))
    told = pages(made)
    assert len(told) == 3
    assert all(WORDS in one and PLAIN in one for one in told)
    forms = [page["/Resources"]["/XObject"]["/Page"].get_data() for page in PdfReader(BytesIO(made)).pages]  # type: ignore[index]
    assert forms == [text, b"0 0 9 9 re f", text]


@pytest.mark.browser
@needs_chromium
async def test_a_pdf_that_a_browser_printed_bears_the_mark(tmp_path: Path) -> None:
    async with chromium() as browser:
        page = await browser.new_page()
        await page.set_content("<h1>房屋租赁合同</h1>" + "<p>Lease of 12-3-502</p>" * 90)
        printed = await page.pdf(format="A4")
    made = await through(printed)
    assert len(pages(made)) == len(pages(printed)) > 1
    for before, after in zip(pages(printed), pages(made), strict=True):
        assert (WORDS in after, PLAIN in after) == (True, True)
        assert (WORDS in before, "Lease of 12-3-502" in before) == (False, True)


@pytest.mark.parametrize(
    "content", [b"q 0 0 0 0 0 0 cm", b"Q Q Q", b"0 0 1 1 re W n", b"BT 3 Tr", b"\xff\x00 garbage ((("]
)
def test_what_a_page_leaves_behind_cannot_move_or_hide_the_mark(content: bytes) -> None:
    (page,) = PdfReader(BytesIO(pdfmark.marked(pdf(content), WORDS, PLAIN))).pages
    drawn = page["/Contents"].get_data()  # type: ignore[attr-defined]
    assert drawn.startswith(b"/Page Do\nq /Mark gs")  # a form gives back what it changed (ISO 32000-1, 8.10.1)
    assert content not in drawn


def test_nothing_that_acts_or_carries_files_comes_out() -> None:
    writer = PdfWriter(clone_from=BytesIO(pdf(b"", b"")))
    script = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(1)")}
    writer.root_object[NameObject("/OpenAction")] = DictionaryObject(script)
    writer.add_attachment("x.exe", b"MZ")
    link = DictionaryObject({NameObject("/Subtype"): NameObject("/Link"), NameObject("/A"): _runs()})
    seal = DictionaryObject({NameObject("/Subtype"): NameObject("/Stamp"), NameObject("/AA"): _runs()})
    writer.pages[0][NameObject("/Annots")] = ArrayObject([writer._add_object(one) for one in (link, seal)])
    writer.pages[1][NameObject("/AA")] = _runs()
    data = written(writer)
    assert all(name in data for name in (b"/JavaScript", b"/EmbeddedFile", b"/Launch"))
    made = pdfmark.marked(data, WORDS, PLAIN)
    assert not [name for name in (b"/JavaScript", b"/JS", b"/EmbeddedFile", b"/Launch", b"MZ", b"/AA") if name in made]
    (kept,) = PdfReader(BytesIO(made)).pages[0]["/Annots"]  # type: ignore[misc]
    assert kept.get_object()["/Subtype"] == "/Stamp"  # a seal is still to be seen


def _runs() -> DictionaryObject:
    return DictionaryObject({NameObject("/S"): NameObject("/Launch"), NameObject("/F"): TextStringObject("x.exe")})


async def test_a_password_is_told_and_a_pdf_that_only_forbids_copying_is_marked() -> None:
    for password, opens in (("secret", False), ("", True)):
        writer = PdfWriter(clone_from=BytesIO(pdf()))
        writer.encrypt(password, "owner", algorithm="AES-256")
        if opens:
            assert WORDS in pages(await through(written(writer)))[0]
        else:
            with pytest.raises(BadInput, match="locked"):
                await through(written(writer))


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-1.7\nstartxref\n9\n%%EOF",
        pdf()[:200] + b"startxref\n9\n%%EOF",
        pdf().replace(b"/Kids[3 0 R]", b"/Kids[2 0 R]"),
        pdf().replace(b"/Type/Pages", b"/Type/Pagez").replace(b"/Kids[3 0 R]", b"/Kids[9 0 R]"),
    ],
)
def test_what_cannot_be_read_is_an_error_of_its_own(data: bytes) -> None:
    with pytest.raises((PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError)):
        pdfmark.marked(data, WORDS, PLAIN)


async def test_a_pdf_that_grows_without_end_ends_its_process_and_nothing_else() -> None:
    packer = zlib.compressobj(9)
    once = b"".join([*(packer.compress(bytes(1 << 20)) for _ in range(100)), packer.flush()])
    bomb = zlib.compress(once, 9)
    data = pdf(bomb).replace(
        b"<</Length %d>>" % len(bomb), b"<</Length %d/Filter[/FlateDecode/FlateDecode]>>" % len(bomb)
    )
    with pytest.raises(BadInput, match="pdf"):
        await through(data)
