"""The message about a file with damaged pictures."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Final

from vedc.edit.media_info import MediaInfo

_LISTED: Final = 3
"""The most stretches that a message lists."""


def damage_text(media: MediaInfo, times: Iterable[Fraction]) -> str:
    """Where frames at these source times (seconds) are concealed, in one line."""
    times = sorted(times)
    rate = media.video.rate if media.video is not None else Fraction(25)
    stretches: list[tuple[Fraction, Fraction]] = []
    for time in times:
        end = time + 1 / rate
        if stretches and time - stretches[-1][1] < Fraction(1, 2) / rate:
            stretches[-1] = stretches[-1][0], end
        else:
            stretches.append((time, end))
    listed = ", ".join(
        f"{float(begin):.2f} s to {float(end):.2f} s" for begin, end in stretches[:_LISTED]
    )
    if len(stretches) > _LISTED:
        listed += f" and {len(stretches) - _LISTED} more stretches"
    count = "1 frame is" if len(times) == 1 else f"{len(times)} frames are"
    return f"'{media.path}' is damaged from {listed}: {count} concealed"
