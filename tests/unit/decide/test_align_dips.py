"""Fades through a colour are distinguished from cuts, titles and dissolves."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.decide.test_align import _media, _scene
from vedc.decide.align.best_path import Segment
from vedc.decide.align.boundaries import find_boundaries
from vedc.decide.align.frame_map import FrameMap
from vedc.decide.align.matcher import Matcher
from vedc.decide.align.pictures import Box, Pictures
from vedc.decide.arrays import Byte


def _fade(raw: Byte, length: int, level: float) -> Byte:
    """Frames 10 to 49 and 100 to 139 of a raw file, through a level from the last ``length / 2`` of
    the one to the first of the other."""
    shown = raw[[*range(10, 50), *range(100, 140)]].astype(np.float64)
    half = length // 2
    share = np.ones(80)
    share[40 - half : 40] = 1 - (np.arange(half) + 1) / half
    share[40 : 40 + half] = np.arange(half) / half
    noise = np.random.default_rng(3).normal(0, 1.0, shown.shape)
    film = shown * share[:, None, None] + level * (1 - share[:, None, None]) + noise
    return np.clip(film, 0, 255).astype(np.uint8)


def _found(raw: Byte, film: Byte, lost: int) -> list[tuple[str, int, int]]:
    """The boundaries where ``lost`` frames around the middle were not found."""
    matcher = Matcher(Pictures(film, _media()), Box(), Pictures(raw, _media()), Box())
    matcher.fit([(k, 10 + k) for k in range(0, 28, 2)], move=False)
    half = lost // 2
    segments = [
        Segment(0, 40 - half, FrameMap(0, 0, 10, 1.0)),
        Segment(40 - half, 40 + half, None),
        Segment(40 + half, 80, FrameMap(0, 40, 100, 1.0)),
    ]
    _, boundaries = find_boundaries([matcher], segments, [False] * 3)
    return [(b.kind, b.start, b.end) for b in boundaries[1:]]


@pytest.mark.parametrize("level", [0.0, 16.0, 235.0])
def test_a_fade_through_a_level_is_found_with_its_length(level: float) -> None:
    raw = _scene(150)
    ((kind, start, end),) = _found(raw, _fade(raw, 20, level), 14)
    assert kind == "fade"
    assert abs(start - 30) <= 2
    assert abs(end - 50) <= 2


def test_a_fade_between_pictures_that_look_alike_is_found() -> None:
    raw = np.repeat(_scene(1), 150, axis=0)
    ((kind, start, end),) = _found(raw, _fade(raw, 20, 16.0), 14)
    assert kind == "fade"
    assert abs(start - 30) <= 2
    assert abs(end - 50) <= 2


def test_a_title_is_no_fade() -> None:
    raw = _scene(150)
    film = _fade(raw, 0, 0.0)
    film[33:47] = _scene(14, seed=9)
    assert [kind for kind, _, _ in _found(raw, film, 14)] == ["cut", "cut"]


def _slide(raw: Byte, length: int, way: str) -> Byte:
    """Both sides of a cut at frame 40; the second pushes the first out."""
    first, second = raw[10 : 10 + 80], raw[60 : 60 + 80]
    film = np.concatenate([first[:40], second[40:]])
    for k in range(length):
        number, share = 40 - length // 2 + k, (k + 0.5) / length
        one, two = first[number], second[number]
        axis = 1 if way in ("left", "right") else 0
        size = one.shape[axis]
        moved = round(share * size) * (1 if way in ("left", "up") else -1)
        both = np.concatenate([one, two] if moved > 0 else [two, one], axis=axis)
        start = moved if moved > 0 else size + moved
        film[number] = np.take(both, range(start, start + size), axis=axis)
    return film


@pytest.mark.parametrize("way", ["left", "right", "up", "down"])
def test_a_slide_is_found_with_its_direction(way: str) -> None:
    raw = _scene(150)
    raw[75:] = _scene(75, seed=4)
    film = _slide(raw, 12, way)
    matcher = Matcher(Pictures(film, _media()), Box(), Pictures(raw, _media()), Box())
    matcher.fit([(k, 10 + k) for k in range(0, 30, 2)], move=False)
    segments = [
        Segment(0, 36, FrameMap(0, 0, 10, 1.0)),
        Segment(36, 44, None),
        Segment(44, 80, FrameMap(0, 40, 100, 1.0)),
    ]
    _, (_, found) = find_boundaries([matcher], segments, [False] * 3)
    assert (found.kind, found.way) == ("slide", way)
    assert abs(found.start - 34) <= 2
    assert abs(found.end - 46) <= 2


@pytest.mark.parametrize("way", ["left", "right", "up", "down"])
def test_a_wipe_is_found_with_the_way_of_its_edge(way: str) -> None:
    raw = _scene(150)
    raw[75:] = _scene(75, seed=4)
    first, second = raw[10 : 10 + 80], raw[60 : 60 + 80]
    film = np.concatenate([first[:40], second[40:]])
    for k in range(16):
        number = 32 + k
        rows, columns = np.mgrid[0:72, 0:128]
        at = {"right": columns / 128, "left": 1 - columns / 128, "down": rows / 72,
              "up": 1 - rows / 72}[way]  # fmt: skip
        film[number] = np.where(at < (k + 0.5) / 16, second[number], first[number])
    matcher = Matcher(Pictures(film, _media()), Box(), Pictures(raw, _media()), Box())
    matcher.fit([(k, 10 + k) for k in range(0, 30, 2)], move=False)
    segments = [
        Segment(0, 40, FrameMap(0, 0, 10, 1.0)),
        Segment(40, 80, FrameMap(0, 40, 100, 1.0)),
    ]
    _, (_, found) = find_boundaries([matcher], segments, [False] * 2)
    assert (found.kind, found.way) == ("wipe", way)
