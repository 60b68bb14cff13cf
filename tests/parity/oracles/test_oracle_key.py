"""Keys against FFmpeg's chromakey, colorkey, lumakey and despill, on 8-bit frames."""

from __future__ import annotations

import colorsys
from typing import Any

import numpy as np
import pytest

from tests.filters import filtered
from tests.ops_support import apply
from tests.oracles import record
from vedc.color import MATRICES

Array = np.ndarray[Any, np.dtype[np.float64]]
RNG = np.random.default_rng(17)
ROWS, COLUMNS = 66, 90
KEY = (40, 200, 80)


def opaque(rgb: Array) -> Array:
    return np.concatenate([rgb, np.ones((*rgb.shape[:2], 1))], -1)


def near_the_key() -> Array:
    """8-bit colours: a third close to the key, a third farther, a third anywhere."""
    spread = RNG.choice([20, 90, 400], (ROWS, COLUMNS, 1))
    colors = np.array(KEY) + RNG.uniform(-1, 1, (ROWS, COLUMNS, 3)) * spread
    return np.rint(colors.clip(0, 255)).astype(np.uint8)


def compare(name: str, oracle: str, ours: Array, theirs: Any, most: float) -> None:
    """Codes of 8 bits; FFmpeg truncates its mattes."""
    worst = np.abs(ours - np.asarray(theirs, np.float64)).max()
    record(name, oracle, worst, "8-bit codes")
    assert worst <= most


@pytest.mark.parametrize(("similarity", "blend"), [(0.1, 0.15), (0.3, 0.4), (0.02, 0.05)])
def test_color_key(similarity: float, blend: float) -> None:
    colors = near_the_key()
    packed = np.dstack([colors, np.full((ROWS, COLUMNS), 255, np.uint8)])
    (result,) = filtered(
        f"colorkey=color=0x{bytes(KEY).hex()}:similarity={similarity}:blend={blend}",
        "rgba",
        [packed],
    )
    theirs = result[..., 3]
    ours = apply(
        "color_key",
        opaque(colors / 255),
        color=tuple(c / 255 for c in KEY),
        similarity=similarity,
        softness=blend,
    )[..., 3]
    assert 0.005 < (theirs == 0).mean() < 0.9 and (theirs > 0).any()
    compare("color_key", "FFmpeg colorkey", ours * 255, theirs, 1.001)
    plate = np.broadcast_to(np.append(np.array(KEY) / 255, 1.0), (ROWS, COLUMNS, 4))
    lifted = apply(
        "difference_key", opaque(colors / 255), plate=plate, threshold=similarity, softness=blend
    )[..., 3]
    compare("difference_key", "FFmpeg colorkey, one plate", lifted * 255, theirs, 1.001)


def to_rgb(y: Array, cb: Array, cr: Array, matrix: str) -> Array:
    """Limited-range codes to R'G'B', by H.273's equations."""
    kr, kb = MATRICES[matrix]
    luma, blue, red = (y - 16) / 219, (cb - 128) / 224, (cr - 128) / 224
    r, b = luma + 2 * (1 - kr) * red, luma + 2 * (1 - kb) * blue
    return np.stack([r, (luma - kr * r - kb * b) / (1 - kr - kb), b], -1)


@pytest.mark.parametrize("matrix", ["smpte170m", "bt709"])
@pytest.mark.parametrize(("similarity", "blend"), [(0.08, 0.12), (0.02, 0.3)])
def test_chroma_key(matrix: str, similarity: float, blend: float) -> None:
    """In flat 3x3 tiles, because FFmpeg averages distances over 3x3 pixels."""
    key = (140, 90, 70)
    spread = RNG.choice([10.0, 40.0, 128.0], (1, ROWS // 3, COLUMNS // 3))
    tiles = np.array(key)[:, np.newaxis, np.newaxis] + spread * RNG.uniform(
        -1, 1, (3, ROWS // 3, COLUMNS // 3)
    )
    codes = np.rint(tiles.clip(16, 235)).repeat(3, 1).repeat(3, 2)
    planes = [*codes.astype(np.uint8), np.full((ROWS, COLUMNS), 255, np.uint8)]
    # With yuv=1 the "colour" is the key's Y, Cb and Cr codes.
    chain = f"chromakey=color=0x{bytes(key).hex()}:yuv=1:similarity={similarity}:blend={blend}"
    theirs = filtered(chain, "yuva444p", planes)[3][1::3, 1::3]
    rgb = to_rgb(*codes, matrix)[1::3, 1::3]  # type: ignore[call-arg]
    color = to_rgb(*(np.float64(k) for k in key), matrix)  # type: ignore[call-arg,arg-type]
    ours = apply(
        "chroma_key",
        opaque(rgb),
        color=tuple(color),
        similarity=similarity,
        softness=blend,
        despill=0.0,
        matrix=matrix,
    )
    assert 0.005 < (theirs == 0).mean() < 0.9 and ((theirs > 0) & (theirs < 255)).any()
    compare("chroma_key", "FFmpeg chromakey", ours[..., 3] * 255, theirs, 1.001)
    np.testing.assert_allclose(ours[..., :3], rgb * ours[..., 3:], atol=1e-12)


@pytest.mark.parametrize(
    ("threshold", "tolerance", "softness"), [(0.0, 0.1, 0.1), (0.5, 0.1, 0.2), (0.9, 0.1, 0.4)]
)
def test_luma_key(threshold: float, tolerance: float, softness: float) -> None:
    luma = RNG.integers(0, 256, (ROWS, COLUMNS)).astype(np.uint8)
    grey = np.full((ROWS, COLUMNS), 128, np.uint8)
    theirs = filtered(
        f"lumakey=threshold={threshold}:tolerance={tolerance}:softness={softness}",
        "yuva444p",
        [luma, grey, grey, np.full((ROWS, COLUMNS), 255, np.uint8)],
    )[3]
    # Its thresholds are whole codes, rounded down.
    low, high = (int(255 * t) / 255 for t in (threshold - tolerance, threshold + tolerance))
    picture = opaque(np.repeat(luma[..., np.newaxis] / 255, 3, -1))
    given = {"low": max(low, 0.0), "high": min(high, 1.0), "softness": int(255 * softness) / 255}
    ours = apply("luma_key", picture, **given)[..., 3]
    compare("luma_key", "FFmpeg lumakey", ours * 255, theirs, 1.01)
    kept = apply("luma_key", picture, invert=True, **given)[..., 3]
    np.testing.assert_allclose(kept, 1 - ours, atol=1e-12)
    inside = apply("luma_mask", picture, **given)
    compare("luma_mask", "FFmpeg lumakey, inverted", (1 - inside) * 255, theirs, 1.01)


@pytest.mark.parametrize(
    ("screen", "amount", "mix", "brightness"),
    [("green", 1.0, 0.5, 0.0), ("green", 0.6, 0.3, 0.0), ("blue", 1.0, 0.8, 0.0),
     ("blue", 1.0, 0.5, 0.4), ("green", 1.0, 0.2, -0.5)],
)  # fmt: skip
def test_despill(screen: str, amount: float, mix: float, brightness: float) -> None:
    colors = near_the_key()[..., :: 1 if screen == "green" else -1]
    packed = np.dstack([colors, np.full((ROWS, COLUMNS), 255, np.uint8)])
    other = "green" if screen == "blue" else "blue"
    (result,) = filtered(
        f"despill=type={screen}:mix={mix}:expand=0:red=0:{other}=0:{screen}={-amount}"
        f":brightness={brightness * amount}",
        "rgba",
        [packed],
    )
    theirs = result[..., :3]
    ours = apply(
        "despill", opaque(colors / 255), screen=screen, amount=amount, mix=mix,
        brightness=brightness,
    )[..., :3]  # fmt: skip
    assert (theirs != colors).any()
    compare("despill", "FFmpeg despill", ours.clip(0, 1) * 255, theirs, 1.001)


def test_hue_and_saturation_match_hsv() -> None:
    """The qualifier's ramps, by Python's colorsys."""
    colors = RNG.integers(0, 256, (40, 50, 3)) / 255
    hsv = np.array([colorsys.rgb_to_hsv(*c) for c in colors.reshape(-1, 3)]).reshape(40, 50, 3)
    luma = colors @ np.array([0.2126, 0.7152, 0.0722])
    given = {
        "hue": 350.0, "hue_width": 80.0, "hue_softness": 50.0, "saturation_low": 0.4,
        "saturation_high": 0.7, "saturation_softness": 0.2, "luma_low": 0.3, "luma_high": 0.6,
        "luma_softness": 0.15,
    }  # fmt: skip
    away = np.abs((hsv[..., 0] * 360 - 350 + 180) % 360 - 180)
    by_hue = 1 - ((away - 40) / 50).clip(0, 1)
    by_saturation = (1 + np.minimum(hsv[..., 1] - 0.4, 0.7 - hsv[..., 1]) / 0.2).clip(0, 1)
    by_luma = (1 + np.minimum(luma - 0.3, 0.6 - luma) / 0.15).clip(0, 1)
    theirs = by_hue * by_saturation * by_luma
    coloured = np.ptp(colors, -1) > 1 / 64
    ours = apply("qualifier", opaque(colors), **given)
    assert (theirs > 0.2).any() and coloured.mean() > 0.9
    worst = np.abs(ours - theirs)[coloured].max()
    record("qualifier", "Python colorsys (HSV)", worst * 255, "8-bit codes")
    assert worst < 1e-9


def test_color_range_is_the_color_key_inverted() -> None:
    picture = opaque(near_the_key() / 255)
    given = {"color": (0.2, 0.7, 0.3), "similarity": 0.12, "softness": 0.2}
    keyed = apply("color_key", picture, **given)[..., 3]
    np.testing.assert_allclose(apply("color_range", picture, **given), 1 - keyed, atol=1e-12)
