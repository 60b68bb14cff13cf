"""The classical detector on films made here, whose joints are known."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from vedc.decide.analyses.results import HeldThumbs, Thumbs
from vedc.decide.arrays import Array, Byte
from vedc.decide.shots.boundary import Boundary
from vedc.decide.shots.detect_classical import detect


def scene(seed: int, frames: int, pan: float = 0.1) -> Array:
    """A view of soft patches, as a slow pan over a larger picture: (n, 27, 48, 3)."""
    rng = np.random.default_rng(seed)
    large = rng.uniform(0, 255, (12, 40, 3)).repeat(5, 0).repeat(5, 1)
    kernel = np.ones(5) / 5
    for axis in (0, 1):
        large = np.apply_along_axis(np.convolve, axis, large, kernel, "same")
    out = []
    for i in range(frames):
        x = 5 + i * pan
        left, part = int(x), x - int(x)
        view = large[10:37, left : left + 49]
        out.append(view[:, :-1] * (1 - part) + view[:, 1:] * part)
    return np.stack(out)


def film(*parts: Array) -> Thumbs:
    codes = np.clip(np.rint(np.concatenate(parts)), 0, 255).astype(np.uint8)
    return HeldThumbs(codes, Fraction(25))


def only(found: list[Boundary]) -> Boundary:
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize("seed", range(6))
def test_a_cut_is_found_at_its_frame(seed: int) -> None:
    one = only(detect(film(scene(seed, 47), scene(seed + 50, 40))))
    assert (one.kind, one.start, one.end) == ("cut", 47, 47)
    assert 0.5 <= one.score <= 1


def test_several_cuts_in_order() -> None:
    found = detect(film(*(scene(seed, 20) for seed in range(6))))
    assert [(b.kind, b.start) for b in found] == [("cut", at) for at in (20, 40, 60, 80, 100)]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("length", [8, 16, 30])
def test_a_dissolve_is_found_with_its_ends(seed: int, length: int) -> None:
    a, b = scene(seed, 60 + length), scene(seed + 70, 60 + length)
    weight = ((np.arange(length) + 1) / (length + 1))[:, None, None, None]
    middle = a[60:] * (1 - weight) + b[:length] * weight
    one = only(detect(film(a[:60], middle, b[length:])))
    assert one.kind == "dissolve"
    near = 2 + length // 6
    assert abs(one.start - 60) <= near and abs(one.end - 60 - length) <= near


@pytest.mark.parametrize("colour", [0, 255])
def test_a_fade_through_a_colour_is_found_with_its_ends(colour: int) -> None:
    a, b = scene(1, 60), scene(2, 60)
    ramp = ((np.arange(12) + 1) / 12)[:, None, None, None]
    down = a[48:] * (1 - ramp) + colour * ramp
    up = b[:12] * ramp + colour * (1 - ramp)
    one = only(detect(film(a[:48], down, np.full((6, 27, 48, 3), float(colour)), up, b[12:])))
    assert one.kind == "fade"
    assert abs(one.start - 48) <= 3 and abs(one.end - 78) <= 3


@pytest.mark.parametrize("axis", [0, 1])
def test_a_wipe_is_distinguished_from_a_dissolve(axis: int) -> None:
    a, b = scene(5, 60), scene(6, 60)
    length = 20
    place = (np.arange(27) / 27)[:, None] if axis == 0 else (np.arange(48) / 48)[None]
    front = ((np.arange(length) + 1) / (length + 1))[:, None, None]
    new = np.broadcast_to(place[None] < front, (length, 27, 48))[..., None]
    middle = np.where(new, b[:length], a[40:])
    one = only(detect(film(a[:40], middle, b[length:])))
    assert one.kind == "wipe"
    assert abs(one.start - 40) <= 4 and abs(one.end - 60) <= 4


def test_a_push_is_a_slide() -> None:
    a, b = scene(8, 60, 0), scene(9, 60, 0)
    length = 15
    middle = []
    for i in range(length):
        gone = round(48 * (i + 1) / (length + 1))
        middle.append(np.concatenate([a[40 + i][:, gone:], b[i][:, :gone]], axis=1))
    one = only(detect(film(a[:40], np.stack(middle), b[length:])))
    assert one.kind == "slide"
    assert abs(one.start - 40) <= 4 and abs(one.end - 55) <= 4


def test_one_take_has_no_boundary() -> None:
    for seed in range(8):
        assert detect(film(scene(seed, 150, pan=0.6))) == []


@pytest.mark.parametrize("length", [1, 2, 3])
def test_a_flash_is_no_boundary(length: int) -> None:
    a = scene(3, 80)
    a[40 : 40 + length] = a[40 : 40 + length] * 0.2 + 204
    assert detect(film(a)) == []


def test_a_jump_of_exposure_is_no_boundary() -> None:
    a = scene(4, 80) * 0.5
    a[40:] *= 1.6
    assert detect(film(a)) == []


def test_damaged_frames_are_no_boundary() -> None:
    a = scene(4, 80)
    a[40:42] = np.random.default_rng(0).uniform(0, 255, (2, 27, 48, 3))
    assert detect(film(a)) == []


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_short_films(count: int) -> None:
    assert detect(film(scene(0, count) if count else np.zeros((0, 27, 48, 3)))) == []


class Watched(HeldThumbs):
    """Thumbs that remember how much was asked for at once."""

    most = 0

    def read(self, start: int, end: int) -> Byte:
        self.most = max(self.most, end - start)
        return super().read(start, end)


@pytest.mark.slow
def test_a_long_film_is_read_in_windows_that_do_not_show() -> None:
    """Joints every 90 frames come out the same wherever windows meet."""
    parts = [scene(seed, 90) for seed in range(40)]
    for k in range(1, 40, 3):  # every third a dissolve of ten frames
        weight = ((np.arange(10) + 1) / 11)[:, None, None, None]
        before = parts[k - 1][-1:]
        parts[k][:10] = before * (1 - weight) + parts[k][:10] * weight
    thumbs = film(*parts)
    watched = Watched(thumbs.read(0, len(thumbs)), thumbs.rate)
    found = detect(watched)
    assert watched.most < 1500
    assert len(found) == 39
    for k, one in enumerate(found, 1):
        assert one.kind == ("dissolve" if k % 3 == 1 else "cut")
        assert abs(one.start - 90 * k) <= (3 if k % 3 == 1 else 0)
    for a, b in pairwise(found):
        assert a.end < b.start
