"""How a film changes the noise of a file before its effects meet it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final, cast

import numpy as np

from vedc.decide.grades.pictures import Viewer
from vedc.decide.grades.seen_shots import SeenShot
from vedc.edit.model import Profile

_SAME: Final = 0.01
"""A gain that differs less from 1 is 1."""
_LEAST: Final = 1 / 255
"""The deviation of the noise that stands for one that is weaker."""
_BY_SIZE: Final = ((0.0, 0.0), (0.25, 0.23), (0.5, 0.42), (0.75, 0.63), (0.95, 0.79), (2.0, 0.77))
"""Scales, and how much of white noise was left in the brightness of a frame so drawn."""


def grade_gain(seen: SeenShot, profile: Profile, level: float) -> float:
    """How many times as strong noise of the deviation ``level`` in the file is after the steps
    before the question, and in the colours of the film.

    Thumbnails of the shot go the film's way with and without such noise. What the range of values
    cuts off counts on both sides alike.
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
    """How many times as strong noise is in a picture drawn at ``scale`` pixels for one.

    A smaller picture averages neighbours, whose noise is independent; a larger one makes noise
    coarser and only a little weaker. Between the scales that were measured it is interpolated.
    """
    if abs(scale - 1) < _SAME:  # nothing is resampled
        return 1.0
    scales, left = zip(*_BY_SIZE, strict=True)
    return float(np.interp(scale, scales, left))


def _rms(values: Any) -> float:
    return float(np.sqrt(np.mean(np.square(values))))
