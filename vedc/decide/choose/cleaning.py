"""What noise of a measured strength asks for."""

from __future__ import annotations

from typing import Any, Final

#: Noise, where white is 1, below which nothing is done: so much is found in clean film.
LEAST: Final = 2 / 255
#: From here on the network does better than the wavelets (docs/benchmarks.md).
STRONG: Final = 15 / 255
#: The strongest noise that ``clean`` was made for.
_MOST: Final = 0.22


def effect_for(noise: float) -> dict[str, Any] | None:
    """The effect for noise of a standard deviation, where white is 1; None: nothing to do."""
    if not noise >= LEAST:  # or not a number: the picture does not tell
        return None
    name = "clean" if noise >= STRONG else "wavelet_denoise"
    return {"op": name, "strength": round(min(noise, _MOST), 3)}
