"""How sure a measured share is: the Wilson score interval (Wilson 1927), which also holds for 0 of n."""

from math import sqrt

Z95 = 1.959963984540054  # of the standard normal distribution, two-sided 95 %


def wilson(hits: int, tries: int, z: float = Z95) -> tuple[float, float]:
    """(lower, upper) of the share behind `hits` of `tries`; (0, 1) when nothing was tried."""
    if not 0 <= hits <= tries:
        raise ValueError("hits must lie between 0 and tries")
    if tries == 0:
        return 0.0, 1.0
    share, square = hits / tries, z * z
    middle = share + square / (2 * tries)
    half = z * sqrt(share * (1 - share) / tries + square / (4 * tries * tries))
    scale = 1 + square / tries
    lower = 0.0 if hits == 0 else (middle - half) / scale
    upper = 1.0 if hits == tries else (middle + half) / scale
    return lower, upper
