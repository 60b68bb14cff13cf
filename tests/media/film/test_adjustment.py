"""Adjustment items in films: the same pixels as the ops on the items below."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.parity.ops.films import BT709, Array, distance, noise, planes_of, render, write_source

CANVAS = {"width": 64, "height": 48, "fps": 25}
FILM = {"path": "film.mkv", "codec": "ffv1", "pix_fmt": "yuv444p"}
INVERT: dict[str, Any] = {"op": "invert"}
BLUR: dict[str, Any] = {"op": "gaussian_blur", "radius": 3}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_source(tmp_path / "noise.mkv", noise(4), "yuv444p", BT709, frames=20)
    return tmp_path


def film(folder: Path, *tracks: list[dict[str, Any]], **timeline: Any) -> list[list[Array]]:
    held = {"tracks": [{"clips": clips} for clips in tracks]} | timeline
    return planes_of(render(folder, {"profile": CANVAS, "timeline": held, "outputs": [FILM]}))


@pytest.mark.parametrize("calls", [{"grade": [INVERT]}, {"effects": [BLUR]}])
def test_it_does_what_an_effect_of_the_timeline_does_while_it_lasts(
    folder: Path, calls: dict[str, Any]
) -> None:
    below = [{"clip": "noise.mkv"}]
    adjusted = [{"adjustment": True, "start": "5f", "duration": "10f", **calls}]
    plain = film(folder, below)
    whole = film(folder, below, effects=next(iter(calls.values())))
    seen = film(folder, below, adjusted)
    assert len(seen) == 20
    for n, frame in enumerate(seen):
        assert distance(frame, whole[n] if 5 <= n < 15 else plain[n]) <= 1, n


def test_it_leaves_alone_what_is_above_it_and_outside_its_mask(folder: Path) -> None:
    mask = {"op": "rectangle", "center": [0.25, 0.5], "size": [0.5, 1.0]}
    adjusted = [{"adjustment": True, "duration": "20f", "grade": [INVERT], "mask": mask}]
    grey = [{"color": "#606060", "duration": "20f"}]
    small = {"op": "rectangle", "center": [0.5, 0.5], "size": [0.25, 0.25]}
    above = [{"color": "#ff0000", "duration": "20f", "mask": small}]
    seen = film(folder, grey, adjusted, above)[3][0]
    plain, inverted = film(folder, grey)[3][0], film(folder, grey, effects=[INVERT])[3][0]
    red = film(folder, above)[3][0][24, 32]
    seen, plain, inverted = (plane.astype(int) for plane in (seen, plain, inverted))
    assert np.abs(seen[:4, :31] - inverted[:4, :31]).max() <= 1
    assert np.abs(seen[:4, 33:] - plain[:4, 33:]).max() <= 1
    assert seen[24, 32] == red


def test_opacity_and_enter_mix_it_with_what_was_there(folder: Path) -> None:
    grey = [{"color": "#303030", "duration": "20f"}]
    plain = film(folder, grey)[0][0].astype(float)
    whole = film(folder, grey, effects=[INVERT])[0][0].astype(float)
    item = {"adjustment": True, "duration": "20f", "grade": [INVERT], "opacity": 0.5}
    enter = {"preset": "fade", "duration": "4f"}
    for n, frame in enumerate(film(folder, grey, [item | {"enter": enter}])):
        share = 0.5 * min((n + 1) / 5, 1.0)
        assert np.abs(frame[0] - (plain + (whole - plain) * share)).max() <= 1, n
