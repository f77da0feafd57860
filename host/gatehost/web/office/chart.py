"""Bar charts as inline SVG, made on the server: no script, no style of their own, the numbers in the table below."""

from collections.abc import Sequence

from markupsafe import Markup

HIGH, FOOT, TOP = 120, 18, 6
MOST_LABELS = 12
WIDE = 288.0


def bars(name: str, told: str, values: Sequence[tuple[str, int | None]]) -> Markup:
    """A chart called `name`, in words `told`; each bar has a label, None stands for too small a number: a dot."""
    step = max(WIDE / max(len(values), 1), 3.0)
    width = round(step * max(len(values), 1))
    most = max([many for _, many in values if many is not None], default=0) or 1
    every = -(-len(values) // MOST_LABELS) or 1
    parts = [
        Markup('<svg class="chart" role="img" viewBox="0 0 {} {}" aria-label="{}"><desc>{}</desc>').format(
            width, TOP + HIGH + FOOT, name, told
        )
    ]
    for at, (label, many) in enumerate(values):
        parts.append(_bar(at * step, step, many, most))
        if at % every == 0:
            middle = round(min((at + 0.5) * step, width - 6.0), 1)
            parts.append(Markup('<text x="{}" y="{}">{}</text>').format(middle, TOP + HIGH + FOOT - 5, label))
    parts.append(Markup('<path class="ground" d="M0 {0}H{1}"/></svg>').format(TOP + HIGH, width))
    return Markup("").join(parts)


def _bar(left: float, step: float, many: int | None, most: int) -> Markup:
    if many is None:
        return Markup('<circle class="few" cx="{}" cy="{}" r="1.5"/>').format(round(left + step / 2, 1), TOP + HIGH - 4)
    high, wide = round(HIGH * many / most, 1), round(min(step * 0.75, 26.0), 1)
    start = round(left + (step - wide) / 2, 1)
    shape = Markup('<rect x="{}" y="{}" width="{}" height="{}"/>')
    return shape.format(start, round(TOP + HIGH - high, 1), wide, high)
