"""Times as caption files write them."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final

_TIME: Final = r"-?(?:\d+\s*:\s*)?\d+\s*:\s*\d+(?:\s*[.,:]\s*\d+)?"
#: A line of times, as lenient as players: hours may be missing, commas may be points, and the arrow
#: may be short or a dash.
LINE: Final = re.compile(rf"^\s*({_TIME})\s*(?:-{{1,3}}>|=>|–>|—>|→)\s*({_TIME})(?=$|\s)(.*)$")
_PARTS: Final = re.compile(r"^(-?)(?:(\d+):)?(\d+):(\d+)(?:[.,:](\d+))?$")


def seconds(written: str) -> Fraction | None:
    """``01:02:03,456`` in seconds; digits after the comma are decimals."""
    found = _PARTS.match(re.sub(r"\s+", "", written))
    if found is None:
        return None
    sign, hours, minutes, rest, decimals = found.groups()
    whole = Fraction(int(hours or 0) * 3600 + int(minutes) * 60 + int(rest))
    if decimals:
        whole += Fraction(int(decimals), 10 ** len(decimals))
    return -whole if sign else whole


def stamp(time: Fraction, separator: str = ",", decimals: int = 3) -> str:
    """``01:02:03,456``; at least two digits of hours."""
    ticks = max(round(time * 10**decimals), 0)
    whole, rest = divmod(ticks, 10**decimals)
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours:02d}:{minute:02d}:{second:02d}{separator}{rest:0{decimals}d}"
