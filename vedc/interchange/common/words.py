"""Words of other programs in vedc's: transitions, rates."""

from __future__ import annotations

from fractions import Fraction

from vedc.edit.times import MAX_RATE, MIN_RATE, format_rate
from vedc.ops.core.index import MODULES
from vedc.ops.transition import presets


def transition(name: str) -> str | None:
    """A transition by its name, or a name that another program has for it; None where unknown."""
    found = presets.spelled(name)
    return found if found in presets.PRESETS or found in MODULES else None


def exact_rate(rate: Fraction) -> Fraction | None:
    """A frame rate that may be written with decimals: 29.97002997 is 30000/1001. None if it is not
    a rate."""
    if not MIN_RATE <= rate <= MAX_RATE:
        return None
    if rate.denominator == 1:
        return rate
    near = Fraction(round(rate * 1001 / 1000) * 1000, 1001)
    if abs(near - rate) <= rate / 5000:
        return near
    return rate.limit_denominator(1001)


def rate_value(rate: Fraction) -> int | str:
    """A rate in the form of a spec: ``25`` or ``"30000/1001"``."""
    return int(rate) if rate.denominator == 1 else format_rate(rate)
