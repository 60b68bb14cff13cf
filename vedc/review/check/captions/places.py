"""Titles and captions too near the edges of the picture."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from vedc.review.check.core.check import Base, Check, Film, Limit
from vedc.review.check.core.finding import Finding
from vedc.review.check.core.shown import ShownText

_SLACK: Final = 0.5
"""Pixels: less is not seen."""


class _SafeArea(Base):
    def finish(self) -> Iterable[Finding]:
        film = self.film
        action, graphics = film.limit("safe-area.action"), film.limit("safe-area.graphics")
        for text in film.texts:
            if not text.within_box:
                continue
            side, margin = _nearest(film, text)
            if margin is None:
                continue
            limit = graphics
            severity = "error" if margin < action else "warning"
            yield film.found(
                "safe-area", "error" if severity == "error" else "warning",
                f"{text.name} is {max(margin, 0.0):.1f}% of the picture away from its {side} edge",
                text.frames, measured=round(margin, 2), limit=limit, unit="%",
                location=text.location,
                cure=f"keep {graphics:g}% free: a margin, a smaller size, or an offset",
            )  # fmt: skip


def _nearest(film: Film, text: ShownText) -> tuple[str, float | None]:
    """The edge that a text is too near to, and how near in per cent; None if it is safe."""
    assert film.media.video is not None
    width, height = film.media.video.display_size
    graphics = film.limit("safe-area.graphics")
    left, top, right, bottom = text.ink
    slack = _SLACK + text.text.stroke_width * text.scale  # a stroke is no part of the letters
    margins = {
        "left": (left, width), "top": (top, height),
        "right": (width - right, width), "bottom": (height - bottom, height),
    }  # fmt: skip
    near = {
        side: 100 * free / whole
        for side, (free, whole) in margins.items()
        if free + slack < graphics / 100 * whole
    }
    if not near:
        return "", None
    side = min(near, key=lambda name: near[name])
    return side, near[side]


SAFE_AREA: Final = Check(
    "safe-area",
    "titles and captions too near the edges of the picture",
    "spec",
    "The box around the letters of each title and burned-in caption that stands still, as it is "
    "set. Letters outside the graphics safe area are a warning, those outside the action safe area "
    "an error.",
    "EBU R 95: graphics stay 5% of the picture away from each edge, action 3.5%",
    _SafeArea,
    (
        Limit("graphics", 5.0, "%", "of width and height, to be left free of letters"),
        Limit("action", 3.5, "%", "of width and height, beyond which it is an error"),
    ),
)
