"""Blends against the W3C's text, FFmpeg's ``blend`` filter and Pillow's ``ImageChops``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageChops

from tests.filters import filtered
from tests.ops_support import apply
from tests.oracles import record
from vedc import ops
from vedc.ops.blend.w3c import BLEND_MODES

Array = np.ndarray[Any, np.dtype[np.float64]]
RNG = np.random.default_rng(31)
ROWS, COLUMNS = 90, 120


def pictures() -> tuple[Array, Array]:
    """Backdrop and source, not premultiplied: 8-bit values with many corners, greys and alphas."""

    def one() -> Array:
        colors = RNG.integers(0, 256, (ROWS, COLUMNS, 3)) / 255
        colors = np.where(RNG.random((ROWS, COLUMNS, 1)) < 0.1, colors[..., :1], colors)
        special = RNG.choice([0.0, 1.0, 127 / 255, 128 / 255, 64 / 255], colors.shape)
        colors = np.where(RNG.random(colors.shape) < 0.2, special, colors)
        alpha = RNG.choice([0.0, 1 / 255, 0.4, 200 / 255, 1.0], (ROWS, COLUMNS, 1))
        return np.concatenate([colors, alpha], -1)

    return one(), one()


def premultiplied(picture: Array) -> Array:
    return np.concatenate([picture[..., :3] * picture[..., 3:], picture[..., 3:]], -1)


# ---------------------------------------------------------------- W3C, Level 1, section 10
# Each function is the specification's text on colours of shape (..., 3) or single channels,
# with its own names and its own branches.


def multiply(cb: Array, cs: Array) -> Array:
    return cb * cs


def screen(cb: Array, cs: Array) -> Array:
    return 1 - (1 - cb) * (1 - cs)


def hard_light(cb: Array, cs: Array) -> Array:
    return np.where(cs <= 0.5, multiply(cb, 2 * cs), screen(cb, 2 * cs - 1))


def color_dodge(cb: Array, cs: Array) -> Array:
    quotient = cb / np.where(cs == 1, 1, 1 - cs)
    return np.where(cb == 0, 0, np.where(cs == 1, 1, np.minimum(1, quotient)))


def color_burn(cb: Array, cs: Array) -> Array:
    quotient = (1 - cb) / np.where(cs == 0, 1, cs)
    return np.where(cb == 1, 1, np.where(cs == 0, 0, 1 - np.minimum(1, quotient)))


def soft_light(cb: Array, cs: Array) -> Array:
    d = np.where(cb <= 0.25, ((16 * cb - 12) * cb + 4) * cb, np.sqrt(cb))
    return np.where(
        cs <= 0.5, cb - (1 - 2 * cs) * cb * (1 - cb), cb + (2 * cs - 1) * (d - cb)
    )  # fmt: skip


def lum(c: Any) -> float:
    return float(0.3 * c[0] + 0.59 * c[1] + 0.11 * c[2])


def clip_color(c: list[float]) -> list[float]:
    level, n, x = lum(c), min(c), max(c)
    if n < 0.0:
        c = [level + (v - level) * level / (level - n) for v in c]
    if x > 1.0:
        c = [level + (v - level) * (1 - level) / (x - level) for v in c]
    return c


def set_lum(c: Any, level: float) -> list[float]:
    d = level - lum(c)
    return clip_color([v + d for v in c])


def sat(c: Any) -> float:
    return float(max(c) - min(c))


def set_sat(c: Any, s: float) -> list[float]:
    low, mid, high = sorted(range(3), key=lambda i: c[i])
    result = [0.0, 0.0, 0.0]
    if c[high] > c[low]:
        result[mid] = (c[mid] - c[low]) * s / (c[high] - c[low])
        result[high] = s
    return result


def each(function: Callable[[Any, Any], list[float]]) -> Callable[[Array, Array], Array]:
    """A function of two single colours, over pictures."""

    def over(cb: Array, cs: Array) -> Array:
        pairs = zip(cb.reshape(-1, 3), cs.reshape(-1, 3), strict=True)
        return np.array([function(b, s) for b, s in pairs]).reshape(cb.shape)

    return over


W3C: dict[str, Callable[[Array, Array], Array]] = {
    "normal": lambda cb, cs: cs,
    "multiply": multiply,
    "screen": screen,
    "overlay": lambda cb, cs: hard_light(cs, cb),
    "darken": np.minimum,
    "lighten": np.maximum,
    "color-dodge": color_dodge,
    "color-burn": color_burn,
    "hard-light": hard_light,
    "soft-light": soft_light,
    "difference": lambda cb, cs: np.abs(cb - cs),
    "exclusion": lambda cb, cs: cb + cs - 2 * cb * cs,
    "hue": each(lambda cb, cs: set_lum(set_sat(cs, sat(cb)), lum(cb))),
    "saturation": each(lambda cb, cs: set_lum(set_sat(cb, sat(cs)), lum(cb))),
    "color": each(lambda cb, cs: set_lum(cs, lum(cb))),
    "luminosity": each(lambda cb, cs: set_lum(cb, lum(cs))),
}


@pytest.mark.parametrize("word", W3C)
def test_modes_of_the_w3c(word: str) -> None:
    backdrop, source = pictures()
    cb, ab, cs, alpha = backdrop[..., :3], backdrop[..., 3:], source[..., :3], source[..., 3:]
    mixed = W3C[word](cb, cs)
    co = cs * alpha * (1 - ab) + cb * ab * (1 - alpha) + alpha * ab * mixed
    theirs = np.concatenate([co, alpha + ab * (1 - alpha)], -1)
    ours = apply(BLEND_MODES[word], premultiplied(backdrop), premultiplied(source))
    worst = np.abs(ours - theirs).max()
    record(BLEND_MODES[word], "W3C Compositing and Blending 1", worst * 255, "8-bit codes")
    assert worst < 1e-9


#: Fa and Fb of section 9's operators.
OPERATORS: dict[str, Callable[[Array, Array], tuple[Any, Any]]] = {
    "clear": lambda s, b: (0, 0),
    "copy": lambda s, b: (1, 0),
    "destination": lambda s, b: (0, 1),
    "source-over": lambda s, b: (1, 1 - s),
    "destination-over": lambda s, b: (1 - b, 1),
    "source-in": lambda s, b: (b, 0),
    "destination-in": lambda s, b: (0, s),
    "source-out": lambda s, b: (1 - b, 0),
    "destination-out": lambda s, b: (0, 1 - s),
    "source-atop": lambda s, b: (b, 1 - s),
    "destination-atop": lambda s, b: (1 - b, s),
    "xor": lambda s, b: (1 - b, 1 - s),
    "lighter": lambda s, b: (1, 1),
}


@pytest.mark.parametrize("word", OPERATORS)
def test_operators_of_porter_and_duff(word: str) -> None:
    backdrop, source = pictures()
    cb, ab, cs, alpha = backdrop[..., :3], backdrop[..., 3:], source[..., :3], source[..., 3:]
    fa, fb = OPERATORS[word](alpha, ab)
    co, ao = alpha * fa * cs + ab * fb * cb, alpha * fa + ab * fb
    theirs = np.minimum(np.concatenate([co, ao], -1), 1)
    ours = apply(BLEND_MODES[word], premultiplied(backdrop), premultiplied(source))
    worst = np.abs(ours - theirs).max()
    record(BLEND_MODES[word], "W3C Compositing and Blending 1", worst * 255, "8-bit codes")
    assert worst < 1e-12


# ---------------------------------------------------------------- FFmpeg

#: Our op -> FFmpeg's mode, and whether its first input is our source.
FFMPEG = {
    "multiply": ("multiply", True),
    "screen": ("screen", True),
    "overlay": ("overlay", False),
    "darken": ("darken", True),
    "lighten": ("lighten", True),
    "color_dodge": ("dodge", True),
    "color_burn": ("burn", True),
    "hard_light": ("hardlight", False),
    "difference": ("difference", True),
    "exclusion": ("exclusion", True),
    "add": ("addition", True),
    "subtract": ("subtract", False),
    "divide": ("divide", False),
    "linear_light": ("linearlight", True),
    "vivid_light": ("vividlight", True),
    "pin_light": ("pinlight", False),
    "hard_mix": ("hardmix", True),
}


def opaque_pair() -> tuple[Array, Array]:
    backdrop, source = pictures()
    backdrop[..., 3] = source[..., 3] = 1.0
    return backdrop, source


@pytest.mark.parametrize("name", FFMPEG)
def test_ffmpeg(name: str) -> None:
    """In floating point, so that only our steps at 2**-12 can differ."""
    mode, source_first = FFMPEG[name]
    backdrop, source = opaque_pair()
    ours = apply(name, backdrop, source)[..., :3].clip(0, 1)
    cb, cs = (p[..., :3].astype(np.float32) for p in (backdrop, source))
    first, second = (cs, cb) if source_first else (cb, cs)
    planes = [[p[..., c] for c in range(3)] for p in (first, second)]
    theirs = np.stack(filtered(f"blend=all_mode={mode}", "gbrpf32le", *planes), -1).clip(0, 1)
    same = np.ones_like(ours, bool)
    if name in ("divide", "color_dodge"):  # black by black is white there, black in the W3C's text
        same = cb > 0
    if name in ("color_burn", "vivid_light"):  # white burnt by black is black there
        same = (cb < 1) & (cb > 0)
    if name == "hard_mix":  # x + (1 - x) is rounded there
        same = np.abs(cb + cs - 1) > 1e-6
    worst = np.abs(ours - theirs)[same].max()
    record(name, f"FFmpeg blend={mode}", worst * 255, "8-bit codes")
    assert same.mean() > 0.8 and worst < 1e-5


def test_linear_burn_is_bleach_of_the_negatives() -> None:
    backdrop, source = opaque_pair()
    ours = apply("linear_burn", backdrop, source)[..., :3]
    planes = [[1 - p[..., c].astype(np.float32) for c in range(3)] for p in (backdrop, source)]
    theirs = np.stack(filtered("blend=all_mode=bleach", "gbrpf32le", *planes), -1).clip(0, 1)
    worst = np.abs(ours - theirs).max()
    record("linear_burn", "FFmpeg blend=bleach", worst * 255, "8-bit codes")
    assert worst < 1e-6


# ---------------------------------------------------------------- Pillow

CHOPS: dict[str, Callable[[Image.Image, Image.Image], Image.Image]] = {
    "multiply": ImageChops.multiply,
    "screen": ImageChops.screen,
    "overlay": ImageChops.overlay,
    "darken": ImageChops.darker,
    "lighten": ImageChops.lighter,
    "hard_light": ImageChops.hard_light,
    "difference": ImageChops.difference,
    "add": ImageChops.add,
    "subtract": ImageChops.subtract,
    "linear_burn": lambda a, b: ImageChops.add(a, b, 1.0, -255),
}


@pytest.mark.parametrize("name", CHOPS)
def test_pillow(name: str) -> None:
    """On 8 bits, truncated there."""
    backdrop, source = opaque_pair()
    ours = apply(name, backdrop, source)[..., :3].clip(0, 1) * 255
    images = [Image.fromarray(np.rint(p[..., :3] * 255).astype(np.uint8)) for p in
              (backdrop, source)]  # fmt: skip
    theirs = np.asarray(CHOPS[name](*images), np.float64)
    worst = np.abs(ours - theirs).max()
    record(name, "Pillow ImageChops", worst, "8-bit codes")
    assert worst < 1.001


# ---------------------------------------------------------------- by definition


@pytest.mark.parametrize("name", ["darker_color", "lighter_color"])
def test_whole_colours_are_chosen_by_luminosity(name: str) -> None:
    backdrop, source = opaque_pair()
    lights = [p[..., :3] @ np.array([0.3, 0.59, 0.11]) for p in (backdrop, source)]
    darker = lights[1] < lights[0] if name == "darker_color" else lights[1] > lights[0]
    theirs = np.where(darker[..., np.newaxis], source, backdrop)
    clearly = np.abs(lights[0] - lights[1]) > 1 / 2040
    ours = apply(name, backdrop, source)
    assert clearly.mean() > 0.9
    np.testing.assert_allclose(ours[clearly], theirs[clearly], atol=1e-12)
    between = np.minimum(backdrop, source), np.maximum(backdrop, source)
    assert (ours >= between[0] - 1e-12).all() and (ours <= between[1] + 1e-12).all()


def test_every_word_names_a_blend() -> None:
    named = set(BLEND_MODES.values())
    assert named == {o.name for o in ops.by_kind("blend")}
