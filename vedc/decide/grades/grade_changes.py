"""A grade's changes, in colourists' words: tone, warmth, tint, colour."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vedc.decide.arrays import Floats
from vedc.decide.choose.reasons import Reason
from vedc.decide.grades.perceived import lab


class _Feature(NamedTuple):
    name: str
    measure: Callable[[Floats], float]
    """Takes colours (n, 3) in CIELAB."""
    scale: float
    """A plainly visible difference."""
    called: str


def _spread(colors: Floats) -> float:
    low, high = np.quantile(colors[:, 0], (0.1, 0.9))
    return float(high - low)


_FEATURES: Final = (
    _Feature("midtones", lambda c: float(np.median(c[:, 0])), 5.0, "median L*"),
    _Feature("contrast", _spread, 6.0, "L* from the 10th to the 90th percentile"),
    _Feature("warmth", lambda c: float(c[:, 2].mean()), 3.0, "mean b*"),
    _Feature("tint", lambda c: float(c[:, 1].mean()), 3.0, "mean a*"),
    _Feature("colour", lambda c: float(np.hypot(c[:, 1], c[:, 2]).mean()), 4.0, "mean chroma"),
)


def changes(before: NDArray[Any], after: NDArray[Any]) -> list[tuple[str, float]]:
    """Plainly visible changes between display values (..., 3), largest first: ``median L*``,
    +4.2."""
    a, b = (lab(np.reshape(values, (-1, 3))) for values in (before, after))
    rows = [(f, f.measure(b) - f.measure(a)) for f in _FEATURES]
    seen = [(f, away) for f, away in rows if abs(away) >= 0.1 * f.scale]
    return [(f.called, away) for f, away in sorted(seen, key=lambda r: -abs(r[1]) / r[0].scale)]


def change_reasons(
    before: NDArray[Any],
    after: NDArray[Any],
    wanted: NDArray[Any] | None,
    score: float,
    other: str = "other colours",
) -> tuple[Reason, ...]:
    """Reasons whose points add up to ``score``: features that moved towards ``wanted``, or away
    from it.

    All three are display values (..., 3); without ``wanted``, the largest changes count most.
    """
    a, b, c = (None if v is None else lab(np.reshape(v, (-1, 3))) for v in (before, after, wanted))
    assert a is not None and b is not None
    rows: list[tuple[_Feature, float, float, float]] = []
    for feature in _FEATURES:
        old, new = feature.measure(a), feature.measure(b)
        aim = new if c is None else feature.measure(c)
        nearer = (abs(old - aim) - abs(new - aim)) / feature.scale
        if abs(new - old) >= 0.1 * feature.scale:
            rows.append((feature, nearer, old, new))
    total = sum(abs(nearer) for _, nearer, _, _ in rows)
    net = sum(nearer for _, nearer, _, _ in rows)
    if total <= 0:
        return (Reason(other, score),) if score else ()
    # Anything beyond these features is a separate reason, so that points add up to the score.
    factor = score / net if net > 0.5 * total else score / total
    reasons = [
        Reason(feature.name, nearer * factor, f"{feature.called} {old:.1f} to {new:.1f}")
        for feature, nearer, old, new in rows
    ]
    rest = score - sum(reason.points for reason in reasons)
    if abs(rest) > 0.005:
        reasons.append(Reason(other, rest))
    return rounded_to(reasons, score)


def rounded_to(reasons: Sequence[Reason], score: float) -> tuple[Reason, ...]:
    """Reasons with two digits that still add up to a score with two digits."""
    rounded = [Reason(r.name, round(r.points, 2), r.value) for r in reasons]
    rest = round(score - sum(r.points for r in rounded), 2)
    if rest and rounded:
        first = max(range(len(rounded)), key=lambda i: abs(rounded[i].points))
        most = rounded[first]
        rounded[first] = Reason(most.name, round(most.points + rest, 2), most.value)
    return tuple(r for r in rounded if r.points)
