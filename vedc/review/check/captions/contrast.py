"""Contrast of letters against their background."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from vedc.review.check.core.check import Base, Check, Film, Frame, Limit
from vedc.review.check.core.finding import Finding
from vedc.review.check.core.shown import ShownText

Floats = NDArray[np.float32]

_LARGE: Final = 0.027
"""Of the height of the picture. WCAG calls letters of 24 CSS pixels large: half a degree, which on
a screen that is seen from three times its height is this share of it."""

_HARDLY: Final = 2 / 3
"""Times the limit, over half of the surroundings: letters that are hard to make out. Between the
two they are easier to read than the standard wants to rely on."""

_FEW: Final = 12
"""Pixels of letters without which nothing can be said."""


class _Contrast(Base):
    """Looks at three frames of each text: soon after it appears, in the middle, before it
    disappears."""

    def __init__(self, film: Film) -> None:
        super().__init__(film)
        self._due: dict[int, list[ShownText]] = defaultdict(list)
        self._worst: dict[ShownText, tuple[float, float, int]] = {}
        """The contrast, the share of the surroundings where it is too low, the frame."""
        for text in film.texts:
            first, end = text.at_rest
            if text.within_box and first < end:
                for frame in {first, (first + end) // 2, end - 1}:
                    self._due[frame].append(text)

    def push(self, part: Frame, /) -> None:
        texts = self._due.pop(part.number, None)
        if texts is None:
            return
        picture = part.picture()
        for text in texts:
            found = contrast(picture, text, self._limit(text))
            if found is not None and found[1] > self._worst.get(text, (0.0, 0.0, 0))[1]:
                self._worst[text] = (*found, part.number)

    def _limit(self, text: ShownText) -> float:
        assert self.film.media.video is not None
        size = text.text.size * text.scale / self.film.media.video.display_size[1]
        return self.film.limit("contrast.large" if size >= _LARGE else "contrast.small")

    def finish(self) -> Iterable[Finding]:
        film, most = self.film, self.film.limit("contrast.share") / 100
        for text, (ratio, share, frame) in self._worst.items():
            if share <= most:
                continue
            limit = self._limit(text)
            yield film.found(
                "contrast", "error" if share >= 0.5 and ratio < _HARDLY * limit else "warning",
                f"{text.name} has a contrast of {ratio:.1f} to 1 or less against {share:.0%} of "
                f"what surrounds it (frame {frame})",
                text.frames, measured=round(ratio, 2), limit=limit, unit=": 1",
                location=text.location,
                cure="give it a stroke, a shadow or a background, or another color",
            )  # fmt: skip


def contrast(
    picture: NDArray[np.uint8], text: ShownText, limit: float
) -> tuple[float, float] | None:
    """For a finished picture: the contrast ratio of a text against the worse half of the
    surroundings that are too similar to it, and their share.

    A letter's surroundings are a ring as wide as a usual stroke, with everything the text has
    there: its stroke, its shadow, its background. If the text has a stroke that is narrower than
    the ring, letters that stand out against the stroke alone are as legible. None where too little
    of the text is visible.
    """
    import cv2

    letters_of, (x, y) = _letters(text)
    reach = max(2, round(text.text.size * text.scale / 12))
    pad = 2 * reach + 2
    covered: Floats = np.pad(letters_of, pad)
    left, top = x - pad, y - pad
    height, width = picture.shape[:2]
    part = (
        slice(max(top, 0), min(top + covered.shape[0], height)),
        slice(max(left, 0), min(left + covered.shape[1], width)),
    )
    shown = picture[part]
    inside: Any = covered[
        part[0].start - top : part[0].stop - top, part[1].start - left : part[1].stop - left
    ]
    if not shown.size or shown.shape[:2] != inside.shape:
        return None
    letters: Floats = (inside > 0.9).astype(np.float32)
    if letters.sum() < _FEW:
        letters = (inside > 0.5).astype(np.float32)
    if letters.sum() < _FEW:
        return None
    touched: Any = (inside > 0.02).astype(np.uint8)
    light = luminance(shown)
    span = 4 * reach + 1
    weight: Any = cv2.blur(letters, (span, span))
    own: Any = cv2.blur(light * letters, (span, span)) / np.maximum(weight, 1e-6)
    stroke = int(text.text.stroke_width * text.scale)
    rings = [_ring(touched, 1, reach + 1)]
    if 0 < stroke <= reach:
        rings.append(_ring(touched, 0, max(1, stroke - 1)))
    found = [
        _low(_ratio(own[ring], light[ring]), limit)
        for ring in (each & (weight > 1e-4) for each in rings)
        if ring.any()
    ]
    return min(found, key=lambda each: each[1], default=None)


def _ring(touched: NDArray[np.uint8], inner: int, outer: int) -> NDArray[np.bool_]:
    """The pixels that are more than ``inner`` and up to ``outer`` pixels away from letters."""
    import cv2

    def grown(reach: int, shape: int) -> Any:
        return cv2.dilate(touched, cv2.getStructuringElement(shape, (2 * reach + 1, 2 * reach + 1)))

    within = touched if not inner else grown(inner, cv2.MORPH_RECT)
    return np.asarray((grown(outer, cv2.MORPH_ELLIPSE) > 0) & (within == 0))


def _low(ratios: Floats, limit: float) -> tuple[float, float]:
    """The median of the ratios below the limit, or the least of all; and the share of those."""
    low = ratios[ratios < limit]
    if not low.size:
        return float(ratios.min()), 0.0
    return float(np.median(low)), low.size / ratios.size


def luminance(picture: NDArray[np.uint8]) -> Floats:
    """Relative luminance of R'G'B' (WCAG 2, as of sRGB)."""
    return _LIGHT[picture] @ np.array((0.2126, 0.7152, 0.0722), np.float32)


def _table() -> Floats:
    codes = np.arange(256) / 255
    light: Floats = np.where(
        codes <= 0.04045, codes / 12.92, ((codes + 0.055) / 1.055) ** 2.4
    ).astype(np.float32)
    return light


_LIGHT: Final[Floats] = _table()


def _ratio(a: Floats, b: Floats) -> Floats:
    found: Any = (np.maximum(a, b) + 0.05) / (np.minimum(a, b) + 0.05)
    return np.asarray(found, np.float32)


def _letters(text: ShownText) -> tuple[Floats, tuple[int, int]]:
    """The coverage of a text's letters alone, and where its corner is in the picture."""
    from dataclasses import replace

    from vedc.text.layout import lay_out
    from vedc.text.titles import render_text

    whole = lay_out(text.text, text.scale)
    bare = replace(
        text.text, stroke_width=0.0, shadow=None, background=None, fill=None,
        color=(1.0, 1.0, 1.0, 1.0), padding=0.0,
        spans=tuple(replace(span, color=None) for span in text.text.spans),
    )  # fmt: skip
    alone = lay_out(bare, text.scale)
    drawn = render_text(bare, text.scale)
    pixels = np.frombuffer(drawn.data, np.uint8).reshape(drawn.height, drawn.width, 4)
    corner = text.corner[0] + alone.left - whole.left, text.corner[1] + alone.top - whole.top
    return (pixels[..., 3] / 255).astype(np.float32), corner


CONTRAST: Final = Check(
    "contrast",
    "titles and captions that hardly differ from what lies behind them",
    "spec",
    "In three frames of each title and burned-in caption that stands still, the contrast ratio of "
    "its letters to a ring around them, as wide as a twelfth of their size, in the finished "
    "picture: with the stroke, the shadow and the background that they have; or to their stroke "
    "alone, if that is better. Below two thirds of the limit over half of the ring it is an error. "
    "HDR is measured as its signal.",
    "WCAG 2, 1.4.3: 4.5 to 1, and 3 to 1 for large letters: those of 2.7% of the picture's height "
    "and more",
    _Contrast,
    (
        Limit("small", 4.5, ": 1", "the least contrast of small letters"),
        Limit("large", 3.0, ": 1", "the least contrast of large letters"),
        Limit("share", 20.0, "%", "surroundings that may have less"),
    ),
)
