"""The guard's page at the gate's unit: its copy against every forgery, what is written down against every trouble."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import chain
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from gatecore import frames, gatecopy
from gatecore import records as r
from gatecore.errors import RecordError
from gatecore.gatecopy import DECIDED, FETCHED, IN, OUT, SAFE, Deed
from gatecore.records import Private
from gatecore.sign import key_id
from gatecore.wire import sign1
from gateunit import gatesent, gatewords, pagetls
from gateunit.errors import StorageError
from gateunit.gatepage import GatePage
from gateunit.gatepass import slow_hash
from gateunit.seal import seal
from gateunit.unit import Options

from .conftest import HOME, UTC, House
from .test_session import Line

NOW = UTC // 1000
CODE, SALT = "48201337", b"s" * 16
PAGE = Options(scan_ms=20, gate_page=("127.0.0.1", 0))


def stay(number: int, state: int = gatecopy.INSIDE, name: str = "张阿姨", **more: Any) -> list[Any]:
    row = {
        "number": number, "state": state, "kind": "visitor", "name": name, "plate": "", "tail": "5678", "home": HOME,
        "home_name": "12栋502", "building": "12栋", "heads": 2, "since": NOW - 600, "until": NOW + 3600, "safe": 0,
    } | more  # fmt: skip
    return list(row.values())


def inside(stays: list[Any] | None = None, escort: list[Any] = gatecopy.ALONE) -> bytes:
    guard = [7, "赵门岗", SALT, slow_hash(CODE, SALT), NOW + 86_400]
    slip = ["WP-1", "王搬家", HOME, NOW - 60, NOW + 3600, [["沙发", 1], ["纸箱", 6]]]
    rows = [stay(17), stay(18, gatecopy.EXPECTED, "表哥")] if stays is None else stays
    return gatecopy.inside("1号门", [guard], rows, [slip], escort)


def two_guards() -> bytes:
    hashed = slow_hash(CODE, SALT)
    rows = [[number, name, SALT, hashed, NOW + 86_400] for number, name in ((7, "赵门岗"), (8, "钱门岗"))]
    return gatecopy.inside("1号门", rows, [stay(17)], [], gatecopy.ALONE)


def copy(house: House, number: int = 1, what: bytes | None = None, **more: Any) -> bytes:
    """A copy as the host makes it; `more` says what is wrong with it."""
    keys, estate = house.unit.ports.keys, house.estate
    dev = more.get("dev", key_id(keys.first()))
    bound = gatecopy.info(estate.public, dev, 1, more.get("bound", number))
    sealed = seal(inside() if what is None else what, more.get("box", keys.box_public()), bound)
    made = more.get("made", NOW - 60)
    header = gatecopy.Copy(
        dev,
        more.get("generation", 1),
        number,
        made,
        made + more.get("keep", gatecopy.KEPT_S),
        more.get("upto", 0),
        sealed,
    )
    return sign1(header.to_wire(), more.get("by", estate.policy))


@pytest.fixture
def gatehouse(house: House) -> House:
    house.options = PAGE
    return house


class Page:
    """A guard's browser without scripts."""

    def __init__(self, client: aiohttp.ClientSession, url: str) -> None:
        self.client, self.url, self.text, self.status = client, url, "", 0

    async def get(self, path: str = "/") -> str:
        async with self.client.get(self.url + path) as got:
            self.status, self.text = got.status, await got.text()
        return self.text

    async def post(self, path: str, headers: dict[str, str] | None = None, **form: str) -> str:
        async with self.client.post(self.url + path, data=form, headers=headers) as got:
            self.status, self.text = got.status, await got.text()
        return self.text

    def form(self, path: str, holding: str = "") -> dict[str, str]:
        """The hidden fields of the form that goes to `path`."""
        for found in re.findall(rf'<form class="no-print" method="post" action="{path}">(.*?)</form>', self.text):
            if holding in found:
                return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', found))
        raise AssertionError(f"no form {path}")

    async def sign_in(self, code: str = f"7 {CODE}") -> str:
        return await self.post("/sign-in", code=code)

    async def act(self, path: str, holding: str = "") -> str:
        return await self.post(path, **self.form(path, holding))


@asynccontextmanager
async def opened(house: House, language: str = "en") -> AsyncIterator[Page]:
    """The page of a running unit, on a port of loopback."""
    assert house.unit.desk is not None
    server = TestServer(GatePage(house.unit.desk).app())
    await server.start_server()
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar, headers={"Accept-Language": language}) as client:
        try:
            yield Page(client, str(server.make_url("")).rstrip("/"))
        finally:
            await server.close()


async def later(house: House, ms: int) -> None:
    """Lets much time pass in one step."""
    house.clock._mono += ms
    await house.clock.advance(300)


def deeds(house: House) -> list[Deed]:
    """What lies in the unit's log, durable."""
    found: list[Deed] = []
    after = 0
    while (batch := house.unit.ledger.batch(after, 64)) is not None:
        for data, private in zip(batch.entries, batch.privates, strict=True):
            entry = r.Entry.from_wire(data)
            if entry.typ == r.GATE:
                assert private is not None
                found.append(gatecopy.deed(entry.pub, Private.from_wire(private).detail))
        after = batch.chain.seq
    return found


async def taken(house: House, data: bytes) -> list[tuple[int, str]]:
    """Hands a copy in as the host's frame does; what was distrusted."""
    line = Line(house)
    said = line.greet()
    assert (frames.KEEP, list(house.unit.desk.copy.held)) in said  # type: ignore[union-attr]
    line.say(frames.COPY, data)
    return line.distrusted()


async def test_a_guard_works_with_the_host_away_and_every_act_is_in_the_unit_s_own_log(gatehouse: House) -> None:
    async with gatehouse.running() as house, opened(house) as page:
        assert await taken(house, copy(house)) == []
        assert "Your code" in await page.get()
        await page.sign_in()
        assert "The host is away" in page.text
        assert "张阿姨" in page.text
        assert "12栋502" in page.text
        assert "沙发 × 1" in page.text
        await page.act("/in")
        await page.act("/out", 'value="17"')
        await page.get("/muster")
        assert "张阿姨" not in page.text
        assert "2 certain" in page.text
        await page.act("/safe")
        assert "safe" in page.text
        told = [(one.act, one.about, one.by) for one in deeds(house)]
        assert told == [(gatecopy.CAME, None, 7), (IN, 18, 7), (OUT, 17, 7), (SAFE, 18, 7)]


async def test_somebody_new_comes_in_and_leaves_at_the_unit(gatehouse: House) -> None:
    async with gatehouse.running() as house, opened(house) as page:
        await taken(house, copy(house))
        await page.sign_in()
        await page.get("/new?kind=visitor")
        form = page.form("/enter") | {"home": HOME, "name": "<b>李</b>", "heads": "3"}
        assert "Please say who agreed" in await page.post("/enter", **form)
        assert "&lt;b&gt;李&lt;/b&gt;" in page.text  # what was typed stays, as text
        await page.post("/enter", **form | {"home": "999999", "note": "王女士电话"})
        assert "There is no such home behind this gate." in page.text
        await page.post("/enter", **form | {"note": "王女士电话"})
        assert "&lt;b&gt;李&lt;/b&gt; × 3" in page.text
        new = next(one for one in deeds(house) if one.act == IN)
        await page.act("/out", new.id.hex())
        assert deeds(house)[-1].about == new.id


RULE = "Visitors come in with somebody of the home"


async def test_where_visitors_are_accompanied_nobody_new_comes_in_alone(gatehouse: House) -> None:
    async with gatehouse.running() as house, opened(house) as page:
        await taken(house, copy(house, what=inside(escort=[1, []])))
        await page.sign_in()
        await page.get("/new?kind=visitor")
        assert RULE in page.text
        form = page.form("/enter") | {"home": HOME, "name": "李", "note": "王女士电话"}
        for how in ("home", "", "x"):
            await page.post("/enter", **form | {"how": how})
            assert (page.status, RULE in page.text, "decide yourself and write why" in page.text) == (409, True, True)
            assert ('value="李"' in page.text, 'value="王女士电话"' in page.text) == (True, True)
        await page.post("/enter", **form | {"how": "discretion", "note": ""})
        assert (page.status, "Please say who agreed" in page.text) == (400, True)
        assert [one.act for one in deeds(house)] == [gatecopy.CAME]
        await page.post("/enter", **form | {"how": "discretion", "note": "下雨，老人"})
        await page.get("/new?kind=visitor")
        await page.post("/enter", **page.form("/enter") | {"home": HOME, "how": "fetched", "note": ""})
        await page.get("/new?kind=courier")
        assert RULE not in page.text  # a courier is no visitor
        await page.post("/enter", **page.form("/enter") | {"home": HOME})
        told = [(one.act, one.note) for one in deeds(house)][1:]
        assert told == [(DECIDED, "下雨，老人"), (FETCHED, "the home, at the gate"), (IN, "")]


async def test_who_is_expected_comes_in_with_the_home_or_by_a_reason_that_is_kept(gatehouse: House) -> None:
    rows = [stay(18, gatecopy.EXPECTED, "表哥"), stay(19, gatecopy.EXPECTED, "阿姨"), stay(20, gatecopy.EXPECTED, "刘")]
    rows[2][6] = "120503"  # a home where the rule is the other way
    async with gatehouse.running() as house, opened(house) as page:
        await taken(house, copy(house, what=inside(rows, [1, ["120503"]])))
        await page.sign_in()
        assert page.text.count(">The home is here: let in<") == 2
        alone = page.form("/in", 'value="18"')
        del alone["how"]
        await page.post("/in", **alone)
        assert (page.status, RULE in page.text) == (409, True)
        await page.get("/decide?ref=18")
        form = page.form("/in")
        await page.post("/in", **form | {"note": ""})
        assert (page.status, "Please write a reason" in page.text) == (400, True)
        await page.post("/in", **form | {"note": "长" * 61})
        assert (page.status, "长" * 61 in page.text) == (400, True)
        assert [one.act for one in deeds(house)] == [gatecopy.CAME]
        await page.post("/in", **form | {"note": "孕妇，下雨"})
        await page.act("/in", 'value="19"')
        await page.act("/in", 'value="20"')
        told = [(one.act, one.about, one.note) for one in deeds(house)][1:]
        assert told == [(DECIDED, 18, "孕妇，下雨"), (FETCHED, 19, "the home, at the gate"), (IN, 20, "")]
        await page.get("/decide?ref=18")
        assert "That has changed meanwhile." in page.text


def test_the_unit_and_the_host_say_the_rule_in_the_same_words() -> None:
    catalogue = (Path(gatewords.__file__).parents[2] / "host/gatehost/web/locale/zh_CN.po").read_text(encoding="utf-8")
    for text in (
        *gatewords.ESCORT,
        *chain(*gatewords.HOWS.values()),
        "The home is here: let in",
        "Reason for discretion",
    ):
        assert f'msgid "{text}"\nmsgstr "{gatewords.CHINESE[text]}"\n' in catalogue, text


async def test_the_language_changes_on_the_page_where_one_is(gatehouse: House) -> None:
    async with gatehouse.running() as house, opened(house) as page:
        await taken(house, copy(house))
        await page.sign_in()
        await page.get("/?q=表哥")
        assert 'href="/?q=%E8%A1%A8%E5%93%A5&amp;language=zh-CN"' in page.text
        assert 'hreflang="zh-CN"' not in await page.get("/new?kind=visitor")  # its form changes it, with what is typed
        assert 'hreflang="zh-CN"' not in await page.get("/decide?ref=18")
        await page.get("/new?kind=visitor&language=zh-CN")
        assert 'name="kind" value="visitor"' in page.text
        assert "谁同意的" in page.text
        async with page.client.get(page.url + "//elsewhere.test?language=en", allow_redirects=False) as got:
            assert got.headers["Location"] == "/elsewhere.test"


FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        (f"{FORM}; charset=klingon", b"code=a", 400),
        (FORM, "code=赵".encode("gbk"), 400),
        ("multipart/form-data", b"--x\r\n\r\n--x--\r\n", 400),
        ("multipart/form-data; boundary=x", b"--x\r\nno head\r\n\r\na\r\n--x--\r\n", 400),
        (FORM, b"code=" + b"9" * 17_000, 413),
        (FORM, b"code=1&" * 5_000, 413),
    ],
)
async def test_a_form_that_cannot_be_read_is_refused_in_words(
    gatehouse: House, kind: str, body: bytes, status: int
) -> None:
    async with (
        gatehouse.running(),
        opened(gatehouse) as page,
        page.client.post(f"{page.url}/sign-in", data=body, headers={"Content-Type": kind}) as got,
    ):
        assert (got.status, "did not arrive whole" in await got.text()) == (status, True)


async def test_a_form_that_trickles_does_not_hold_its_connection(
    gatehouse: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gatesent, "FORM_S", 0.1)
    async with gatehouse.running(), opened(gatehouse) as page:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(page.url.rpartition(":")[2]))
        try:
            heads = ["POST /sign-in HTTP/1.1", "Host: x", f"Content-Type: {FORM}", "Content-Length: 99", "", "code=7"]
            writer.write("\r\n".join(heads).encode())
            assert b" 408 " in await asyncio.wait_for(reader.readline(), 10)
        finally:
            writer.close()


async def test_what_a_guard_pastes_says_what_it_seems_to_say(gatehouse: House) -> None:
    async with gatehouse.running() as house, opened(house) as page:
        await taken(house, copy(house))
        await page.sign_in()
        await page.get("/new?kind=visitor")
        told = {
            "home": HOME,
            "name": "\u202e姨\u200b阿　张\n",
            "note": "王\u2066女士\x00电话",
            "phone": "\u202d138\u202c",
        }
        await page.post("/enter", **page.form("/enter") | {"home": HOME} | told)
        written = deeds(house)[-1]
        assert (written.name, written.note, written.phone) == ("姨阿 张", "王女士电话", "138")


async def test_a_form_sent_twice_is_written_down_once(gatehouse: House) -> None:
    async with gatehouse.running() as house, opened(house) as page:
        await taken(house, copy(house))
        await page.sign_in()
        await page.get("/new?kind=courier")
        form = page.form("/enter") | {"home": HOME}
        for _ in range(3):
            await page.post("/enter", **form)
        assert [one.act for one in deeds(house)] == [gatecopy.CAME, IN]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"by": "operator"}, "signature"),
        ({"dev": b"x" * 16}, "device"),
        ({"box": b"\x09" + bytes(31)}, "chunk"),
        ({"bound": 1}, "chunk"),
        ({"upto": 1 << 40}, "range"),
        ({"keep": gatecopy.KEPT_S + 1}, "range"),
        ({"keep": 0}, "range"),
        ({"what": b"\x80"}, "inside"),
        ({"what": gatecopy.inside("1号门", [], [[1, 2, 3]], [], gatecopy.ALONE)}, "inside"),
        ({"what": gatecopy.inside("1号门", [], [], [], [2, []])}, "inside"),
        ({"what": gatecopy.inside("1号门", [], [], [], [1, [HOME.encode()]])}, "inside"),
    ],
)
async def test_a_forged_copy_or_another_gate_s_changes_nothing(
    gatehouse: House, wrong: dict[str, Any], code: str
) -> None:
    async with gatehouse.running() as house:
        wrong = {key: getattr(house.estate, one) if key == "by" else one for key, one in wrong.items()}
        assert await taken(house, copy(house, 1)) == []
        told = await taken(house, copy(house, 2, **wrong))
        assert [one[0] for one in told] == [8]
        assert told[0][1] in (code, "key")
        assert house.unit.desk.copy.held == (1, 1)  # type: ignore[union-attr]
        assert house.unit.desk.copy.stays[0][0] == 17  # type: ignore[union-attr]


async def test_an_old_copy_does_not_come_back(gatehouse: House) -> None:
    async with gatehouse.running() as house:
        old, new = copy(house, 5), copy(house, 6, inside([]))
        assert await taken(house, old) == []
        assert await taken(house, new) == []
        for replayed in (old, new):
            assert await taken(house, replayed) == [(8, "rollback")]
        assert house.unit.desk.copy.stays == []  # type: ignore[union-attr]


async def test_flipping_any_bit_of_a_copy_is_noticed(gatehouse: House) -> None:
    async with gatehouse.running() as house:
        good, held = bytearray(copy(house)), house.unit.desk.copy  # type: ignore[union-attr]
        for at in range(0, len(good), 7):
            bad = bytearray(good)
            bad[at] ^= 1 << at % 8
            with pytest.raises(Exception, match=r"\w+"):
                held.take(bytes(bad))
            assert held.header is None
        held.take(bytes(good))
        assert held.held == (1, 1)


async def test_a_unit_that_serves_no_page_takes_no_copy_and_asks_for_none(house: House) -> None:
    async with house.running():
        line = Line(house)
        assert frames.KEEP not in [kind for kind, _ in line.greet()]
        with pytest.raises(Exception, match="kind"):
            line.say(frames.COPY, b"")


async def test_copy_and_what_was_written_survive_a_power_cut(gatehouse: House) -> None:
    async with gatehouse.running() as house, opened(house) as page:
        await taken(house, copy(house))
        await page.sign_in()
        await page.act("/in")
        await house.clock.settle()
    log = gatehouse.folder / "log"
    whole = log.read_bytes()
    log.write_bytes(whole + whole[-40:-20])  # a frame that was being written when the power went
    (gatehouse.folder / "records" / "gate-copy.new").write_bytes(b"half")
    async with gatehouse.running() as house, opened(house) as page:
        await page.sign_in()
        assert "表哥 leaves now" in page.text
        assert [one.act for one in deeds(house)] == [gatecopy.CAME, IN, gatecopy.CAME]


def cut_short(path: Path, length: int) -> None:
    path.write_bytes(path.read_bytes()[:length])


@pytest.mark.parametrize("cut", [0, 1, 40, 200, -1])
async def test_a_copy_cut_short_on_the_card_is_as_good_as_none_and_a_new_one_is_asked_for(
    gatehouse: House, cut: int
) -> None:
    async with gatehouse.running() as house:
        await taken(house, copy(house, 9))
        await house.clock.settle()
    cut_short(gatehouse.folder / "records" / "gate-copy", cut)
    async with gatehouse.running() as house, opened(house) as page:
        assert "Use the paper forms" in await page.get()
        assert await taken(house, copy(house, 9)) == []


async def test_with_a_full_disk_the_guard_is_told_to_use_paper_and_the_act_is_written_once_there_is_room(
    gatehouse: House,
) -> None:
    async with gatehouse.running() as house, opened(house) as page:
        await taken(house, copy(house))
        await page.sign_in()
        await house.clock.settle()
        await page.get()
        form = page.form("/out", 'value="17"')
        house.store.full = True
        assert "Write it on paper as well." in await page.post("/out", **form)
        assert page.status == 507
        assert "Not on storage yet: 1." in await page.get()
        assert OUT not in [one.act for one in deeds(house)]
        house.store.full = False
        await house.clock.advance(2000)
        assert [one.about for one in deeds(house) if one.act == OUT] == [17]
        await page.post("/out", **form)
        assert [one.about for one in deeds(house) if one.act == OUT] == [17]


async def test_a_full_disk_keeps_no_guard_from_the_muster_list(gatehouse: House) -> None:
    async with gatehouse.running() as house, opened(house) as page:
        await taken(house, copy(house))
        house.store.full = True
        await page.sign_in()
        assert "2 certain" in await page.get("/muster")
        house.store.full = False
        await house.clock.advance(2000)


async def test_what_the_copy_tells_of_is_not_laid_over_it_again(gatehouse: House) -> None:
    async with gatehouse.running() as house, opened(house) as page:
        await taken(house, copy(house))
        await page.sign_in()
        await page.act("/out", 'value="17"')
        book = house.unit.desk.book  # type: ignore[union-attr]
        seq = house.unit.ledger.seq
        assert [one.deed.act for one in book.since_copy()] == [gatecopy.CAME, OUT]
        assert await taken(house, copy(house, 2, inside([stay(17, name="又来了")]), upto=seq)) == []
        assert book.since_copy() == ()
        assert "又来了" in await page.get()  # the host's word counts from here on


async def test_guessing_codes_is_stopped_and_a_power_cut_buys_no_new_tries(gatehouse: House) -> None:
    async with gatehouse.running() as house, opened(house) as page:
        await taken(house, copy(house))
        for wrong in range(6):
            await page.sign_in(f"7 {wrong:08}")
            assert ("The code is wrong" in page.text) is (wrong < 5)
        assert "Too many wrong codes. Wait 20 min." in await page.sign_in()
        assert page.status == 429
        await house.clock.settle()
    async with gatehouse.running() as house, opened(house) as page:
        assert "Too many wrong codes" in await page.sign_in()
        await later(house, 21 * 60_000)
        assert "Inside now" in await page.sign_in()


async def test_who_guesses_at_one_guard_s_code_keeps_no_other_guard_out(gatehouse: House) -> None:
    async with gatehouse.running() as house, opened(house) as page, opened(house) as stranger:
        await taken(house, copy(house, what=two_guards()))
        for typed in ("7 00000000", "8 00000000", "99 00000000", "nothing"):
            for _ in range(7):
                await stranger.sign_in(typed)
            assert "Too many wrong codes" in stranger.text, typed
            if typed[0] == "7":
                assert "Inside now" in await page.sign_in(f"8 {CODE}")
                await page.act("/sign-out")


async def test_a_guard_signs_in_where_they_did_before_whatever_a_stranger_tries_meanwhile(gatehouse: House) -> None:
    async with gatehouse.running() as house, opened(house) as page, opened(house) as stranger:
        await taken(house, copy(house, what=two_guards()))
        assert "Inside now" in await page.sign_in()
        await page.act("/sign-out")
        for cookie in ("", "ab" * 16, f"{'ab' * 16}.{'cd' * 16}", "zz", "." * 40, "x" * 4000):
            stranger.client.cookie_jar.update_cookies({"gate-browser": cookie})
            await stranger.sign_in("7 00000000")
        assert "Too many wrong codes" in await stranger.sign_in()
        known = next(one.value for one in page.client.cookie_jar if one.key == "gate-browser")
        await house.clock.settle()
    async with gatehouse.running() as house, opened(house) as page, opened(house) as stranger:  # and after a power cut
        assert "Too many wrong codes" in await stranger.sign_in()
        page.client.cookie_jar.update_cookies({"gate-browser": known})
        for _ in range(5):
            assert "The code is wrong" in await page.sign_in("7 00000000")
        assert "Inside now" in await page.sign_in()  # the right one gives this browser's own tries back
        await page.act("/sign-out")
        for _ in range(6):
            await page.sign_in("7 00000000")
        assert "Too many wrong codes" in await page.sign_in()  # a stolen tablet has no more than anybody
        for _ in range(6):
            await page.sign_in("8 00000000")  # where guard 8 never signed in this is a stranger's
        assert "Too many wrong codes" in await page.sign_in(f"8 {CODE}")


@pytest.mark.parametrize("spoilt", [b"", b"\x81\x01", b"\xff" * 9, b"\x81\x83\x07\x40\x39\x17"])
async def test_a_spoilt_count_of_tries_is_none_left(gatehouse: House, spoilt: bytes) -> None:
    async with gatehouse.running() as house:
        await taken(house, copy(house))
        await house.unit.ports.store.write("gate-tries", spoilt)
    async with gatehouse.running() as house, opened(house) as page:
        assert "Too many wrong codes" in await page.sign_in()
        await later(house, 21 * 60_000)
        assert "Inside now" in await page.sign_in()


@pytest.mark.parametrize("typed", ["", "7", CODE, f"8 {CODE}", f"7 {CODE}1", "7 4820133x", "7" * 40, "٧" * 9])
async def test_only_the_number_and_the_code_together_sign_in(gatehouse: House, typed: str) -> None:
    async with gatehouse.running() as house, opened(house) as page:
        await taken(house, copy(house))
        await page.sign_in(typed)
        assert page.status == 403
        assert "张阿姨" not in await page.get()
        assert deeds(house) == []


async def test_a_code_ends_with_its_time_and_so_does_the_copy(gatehouse: House) -> None:
    async with gatehouse.running() as house, opened(house) as page:
        await taken(house, copy(house))
        await page.sign_in()
        await later(house, 87_000_000)
        assert "Your code" in await page.get()
        await page.sign_in()
        assert page.status == 403
        await later(house, 3 * 86_400_000 - 87_000_000)
        assert house.unit.desk.copy.header is None  # type: ignore[union-attr]
        await house.clock.settle()
        assert not (house.folder / "records" / "gate-copy").exists()


async def test_an_old_list_calls_nobody_certain(gatehouse: House) -> None:
    async with gatehouse.running() as house, opened(house) as page:
        await taken(house, copy(house, what=inside([stay(17, until=NOW + 80_000)]), made=NOW - 13 * 3600))
        await page.sign_in()
        assert "older than 12 hours" in page.text
        assert "0 certain, 2 not confirmed out" in await page.get("/muster")


async def test_without_signing_in_there_is_nothing_and_no_other_site_writes_for_a_guard(gatehouse: House) -> None:
    async with gatehouse.running() as house, opened(house) as page:
        await taken(house, copy(house))
        for path in ("/", "/muster", "/new?kind=visitor", "/nowhere"):
            text = await page.get(path)
            assert "张阿姨" not in text
            assert "赵门岗" not in text
        for path in ("/in", "/out", "/safe", "/enter"):
            await page.post(path, ref="17", deed="ab" * 16, token="x")
        await page.sign_in()
        form = page.form("/out", 'value="17"')
        for altered, headers in (
            (form | {"token": "0" * 64}, {}),
            (form, {"Sec-Fetch-Site": "cross-site"}),
            (form, {"Origin": "https://elsewhere.test"}),
        ):
            await page.post("/out", headers, **altered)
            assert page.status == 403
        for ref in ("99", "-1", "x", "9" * 40, "ab" * 16):
            await page.post("/out", **form | {"ref": ref})
        await page.post("/out", **form | {"deed": "zz"})
        assert [one.act for one in deeds(house)] == [gatecopy.CAME]


async def test_the_page_speaks_chinese_and_search_finds_by_home_plate_and_phone(gatehouse: House) -> None:
    async with gatehouse.running() as house, opened(house, "zh-CN") as page:
        await taken(house, copy(house, what=inside([stay(17, plate="京A12345"), stay(18, name="表哥", tail="1111")])))
        await page.sign_in()
        assert "主机暂时连不上" in page.text
        for words, found in (("京A·12345", 1), ("5678", 1), (HOME, 2), ("表哥", 1), ("nobody", 0), ("WP-1", 0)):
            await page.get(f"/?q={words}")
            assert page.text.count('action="/out"') == found, words
        assert "沙发 × 1" in page.text


def test_a_deed_is_refused_when_its_halves_differ_or_a_field_is_none() -> None:
    good = Deed(b"i" * 16, 7, OUT, 17, "visitor", HOME, "张", "", "", "", 1)
    assert gatecopy.deed([OUT], good.row()).row() == good.row()
    bad: list[tuple[int, Any]] = [
        (0, b"i"),
        (1, -1),
        (2, 9),
        (3, "17"),
        (3, None),
        (6, "x" * 61),
        (6, "a\n"),
        (10, 0),
        (10, 501),
    ]
    for at, value in bad:
        row = good.row()
        row[at] = value
        with pytest.raises(RecordError):
            gatecopy.deed([row[2]], row)
    with pytest.raises(RecordError):
        gatecopy.deed([IN], good.row())
    with pytest.raises(RecordError):
        gatecopy.deed([OUT], None)


def test_the_page_s_certificate_is_made_once_and_kept_to_the_unit(tmp_path: Path) -> None:
    _, first = pagetls.context(tmp_path)
    _, again = pagetls.context(tmp_path)
    held = tmp_path / pagetls.FILE
    assert (first, held.stat().st_mode & 0o777) == (again, 0o600)
    held.write_bytes(b"spoilt")
    with pytest.raises(StorageError, match=r"page\.pem"):
        pagetls.context(tmp_path)
    known = ("127.0.0.1", "::1", "localhost", "0.0.0.0", "192.168.1.9", "gate")
    assert [pagetls.is_loopback(host) for host in known] == [True, True, True, False, False, False]


def test_settings_name_where_the_page_is_served(tmp_path: Path) -> None:
    from gateunit.settings import address

    assert address("127.0.0.1:8480") == ("127.0.0.1", 8480)
    assert address("[::1]:8480") == ("::1", 8480)
    assert [address(wrong) for wrong in ("", "8480", ":8480", "a:0", "a:65536", "a:b")] == [None] * 6


async def test_what_a_guard_typed_stays_when_the_form_s_language_changes(gatehouse: House) -> None:
    async with gatehouse.running() as house, opened(house) as page:
        await taken(house, copy(house))
        await page.sign_in()
        written = len(deeds(house))
        await page.get("/new?kind=visitor")
        typed = {"home": "12", "name": '张"阿姨', "heads": "3", "how": "discretion", "note": "认识"}
        form = page.form("/enter") | typed
        text = await page.post("/enter", **form, turn="zh-CN")
        assert ('<html lang="zh-CN">' in text, page.status) == (True, 200)
        for held in ('value="12"', 'value="张&quot;阿姨"', 'value="3"', 'value="认识"', 'value="discretion" checked'):
            assert held in text, held
        assert page.form("/enter")["deed"] == form["deed"]
        assert "门岗" in await page.get()  # chosen from here on
        await page.get("/decide?ref=18")
        text = await page.post("/in", **page.form("/in") | {"note": "认识的人"}, turn="en")
        assert ('<html lang="en">' in text, 'value="认识的人"' in text) == (True, True)
        assert '<html lang="en">' in await page.post("/enter", **form, turn="xx")  # an ordinary form
        assert len(deeds(house)) == written
