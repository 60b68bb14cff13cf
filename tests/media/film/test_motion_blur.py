"""``motion_blur``: the exposure of a shutter, whose blur of a straight move is a box."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.media.film.test_motion import coverage, keyframes
from tests.media.film.test_rotation_and_crop import film, graph_of
from tests.parity.ops.films import Array, distance
from vedc.ir.graph import walk
from vedc.plan.executable import ComputedPiece, Kernel
from vedc.plan.fusion.fuse import fuse

Item = dict[str, Any]
BOX: Item = {
    "color": "white", "duration": "5f", "width": 20, "height": 12, "anchor": "center",
}  # fmt: skip


def exposed(left: float, right: float) -> Array:
    """The mean coverage of the columns by a stretch that moves: (first, last) of its left edge."""
    columns = np.arange(64)
    total = np.zeros(64)
    for at in np.linspace(left, right, 400):
        total += np.clip(np.minimum(columns + 1, at + 20) - np.maximum(columns, at), 0, 1)
    return total / 400


@pytest.mark.parametrize("angle", [90, 180, 360])
@pytest.mark.parametrize("speed", [2.0, 6.5])
def test_a_straight_move_is_blurred_over_what_the_shutter_sees(
    tmp_path: Path, angle: int, speed: float
) -> None:
    way = keyframes([-2 * speed, 0], [2 * speed, 0], every=4)
    for n, frame in enumerate(film(tmp_path, BOX | {"offset": way, "motion_blur": angle})):
        left = 22 + (n - 2) * speed
        half = speed * angle / 720
        # Where the move begins and ends, the item rests for half of the exposure.
        want = exposed(left - half * (n > 0), left + half * (n < 4))
        if n in (0, 4):
            want = (want + exposed(left, left)) / 2
        assert np.abs(coverage(frame)[24] - want).max() < 0.04, n
        assert coverage(frame).sum() == pytest.approx(240, rel=0.004)


def test_what_rests_is_sharp_and_costs_nothing(tmp_path: Path) -> None:
    still = BOX | {"position": [0.4, 0.5], "opacity": keyframes(0, 1, every=4)}
    plain, blurred = graph_of(tmp_path, still), graph_of(tmp_path, still | {"motion_blur": 180})
    assert plain is blurred
    waits = keyframes([0, 0], [0, 0], [8, 0], every=2)
    frames = film(tmp_path, BOX | {"offset": waits, "motion_blur": 180})
    sharp = film(tmp_path, BOX | {"offset": waits})
    assert distance(frames[1], sharp[1]) <= 1
    assert distance(frames[3], sharp[3]) > 20


def test_turns_zooms_and_outlines_are_blurred_too(tmp_path: Path) -> None:
    """A turning square is dimmed in its corners, and nowhere brighter than it is at rest."""
    square = BOX | {"width": 24, "height": 24, "border": {"width": 4, "color": "white"}}
    for move in (
        {"rotation": keyframes(0, 120, every=4)},
        {"scale": keyframes(0.6, 1.4, every=4)},
        {"effects": [{"op": "zoom", "amount": keyframes(1, 3, every=4)}], "color": "#808080"},
    ):
        blurred = film(tmp_path, square | move | {"motion_blur": 360})[2]
        sharp = film(tmp_path, square | move)[2]
        covered, plain = coverage(blurred), coverage(sharp)
        assert np.abs(covered[24, 32] - plain[24, 32]) < 0.01
        assert covered.max() <= 1.001
        if "effects" not in move:
            assert distance(blurred, sharp) > 20
            assert covered.sum() == pytest.approx(plain.sum(), rel=0.03)


def test_kernels_of_moments_are_compiled_once(tmp_path: Path) -> None:
    item = BOX | {"offset": keyframes([0, 0], [9, 3], every=4)}
    graph = graph_of(tmp_path, item | {"motion_blur": {"angle": 180, "samples": 12}})
    assert sum(node.op == "summed" for node in walk(graph)) == 12
    piece = fuse(graph, lambda digest: pytest.fail("no tables"))
    assert isinstance(piece, ComputedPiece)
    programs = {step.program for step in piece.steps if isinstance(step, Kernel)}
    assert len(programs) <= 4
    assert len(piece.buffers) <= 4
