"""Transitions with ``placement: centered``: which frames of the sources are seen, by arithmetic."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.media.make import write_numbered
from tests.parity.ops.films import painted, planes_of, render

CANVAS = {"width": 64, "height": 48, "fps": 25}
FILM = {"path": "film.mkv", "codec": "ffv1", "pix_fmt": "yuv444p"}
FRAMES = 60


def write_ramp(path: Path, first: int) -> None:
    """A clip whose frame n is grey of luma ``first + n``."""
    pictures = (
        painted(
            lambda plane, height, width, peak, n=n: np.full(  # type: ignore[misc]  # n is bound
                (height, width), 128 if plane else first + n
            ),
            64,
            48,
            "yuv444p",
        )
        for n in range(FRAMES)
    )
    write_numbered(path, FRAMES, 25, "ffv1", "yuv444p", width=64, height=48, pictures=pictures)


def test_both_clips_run_on_beyond_the_cut(tmp_path: Path) -> None:
    write_ramp(tmp_path / "a.mkv", 30)
    write_ramp(tmp_path / "b.mkv", 150)
    length, cut = 10, 20
    timeline = [
        {"clip": "a.mkv", "in": "10f", "duration": f"{cut}f"},
        {"transition": "dissolve", "duration": f"{length}f", "placement": "centered"},
        {"clip": "b.mkv", "in": "12f", "duration": "20f"},
    ]
    film = render(tmp_path, {"profile": CANVAS, "timeline": timeline, "outputs": [FILM]})
    seen = [frame[0].astype(float) for frame in planes_of(film)]
    assert len(seen) == 40
    for n, frame in enumerate(seen):
        share = min(max((n - (cut - length // 2) + 1) / (length + 1), 0.0), 1.0)
        wanted = (1 - share) * (30 + 10 + n) + share * (150 + 12 + n - cut)
        assert np.abs(frame - wanted).max() <= 1, n
