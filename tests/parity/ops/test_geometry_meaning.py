"""Every geometry op in a film: the picture at each place is the one that its body names.

The source's colours are its own coordinates, so whatever filter samples it, the film says where
each pixel comes from: alone, on an item that does not fill the canvas, and one map on another.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.ops_examples import EXAMPLES
from tests.ops_support import apply
from tests.parity.ops import chain_reference
from tests.parity.ops.every import FPS, Films, reader
from vedc import ops
from vedc.codegen.reference.run_program import LeafArrays
from vedc.edit.values import OpCall
from vedc.plan.executable import ComputedPiece
from vedc.plan.fusion.fuse import fuse

SIZE = (60, 40)
#: The item's box if it does not fill the canvas: x, y, width, height.
RECT = (10, 6, 40, 30)
FRAME = 2
#: In pixels. A map that bends is averaged over a pixel, which is not quite its middle.
TOLERANCE = 0.35
NAMES = [
    name for name in EXAMPLES if ops.get(name).kind == "geometry" and not ops.get(name).pictures
]


def come_from(films: Films, calls: tuple[OpCall, ...], rect: Any = None) -> tuple[Any, Any, Any]:
    """The place of the source that each pixel shows, x and y, and the pixel's alpha."""
    root = films.encode(films.look.apply(films.source("a"), calls, 5, rect))
    piece = fuse(root, reader)
    assert isinstance(piece, ComputedPiece)
    columns, rows = SIZE
    y, x = np.mgrid[:rows, :columns] + 0.5
    ramps = [y / rows, np.full((rows, columns), 0.5), x / columns]  # green, blue, red
    leaves = [LeafArrays(ramps)] * len(piece.fetches)
    green, _, red, alpha = chain_reference.draw(piece, FRAME, leaves, reader)
    return red * columns, green * rows, alpha


def sized(films: Films, name: str, **others: Any) -> OpCall:
    return films.call(name, {**EXAMPLES[name], **others})


def named(name: str, size: tuple[int, int]) -> tuple[Any, Any]:
    """The places that the body names, on a canvas of that size."""
    blank = np.zeros((size[1], size[0], 4))
    x, y = apply(name, blank, frame=5 + FRAME, fps=float(FPS), **EXAMPLES[name])
    return np.array(x), np.array(y)


def clear_of(x: Any, y: Any, size: tuple[int, int]) -> Any:
    """Where the place and those that its neighbours name are near, and inside the picture."""
    stretch = sum(np.abs(d) for axis in (x, y) for d in np.gradient(axis))
    bend = sum(
        np.abs(np.gradient(d, axis=k)) for axis in (x, y) for k, d in enumerate(np.gradient(axis))
    )
    margin = 2.0 + 2.0 * stretch
    inside = (x > margin) & (x < size[0] - margin) & (y > margin) & (y < size[1] - margin)
    return inside & (bend < 0.2) & (stretch < 6.0)


def hold(found: tuple[Any, Any, Any], x: Any, y: Any, sure: Any) -> None:
    u, v, alpha = found
    assert sure.sum() > 8
    assert np.abs(alpha[sure] - 1.0).max() < 1e-4
    assert np.abs(u - x)[sure].max() < TOLERANCE
    assert np.abs(v - y)[sure].max() < TOLERANCE


@pytest.fixture
def films(tmp_path: Path) -> Films:
    return Films(tmp_path, SIZE, "gbrpf32le", "gbrapf32le")


@pytest.mark.parametrize("name", NAMES)
def test_alone(films: Films, name: str) -> None:
    x, y = named(name, SIZE)
    hold(come_from(films, (sized(films, name),)), x, y, clear_of(x, y, SIZE))


@pytest.mark.parametrize("name", ["zoom", "flip", "mirror", "swirl", "kaleidoscope", "lens"])
def test_on_an_item_that_does_not_fill_the_canvas(films: Films, name: str) -> None:
    left, top, width, height = RECT
    x, y = named(name, (width, height))
    sure = clear_of(x, y, (width, height))
    part = np.s_[top : top + height, left : left + width]
    found = come_from(films, (sized(films, name),), tuple(map(float, RECT)))
    u, v, alpha = (plane[part] for plane in found)
    hold((u - left, v - top, alpha), x, y, sure)


def test_one_map_on_another(films: Films) -> None:
    """The first op in the list is applied first: the second asks the first where it comes from."""
    first = films.call("transform", {"position": (6.0, -3.0)})
    second = films.call("transform", {"rotation": 90.0})
    u, v, alpha = come_from(films, (first, second))
    columns, rows = SIZE
    y, x = np.mgrid[:rows, :columns] + 0.5
    # Turned clockwise about the middle, then back by the move.
    turned_x = (y - rows / 2) + columns / 2
    turned_y = -(x - columns / 2) + rows / 2
    want_x, want_y = turned_x - 6.0, turned_y + 3.0
    sure = (want_x > 3) & (want_x < columns - 3) & (want_y > 3) & (want_y < rows - 3)
    sure &= (turned_x > 3) & (turned_x < columns - 3) & (turned_y > 3) & (turned_y < rows - 3)
    assert sure.sum() > 200
    assert np.abs(alpha[sure] - 1).max() < 1e-6
    assert np.abs(u - want_x)[sure].max() < 1e-3
    assert np.abs(v - want_y)[sure].max() < 1e-3
