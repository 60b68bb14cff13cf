"""The content of scopes, in numbers."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from vedc.report.scopes.graticule import targets
from vedc.report.scopes.sheet import description, title
from vedc.report.scopes.signal import FULL, Signal, Values
from vedc.report.scopes.source import Seen

_RANKS: Final = {"min": 0, "p5": 5, "median": 50, "p95": 95, "max": 100}
_BINS: Final = 64


def levels(signal: Signal) -> dict[str, Values]:
    """Luma and the channels by name."""
    red, green, blue = np.moveaxis(signal.rgb, -1, 0)
    return {"luma": signal.luma, "red": red, "green": green, "blue": blue}


def data(seen: Seen) -> dict[str, Any]:
    """The documented object of ``vedc scopes --json``: levels with 0 black and 1 white."""
    signal, slack = seen.signal, _slack(seen.signal)
    cb, cr = signal.chroma[..., 0], signal.chroma[..., 1]
    mean = float(cb.mean()), float(cr.mean())
    scale = signal.scale
    return {
        "file": seen.name,
        "time": None if seen.time is None else float(seen.time),
        "width": signal.size[0],
        "height": signal.size[1],
        "bits": signal.depth,
        "matrix": signal.color.matrix,
        "transfer": signal.color.transfer,
        "range": "full" if scale is FULL else "limited",
        "codes": {"black": scale.black, "white": scale.white},
        "levels": {
            name: {
                **{word: _rounded(value) for word, value in _ranks(values).items()},
                "mean": _rounded(values.mean()),
                "below": _rounded((values < -slack).mean()),
                "above": _rounded((values > 1 + slack).mean()),
                "histogram": _histogram(signal, values),
            }
            for name, values in levels(signal).items()
        },
        "chroma": {
            "cb": _rounded(mean[0]),
            "cr": _rounded(mean[1]),
            "saturation": _rounded(np.hypot(cb, cr).mean()),
            "most": _rounded(np.hypot(cb, cr).max()),
            "angle": _rounded(_angle(*mean)),
        },
        "targets": {
            bar.name: {"cb": _rounded(bar.cb), "cr": _rounded(bar.cr)}
            for bar in targets(signal.color.matrix)
        },
    }


def text(seen: Seen) -> str:
    """The same for a terminal, in per cent and codes of 10 bits."""
    signal, slack = seen.signal, _slack(seen.signal)
    lines = [f"{title(seen)}: {description(signal)}", ""]
    lines.append("          " + "".join(f"{word:>14}" for word in _RANKS) + "    out of range")
    for name, values in levels(signal).items():
        cells = "".join(
            f"{100 * value:7.1f}% {signal.scale.code(value):5d}"
            for value in _ranks(values).values()
        )
        outside = {"below 0": values < -slack, "above 100": values > 1 + slack}
        shares = {words: float(found.mean()) for words, found in outside.items()}
        beyond = [f"{share:.1%} {words}" for words, share in shares.items() if share >= 5e-4]
        lines.append(f"  {name:<8}{cells}    {', '.join(beyond) or 'none'}")
    cb, cr = signal.chroma[..., 0], signal.chroma[..., 1]
    mean = float(cb.mean()), float(cr.mean())
    strength = float(np.hypot(*mean))
    toward = f", towards {_nearest(signal, *mean)}" if strength > 0.01 else ""
    lines += [
        "",
        f"  chroma: mean {strength:.3f} at {_angle(*mean):.0f} degrees from Cb{toward}; "
        f"saturation {float(np.hypot(cb, cr).mean()):.3f} on average",
    ]
    return "\n".join(lines) + "\n"


def _slack(signal: Signal) -> float:
    """How far rounding of luma and chroma can take a channel out of range, which is not
    clipping."""
    return 1.5 / (219 << (min(signal.depth, 10) - 8))


def _ranks(values: Values) -> dict[str, float]:
    found = np.percentile(values, list(_RANKS.values()))
    return dict(zip(_RANKS, map(float, found), strict=True))


def _histogram(signal: Signal, values: Values) -> list[float]:
    """Shares of pixels by level, from code 0 to code 1023."""
    scale = signal.scale
    inside = np.clip(values, scale.low, scale.high)
    counts, _ = np.histogram(inside, _BINS, (scale.low, scale.high))
    return [_rounded(count / values.size) for count in counts]


def _nearest(signal: Signal, cb: float, cr: float) -> str:
    """The name of the bar in whose direction chroma lies."""
    own = _angle(cb, cr)
    bars = targets(signal.color.matrix)
    return min(bars, key=lambda bar: abs((bar.angle - own + 180) % 360 - 180)).name


def _angle(cb: float, cr: float) -> float:
    return float(np.degrees(np.arctan2(cr, cb)) % 360)


def _rounded(value: Any) -> float:
    return round(float(value), 5) + 0.0
