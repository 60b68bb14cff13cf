"""How a film changes a file's noise before its effects."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final, cast

import numpy as np

from vedc.decide.grades.pictures import Viewer
from vedc.decide.grades.seen_shots import SeenShot
from vedc.edit.model import Profile

_SAME: Final = 0.01
"""A gain closer to 1 counts as 1."""
_LEAST: Final = 1 / 255
"""The least deviation of the test noise; it also represents weaker noise."""
_BY_SIZE: Final = ((0.0, 0.0), (0.25, 0.23), (0.5, 0.42), (0.75, 0.63), (0.95, 0.79), (2.0, 0.77))
"""Scales, and the measured share of white noise left in the brightness of a frame drawn at each."""


def grade_gain(seen: SeenShot, profile: Profile, level: float) -> float:
    """The gain, by the steps before the question and the film's colours, of noise with the
    deviation ``level`` in the file.

    Thumbnails of the shot are drawn as in the film, with and without such noise. Clipping to the
    range of values affects input and output alike.
    """
    assert seen.codes is not None
    shown = seen.item.shown
    item = replace(seen.item, shown=replace(shown, grade=(*shown.grade, *shown.effects)))
    plain = seen.codes.astype(np.float64)
    random = np.random.default_rng(0).standard_normal(plain.shape)
    noisy = np.clip(plain + random * (255 * max(level, _LEAST)), 0, 255)
    viewer = Viewer(profile)

    def drawn(codes: Any) -> Any:
        return viewer.clip(item, cast(Any, codes), seen.frames)

    given = _rms(noisy - plain) / 255
    if given <= 0:
        return 1.0
    gain = _rms(drawn(noisy) - drawn(plain)) / given
    return 1.0 if abs(gain - 1) < _SAME else gain


def size_gain(scale: float) -> float:
    """The gain of noise in a picture drawn at ``scale`` pixels per pixel.

    A smaller picture averages neighbours, whose noise is independent; a larger one makes noise
    coarser and only a little weaker. It is interpolated between the measured scales.
    """
    if abs(scale - 1) < _SAME:  # nothing is resampled
        return 1.0
    scales, left = zip(*_BY_SIZE, strict=True)
    return float(np.interp(scale, scales, left))


def _rms(values: Any) -> float:
    return float(np.sqrt(np.mean(np.square(values))))
