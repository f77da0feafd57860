"""A person without a browser uses what a page really has."""

import pytest

from gatesim.browser import read
from gatesim.errors import PageRefused

PAGE = """<!doctype html><title>not a word</title><main><h1>Hello</h1>
<a href="/elsewhere">there</a>
<form method="post" action="/invite"><input type="hidden" name="token" value="abc">
<input type="radio" name="when" value="today" checked><input type="radio" name="when" value="day">
<input type="checkbox" name="read" value="yes">
<select name="day"><option value="1">one</option><option value="2" selected>two</option></select></form>
<form method="post"><button>Continue</button></form>
<script>ignored()</script></main><footer>neither</footer>"""


def test_a_form_holds_what_a_page_has_filled_in() -> None:
    form = read("http://127.0.0.1/here", 200, PAGE).form("/invite")
    assert form.fields == {"token": "abc", "when": "today", "day": "2"}
    assert form.choices == {"when": ["today", "day"], "read": ["yes"], "day": ["1", "2"]}


def test_a_form_without_an_address_goes_to_its_own_page() -> None:
    assert read("http://127.0.0.1/here", 200, PAGE).form("/here").action == "/here"


def test_words_are_those_a_person_reads() -> None:
    assert read("http://127.0.0.1/here", 200, PAGE).words == "Hello there Continue"


def test_what_a_page_does_not_have_is_told_without_its_secrets() -> None:
    sheet = read("http://127.0.0.1/link/0123456789", 404, PAGE)
    with pytest.raises(PageRefused, match=r"/link/… \(404\) has no form") as told:
        sheet.form("/open")
    assert "0123456789" not in str(told.value)
    with pytest.raises(PageRefused, match="has no link"):
        sheet.link("/nowhere")
