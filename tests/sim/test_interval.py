"""The interval beside a measured share (Wilson 1927)."""

import pytest

from gatesim.interval import wilson


@pytest.mark.parametrize(
    ("hits", "tries", "low", "high"),
    # Newcombe 1998 (Statistics in Medicine 17:857), table I, method 3: score without continuity correction
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_is_the_published_one(hits: int, tries: int, low: float, high: float) -> None:
    assert wilson(hits, tries) == pytest.approx((low, high), abs=5e-5)


def test_nothing_tried_tells_nothing() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


def test_the_interval_mirrors() -> None:
    low, high = wilson(3, 50)
    assert wilson(47, 50) == pytest.approx((1 - high, 1 - low))


@pytest.mark.parametrize(("hits", "tries"), [(-1, 5), (6, 5)])
def test_more_hits_than_tries_are_refused(hits: int, tries: int) -> None:
    with pytest.raises(ValueError, match="hits"):
        wilson(hits, tries)
