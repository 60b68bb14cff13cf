"""Alignment of films of known making from real clips, and films made again from what it found."""

from __future__ import annotations

import sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests.bench.measure import MEDIA, run
from tests.media.align_edits import CROP, GRADE, Piece, Truth, make, traced
from vedc.decide.align.alignment import Alignment, align
from vedc.decide.align.to_spec import as_spec
from vedc.media.probe import probe

VIDEO = MEDIA / "video"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not VIDEO.is_dir(), reason=f"needs real clips in {VIDEO}"),
]
CRYSTAL, MONSTER, FROG = (VIDEO / f"{name}.mp4" for name in ("crystal", "monster", "frog"))
EMPTY_ROOM = VIDEO / "one-by-one-person-detection.mp4"
_WORST = f"{CROP},{GRADE}"


def _aligned(
    out: Path, pieces: list[Piece], raws: list[Path], rate: int = 30, **how: object
) -> tuple[Alignment, Truth]:
    truth = make(out, pieces, size=(480, 320), rate=Fraction(rate), **how)  # type: ignore[arg-type]
    return align(probe(out), [probe(raw) for raw in raws], folder=out.parent), truth


def test_graded_cropped_and_compressed_frames_are_traced(tmp_path: Path) -> None:
    pieces = [
        Piece(MONSTER, 100, Fraction(6, 5)),
        Piece(CRYSTAL, 30, Fraction(1)),
        Piece(None, 0, Fraction(1, 2)),
        Piece(CRYSTAL, 200, Fraction(1), Fraction(5, 4)),
    ]
    found, truth = _aligned(
        tmp_path / "film.mp4", pieces, [CRYSTAL, MONSTER], filters=_WORST, crf=28
    )
    right, _, total = traced(found, [CRYSTAL, MONSTER], truth)
    assert right >= 0.99 * total
    kinds = [s.origin for s in found.segments]
    assert kinds.count("still") == 1, "a card from nowhere is marked"
    crops = [s.crop for s in found.segments if s.origin == "raw"]
    for crop in crops:
        assert (crop.x, crop.y) == pytest.approx((0.07, 0.02), abs=0.006)
        assert (crop.width, crop.height) == pytest.approx((0.9, 0.9), abs=0.012)
    speeds = [float(s.speed) for s in found.segments if s.origin == "raw"]
    assert speeds == [1, 1, 1.25]


def test_a_camera_that_does_not_move_is_traced(tmp_path: Path) -> None:
    pieces = [Piece(EMPTY_ROOM, 1203, Fraction(27, 10)), Piece(EMPTY_ROOM, 528, Fraction(19, 10))]
    found, truth = _aligned(
        tmp_path / "film.mp4", pieces, [EMPTY_ROOM], rate=10, filters=_WORST, crf=28
    )
    right, _, total = traced(found, [EMPTY_ROOM], truth)
    assert right >= 0.97 * total


def test_the_spec_makes_the_film_again(tmp_path: Path) -> None:
    """Up to the grade: cut, dissolve and crop are found, and what vedc renders is the film."""
    pieces = [
        Piece(CRYSTAL, 20, Fraction(3, 2)),
        Piece(MONSTER, 40, Fraction(2), dissolve=Fraction(1, 2)),
        Piece(FROG, 120, Fraction(1)),
    ]
    film = tmp_path / "film.mp4"
    raws = [CRYSTAL, MONSTER, FROG]
    found, _ = _aligned(film, pieces, raws, filters=CROP)
    boundaries = [s.boundary for s in found.segments]
    assert boundaries == ["start", "dissolve", "cut"]
    low, high = found.segments[1].boundary_range
    assert abs(low - 30) <= 2 and abs(high - 45) <= 2
    spec = tmp_path / "again.vedc.yaml"
    spec.write_text(as_spec(found, tmp_path, size=(240, 160)))
    again = tmp_path / "again.mp4"
    command = [sys.executable, "-m", "vedc", "render", "-y", "-q", "--device", "cpu"]
    run([*command, "--allow-path", str(MEDIA), "-o", str(again), str(spec)])
    one, two = _luma(film), _luma(again)
    assert len(one) == len(two)
    nearest = []
    for k in range(3, len(one) - 3):
        apart = [float(np.abs(one[k] - two[k + o]).mean()) for o in range(-3, 4)]
        nearest.append(int(np.argmin(apart)) - 3)
        # The remainder is the colour matrix, which the film and the raw files tag differently.
        assert apart[3] < 8, f"frame {k} is another picture"
    assert np.mean(np.abs(nearest) <= 1) > 0.98 and np.mean(np.equal(nearest, 0)) > 0.7


def _luma(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [
            frame.reformat(width=240, height=160, format="gray8").to_ndarray().astype(np.float64)
            for frame in container.decode(video=0)
        ]
