"""The ink of a title: the coverage of its letters, of strokes around them, and glyph colours."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import uharfbuzz as hb

from vedc.text.color_glyphs import Color, draw_colored, is_colored
from vedc.text.faces import UNIT
from vedc.text.layout import Layout

Floats = npt.NDArray[np.float32]

#: Letters are drawn at least this tall, in pixels, to find the distance from their edges.
_GRID = 200
_MAX_OVERSAMPLE = 4


def draw(layout: Layout, color: Color, factor: int) -> tuple[Floats, Floats | None]:
    """A title at ``factor`` times its size: its coverage, and the glyphs with colours.

    Coverage is (height, width), 0..1, without glyphs that have their own colours; these are
    (height, width, 4), premultiplied, 0..255, or None if there are none.
    """
    shaper = layout.shaper
    width, height = layout.width * factor, layout.height * factor
    total: Floats | None = None
    colored = []
    for number, (face, font) in enumerate(zip(shaper.faces, shaper.fonts, strict=True)):
        raster = hb.RasterDraw()
        raster.scale_factor = (UNIT, UNIT)
        raster.extents = hb.RasterExtents(0, 0, width, height, 0)
        drawn = False
        for line in layout.lines:
            for glyph in line.glyphs:
                if glyph.font != number:
                    continue
                if is_colored(face, font, glyph.number):
                    colored.append(glyph._replace(x=line.x + glyph.x, y=line.y + glyph.y))
                    continue
                x = line.x + glyph.x - layout.left
                y = layout.top + layout.height - line.y - glyph.y
                raster.transform = (factor, 0, 0, factor, x * UNIT * factor, y * UNIT * factor)
                drawn = bool(raster.draw_glyph_or_fail(font, glyph.number)) or drawn
        if not drawn:
            continue
        image = raster.render()
        rows = np.frombuffer(bytes(image.buffer), np.uint8).reshape(height, -1)
        found = rows[::-1, :width].astype(np.float32) / np.float32(255)
        total = found if total is None else np.maximum(total, found)
    if total is None:
        total = np.zeros((height, width), np.float32)
    for line in layout.lines:
        for rule in line.rules:
            x, y = line.x - layout.left, line.y - layout.top
            _fill(total, [factor * edge for edge in (
                rule.left + x, rule.top + y, rule.right + x, rule.bottom + y
            )])  # fmt: skip
    if not colored:
        return total, None
    return total, draw_colored(layout, colored, color, factor).astype(np.float32)


def _fill(coverage: Floats, box: Sequence[float]) -> None:
    """Cover a rectangle: left, top, right, bottom in pixels."""
    left, top, right, bottom = box
    height, width = coverage.shape
    across = (np.minimum(np.arange(width) + 1, right) - np.maximum(np.arange(width), left)).clip(0)
    down = (np.minimum(np.arange(height) + 1, bottom) - np.maximum(np.arange(height), top)).clip(0)
    covered = np.outer(down, across).clip(0, 1).astype(np.float32)
    np.maximum(coverage, covered, out=coverage)


def stroke(layout: Layout, color: Color, width: float, times: int = 1) -> tuple[Floats, Floats]:
    """The coverage of letters and glyphs, and that of everything up to ``width`` pixels away.

    Both are (height, width), ``times`` as large, 0..1. The distance of a pixel is that to the
    nearest one with ink, corrected by its coverage (Gustavson and Strand, "Anti-aliased Euclidean
    distance transform", 2011), on a grid up to four times as fine.
    """
    import cv2

    finer = math.ceil(_GRID / (layout.shaper.size * times))
    factor = times * min(_MAX_OVERSAMPLE // times, max(1, finer))
    fine, own = draw(layout, color, factor)
    if own is not None:
        fine = fine + (1 - fine) * (own[..., 3] / np.float32(255))
    clear = (fine == 0).astype(np.uint8)
    if not clear.all():
        distance, labels = cv2.distanceTransformWithLabels(
            clear, cv2.DIST_L2, cv2.DIST_MASK_PRECISE, labelType=cv2.DIST_LABEL_PIXEL
        )
        inked = np.concatenate([np.zeros(1, np.float32), fine[clear == 0]])
        edge = distance + 0.5 - inked[labels]
        around = (width * factor - edge + 0.5).clip(0, 1)
    else:
        around = np.zeros_like(fine)
    covered, reached = (_mean(picture, factor // times) for picture in (fine, around))
    return covered, np.maximum(covered, reached)


def shadow(alpha: Floats, offset: tuple[float, float], blur: float) -> Floats:
    """The shadow of an alpha channel of this size, moved and blurred: (height, width), 0..1."""
    import cv2

    height, width = alpha.shape
    move = np.array([[1, 0, offset[0]], [0, 1, offset[1]]], np.float64)
    moved = cv2.warpAffine(alpha.astype(np.float32), move, (width, height), flags=cv2.INTER_LINEAR)
    if blur > 0:
        moved = cv2.GaussianBlur(moved, (0, 0), blur / 2, borderType=cv2.BORDER_CONSTANT)
    return np.asarray(moved, np.float32)


def _mean(fine: Floats, factor: int) -> Floats:
    height, width = fine.shape
    blocks = fine.reshape(height // factor, factor, width // factor, factor)
    return np.asarray(blocks.mean(axis=(1, 3)), np.float32)
