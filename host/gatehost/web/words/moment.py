"""Instants in the estate's own time, as people say and type them."""

from datetime import UTC, datetime, timedelta

from gatehost.model.errors import BadInput
from gatehost.model.place import Estate
from gatehost.service.calendar import start_of_day
from gatehost.web.words.language import CHINESE

DAY_MS = 86_400_000
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
WEEKDAYS_ZH = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")


def offset(at: int, estate: Estate | None) -> int:
    """Minutes east of UTC that hold at `at` (ms UTC); before the first known change, those of the first."""
    offsets = estate.offsets if estate else ()
    held = [minutes for since, minutes in offsets if since <= at] or [minutes for _, minutes in offsets[:1]]
    return held[-1] if held else 0


def local(at: int, estate: Estate | None) -> datetime:
    """The estate's clock at `at`; the zone is left out because there is only one."""
    return datetime.fromtimestamp(at / 1000, UTC).replace(tzinfo=None) + timedelta(minutes=offset(at, estate))


def day(at: int, estate: Estate | None) -> int:
    """Local date as days since 1970-01-01."""
    return (at + offset(at, estate) * 60_000) // DAY_MS


def start_of(number: int, estate: Estate | None) -> int:
    """ms UTC at which a local date (days since 1970) begins."""
    return start_of_day(number, estate.offsets if estate else ())


def instant(when: datetime, estate: Estate | None) -> int:
    """ms UTC of a time on the estate's clock; of two it shows in a changing hour, the later."""
    naive = int((when - datetime(1970, 1, 1)).total_seconds() * 1000)  # noqa: DTZ001 (the estate's one zone)
    return naive - offset(naive - offset(naive, estate) * 60_000, estate) * 60_000


def typed(name: str, text: str, estate: Estate | None) -> int:
    """ms UTC of `2026-11-22T14:30` on the estate's clock, as a browser sends it; BadInput(name, "time")."""
    try:
        when = datetime.strptime(text[:16], "%Y-%m-%dT%H:%M")  # noqa: DTZ007 (the estate's one zone)
    except ValueError:
        raise BadInput(name, "time") from None
    return instant(when, estate)


def told(language: str, at: int | None, now: int, estate: Estate | None) -> str:
    """`14:05` for today, `23 Nov 14:05` this year, with the year otherwise; "–" for no time."""
    if at is None:
        return "–"
    when = local(at, estate)
    clock = f"{when:%H:%M}"
    if day(at, estate) == day(now, estate):
        return clock
    return f"{date(language, at, now, estate)} {clock}"


def dated(language: str, at: int | None, now: int, estate: Estate | None) -> str:
    """The day, today's too, and the time: for what is kept and read on another day."""
    return "–" if at is None else f"{date(language, at, now, estate)} {local(at, estate):%H:%M}"


def whole(language: str, at: int | None, estate: Estate | None) -> str:
    """The date with its year and the time: for what is printed and read on another day."""
    if at is None:
        return "–"
    when = local(at, estate)
    if language == CHINESE:
        return f"{when.year}年{when.month}月{when.day}日 {when:%H:%M}"
    return f"{when.day} {MONTHS[when.month - 1]} {when.year} {when:%H:%M}"


def date(language: str, at: int, now: int, estate: Estate | None) -> str:
    """The local date, with the year only where it is another one."""
    when = local(at, estate)
    other_year = when.year != local(now, estate).year
    if language == CHINESE:
        return (f"{when.year}年" if other_year else "") + f"{when.month}月{when.day}日"
    return f"{when.day} {MONTHS[when.month - 1]}" + (f" {when.year}" if other_year else "")


def weekday(language: str, number: int) -> str:
    """Monday is 0."""
    return (WEEKDAYS_ZH if language == CHINESE else WEEKDAYS_EN)[number]


def named_day(language: str, number: int) -> str:
    """A local date (days since 1970) with its weekday: `Tue 24 Nov`."""
    when = datetime.fromtimestamp(number * DAY_MS / 1000, UTC)
    name = weekday(language, when.weekday())
    if language == CHINESE:
        return f"{when.month}月{when.day}日 {name}"
    return f"{name} {when.day} {MONTHS[when.month - 1]}"
