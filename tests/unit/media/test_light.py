"""Colours in float: against littleCMS on the same profiles, and by hand."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from PIL import Image, ImageCms

from tests.media.zoo import profiles
from vedc.stills import light

GREYS = np.linspace(0, 1, 256, dtype=np.float32)


def by_lcms(profile: bytes, pixels: np.ndarray) -> np.ndarray:
    """Relative colorimetric, to the sRGB profile of littleCMS."""
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    target = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    converted = ImageCms.profileToProfile(Image.fromarray(pixels), source, target, 1)
    assert converted is not None
    return np.asarray(converted)


def parametric(kind: int, *numbers: float) -> bytes:
    fixed = b"".join(struct.pack(">i", round(number * 65536)) for number in numbers)
    return b"para" + bytes(4) + struct.pack(">HH", kind, 0) + fixed


@pytest.mark.parametrize(
    "curve",
    [
        profiles.SRGB_CURVE,
        profiles.GAMMA_CURVE,
        b"curv" + bytes(8),
        b"curv"
        + bytes(4)
        + struct.pack(">I9H", 9, *(round(65535 * (i / 8) ** 2) for i in range(9))),
        parametric(0, 1.8),
        parametric(1, 2.0, 1.1, -0.1),
        parametric(2, 2.0, 0.9, -0.1, 0.05),
        parametric(3, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045),
        parametric(4, 2.2, 0.9, 0.05, 0.2, 0.1, 0.02, 0.01),
    ],
)
@pytest.mark.parametrize("colorants", [profiles.P3, profiles.ADOBE, profiles.SRGB])
def test_profiles_mean_what_littlecms_reads(
    curve: bytes, colorants: tuple[tuple[float, ...], ...]
) -> None:
    pixels = np.random.default_rng(3).integers(0, 256, (40, 50, 3), np.uint8)
    profile = profiles.profile(colorants, curve)
    meaning = light.of_profile(profile)
    assert meaning is not None
    ours = meaning.to_srgb(np.divide(pixels, 255, dtype=np.float32)) * 255
    away = np.abs(ours - by_lcms(profile, pixels))
    assert np.median(away) < 0.6
    assert np.quantile(away, 0.99) < 2.0


@pytest.mark.parametrize("profile", [b"", b"junk" * 50, profiles.display_p3()[:300]])
def test_an_invalid_profile_gives_none(profile: bytes) -> None:
    assert light.of_profile(profile) is None


def test_srgb_there_and_back() -> None:
    wide = np.concatenate([-GREYS, GREYS, GREYS * 8])
    back = light.light_to_srgb(light.srgb_to_light(wide))
    assert np.abs(back - wide).max() < 2e-5
    assert float(light.srgb_to_light(np.float32([0.5]))[0]) == pytest.approx(0.21404114, abs=1e-6)


def test_gammas_that_mean_srgb() -> None:
    assert light.of_gamma(None, None) is None
    assert light.of_gamma(0.45455, None) is None
    assert (
        light.of_gamma(0.45455, ((0.64, 0.33), (0.3, 0.6), (0.15, 0.06), (0.3127, 0.329))) is None
    )
    linear = light.of_gamma(1.0, None)
    assert linear is not None
    grey = linear.to_light(np.full((1, 1, 3), 0.25, np.float32))
    assert np.abs(grey - 0.25).max() < 1e-6


def test_chromaticities_that_span_nothing_are_ignored() -> None:
    assert light.of_chromaticities(((0.3, 0.3),) * 4, light.power(1.0)) is None
    assert light.of_chromaticities(((0.3, 0.0),) * 4, light.power(1.0)) is None
