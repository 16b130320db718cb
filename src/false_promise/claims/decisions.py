"""Decision rules as registered in data/paper/claims.yaml (`decision`, `primary_family`, `power`)."""

from collections.abc import Callable, Sequence

from scipy.special import ndtr

from false_promise.claims.statistics import Interval

DECIDED = ("holds", "does_not_hold")
DIRECTIONS = ("greater", "less", "within")


def decide(interval: Interval, margin: float | Sequence[float], direction: str) -> str:
    """holds: wholly beyond the margin (inside the band); does_not_hold: wholly on the other side; else inconclusive."""
    lower, upper = interval.lower, interval.upper
    if direction == "within":
        low, high = margin
        holds, fails = low < lower and upper < high, upper < low or lower > high
    elif direction in DIRECTIONS:
        above, below = lower > margin, upper < margin
        holds, fails = (above, below) if direction == "greater" else (below, above)
    else:
        raise ValueError(f"direction must be one of {', '.join(DIRECTIONS)}, got {direction!r}")
    return "holds" if holds else "does_not_hold" if fails else "inconclusive"


def power(expected: float, margin: float | Sequence[float], direction: str, error: float, half_width: float) -> float:
    """Chance that an estimate with this standard error and half-width comes out as `holds` if `expected` is true."""
    error = max(error, 1e-12)
    if direction == "within":
        low, high = (float(side) for side in margin)
        inside = ndtr((high - half_width - expected) / error) - ndtr((low + half_width - expected) / error)
        return float(max(0.0, inside))
    distance = expected - margin if direction == "greater" else margin - expected
    return float(ndtr((distance - half_width) / error))


def conclude(parts: Sequence[tuple[str, str]]) -> str:
    """A claim's verdict from (role, verdict) of its parts: every deciding part must hold, one can refute."""
    deciding = {verdict for role, verdict in parts if role == "decides"} - {"not_eligible"}
    for verdict in ("does_not_hold", "not_measured", "inconclusive"):
        if verdict in deciding:
            return verdict
    return "holds" if deciding else "not_eligible"


def holm_levels(family: Sequence[int], decided: Callable[[int, float], bool], level: float) -> dict[int, float]:
    """Holm's step-down (1979): the level at which each claim of the family is judged.

    Starts at level / size of the family; whatever is decided there leaves, and the rest is judged at level / rest. This
    decides the same claims as ordering them by the smallest level at which each is decided.
    """
    levels, rest = {}, list(family)
    while rest:
        current = level / len(rest)
        done = [claim for claim in rest if decided(claim, current)] or rest
        levels |= dict.fromkeys(done, current)
        if done == rest:
            break
        rest = [claim for claim in rest if claim not in done]
    return levels
