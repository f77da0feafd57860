"""The guard's page at the unit as text: every value is escaped where it is put in, there are no scripts."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from html import escape
from urllib.parse import urlencode

from gatecore.clock import local_ms
from gateunit.gatebook import CERTAIN, GONE_UNSEEN, UNCONFIRMED, Stay, present
from gateunit.gatewords import CERTAINTY, ESCORT, HOWS, KINDS, LANGUAGES, say

NEW = ("courier", "visitor", "contractor", "vehicle")
DAY_MINUTES = 1440


@dataclass(frozen=True, slots=True)
class View:
    """What a page is made for: the reader's language, the time by this unit, and where the copy stands. Times in s."""

    language: str
    gate: str
    now: int | None
    offsets: list[list[int]]
    made: int
    old: bool
    up: bool
    waiting: int
    unstored: int
    escorted: Callable[[str], bool]  # whether a home's visitors come in with somebody of the home only
    everywhere: bool  # whether that is the rule where nothing else is said
    token: str = ""
    guard: str = ""

    def say(self, text: str, **facts: object) -> str:
        """Escaped, in the reader's language."""
        return escape(say(self.language, text, **facts))

    def moment(self, at: int) -> str:
        """Month-day hour:minute in the estate's time; hour:minute for today."""
        if not at:
            return self.say("time unknown")
        minutes = local_ms(at * 1000, self.offsets) // 60_000
        clock = f"{minutes % DAY_MINUTES // 60:02}:{minutes % 60:02}"
        today = self.now is not None and local_ms(self.now * 1000, self.offsets) // 86_400_000 == minutes // DAY_MINUTES
        return clock if today else f"{_date(minutes // DAY_MINUTES)} {clock}"


def _date(day: int) -> str:
    import datetime

    found = datetime.date(1970, 1, 1) + datetime.timedelta(days=day)
    return f"{found.month:02}-{found.day:02}"


def page(view: View, title: str, inner: str, path: str = "/") -> str:
    """A whole page around its inside; no `path`: a form of it changes the language, and keeps what is typed."""
    other, ask = next(one for one in LANGUAGES if one != view.language), "&" if "?" in path else "?"
    out = form(view, "/sign-out", "", button(view, "Sign out")) if view.guard else ""
    link = (
        f'<a class="button" hreflang="{other}" lang="{other}" href="{escape(path + ask)}language={other}">'
        f"{LANGUAGES[other]}</a>"
    )
    return (
        f'<!doctype html><html lang="{view.language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f"<title>{escape(title)} · {escape(view.gate or 'Kaimen')}</title>"
        '<link rel="stylesheet" href="/gate.css"></head><body>'
        f'<a class="skip" href="#main">{view.say("To the content")}</a>'
        f'<header><b translate="no">{escape(view.gate or "Kaimen")}</b><span class="acts">{out}'
        f"{link if path else ''}</span></header>"
        f'<main id="main"><h1>{escape(title)}</h1>{inner}</main></body></html>'
    )


def note(tone: str, text: str, more: str = "") -> str:
    """A card that says one thing; both texts are escaped already."""
    role = "alert" if tone == "bad" else "status"
    return f'<div class="card {tone}" role="{role}"><b>{text}</b>{f"<br>{more}" if more else ""}</div>'


def button(view: View, text: str, label: str = "", main: bool = False) -> str:
    """A button; `label` is what is read aloud where the text alone is not clear."""
    aria = f' aria-label="{escape(label)}"' if label else ""
    return f"<button{aria}{' class=main' if main else ''}>{view.say(text)}</button>"


def form(view: View, path: str, fields: str, end: str) -> str:
    """A form that carries the session's token."""
    token = f'<input type="hidden" name="token" value="{escape(view.token)}">' if view.token else ""
    return f'<form class="no-print" method="post" action="{path}">{token}{fields}{end}</form>'


def turn(view: View) -> str:
    """The last button of a form that is typed into: the same form in the other language, with what was typed."""
    other = next(one for one in LANGUAGES if one != view.language)
    return f'<p><button name="turn" value="{other}" lang="{other}" formnovalidate>{LANGUAGES[other]}</button></p>'


def hidden(**values: str) -> str:
    """Hidden fields."""
    return "".join(f'<input type="hidden" name="{key}" value="{escape(value)}">' for key, value in values.items())


def text_field(view: View, name: str, label: str, value: str = "", wrong: str = "", **more: str) -> str:
    """A field with its label and what is wrong with it."""
    extra = "".join(f' {key.replace("_", "-")}="{escape(one)}"' for key, one in more.items())
    told = f'<span class="wrong" id="w-{name}">{view.say(wrong)}</span>' if wrong else ""
    aria = f' aria-invalid="true" aria-describedby="w-{name}"' if wrong else ""
    return (
        f'<label for="f-{name}">{view.say(label)}</label><input id="f-{name}" name="{name}" value="{escape(value)}"'
        f' autocomplete="off"{aria}{extra}>{told}'
    )


def sign_in(view: View, why: str = "", more: str = "") -> str:
    """The first page, for nobody in particular: it shows no name and no number."""
    told = note("bad", why, more) if why else ""
    field = text_field(view, "code", "Your code", inputmode="numeric", maxlength="24", type="password")
    help_ = f'<p class="soft">{view.say("The code you were given when you came on duty.")}</p>'
    end = f'<p><button class="main wide">{view.say("Sign in")}</button></p>'
    return page(
        view, say(view.language, "Gate"), told + f'<div class="card">{form(view, "/sign-in", field + help_, end)}</div>'
    )


def state(view: View) -> str:
    """How old the copy is, whether the host is there, and what waits."""
    text = "The host is there. What you write reaches it at once."
    away = "The host is away. You work from the gate's own copy."
    lines = [view.say("As of {time}.", time=view.moment(view.made))]
    if view.old:
        lines.append(view.say("This list is older than 12 hours: nobody on it is certain."))
    if view.unstored:
        lines.append(view.say("Not on storage yet: {count}. Also write it on paper.", count=view.unstored))
    elif view.waiting and not view.up:
        lines.append(view.say("Waiting for the host: {count}.", count=view.waiting))
    tone = "bad" if view.unstored else "wait" if view.old or not view.up else "good"
    return note(tone, view.say(text if view.up else away), " ".join(lines))


def named(view: View, one: Stay) -> str:
    """What a stay is called."""
    return one.name or one.plate or say(view.language, KINDS.get(one.kind, "Visitor"))


def _facts(view: View, one: Stay) -> str:
    facts = [view.say(KINDS.get(one.kind, "Visitor")), escape(one.home_name or one.home)]
    return f'<p class="soft">{" · ".join(fact for fact in facts if fact)}</p>'


def _line(view: View, one: Stay, end: str) -> str:
    heads = f" × {one.heads}" if one.heads > 1 else ""
    late = view.now is not None and bool(one.until) and view.now > one.until and bool(one.state)
    facts = [view.say(KINDS.get(one.kind, "Visitor")), escape(one.home_name or one.home)]
    facts += [escape(one.plate)] if one.plate and one.name else []
    facts += [view.say("since {time}", time=view.moment(one.since))] if one.state else []
    told = f'<span class="soft"><b>{view.say("longer than planned")}</b></span>' if late else ""
    shown = " · ".join(fact for fact in facts if fact)
    title = f'<b translate="no">{escape(named(view, one))}{heads}</b>'
    return f'<li><span>{title}<span class="soft">{shown}</span>{told}</span>{end}</li>'


def _leaves(view: View, one: Stay, deed: str) -> str:
    label = say(view.language, "{name} leaves now", name=named(view, one))
    return form(view, "/out", hidden(ref=one.ref, deed=deed), button(view, "Leaves", label))


def choice(view: View, value: str, chosen: bool) -> str:
    """One of the answers to who answers for somebody."""
    title, text = HOWS[value]
    mark = " checked" if chosen else ""
    return (
        f'<label class="choice"><input type="radio" name="how" value="{value}"{mark}><span><b>{view.say(title)}</b>'
        f'<span class="soft">{view.say(text)}</span></span></label>'
    )


def _comes(view: View, one: Stay, deed: str) -> str:
    label = say(view.language, "Let in: {name}", name=named(view, one))
    if one.kind == "visitor" and view.escorted(one.home):
        label = f"{say(view.language, 'The home is here: let in')} · {named(view, one)}"
        here = button(view, "The home is here: let in", label, main=True)
        with_home = form(view, "/in", hidden(ref=one.ref, deed=deed, how="fetched"), here)
        return f'{with_home}<a class="button" href="/decide?ref={one.ref}">{view.say("By my discretion")}</a>'
    return form(view, "/in", hidden(ref=one.ref, deed=deed), button(view, "Let in", label))


def lists(view: View, stays: list[Stay], slips: list[list[object]], deeds: Iterable[str]) -> str:
    """Who is inside, who is expected and which slips are open, each with what can be done."""
    fresh = iter(deeds)
    inside = [_line(view, one, _leaves(view, one, next(fresh))) for one in present(stays)]
    coming = [_line(view, one, _comes(view, one, next(fresh))) for one in stays if not one.state]
    empty = f"<p>{view.say('Nobody is inside as a visitor.')}</p>"
    parts = [_section(view, "Inside now", inside, empty), _section(view, "Expected", coming)]
    return "".join(parts) + _section(view, "Slips", [_slip(view, one) for one in slips])


def _section(view: View, title: str, lines: list[str], empty: str = "") -> str:
    if not lines:
        return f'<section class="card"><h2>{view.say(title)}</h2>{empty}</section>' if empty else ""
    return f'<section class="card"><h2>{view.say(title)}</h2><ul>{"".join(lines)}</ul></section>'


def _slip(view: View, slip: list[object]) -> str:
    number, mover, home, since, until, goods = slip
    assert isinstance(since, int)
    assert isinstance(until, int)
    assert isinstance(goods, list)
    when = view.say("from {since} to {until}", since=view.moment(since), until=view.moment(until))
    lines = " · ".join(f"{escape(str(what))} × {qty}" for what, qty in goods)
    compare = view.say("Compare every line; sign the paper slip.")
    head = f"{escape(str(number))} · {escape(str(mover))} · {escape(str(home))}"
    return (
        f'<li><span><b>{head}</b><span class="soft">{when}</span>{lines}<span class="soft">{compare}</span></span></li>'
    )


def gate(view: View, found: str, words: str, all_: str, notice: str) -> str:
    """The guard's first page."""
    new = "".join(f'<a class="button" href="/new?kind={kind}">{view.say(KINDS[kind])}</a>' for kind in NEW)
    label = "Plate, home, name, last four of the phone, slip"
    field = text_field(view, "q", label, words, maxlength="60")
    box = (
        f'<form class="no-print" method="get" action="/" role="search">{field}'
        f'<p class="acts">{button(view, "Search", main=True)}'
        f'<a class="button danger" href="/muster">{view.say("Who is inside")}</a></p></form>'
    )
    entry = f'<section><h2>{view.say("New entry")}</h2><p class="kinds">{new}</p></section>'
    end = f'<p class="soft">{view.say("Only what the gate needs is on this page: nothing older than now.")}</p>'
    path = f"/?{urlencode({'q': words})}" if words else "/"
    return page(view, say(view.language, "Gate"), notice + state(view) + box + found + entry + all_ + end, path)


def entry(view: View, kind: str, deed: str, typed: dict[str, str], wrong: dict[str, str], alone: bool = False) -> str:
    """A new entry of a kind; `alone`: refused because nobody of the home is there."""

    def field(name: str, label: str, **more: str) -> str:
        return text_field(view, name, label, typed.get(name, ""), wrong.get(name, ""), **more)

    fields = hidden(kind=kind, deed=deed) + field("home", "Home number", inputmode="numeric", maxlength="16")
    if kind != "courier":
        fields += field("name", "Name (may stay empty)", maxlength="60")
        fields += field("phone", "Phone (may stay empty)", maxlength="30", type="tel")
        fields += field("heads", "People", inputmode="numeric", maxlength="3")
    if kind in ("vehicle", "contractor"):
        fields += field("plate", "Plate (may stay empty)", maxlength="16")
    if kind != "courier":
        how = typed.get("how") or "home"
        offered = "".join(choice(view, one, one == how) for one in HOWS if one != "fetched" or kind == "visitor")
        fields += f"<fieldset><legend>{view.say('Who answers for them?')}</legend>{offered}</fieldset>"
        fields += field("note", "Who said yes, or why you let them in", maxlength="60")
    end = f'<p><button class="main wide">{view.say("Let in")}</button></p>{turn(view)}'
    back = f'<p><a class="button" href="/">{view.say("Back")}</a></p>'
    rule = escort(view) if kind == "visitor" and (alone or view.everywhere) else ""
    inner = f'{rule}<div class="card">{form(view, "/enter", fields, end)}</div>{back}'
    return page(view, say(view.language, KINDS[kind]), inner, "")


def escort(view: View) -> str:
    """That visitors do not come in alone, and what to do (docs/adr/0118)."""
    return note("wait", view.say(ESCORT[0]), view.say(ESCORT[1]))


def decide(view: View, one: Stay, deed: str, typed: str = "", wrong: str = "") -> str:
    """A guard lets somebody in without the home, and says why."""
    fields = hidden(ref=one.ref, deed=deed, how="discretion")
    fields += text_field(view, "note", "Reason for discretion", typed, wrong, maxlength="60")
    end = f'<p><button class="main wide">{view.say("Let in")}</button></p>{turn(view)}'
    back = f'<p><a class="button" href="/">{view.say("Back")}</a></p>'
    inner = f'{escort(view)}<div class="card">{_facts(view, one)}{form(view, "/in", fields, end)}</div>{back}'
    return page(view, say(view.language, "Let in: {name}", name=named(view, one)), inner, "")


def muster(view: View, stays: list[Stay], deeds: Iterable[str], notice: str) -> str:
    """Who is inside, by building, to be ticked; it prints on paper with boxes."""
    fresh, here = iter(deeds), present(stays)
    sure = {one.ref: one.certainty(view.now, view.old) for one in here}
    heads = {
        kind: sum(one.heads for one in here if sure[one.ref] == kind) for kind in (CERTAIN, UNCONFIRMED, GONE_UNSEEN)
    }
    text = "{certain} certain, {unconfirmed} not confirmed out, {possible} possible"
    parts = [notice, state(view), f"<p><b>{view.say(text, **heads)}</b></p>"]
    for building in dict.fromkeys(one.building for one in here):
        lines = [
            _line(view, one, _tick(view, one, sure[one.ref], next(fresh))) for one in here if one.building == building
        ]
        title = escape(building) or view.say("Elsewhere in the estate")
        parts.append(f'<section class="card"><h2>{title}</h2><ul>{"".join(lines)}</ul></section>')
    parts.append("" if here else f"<p>{view.say('Nobody is inside as a visitor.')}</p>")
    parts.append(f'<p class="no-print"><a class="button" href="/">{view.say("Back")}</a></p>')
    return page(view, say(view.language, "Who is inside"), "".join(parts), "/muster")


def _tick(view: View, one: Stay, certainty: str, deed: str) -> str:
    told = f'<span class="soft">{view.say(CERTAINTY[certainty])}</span>'
    if one.safe:
        label = say(view.language, "Take back: {name}", name=named(view, one))
        act = form(view, "/safe", hidden(ref=one.ref, deed=deed, safe="no"), button(view, "Take back", label))
        return f"{told}<b>✓ {view.say('safe')}</b>{act}"
    label = say(view.language, "{name} is safe", name=named(view, one))
    act = form(view, "/safe", hidden(ref=one.ref, deed=deed), button(view, "Safe", label))
    return f'{told}{act}<span class="only-print">□</span>'
