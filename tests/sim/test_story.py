"""What the demo's story says beforehand of a door, held against the rules themselves."""

from pathlib import Path

import pytest
from tests.core.estate import DAY, HOME, MASTER, OFFSETS, Rows, at

from gatecore import codes
from gatecore.throttle import Memory
from gatehost.service import calendar
from gatesim import story
from gatesim.estate import BUILDING


@pytest.mark.parametrize("day", [DAY, *(DAY - DAY % codes.EPOCH_DAYS + ahead for ahead in (29, 30, 31))])
@pytest.mark.parametrize("hour", [0, 0.5, 1.99, 2, 2.99, 3, 9, 15.5, 23.99])
def test_a_code_of_yesterday_is_refused_at_every_hour_for_the_reason_told(
    tmp_path: Path, hour: float, day: int
) -> None:
    """With the keys the host gives its doors at that hour, on the first and last days of an epoch too."""
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "codes.key").write_bytes(MASTER)
    rows, now = Rows(homes=[[HOME, BUILDING, 1]]), at(hour, day=day)
    assert now.utc is not None
    held = calendar.epochs(now.utc, OFFSETS)
    rows.zones = [[BUILDING, epoch, codes.zone_key(MASTER, BUILDING, epoch)] for epoch in held]
    _, digits, reason = story.yesterdays(tmp_path, HOME, now.utc)
    verdict = codes.check_code(rows.state(), Memory(), HOME, digits, now, connected=True)
    assert verdict.reason == reason != codes.OK
