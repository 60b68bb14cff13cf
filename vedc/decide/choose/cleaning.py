"""The effect that suits noise of a measured strength."""

from __future__ import annotations

from typing import Any, Final

#: Noise, where white is 1, below which nothing is done: clean film measures as much.
LEAST: Final = 2 / 255
#: From here the network does better than the wavelets (docs/benchmarks.md).
STRONG: Final = 15 / 255
#: The strongest noise that ``clean`` is designed for.
_MOST: Final = 0.22


def effect_for(noise: float) -> dict[str, Any] | None:
    """The effect for noise of a standard deviation, where white is 1; None: nothing to do."""
    if not noise >= LEAST:  # or NaN: the picture does not show it
        return None
    name = "clean" if noise >= STRONG else "wavelet_denoise"
    return {"op": name, "strength": round(min(noise, _MOST), 3)}
