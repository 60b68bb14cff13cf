"""Grades against the FFmpeg filters of the same formula."""

from __future__ import annotations

import numpy as np
import pytest

from tests.oracles import record
from tests.parity.ops.grade_support import UNIT, agree, by_filter, graded
from tests.parity.oracles.test_ops_oracles import by_ffmpeg, frame_of, planar
from vedc.ops.shared import curve

BITS16 = 1.0 / 65535


@pytest.mark.parametrize(
    "rows",
    [
        ((0.8, 0.3, -0.1), (0.1, 0.9, 0.05), (-0.2, 0.2, 1.1)),
        ((0.0, 1.0, 0.0), (0.0, 0.0, 1.0), (1.0, 0.0, 0.0)),
    ],
)
def test_channel_mixer(rows: tuple[tuple[float, float, float], ...]) -> None:
    options = ":".join(
        f"{to}{of}={rows[i][j]}" for i, to in enumerate("rgb") for j, of in enumerate("rgb")
    )
    red, green, blue = rows
    ours = graded("channel_mixer", UNIT, red=red, green=green, blue=blue)
    theirs = by_filter(f"colorchannelmixer={options}", UNIT)
    agree("channel_mixer", "FFmpeg colorchannelmixer", ours, theirs, 1e-6)


def test_sepia() -> None:
    """The coefficients that FFmpeg's documentation of the filter gives for sepia."""
    coefficients = ".393:.769:.189:0:.349:.686:.168:0:.272:.534:.131"
    theirs = by_filter(f"colorchannelmixer={coefficients}", UNIT)
    agree("sepia", "FFmpeg colorchannelmixer", graded("sepia", UNIT), theirs, 1e-6)


@pytest.mark.parametrize(
    ("shadows", "midtones", "highlights"),
    [
        ((0.4, -0.2, 0.1), (0.0, 0.0, 0.0), (0.0, 0.0, 0.0)),
        ((0.0, 0.0, 0.0), (-0.5, 0.3, 0.9), (0.0, 0.0, 0.0)),
        ((0.1, 0.0, -0.3), (0.2, -0.1, 0.0), (0.6, 0.2, -0.7)),
    ],
)
def test_color_balance(
    shadows: tuple[float, ...], midtones: tuple[float, ...], highlights: tuple[float, ...]
) -> None:
    options = ":".join(
        f"{channel}{tone}={value}"
        for tone, values in (("s", shadows), ("m", midtones), ("h", highlights))
        for channel, value in zip("rgb", values, strict=True)
    )
    theirs = by_filter(f"colorbalance={options}", UNIT, "gbrp16le")
    ours = graded("color_balance", UNIT, shadows=shadows, midtones=midtones, highlights=highlights)
    agree("color_balance", "FFmpeg colorbalance", ours, theirs, 2.5 * BITS16)


@pytest.mark.parametrize("amount", [0.6, -0.8, 1.7])
def test_vibrance(amount: float) -> None:
    theirs = by_filter(
        f"vibrance=intensity={amount}:alternate={int(amount > 0)}"
        ":rlum=0.2126:glum=0.7152:blum=0.0722",
        UNIT, "gbrp16le",
    )  # fmt: skip
    ours = graded("vibrance", UNIT, amount=amount).clip(0, 1)
    agree("vibrance", "FFmpeg vibrance", ours, theirs, 3.0 * BITS16)


def test_levels() -> None:
    colors = UNIT.reshape(1, -1, 3)  # one row: FFmpeg 8.1's slices take their offset twice
    theirs = by_filter(
        "colorlevels=rimin=0.1:gimin=0.05:bimin=0:rimax=0.9:gimax=0.8:bimax=1"
        ":romin=0:gomin=0.1:bomin=0.2:romax=1:gomax=0.9:bomax=0.7",
        colors,
    )
    ours = graded(
        "levels", colors, in_black=(0.1, 0.05, 0.0), in_white=(0.9, 0.8, 1.0),
        out_black=(0.0, 0.1, 0.2), out_white=(1.0, 0.9, 0.7),
    )  # fmt: skip
    agree("levels", "FFmpeg colorlevels", ours, theirs.clip([0, 0.1, 0.2], [1, 0.9, 0.7]), 1e-6)


CURVES = {
    "master": (0.0, 0.05, 0.3, 0.2, 0.7, 0.8, 1.0, 0.95),
    "red": (0.0, 0.0, 0.4, 0.5, 1.0, 1.0),
    "green": (0.1, 0.0, 0.5, 0.5, 0.9, 1.0),
    "blue": (0.0, 0.2, 0.25, 0.2, 0.5, 0.9, 0.75, 0.4, 1.0, 0.4),
}


@pytest.mark.parametrize("used", [("red", "green", "blue"), ("master",), tuple(CURVES)])
def test_curves(used: tuple[str, ...]) -> None:
    options = ":".join(
        f"{name}=" + " ".join(
            f"{x}/{y}" for x, y in zip(CURVES[name][::2], CURVES[name][1::2], strict=True)
        )
        for name in used
    )  # fmt: skip
    theirs = by_filter(f"curves=interp=pchip:{options}", UNIT, "gbrp16le")
    ours = graded("curves", UNIT, **{name: CURVES[name] for name in used})
    # Our table's straight lines; and FFmpeg cuts a point's x and all values to 16-bit steps.
    within = sum(curve.loss(CURVES[name]) for name in used) + 4.0 * BITS16
    agree("curves", "FFmpeg curves pchip", ours, theirs, within)


@pytest.mark.parametrize(("op", "method"), [("reinhard", "reinhard"), ("hable", "hable")])
def test_tone_map(op: str, method: str) -> None:
    """FFmpeg scales by the curve of the largest channel too; its Reinhard is another one."""
    light = UNIT**2 * 4.0
    peak = 4.0
    name = {"hable": "hable", "reinhard": "reinhard:param=0.5"}[method]
    theirs = by_filter(f"tonemap={name}:desat=0:peak={peak}", light)
    ours = graded("tone_map", light, method=op, peak=peak * 203.0)
    if method == "hable":
        agree("tone_map hable", "FFmpeg tonemap", ours, theirs, 2e-6)
        return
    # Theirs is x / (x + 1) * (peak + 1) / peak: ours without the term in peak squared.
    top = light.max(-1, keepdims=True).clip(1e-6)
    undone = ours * ((peak + 1) / peak) / (1.0 + top / peak**2)
    agree("tone_map reinhard", "FFmpeg tonemap, its term undone", undone, theirs, 2e-6)


def test_invert() -> None:
    theirs = by_filter("negate", UNIT, "gbrp16le")
    agree("invert", "FFmpeg negate", graded("invert", UNIT), theirs, 1.0 * BITS16)


@pytest.mark.parametrize("degrees", [35.0, -100.0, 180.0])
def test_hue(degrees: float) -> None:
    """FFmpeg's filter works on Y'CbCr; seen from there our op does the same."""
    rng = np.random.default_rng(5)
    planes = rng.integers(60, 196, (3, 36, 50)).astype(np.uint8)
    (result,) = by_ffmpeg(f"hue=h={degrees}", [frame_of(list(planes), "yuv444p")])
    ours = _through_yuv("hue", planes, {"degrees": degrees})
    differences = [np.abs(a - b).max() for a, b in zip(ours, planar(result), strict=True)]
    record("hue", "FFmpeg hue", max(differences), "8-bit codes")
    assert max(differences) <= 1.0


def _through_yuv(op: str, planes: np.ndarray, params: dict[str, float]) -> list[np.ndarray]:
    y, cb, cr = ((planes[0] - 16.0) / 219, *((p - 128.0) / 224 for p in planes[1:]))
    r, b = y + cr * 2 * (1 - 0.2126), y + cb * 2 * (1 - 0.0722)
    g = (y - 0.2126 * r - 0.0722 * b) / 0.7152
    red, green, blue = np.moveaxis(graded(op, np.stack([r, g, b], -1), **params), -1, 0)
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    cb, cr = (blue - y) / (2 * (1 - 0.0722)), (red - y) / (2 * (1 - 0.2126))
    return [y * 219 + 16, cb * 224 + 128, cr * 224 + 128]
