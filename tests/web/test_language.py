"""Each page speaks one language, the reader's, and keeps to it."""

import asyncio
import html
import re
from html.parser import HTMLParser

import pytest

from gatehost.web.frame import turning
from gatehost.web.words import language

from .conftest import Open
from .house import HOME, NAMES, House
from .tour import tour

CJK = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")
WORD = re.compile(r"[A-Za-z]{2,}")
# words that are the same in Chinese, and the name of a command
SAME = {"JPEG", "English", "QR", "kaimen", "Kaimen", "face", "consent", "Raspberry", "Pi", "verify"}
SAME |= {"CSV", "XLSX", "PNG", "PDF", "MB", "IC"}  # kinds of files and of cards
SAME |= {"witness", "new", "head"}  # of the command kaimen witness new, and of the line that begins with head


class Said(HTMLParser):
    """The words of a page a person can meet, without names, data and the other language's own name."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = dict(attrs)
        if not self.silent:
            self.words += [held[name] or "" for name in ("alt", "aria-label", "placeholder", "title") if held.get(name)]
            self.words += [held[name] or "" for name in ("data-lost", "data-busy", "data-copied") if held.get(name)]
        quiet = (
            held.get("translate") == "no" or (tag != "html" and "lang" in held) or tag in {"script", "style", "option"}
        )
        if tag not in {"meta", "link", "input", "img", "br", "use"} and (quiet or self.silent):
            self.silent.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.silent and self.silent[-1] == tag:
            self.silent.pop()

    def handle_data(self, data: str) -> None:
        if not self.silent and data.strip():
            self.words.append(data.strip())


def said(text: str) -> str:
    """All of it, names left out."""
    reader = Said()
    reader.feed(text)
    found = "\n".join(reader.words)
    for name in NAMES:
        found = found.replace(name, "")
    return found


@pytest.mark.parametrize("spoken", ["en", "zh-CN"])
async def test_no_page_speaks_a_word_of_the_other_language(house: House, browse: Open, spoken: str) -> None:
    wrong = []
    for path, name in await tour(house):
        browser = await browse(name, spoken)
        status, text = await browser.get(path)
        assert f'<html lang="{spoken}">' in text, path
        assert status < 500, path
        found = said(text)
        strange = CJK.findall(found) if spoken == "en" else [one for one in WORD.findall(found) if one not in SAME]
        wrong += [(path, one) for one in strange]
    assert not wrong


def test_an_empty_text_is_empty_in_both_languages() -> None:
    assert [language.say(one, "") for one in language.LANGUAGES] == ["", ""]


def test_the_browser_s_wish_decides_at_first() -> None:
    cases = {
        "": "zh-CN",
        "en": "en",
        "en-GB,en;q=0.9": "en",
        "zh-TW,zh;q=0.9,en;q=0.8": "zh-CN",
        "de,en;q=0.5": "en",
        "fr": "zh-CN",
        "en;q=0.2,zh;q=0.9": "zh-CN",
        "en;q=x": "zh-CN",
        "en;q=nan": "zh-CN",
        "*": "zh-CN",
        ",,;;": "zh-CN",
    }
    assert {header: language.from_header(header) for header in cases} == cases


async def test_a_chosen_language_is_kept_on_every_page(house: House, browse: Open) -> None:
    browser = await browse("wangfang")
    _, text = await browser.get("/me?language=zh-CN")
    assert '<html lang="zh-CN">' in text
    _, text = await browser.get(f"/me/visits?home={HOME}")
    assert "谁来过" in text
    _, text = await browser.get(f"/me/visits?home={HOME}&language=en")
    assert "Who came" in text
    _, text = await browser.get("/me?language=xx")
    assert '<html lang="en">' in text


async def test_the_other_language_is_the_same_page_asked_for_the_same_thing(house: House, browse: Open) -> None:
    guard = await browse("guard")
    await guard.post("/gate/shift", {"gate": "north"}, page="/gate")
    _, text = await guard.get("/gate/enter?kind=visitor&home=120502&done=in")
    assert 'href="?kind=visitor&amp;home=120502&amp;language=zh-CN"' in text
    _, text = await guard.get("/gate/enter?kind=visitor&home=120502&language=zh-CN")
    assert ('name="kind" value="visitor"' in text, 'value="120502"' in text, "访客" in text) == (True, True, True)


async def test_a_refused_form_is_turned_into_the_page_it_stood_on(browse: Open) -> None:
    desk = await browse("desk")
    status, text = await desk.post(f"/desk/homes/{HOME}/people", {"name": ""}, page=f"/desk/homes/{HOME}")
    assert (status, f'href="/desk/homes/{HOME}?language=zh-CN"' in text) == (400, True)
    status, text = await desk.post("/desk/ties/999/end", page=f"/desk/homes/{HOME}")
    assert (status, 'href="/desk"' in text) == (404, True)


async def test_choosing_a_language_leads_to_no_other_site(house: House, browse: Open) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(house.url.rpartition(":")[2]))
    writer.write(b"GET //elsewhere.test/?language=en HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    answer = (await reader.read()).decode()
    writer.close()
    assert "\r\nLocation: /elsewhere.test/" in answer


async def test_the_first_accounts_are_called_by_what_they_are_on_every_page(house: House, browse: Open) -> None:
    """A first start signs as Administrator and Front desk: a Chinese page says 管理员 and 前台, and an English one does
    not say Administrator, which no other page calls it."""
    wrong = []
    for path, name in await tour(house):
        _, text = await (await browse(name, "zh-CN")).get(path)
        shown = re.sub(r"<(script|style|option)\b.*?</\1>|<[^>]+>", " ", text, flags=re.DOTALL)
        wrong += [(path, one) for one in ("Administrator", "Front desk") if one in shown]
    assert not wrong
    _, text = await (await browse("admin", "zh-CN")).get("/admin/staff")
    assert "小区管理员" in text or "管理员" in text


async def test_an_account_that_only_calls_itself_so_is_named_as_it_was(house: House, browse: Open) -> None:
    admin = await browse("admin", "zh-CN")
    form = {"name": "Front desk", "login": "night", "role": "guard", "why": "夜班"}
    assert (await admin.post("/admin/staff/new", form))[0] == 200
    assert ">Front desk<" in (await admin.get("/admin/staff"))[1]


def turn_of(text: str) -> str:
    """Where the first form's own button for the other language leads."""
    found = re.search(
        r'<noscript><button class="quiet" name="turn" value="([^"]+)" formnovalidate="" [^>]*id="turn">', text
    )
    assert found
    assert re.search(
        r'<noscript><a class="button quiet" href="#turn"[^>]*>[^<]+</a></noscript><a data-turn data-with-script hidden',
        text,
    )
    return html.unescape(found[1])


async def test_without_scripts_too_what_is_typed_stays_when_the_language_changes(house: House, browse: Open) -> None:
    guard = await browse("guard")
    await guard.post("/gate/shift", {"gate": "north"}, page="/gate")
    where = "/gate/enter?kind=visitor&home=120502"
    _, text = await guard.get(where)
    typed = {
        "kind": "visitor",
        "home": "120503",
        "name": '张"<阿姨',
        "how": "discretion",
        "reason": "认识",
        "purpose": "",
    }
    _, text = await guard.post("/gate/enter", typed | {"turn": turn_of(text)}, page=where)
    assert '<html lang="zh-CN">' in text
    for held in ('name="home" type="text" value="120503"', 'value="张&quot;&lt;阿姨"', 'value="认识"'):
        assert held.partition(" value=")[2] in text.replace("&#34;", "&quot;"), held
    assert re.search(r'name="how" value="discretion" checked', text)
    assert not re.search(r'name="how" value="ask" checked', text)
    assert 'value="120502"' not in text
    _, text = await guard.get(where)
    assert ("认识" in text, 'value="120502"' in text) == (False, True)  # it stood there once
    _, text = await guard.post("/gate/enter?kind=visitor", typed | {"reason": ""}, page=where)
    assert "请填写理由" in text  # a refused form is turned as well
    _, text = await guard.post("/gate/enter?kind=visitor", typed | {"turn": turn_of(text)}, page=where)
    assert ('<html lang="en">' in text, 'value="认识"' in text) == (True, True)


async def test_texts_and_choices_go_with_the_language_and_passwords_and_what_is_hidden_do_not(
    house: House, browse: Open
) -> None:
    desk = await browse("desk")
    where = f"/papers/new/repair?home={HOME}"
    _, text = await desk.get(where)
    typed = {"field-what": "水管\n漏水 </textarea><b>", "field-urgency": "now", "home": "999999", "turn": turn_of(text)}
    _, text = await desk.post("/papers/new/repair", typed, page=where)
    assert '<html lang="zh-CN">' in text
    assert "水管\n漏水 &lt;/textarea&gt;&lt;b&gt;" in text
    assert re.search(r'name="field-urgency" value="now"[^>]* checked', text)
    assert '"999999"' not in text
    nobody = await browse("")
    _, text = await nobody.get("/sign-in")
    secret = {"login": "wangfang", "password": "four ordinary words", "turn": turn_of(text)}
    _, text = await nobody.post("/sign-in", secret)
    assert ("wangfang" in text, "four ordinary" in text) == (True, False)


async def test_a_form_s_way_to_the_other_language_is_nobody_else_s_and_leads_to_no_other_site(
    house: House, browse: Open
) -> None:
    desk, other = await browse("desk"), await browse("admin")
    where = f"/desk/homes/{HOME}"
    _, text = await desk.get(where)
    token = await desk.token(where)
    turn = turn_of(text)
    for named in ("//elsewhere.test/", "https://elsewhere.test/", "/\\elsewhere.test", "x"):
        form = {"name": "", "turn": named, "form_token": token}
        async with desk.http.post(desk.url + where + "/people", data=form, allow_redirects=False) as answer:
            assert "elsewhere" not in answer.headers.get("Location", ""), named
            assert answer.status != 303, named
    async with desk.http.post(
        desk.url + where + "/people", data={"name": "赵新", "turn": turn, "form_token": token}, allow_redirects=False
    ) as answer:
        assert answer.status == 303
    assert "赵新" not in (await other.get(where))[1]
    house.later(61_000)
    assert "赵新" not in (await desk.get(where))[1]  # a minute is enough for a browser


async def test_what_waits_has_a_bound() -> None:
    waiting: turning.Waiting = {}
    for number in range(turning.MOST + 5):
        turning.keep(waiting, str(number), "/p", "/p", {"a": "b"}, number)
    assert len(waiting) == turning.MOST
    turning.keep(waiting, "x", "/p", "/p", {"a": "b"}, turning.LONGEST_MS + 10_000)
    assert list(waiting) == ["x"]


class Controls(HTMLParser):
    """(name, type, value) of every control of a page's forms, as a browser reads them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str, str]] = []
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = {key: value or "" for key, value in attrs}
        self.inside |= tag == "form" and held.get("method") == "post"
        if self.inside and tag in ("input", "textarea", "select") and held.get("name"):
            self.found.append((held["name"], held.get("type", ""), held.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        self.inside &= tag != "form"


async def test_every_control_of_every_form_is_known_to_what_puts_the_typed_text_back(
    house: House, browse: Open
) -> None:
    met = 0
    for path, name in await tour(house):
        _, text = await (await browse(name)).get(path)
        read = Controls()
        read.feed(text)
        bodies = [form[2] for form in turning.FORM.finditer(text)]
        tags = [one[0] for body in bodies for one in turning.CONTROL.finditer(body)]
        ours = [tuple(turning._told(tag, key) for key in ("name", "type", "value")) for tag in tags]
        ours = [(name, kind, value) for name, kind, value in ours if name]
        assert ours == read.found, path
        met += len(ours)
    assert met > 500
