"""Clips inside compositions, and what they show when, in fractions.

As in ``timelines``, from the language's words alone:

- a composition has whole frames at its own rate: its length is rounded to the nearest, half up;
- its frame n shows what its items show n / rate seconds after its start;
- it is shown as a clip is: at a time, its last frame that has begun, and backwards the one that is
  seen just before each time.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from tests.property.retimed import Seen


@st.composite
def nested(
    draw: st.DrawFn, keys: dict[str, Any], length: Fraction, seen: Seen, rate: Fraction
) -> tuple[dict[str, Any], Fraction, Seen]:
    """A composition of ``rate`` frames a second around an item; its keys, length, and what it
    shows."""
    frames = math.floor(length * rate + Fraction(1, 2))
    outer: dict[str, Any] = {
        "composition": {"profile": {"fps": str(rate)}, "timeline": [keys]},
    }
    speed = draw(st.sampled_from((Fraction(1), Fraction(1), Fraction(1, 2), Fraction(2))))
    if frames < 2 and speed > 1:
        speed = Fraction(1)
    backwards = draw(st.integers(0, 3)) == 0
    if speed != 1:
        outer["speed"] = float(speed)
    if backwards:
        outer["reverse"] = True

    def shown(gone: Fraction) -> tuple[Fraction, bool]:
        if backwards:
            frame = math.ceil(frames - gone * speed * rate) - 1
        else:
            frame = math.floor(gone * speed * rate)
        return seen(min(max(frame, 0), frames - 1) / rate)

    return outer, frames / rate / speed, shown
