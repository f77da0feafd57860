"""Statistics: charts with the table below, no names, small numbers hidden; and the same as a file, for a reason."""

from dataclasses import dataclass

from aiohttp import web
from markupsafe import Markup

from gatehost.model.errors import BadInput
from gatehost.model.visit import VISIT_KINDS
from gatehost.service import spreadsheet
from gatehost.service.office import statistics as service
from gatehost.service.office.statistics import LENGTHS, SMALL, Statistics, Table, sums, total
from gatehost.service.paper.form import whole
from gatehost.service.permissions import may
from gatehost.service.spreadsheet import Rows
from gatehost.web.frame.page import Notice, render
from gatehost.web.frame.session import Asked, of
from gatehost.web.office import chart
from gatehost.web.words import gatewords, moment, refusals
from gatehost.web.words.language import noted as N

CSV, XLSX = "csv", "xlsx"
TYPES = {CSV: "text/csv", XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
TYPED = 400


@dataclass(frozen=True, slots=True)
class Part:
    """A chart and its table: heads of rows, numbers by kind, sums."""

    key: str
    title: str
    head: str
    chart: Markup
    rows: tuple[tuple[str, tuple[int | None, ...], int], ...]
    sums: tuple[int, ...]

    @property
    def empty(self) -> bool:
        """Whether nothing at all happened, not even too little to be shown."""
        return all(many == 0 for _, numbers, _ in self.rows for many in numbers)


async def show(request: web.Request) -> web.StreamResponse:
    """The last week, or another length."""
    return await _page(of(request), await service.statistics(of(request).ctx, of(request).person, _days(request)))


def _days(request: web.Request) -> int:
    wish = request.query.get("days", "7")
    if not whole(wish) or int(wish) not in LENGTHS:
        raise BadInput("days", "range")
    return int(wish)


async def _page(
    asked: Asked, made: Statistics, wrong: BadInput | None = None, typed: dict[str, str] | None = None
) -> web.Response:
    said = {kind: asked.say(gatewords.KINDS[kind]) for kind in VISIT_KINDS}
    return render(
        asked.request, "office/statistics.html", status=200 if wrong is None else 400, made=made,
        parts=parts(asked, made), kinds=tuple(said.values()), lengths=LENGTHS, days=made.last - made.first + 1,
        small=SMALL, waits=_waits(asked, made), waited=any(many is not None for many in made.waits.values()),
        first=moment.named_day(asked.language, made.first), last=moment.named_day(asked.language, made.last),
        typed=typed or {}, may_export=may(asked.person, "stats.export"),
        notice=None if wrong is None else Notice("bad", refusals.wrong_field(wrong, asked.say)[wrong.field]),
    )  # fmt: skip


def parts(asked: Asked, made: Statistics) -> tuple[Part, ...]:
    """Charts by hour, day and gate."""
    named = {day: moment.named_day(asked.language, int(day)) for day in made.days}
    return (
        _part(asked, "hours", N("Entries by hour of the day"), N("Hour"), made.hours, {}),
        _part(asked, "days", N("Entries by day"), N("Day"), made.days, named),
        _part(asked, "gates", N("Entries by gate"), N("Gate"), made.gates, {}),
    )


def _part(asked: Asked, key: str, title: str, head: str, table: Table, named: dict[str, str]) -> Part:
    rows = tuple(
        (named.get(name, name), tuple(row[kind] for kind in VISIT_KINDS), total(row)) for name, row in table.items()
    )
    bars = [(_short(key, name), total(row)) for name, row in table.items()]
    most = max(rows, key=lambda row: row[2], default=("", (), 0))
    told = asked.say(N("Most: %(name)s with %(many)s. All numbers are in the table below."), name=most[0], many=most[2])
    said = asked.say(title)
    return Part(key, said, asked.say(head), chart.bars(said, told, bars), rows, tuple(sums(table).values()))


def _short(key: str, name: str) -> str:
    return str(moment.local(int(name) * moment.DAY_MS, None).day) if key == "days" else name[:6]


def _waits(asked: Asked, made: Statistics) -> Markup:
    told = asked.say(N("Mean seconds from asking to coming in, by hour of the day."))
    return chart.bars(asked.say(N("Waits at the gate")), told, list(made.waits.items()))


async def export(request: web.Request) -> web.StreamResponse:
    """The file, named after its days."""
    asked, sent = of(request), await request.post()
    days, kind, why, whom = (str(sent.get(name, ""))[:TYPED] for name in ("days", "kind", "why", "whom"))
    if kind not in TYPES or not whole(days):
        raise BadInput("kind", "unknown")
    try:
        made = await service.exported(asked.ctx, asked.person, int(days), why, whom)
    except BadInput as wrong:
        if wrong.field != "reason":
            raise
        return await _page(
            asked, await service.statistics(asked.ctx, asked.person, int(days)), wrong, {"whom": whom, "why": why}
        )
    sheets = tables(asked, made)
    body = spreadsheet.xlsx_of(sheets) if kind == XLSX else spreadsheet.csv_of(joined(sheets))
    name = f"statistics-{moment.local(made.last * moment.DAY_MS, None):%Y-%m-%d}-{days}.{kind}"
    told = {"Content-Disposition": f'attachment; filename="{name}"'}
    return web.Response(body=body, content_type=TYPES[kind], headers=told)


def tables(asked: Asked, made: Statistics) -> list[tuple[str, Rows]]:
    """The page's tables as sheets."""
    kinds = [asked.say(gatewords.KINDS[kind]) for kind in VISIT_KINDS]
    sheets: list[tuple[str, Rows]] = []
    for part in parts(asked, made):
        rows = [[name, *[few(one) for one in numbers], all_of] for name, numbers, all_of in part.rows]
        sheets.append((part.key, [[part.title], [part.head, *kinds, asked.say(N("Shown in all"))], *rows]))
    others: Rows = [
        [asked.say(N("Turned away at the gate")), few(made.refused)],
        [asked.say(N("Face enrolments begun")), few(made.enrolments)],
        [asked.say(N("Had to come a second time")), few(made.second_visits)],
        [asked.say(N("Item-release slips")), few(made.slips)],
        [asked.say(N("Goods that differed from their slip")), few(made.differing)],
        [asked.say(N("Slips filed late")), few(made.late_slips)],
        [asked.say(N("Let in by a guard's own decision")), few(made.discretions)],
        [asked.say(N("Said how content they are")), few(made.scores)],
        [asked.say(N("How content, from 1 to 5")), "–" if made.content is None else str(made.content)],
    ]
    waits = [[hour, few(many)] for hour, many in made.waits.items()]
    return [*sheets, ("waits", [[asked.say(N("Waits at the gate"))], *waits]), ("papers", others)]


def few(many: int | None) -> int | str:
    """A number as the page shows it."""
    return f"<{SMALL}" if many is None else many


def joined(sheets: list[tuple[str, Rows]]) -> Rows:
    """All sheets below each other."""
    return [row for _, rows in sheets for row in (*rows, [])]
