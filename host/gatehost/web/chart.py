"""Bar charts as inline SVG, made on the server: no script, no style of their own, the numbers in the table below."""

from collections.abc import Sequence

from markupsafe import Markup

HIGH, FOOT, TOP = 120, 18, 6
MOST_LABELS = 12


def bars(name: str, told: str, values: Sequence[tuple[str, int | None]]) -> Markup:
    """A chart called `name`, in words `told`; each bar has a label, None stands for too small a number: a dot."""
    width = max(len(values), 1) * 12
    most = max([many for _, many in values if many is not None], default=0) or 1
    every = -(-len(values) // MOST_LABELS) or 1
    parts = [
        Markup('<svg class="chart" role="img" viewBox="0 0 {} {}" aria-label="{}"><desc>{}</desc>').format(
            width, TOP + HIGH + FOOT, name, told
        )
    ]
    for at, (label, many) in enumerate(values):
        parts.append(_bar(at * 12, many, most))
        if at % every == 0:
            left = min(at * 12 + 1, width - 14)
            parts.append(Markup('<text x="{}" y="{}">{}</text>').format(left, TOP + HIGH + FOOT - 5, label))
    parts.append(Markup('<path class="ground" d="M0 {0}H{1}"/></svg>').format(TOP + HIGH, width))
    return Markup("").join(parts)


def _bar(left: int, many: int | None, most: int) -> Markup:
    if many is None:
        return Markup('<circle class="few" cx="{}" cy="{}" r="1.5"/>').format(left + 6, TOP + HIGH - 4)
    high = round(HIGH * many / most, 1)
    return Markup('<rect x="{}" y="{}" width="9" height="{}"/>').format(left + 1, round(TOP + HIGH - high, 1), high)
