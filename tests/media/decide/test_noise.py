"""The noise of a film: known noise is measured, texture is not, and a command says what to do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from tests.error.support import run
from vedc.decide.analyses.noise import measured
from vedc.decide.choose.cleaning import effect_for
from vedc.report.ops.thumbnails import PICTURES


def photograph() -> Any:
    """Brightness (h, w) of a frame that was reduced, so has no noise of its own."""
    picture = Image.open(PICTURES / "bunny.jpg").convert("RGB")
    return np.asarray(picture, np.float32).sum(axis=2) / np.float32(255 * np.sqrt(3))


def pair(sigma: float, move: int = 0) -> tuple[Any, Any]:
    clean, random = photograph(), np.random.default_rng(3)
    frames = (clean[:, : -move or None], clean[:, move:])
    before, after = (f + sigma * random.standard_normal(f.shape, np.float32) for f in frames)
    return before, after


@pytest.mark.parametrize("shape", [(1, 64), (64, 1), (2, 2)])
def test_a_line_gives_no_noise_estimate(shape: tuple[int, int]) -> None:
    line = np.random.default_rng(1).random(shape, np.float32)
    assert np.isnan(measured(line, line + np.float32(0.01))[0])


@pytest.mark.parametrize("move", [0, 7])
@pytest.mark.parametrize("level", [3, 10, 25])
def test_known_noise_is_measured(level: int, move: int) -> None:
    found, still = measured(*pair(level / 255, move))
    assert found * 255 == pytest.approx(level, rel=0.1)
    assert still > 0.9 if not move else still < 0.9


def test_a_clean_picture_is_left() -> None:
    for move in (0, 7):
        found, _ = measured(*pair(0.0, move))
        assert effect_for(found) is None


def test_texture_that_holds_still_is_no_noise() -> None:
    """A fine check pattern, whose details all are diagonal."""
    y, x = np.mgrid[:160, :200]
    check = np.float32(0.8 + 0.1 * ((x + y) % 2))
    grain = np.random.default_rng(1).standard_normal((2, *check.shape), np.float32) * 0.004
    found, still = measured(check + grain[0], check + grain[1])
    assert still > 0.9 and found == pytest.approx(0.004, rel=0.1)


def test_black_and_tiny_pictures_give_no_estimate() -> None:
    black = np.zeros((120, 160), np.float32)
    assert np.isnan(measured(black, black)[0]) and effect_for(float("nan")) is None
    tiny = np.full((20, 20), 0.8, np.float32)
    assert np.isnan(measured(tiny, tiny)[0])


def test_stronger_noise_is_for_the_network() -> None:
    assert effect_for(0.6 / 255) is None
    assert effect_for(10 / 255) == {"op": "wavelet_denoise", "strength": 0.039}
    assert effect_for(20 / 255) == {"op": "clean", "strength": 0.078}
    assert effect_for(0.5) == {"op": "clean", "strength": 0.22}


def test_the_command_names_an_effect(tmp_path: Path) -> None:
    """Lossless, so the film has just the noise that it was given."""
    picture = np.asarray(Image.open(PICTURES / "bunny.jpg").convert("RGB"), np.float64)[:240, :320]
    random = np.random.default_rng(7)
    with av.open(str(tmp_path / "night.mkv"), "w") as film:
        stream = film.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "bgr0"
        for _ in range(6):
            codes = np.uint8(np.round((picture + random.normal(0, 8, picture.shape)).clip(0, 255)))
            film.mux(stream.encode(av.VideoFrame.from_ndarray(codes, format="rgb24")))
        film.mux(stream.encode())
    answer = run("noise", "night.mkv", "--json", folder=tmp_path)
    assert answer.exit == 0, answer.err
    (shot,) = json.loads(answer.out)["shots"]
    assert shot["noise"] * 255 == pytest.approx(8, rel=0.1) and shot["still"] > 0.8
    assert shot["effect"] == {"op": "wavelet_denoise", "strength": round(shot["noise"], 3)}
    reported = run("noise", "night.mkv", folder=tmp_path).out
    assert f"[{{op: wavelet_denoise, strength: {shot['effect']['strength']}}}]" in reported
