"""Clients written by somebody else: what they send is answered in words and is nobody's fault but theirs."""

import asyncio
import gzip
import hmac
import logging
import re
from collections.abc import AsyncIterator
from hashlib import sha256

import aiohttp
import pytest
import pytest_asyncio
from yarl import URL

from gatehost.service.gate import platecam
from gatehost.service.paper import casework
from gatehost.web.frame import sent

from .conftest import Open, opener
from .house import HOME, House, open_house, serve
from .tour import GUARD as AT_THE_GATE
from .tour import approved_slip

pytestmark = pytest.mark.asyncio(loop_scope="module")
FORM = "application/x-www-form-urlencoded"
HUGE = "9" * 5000  # Python refuses to read more than 4,300 digits as a number


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """One host for all that is tried here, with a guard on duty."""
    async with open_house(tmp_path_factory.mktemp("odd")) as bare, serve(bare) as served:
        await casework.open_case(served.ctx, AT_THE_GATE, "shift", "north", {})
        yield served


@pytest_asyncio.fixture(loop_scope="module")
async def browse(house: House) -> AsyncIterator[Open]:
    """As tests.web.conftest has it, for this host."""
    async with opener(house) as browse:
        yield browse


@pytest.fixture(autouse=True)
def nothing_surprises(caplog: pytest.LogCaptureFixture) -> AsyncIterator[None]:
    """A surprise is logged with its trace: none of these may be one."""
    yield
    ours = [one for one in caplog.get_records("call") if one.name.startswith("gatehost")]
    assert not [one for one in ours if one.levelno >= logging.ERROR]


async def exchanged(house: House, *pieces: bytes, pause: float = 0.0, once: bool = False) -> bytes:
    """What a bare connection is answered (`once`: the first line of it); the pieces go out one after another."""
    url = URL(house.url)
    reader, writer = await asyncio.open_connection(url.host, url.port)
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)
        return await asyncio.wait_for(reader.readline() if once else reader.read(), 10)
    finally:
        writer.close()


def request(path: str, *heads: str, body: bytes = b"", length: int | None = None) -> bytes:
    """A POST, or a GET where there is no body and no length."""
    told = [f"Content-Length: {len(body) if length is None else length}"] if body or length else []
    verb = "POST" if told else "GET"
    return (
        "\r\n".join([f"{verb} {path} HTTP/1.1", "Host: x", "Connection: close", *heads, *told, "", ""]).encode() + body
    )


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (f"{FORM}; charset=klingon", b"login=a&password=b"),
        (f"{FORM}; charset=rot13", b"login=a&password=b"),
        (f"{FORM}; charset=hex", b"login=a"),
        (FORM, "login=王芳&password=b".encode("gbk")),
        (f"{FORM}; charset=utf-16", b"abc"),
        ("multipart/form-data", b"--x\r\n\r\n--x--\r\n"),
        ("multipart/form-data; boundary=", b"----\r\n\r\n----\r\n"),
        ("multipart/form-data; boundary=x", b"no boundary here"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--\r\n"),
        ("multipart/form-data; boundary=x", b"--x\r\nno head\r\n\r\na\r\n--x--\r\n"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=login\r\n"
         b"Content-Transfer-Encoding: base64\r\n\r\n!!!\r\n--x--\r\n"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=login\r\n"
         b"Content-Type: text/plain; charset=klingon\r\n\r\na\r\n--x--\r\n"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=login\r\n"
         b"Content-Encoding: gzip\r\n\r\na\r\n--x--\r\n"),
        ("application/json", b'{"login": "a"}'),
        (FORM, b"login=a&" * 2000),
    ],
)  # fmt: skip
async def test_a_form_that_cannot_be_read_is_refused_and_is_no_fault_of_ours(
    house: House, kind: str, body: bytes
) -> None:
    for path in ("/sign-in", "/visit/north", "/visit/wait/north.1.0/file"):
        answer = await exchanged(house, request(path, f"Content-Type: {kind}", body=body))
        assert re.match(rb"HTTP/1.1 4(00|03|13) ", answer), answer[:80]


@pytest.mark.parametrize("body", [gzip.compress(b"a" * (8 << 20)), b"this is not gzip"])
async def test_a_packed_form_is_no_bomb(house: House, body: bytes) -> None:
    answer = await exchanged(house, request("/sign-in", f"Content-Type: {FORM}", "Content-Encoding: gzip", body=body))
    assert re.match(rb"HTTP/1.1 4(00|13) ", answer), answer[:80]


@pytest.mark.parametrize("name", ["kaimen-session", "kaimen-form", "kaimen-language"])
async def test_bytes_that_are_no_text_in_a_cookie_are_nobody_s_session(house: House, name: str) -> None:
    for value in (b"\xff\xfe", b'"\\377"', b"a" * 7000, b"%ed%a0%80", "王".encode()):
        cookie = b"Cookie: " + name.encode() + b"=" + value
        got = request("/sign-in").replace(b"\r\n\r\n", b"\r\n" + cookie + b"\r\n\r\n")
        assert (await exchanged(house, got)).startswith(b"HTTP/1.1 200 ")
        tried = request("/sign-in", f"Content-Type: {FORM}", body=b"form_token=%ff&login=a&password=b")
        tried = tried.replace(b"Connection", cookie + b"\r\nConnection", 1)
        assert (await exchanged(house, tried)).startswith(b"HTTP/1.1 403 ")


async def test_a_form_that_trickles_does_not_hold_its_connection(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sent, "FORM_S", 0.1)
    monkeypatch.setattr(sent, "FILE_S", 0.1)
    for path, kind in (("/sign-in", FORM), ("/hooks/plates/1", "application/json"),
                       ("/visit/wait/north.1.0/file", "multipart/form-data; boundary=x")):  # fmt: skip
        answer = await exchanged(house, request(path, f"Content-Type: {kind}", body=b"--x", length=500), once=True)
        assert answer.startswith(b"HTTP/1.1 408 "), (path, answer[:80])


async def test_a_hook_whose_body_comes_in_pieces_is_understood(house: House, browse: Open) -> None:
    admin = await browse("admin")
    _, text = await admin.post("/admin/cameras", {"slot": "north-in", "name": "车道"}, page="/admin/cameras")
    key = re.search(r">([0-9a-f]{64})<", text)
    assert key
    body, stamp = '{"plate": "京B54321", "way": "in"}'.encode(), str(house.times["at"] // 1000)
    mark = hmac.new(bytes.fromhex(key[1]), stamp.encode() + b"." + body, sha256).hexdigest()
    whole = request("/hooks/plates/1", f"X-Gate-Time: {stamp}", f"X-Gate-Signature: {mark}", body=body)
    answer = await exchanged(house, whole[:-20], whole[-20:-3], whole[-3:], pause=0.05)
    assert answer.endswith(b'{"result": "asked"}'), answer
    assert [one.plate for one in await platecam.standing(house.ctx, AT_THE_GATE)] == ["京B54321"]


@pytest.mark.parametrize("many", ["²", HUGE, "１２"])
async def test_a_number_no_reader_would_write_is_said_beside_its_field(house: House, browse: Open, many: str) -> None:
    fang, desk, guard, admin = [await browse(name) for name in ("wangfang", "desk", "guard", "admin")]
    slip = await approved_slip(house)
    told = {"home": HOME, "field-name": "张", "field-uses": many, "action": "apply"}
    answers = [
        await desk.post("/papers/new/temp_pass", told),
        await guard.post("/gate/enter", {"kind": "courier", "name": "张", "home": HOME, "visit": many}),
        await guard.post(f"/gate/slips/{slip}", {"version": many, "line-1": many, "line-2": many}),
        await admin.get("/statistics", params={"days": many}),
        await admin.post("/statistics/export", {"kind": "csv", "days": many, "why": "x"}, page="/statistics"),
        await desk.post("/desk/cards", {"card": many}, page="/desk"),
        await admin.post("/notices", {"kind": "activity", "title": "x", "body": "y", "seats": many}),
        await fang.post("/invite", {"when": "today", "home": HOME, "uses": many}),
    ]  # fmt: skip
    assert all(status < 500 for status, _ in answers), [status for status, _ in answers]
    assert answers[0][0] == 400


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "1899-12-31", "2026-02-29", "2026-2-3-4"])
async def test_a_day_outside_of_living_memory_is_no_date(browse: Open, day: str) -> None:
    desk = await browse("desk")
    told = {"home": HOME, "field-date": day, "field-applicant": "owner", "action": "apply"}
    status, _ = await desk.post("/papers/new/move_out", told)
    assert status == 400


async def test_a_login_of_any_characters_is_a_wrong_one(browse: Open) -> None:
    browser = await browse("")
    for login in ("\0", "a\0b", "\u202egnaw", "x" * 60_000, "' OR 1=1 --", "%", "\r\nSet-Cookie: a=b", "\uffff"):
        status, _ = await browser.post("/sign-in", {"login": login, "password": "four ordinary words"})
        assert status in (401, 429)
    assert isinstance(browser.http, aiohttp.ClientSession)
