"""Wavelet denoising: its constants, what it keeps, and how it compares with other denoisers."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from tests.ops_support import apply
from vedc.kernels.denoise import nlm, wavelet
from vedc.report.ops.thumbnails import PICTURES


def noisy(picture: Any, sigma: float) -> Any:
    grain = np.random.default_rng(5).standard_normal(picture.shape)
    return np.float32(np.round((picture + sigma * grain).clip(0, 1) * 255) / 255)


def psnr(made: Any, wanted: Any) -> float:
    return float(-10 * np.log10(((made.clip(0, 1) - wanted) ** 2).mean()))


def photograph() -> Any:
    picture = np.asarray(Image.open(PICTURES / "bunny.jpg").convert("RGB"), np.float32) / 255
    return np.ascontiguousarray(picture.transpose(2, 0, 1)[:, 40:200, 40:280])


def test_noise_of_each_scale_is_what_the_constants_say() -> None:
    """White noise of deviation 1, along one axis: exact, from the taps themselves."""
    smoothed, spline = np.ones(1), np.array(wavelet.SPLINE)
    for scale, (low, high) in enumerate(zip(wavelet.LOW, wavelet.HIGH, strict=True)):
        taps = np.zeros(4 * 2**scale + 1)
        taps[:: 2**scale] = spline
        further = np.convolve(smoothed, taps)
        before = np.pad(smoothed, (len(further) - len(smoothed)) // 2)
        assert np.linalg.norm(further) == pytest.approx(low, abs=1e-6)
        assert np.linalg.norm(before - further) == pytest.approx(high, abs=1e-6)
        smoothed = further
    assert np.allclose(wavelet.MATRIX @ wavelet.MATRIX.T, np.eye(3))


@pytest.mark.parametrize("sigma", [10 / 255, 20 / 255, 30 / 255])
def test_it_is_better_than_other_denoisers(sigma: float) -> None:
    """Than non-local means, ours and OpenCV's, on a photograph, each given the noise."""
    clean = photograph()
    given = noisy(clean, sigma)
    ours = psnr(wavelet.cpu(given, strength=sigma), clean)
    assert ours > psnr(nlm.cpu(given, strength=sigma), clean) + 0.8
    codes = np.uint8(given.transpose(1, 2, 0) * 255)
    level = sigma * 255
    theirs = cv2.fastNlMeansDenoisingColored(codes, None, level, level, 5, 11)
    assert ours > psnr(np.float32(theirs).transpose(2, 0, 1) / 255, clean)
    assert ours > psnr(given, clean) + 6


def test_light_above_white_and_below_black_stays() -> None:
    """Opaque pictures of an HDR film, or before a grade: nothing is clipped."""
    clean = photograph() * 4 - 0.5
    layer = np.concatenate([clean, np.ones_like(clean[:1])]).astype(np.float32)
    drawn = apply("wavelet_denoise", np.moveaxis(layer, 0, -1), strength=0.01)
    for made in (wavelet.cpu(layer[:3], strength=0.01), np.moveaxis(drawn, -1, 0)):
        assert made[:3].max() > 3.2 and made[:3].min() < -0.4
        np.testing.assert_allclose(made[:3], clean, atol=0.1)


def test_coverage_stays_and_hides_no_noise() -> None:
    """A half-covered picture is cleaned like an opaque one; clear pixels stay clear."""
    given = noisy(photograph(), 0.08)
    opaque = np.concatenate([given, np.ones_like(given[:1])])
    made = wavelet.cpu(opaque, strength=0.08)
    np.testing.assert_allclose(wavelet.cpu(opaque / 2, strength=0.08), made / 2, atol=1e-6)
    np.testing.assert_allclose(made[:3], wavelet.cpu(given, strength=0.08), atol=1e-6)
    opaque[:, :, 100:140] = 0
    cut = wavelet.cpu(opaque, strength=0.08)
    assert np.array_equal(cut[3], opaque[3])
    assert np.array_equal(cut[:3, :, 100:140], opaque[:3, :, 100:140])
    np.testing.assert_allclose(cut[:3, :, 180:], made[:3, :, 180:], atol=1e-6)


def test_without_noise_to_take_away_nothing_changes() -> None:
    clean = photograph()
    assert np.abs(wavelet.cpu(clean, strength=0.0) - clean).max() < 1e-5
