"""An output of half size shows the same film, half as large: also where an op draws a pattern."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from tests.parity.ops.films import build
from vedc.workspace.deliver import deliver

WIDTH, HEIGHT = 768, 432
MOST = 3.0
"""Codes of luma that the mean difference to the downscaled film may be."""


def op(name: str, **params: Any) -> dict[str, Any]:
    return {"image": "a.png", "duration": "2f", "effects": [{"op": name, **params}]}


ITEMS: dict[str, dict[str, Any]] = {
    "picture": {"image": "a.png", "duration": "2f"},
    "grain": op("film_grain", amount=0.1),
    "large coloured grain": op("film_grain", amount=0.1, size=4, colored=True),
    "edges": op("edge", amount=0.7),
    "scan lines": op("scan_lines", amount=0.6, speed=50),
    "halftone": op("halftone", size=10),
    "white noise": {"generator": {"op": "noise", "pattern": "white"}, "duration": "2f"},
    "clouds": {"generator": {"op": "noise", "size": 40}, "duration": "2f"},
    "sharpened": op("sharpen", amount=1, radius=3),
    "blurred": op("gaussian_blur", radius=6),
    "halo": op("halo", threshold=0.4, radius=12),
    "title": {
        "text": "Half size", "size": 100, "duration": "2f", "stroke_width": 6,
        "shadow": {"offset": [9, 9], "blur": 12}, "background": "#20406080",
    },
    "placed": {
        "image": "a.png", "duration": "2f", "scale": 0.6, "rotation": 20, "offset": [56, -36],
        "border": {"width": 12, "color": "white"}, "radius": 48,
    },
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    waves = [np.sin(x / 60 + y / 99), np.cos(x / 80 - y / 70), np.sin((x + y) / 90)]
    pixels = np.stack([128 + 90 * wave for wave in waves], -1)
    Image.fromarray(pixels.astype(np.uint8)).save(tmp_path / "a.png")
    return tmp_path


def lumas(path: str) -> list[Any]:
    with av.open(path) as film:
        return [frame.to_ndarray()[0].astype(float) for frame in film.decode(video=0)]


@pytest.mark.parametrize("name", ITEMS)
@pytest.mark.parametrize("part", [2, 3])
def test_a_smaller_output_is_the_same_film(folder: Path, name: str, part: int) -> None:
    made = {"codec": "ffv1", "pix_fmt": "yuv444p", "dither": "none"}
    small = {"path": "small.mkv", "width": WIDTH // part, "height": HEIGHT // part}
    spec = {
        "version": 1,
        "profile": {"width": WIDTH, "height": HEIGHT, "fps": 25},
        "timeline": [ITEMS[name]],
        "outputs": [{"path": "full.mkv", **made}, {**small, **made}],
    }
    full, smaller = (lumas(report.target) for report in deliver(build(folder, spec)))
    for large, shown in zip(full, smaller, strict=True):
        rows, columns = shown.shape
        averaged = large.reshape(rows, part, columns, part).mean((1, 3))
        assert np.abs(averaged - shown).mean() < MOST
