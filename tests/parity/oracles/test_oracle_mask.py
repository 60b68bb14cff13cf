"""Shapes against Pillow's drawing (16 x 16 samples a pixel) and OpenCV's distance transform."""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from tests.ops_support import apply
from tests.oracles import record

ROWS, COLUMNS, FINE = 72, 110, 16
BLANK = np.zeros((ROWS, COLUMNS, 4))
STAR = (0.5, 0.05, 0.79, 0.95, 0.02, 0.39, 0.98, 0.39, 0.21, 0.95)

CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "rectangle": ("rectangle", {"center": (0.46, 0.52), "size": (0.51, 0.43)}),
    "turned": ("rectangle", {"center": (0.5, 0.5), "size": (0.5, 0.4), "rotation": 25.0}),
    "rounded": ("rectangle", {"center": (0.5, 0.5), "size": (0.6, 0.6), "radius": 0.15}),
    "circle": ("ellipse", {"center": (0.4, 0.55), "radius": (0.31, 0.31)}),
    "flat": ("ellipse", {"center": (0.5, 0.5), "radius": (0.6, 0.15), "rotation": -20.0}),
    "star": ("polygon", {"points": STAR}),
    "arrow": ("polygon", {"points": (0.1, 0.1, 0.9, 0.4, 0.5, 0.5, 0.6, 0.9)}),
}


def outline(name: str, given: dict[str, Any]) -> list[tuple[float, float]]:
    """The shape's outline as many points, in samples of Pillow's canvas."""
    unit_x, unit_y = COLUMNS * FINE, ROWS * FINE
    if name == "polygon":
        flat = given["points"]
        return [(x * unit_x, y * unit_y) for x, y in zip(flat[::2], flat[1::2], strict=True)]
    turns = [i / 720 * 2 * math.pi for i in range(720)]
    if name == "ellipse":
        a, b = (r * unit_y for r in given["radius"])
        around = [(a * math.cos(t), b * math.sin(t)) for t in turns]
    else:
        r = given.get("radius", 0.0) * unit_y
        a, b = given["size"][0] * unit_x / 2 - r, given["size"][1] * unit_y / 2 - r
        around = [
            (math.copysign(a, math.cos(t + 1e-9)) + r * math.cos(t),
             math.copysign(b, math.sin(t + 1e-9)) + r * math.sin(t))
            for t in turns
        ]  # fmt: skip
    turn = math.radians(given.get("rotation", 0.0))
    cx, cy = given["center"][0] * unit_x, given["center"][1] * unit_y
    return [
        (cx + x * math.cos(turn) - y * math.sin(turn), cy + x * math.sin(turn) + y * math.cos(turn))
        for x, y in around
    ]


def drawn(name: str, given: dict[str, Any]) -> np.ndarray[Any, Any]:
    """Pillow's samples, 0 or 1. Its pixel centres lie on whole numbers."""
    image = Image.new("L", (COLUMNS * FINE, ROWS * FINE))
    points = [(x - 0.5, y - 0.5) for x, y in outline(name, given)]
    ImageDraw.Draw(image).polygon(points, fill=1)
    return np.asarray(image)


@pytest.mark.parametrize("case", CASES)
def test_edges_are_the_pixels_coverage(case: str) -> None:
    name, given = CASES[case]
    samples = drawn(name, given).reshape(ROWS, FINE, COLUMNS, FINE)
    coverage = samples.mean(axis=(1, 3))
    ours = apply(name, BLANK, **given)
    difference = np.abs(ours - coverage)
    on_edge = (coverage > 0) & (coverage < 1)
    record(name, "Pillow ImageDraw, supersampled (mean over edges)", difference[on_edge].mean())
    assert on_edge.sum() > 80
    # A ramp across the edge is the coverage of an upright edge; others are off by up to 0.1, and
    # details sharper than a pixel, a star's tips, by more.
    assert difference[on_edge].mean() < 0.05
    assert np.quantile(difference[on_edge], 0.95) < 0.13
    assert difference.max() < 0.6
    assert abs(ours.sum() / coverage.sum() - 1) < 0.01


@pytest.mark.parametrize("case", CASES)
def test_feather_goes_by_the_distance(case: str) -> None:
    name, given = CASES[case]
    samples = drawn(name, given)
    inward = cv2.distanceTransform(samples, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    outward = cv2.distanceTransform(1 - samples, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    signed = np.where(samples == 1, 0.5 - inward, outward - 0.5) / FINE
    half = FINE // 2
    corners = [signed[half - a :: FINE, half - b :: FINE] for a in (0, 1) for b in (0, 1)]
    distance = np.mean([c[:ROWS, :COLUMNS] for c in corners], axis=0)
    for feather in (0.1, 0.35):
        t = (0.5 - distance / (feather * ROWS)).clip(0, 1)
        theirs = t * t * (3 - 2 * t)
        ours = apply(name, BLANK, feather=feather, **given)
        worst = np.abs(ours - theirs).max()
        record(name, "OpenCV distanceTransform", worst * 255, "8-bit codes of the matte")
        # Pillow's outlines may be two of its samples off; a smoothstep's slope is at most 1.5.
        assert worst < 1.5 * 2 / FINE / (feather * ROWS)
