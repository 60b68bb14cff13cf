"""Tiles: they cover a picture once, their inputs are of one size, and the edge is repeated."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from vedc.nn.tiles import cut, grid, overlapping


@given(st.integers(1, 400), st.integers(1, 400), st.integers(0, 30), st.sampled_from([1, 2, 4, 8]))
@settings(max_examples=150, deadline=None)
def test_tiles_cover_every_pixel_once(height: int, width: int, reach: int, multiple: int) -> None:
    made = grid(height, width, reach, multiple, longest=96)
    assert made.margin >= reach and made.margin % multiple == 0
    assert all(side % multiple == 0 for side in made.inputs)
    assert max(made.tile) <= 96 + multiple
    seen = np.zeros((height, width), int)
    for top, left, rows, columns in made.kept():
        assert rows > 0 and columns > 0
        seen[top : top + rows, left : left + columns] += 1
    assert (seen == 1).all()


@given(
    st.integers(1, 900),
    st.integers(1, 900),
    st.integers(0, 60),
    st.sampled_from([1, 4, 32]),
    st.sampled_from([100, 300, 500]),
)
@settings(max_examples=150, deadline=None)
def test_overlapping_tiles_cover_every_pixel_once_with_a_margin(
    height: int, width: int, reach: int, multiple: int, longest: int
) -> None:
    made = overlapping(height, width, reach, multiple, 8, longest)
    margin = -(-reach // multiple) * multiple
    assert all(side % multiple == 0 for side in made.inputs)
    assert max(made.inputs) <= max(longest, 2 * margin + multiple)
    seen = np.zeros((height, width), int)
    first = made.parts[0].source
    for source, *kept in made.parts:
        sides = (height, width)
        for begin, taken, start, count, side, origin in zip(
            source, made.inputs, kept[:2], kept[2:], sides, first, strict=True
        ):
            assert (begin - origin) % multiple == 0
            # Beyond the picture a border is enough; within it, the whole margin is there.
            assert start - begin >= (margin if start else 8)
            stop = start + count
            assert begin + taken - stop >= (margin if stop < side else 8)
        top, left, rows, columns = kept
        assert rows > 0 and columns > 0
        seen[top : top + rows, left : left + columns] += 1
    assert (seen == 1).all()


@given(st.integers(-9, 9), st.integers(-9, 9), st.integers(20, 30), st.integers(20, 30))
@settings(max_examples=60, deadline=None)
def test_beyond_the_edge_are_the_outermost_pixels(
    top: int, left: int, rows: int, columns: int
) -> None:
    plane = np.arange(12 * 14, dtype=np.float32).reshape(12, 14)
    wanted = plane[
        np.arange(top, top + rows).clip(0, 11)[:, None],
        np.arange(left, left + columns).clip(0, 13)[None],
    ]
    assert np.array_equal(cut(plane, top, left, rows, columns), wanted)


def test_a_large_picture_takes_tiles_of_the_size_of_a_small_one() -> None:
    assert max(grid(2160, 3840, 19, 4).inputs) <= 768 + 2 * 20 + 4
    assert grid(720, 1280, 19, 4).tile == (720, 640)
