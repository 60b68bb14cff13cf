"""The start of a style: what it does to frames in closed form, before anything is learned."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from tests.unit.train.test_train_style import stripes
from vedc.models.picture_layers import NumpyPictureLayers
from vedc.models.style import network, start
from vedc.train.clean.pictures import Scene
from vedc.train.style.content import dead_leaves
from vedc.train.style.palette import start_weights
from vedc.train.style.pictures import Windows

OF = NumpyPictureLayers()
SIDE = 8 * start.BLOCK


def begun(canvas: Any) -> dict[str, Any]:
    """The weights of a start, by their names in models/style/start.py."""
    scenes = [Scene(str(n), (dead_leaves(np.random.default_rng(n)),)) for n in range(4)]
    found = start_weights(canvas, Windows(scenes, 96), np.random.default_rng(1))
    return {name.removeprefix("start."): value for name, value in found.items()}


def drawn(weights: Any, frame: Any, canvas: Any = 0.0) -> Any:
    """The picture (h, w, 3) that a start makes of a frame in 0..1, with the canvas (h, w, 1)."""
    x = frame[None].astype(np.float32)
    plane = np.broadcast_to(np.float32(canvas), x[..., :1].shape)
    return start.started(OF, weights, x, OF.mean(x, 2), plane)[0][0]


def photograph(contrast: float) -> Any:
    picture = dead_leaves(np.random.default_rng(9))[:SIDE, :SIDE].astype(np.float32) / 255
    noise = np.random.default_rng(2).normal(0, 0.1, picture.shape)
    return 0.5 + contrast * (picture - 0.5 + cv2.GaussianBlur(noise, (0, 0), 1.5))


def band(picture: Any, number: int) -> float:
    """The deviation of an octave of luma, by differences of Gaussians."""
    light = picture @ np.float32(start.LUMA)
    fine, broad = (cv2.GaussianBlur(light, (0, 0), s * 2**number) for s in (0.7, 1.4))
    return float((fine - broad).std())


def test_a_neutral_start_leaves_a_frame_as_it_is() -> None:
    frame = photograph(1.0)
    made = drawn(start.neutral(), frame)
    luma = np.float32(start.LUMA)
    assert np.abs((made - frame) @ luma).max() < 1e-5
    assert np.abs(cv2.blur(made - frame, (9, 9))).max() < 0.05  # colors are those of half the size
    weights = network.initial(1, "xs")
    weights["leave.weight"] *= 0
    x = np.tile(frame[None].astype(np.float32), 3)
    x = np.concatenate([x, 0 * x[..., :1]], -1)
    assert np.abs(network.painted(OF, weights, x)[0] - made).max() < 1e-5


@pytest.mark.slow
def test_dull_and_harsh_frames_end_with_much_the_same_contrast() -> None:
    """Each octave is raised or lowered towards the painting's."""
    canvas = cv2.GaussianBlur(stripes(256, 256), (0, 0), 1.0)
    weights, wanted = begun(canvas), canvas.astype(np.float32) / 255
    frames = [photograph(contrast) for contrast in (0.15, 1.5)]
    for number in range(3):
        dull, harsh = (np.log(band(f, number) / band(wanted, number)) for f in frames)
        raised, lowered = (
            np.log(band(drawn(weights, f), number) / band(wanted, number)) for f in frames
        )
        assert dull < raised and lowered - raised < 0.6 * (harsh - dull), number
        assert abs(raised) < abs(dull), number


def test_colors_follow_luma_as_in_the_painting() -> None:
    """Blue where it is dark and yellow where it is bright, of a frame without a color."""
    share = np.linspace(0, 1, 256, dtype=np.float32)[:, None, None]
    broad = share * np.float32([230, 190, 60]) + (1 - share) * np.float32([20, 40, 140])
    weights = begun(np.broadcast_to(broad, (256, 256, 3)).astype(np.uint8))
    slope = np.linspace(0.1, 0.9, SIDE, dtype=np.float32)[None, :, None]
    made = drawn(weights, np.broadcast_to(slope, (SIDE, SIDE, 3)))
    dark, bright = (made[:, part].mean((0, 1)) for part in (slice(32), slice(-32, None)))
    assert dark[2] - dark[0] > 0.15 and bright[0] - bright[2] > 0.15


@pytest.mark.slow
def test_a_painting_without_fine_strokes_has_weights_of_16_bits() -> None:
    canvas = cv2.GaussianBlur(stripes(256, 256), (0, 0), 9)
    weights = {k: np.float16(v).astype(np.float32) for k, v in begun(canvas).items()}
    assert all(np.isfinite(v).all() for v in weights.values())
    made = drawn(weights, photograph(0.6))
    assert np.isfinite(made).all() and band(made, 0) < 0.5 * band(photograph(0.6), 0)


@pytest.mark.slow
def test_flat_areas_are_not_torn_by_their_noise() -> None:
    """What is below the noise of a camera is amplified by little."""
    weights = begun(stripes(256, 256))
    noise = np.random.default_rng(3).normal(0, 0.004, (SIDE, SIDE, 1)).astype(np.float32)
    flat = np.broadcast_to(0.5 + noise, (SIDE, SIDE, 3))
    inner = (slice(16, -16), slice(16, -16))
    assert drawn(weights, flat)[inner].std(axis=(0, 1)).max() < 6 * flat.std()


def test_strokes_fill_what_is_flat_and_no_more() -> None:
    """On flat ground they are those of the canvas; the more contrast a frame has, the fainter."""
    weights = begun(stripes(256, 256))
    part = weights["canvas.weight"][:SIDE, :SIDE, np.newaxis]
    flat = np.full((SIDE, SIDE, 3), 0.5, np.float32)
    light = drawn(weights, flat, part) @ np.float32(start.LUMA)
    inner = slice(16, -16), slice(16, -16)
    assert np.corrcoef(light[inner].ravel(), part[..., 0][inner].ravel())[0, 1] > 0.9
    assert 0.8 < light[inner].std() / part[inner].std() < 1.2
    assert drawn(weights, flat)[inner].std((0, 1)).max() < 0.02
    frames = [photograph(contrast) for contrast in (0.15, 0.5, 1.5, 3.0)]
    added = [(drawn(weights, f, part) - drawn(weights, f))[inner].std() for f in frames]
    assert added == sorted(added, reverse=True) and added[-1] < 0.5 * added[0]
