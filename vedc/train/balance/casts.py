"""Shots with known casts, exposures and contrasts, made from footage that is taken as neutral.

Light is changed before it is encoded, as by a wrong camera setting: contrast around middle grey,
then a factor per channel; then come display limits, 8 bits, noise and a JPEG encoder.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import numpy as np

from vedc.codegen.reference.numpy_math import NumpyMath
from vedc.decide.arrays import Byte, Float, Floats, Generator
from vedc.decide.grades.balance.light import encoded, light_of
from vedc.decide.grades.balance.steps import adaptation
from vedc.expr.math import Scalar
from vedc.ops.grade.balance import white_xyz
from vedc.train.balance.pictures import Take

LUMA: Final = np.array([0.2126, 0.7152, 0.0722])
PIVOT: Final = 0.18
#: (height, width) before the encoder, and of a thumbnail.
LARGE: Final = (54, 96)
SMALL: Final = (27, 48)


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """The change applied to a shot."""

    gains: Floats
    """(3,) factors of light."""
    contrast: float = 1.0
    """Exponent around middle grey."""

    @property
    def cast(self) -> Floats:
        """``log(g / r)`` and ``log(g / b)`` of former white."""
        logs = np.log(self.gains)
        return np.array([logs[1] - logs[0], logs[1] - logs[2]])

    @property
    def stops(self) -> float:
        """The change of white's brightness, in stops."""
        return float(np.log2(self.gains @ LUMA))


@dataclass(frozen=True, slots=True, eq=False)
class CastShot:
    """Small pictures of a changed shot, and the change."""

    source: str
    light: Float
    """(n, 27, 48, 3) linear light."""
    change: Change


def lamp(temperature: float, tint: float) -> Floats:
    """Gains (3,) of a light with this temperature and tint, as in ``white_balance``, by Bradford's
    adaptation."""
    adapt, cones, daylight = adaptation("bt709")
    m = NumpyMath()
    at = (cast(Scalar, np.float64(temperature)), cast(Scalar, np.float64(tint)))
    white = np.array([float(cast(Any, c)) for c in white_xyz(m, *at).channels])
    gains: Floats = np.linalg.solve(cones, (adapt @ white) / daylight * cones.sum(1))
    return np.maximum(gains, 0.05)


def drawn_gains(rng: Generator) -> Floats:
    """Gains of a cast: by channel, of a lamp or the sky, or none."""
    kind = rng.random()
    if kind < 0.45:
        return np.exp(rng.uniform(-0.35, 0.35, 3))
    if kind < 0.7:
        # The black-body locus near daylight, as log gains of red and blue relative to green.
        warmth, tint = rng.uniform(-0.45, 0.45), rng.normal(0, 0.06)
        logs = np.array([0.55 * warmth, 0.7 * tint, -0.9 * warmth])
        return np.asarray(np.exp(logs), np.float64)
    if kind < 0.8:
        return np.exp(rng.normal(0, 0.06, 3))
    return np.ones(3)


def drawn_change(rng: Generator) -> Change:
    gains = drawn_gains(rng)
    if rng.random() < 0.5:
        gains = gains * 2.0 ** rng.uniform(-1.5, 1.2)
    contrast = float(np.exp(rng.uniform(-0.35, 0.35))) if rng.random() < 0.4 else 1.0
    return Change(gains, contrast)


def changed(light: Floats | Float, change: Change) -> Float:
    """Light after a change, clipped to the display's range."""
    if change.contrast != 1.0:
        light = PIVOT * (np.maximum(light, 0.0) / PIVOT) ** change.contrast
    return np.clip(light * change.gains, 0.0, 1.0).astype(np.float32)


def pictures_of(rng: Generator, take: Take, count: int, *, whole: bool = False) -> Byte:
    """At most ``count`` pictures (n, 54, 96, 3) of a stretch of a take, cropped and flipped at
    random; with ``whole``, uncropped ones spread over the take."""
    import cv2

    every = take.pictures
    if len(every) > count:
        start = 0 if whole else int(rng.integers(0, len(every) - count + 1))
        chosen = (
            every[np.linspace(0, len(every) - 1, count).round().astype(int)]
            if whole
            else every[start : start + count]
        )
    else:
        chosen = every[:count]
    height, width = every.shape[1:3]
    if not whole:
        part = rng.uniform(0.35, 1.0)
        aspect = (LARGE[1] / LARGE[0]) * np.exp(rng.uniform(-0.3, 0.3))
        high = min(height, width / aspect) * part
        rows, columns = max(8, round(high)), max(8, min(width, round(high * aspect)))
        top = int(rng.integers(0, height - rows + 1))
        left = int(rng.integers(0, width - columns + 1))
        chosen = chosen[:, top : top + rows, left : left + columns]
        if rng.random() < 0.5:
            chosen = chosen[:, :, ::-1]
    resized = [
        np.asarray(cv2.resize(np.ascontiguousarray(p), LARGE[::-1], interpolation=cv2.INTER_AREA))
        for p in chosen
    ]
    return np.stack(resized).astype(np.uint8)


def degraded(rng: Generator, light: Float) -> Float:
    """Light (n, 54, 96, 3) after 8 bits, noise and JPEG, reduced to thumbnails."""
    import cv2

    noise = rng.choice([0.0, 0.0, 1.0, 2.5]) / 255
    quality = int(rng.integers(45, 97))
    codes = encoded(light)
    if noise:
        codes = codes + rng.normal(0, noise, codes.shape).astype(np.float32)
    bytes_ = np.clip(np.rint(codes * 255), 0, 255).astype(np.uint8)
    small = []
    for picture in bytes_:
        ok, packed = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
        assert ok
        back = np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)
        small.append(cv2.resize(back, SMALL[::-1], interpolation=cv2.INTER_AREA)[..., ::-1])
    return light_of(np.stack(small).astype(np.float32) / 255)


#: Pictures of a shot that vedc analyses.
SEEN: Final = 8


def whole_shots(
    takes: Mapping[str, Sequence[Take]], count: int, seed: int, tones: bool = True
) -> list[CastShot]:
    """A fixed set of uncropped shots with known changes, ``count`` from each source.

    Three of four have a cast with independent gains ``exp(U(-0.35, 0.35))`` per channel; with
    ``tones`` the exposure is changed in two of three and the contrast in one of three.
    """
    found = []
    for place, source in enumerate(sorted(takes)):
        rng = np.random.default_rng([seed, place])
        for number in range(count):
            take = takes[source][number % len(takes[source])]
            pictures = pictures_of(rng, take, SEEN, whole=True)
            gains = np.exp(rng.uniform(-0.35, 0.35, 3)) if number % 4 else np.ones(3)
            brighter, steeper = rng.uniform(-1.2, 1.0), float(np.exp(rng.uniform(-0.35, 0.35)))
            if tones and number % 3:
                gains = gains * 2.0**brighter
            change = Change(gains, steeper if tones and number % 3 == 2 else 1.0)
            light = changed(light_of(pictures.astype(np.float32) / 255), change)
            found.append(CastShot(source, degraded(rng, light), change))
    return found


class Shots:
    """Draws training shots from some sources, all with equal probability."""

    def __init__(self, takes: Mapping[str, Sequence[Take]]) -> None:
        self.takes, self.names = takes, sorted(takes)

    def draw(self, rng: Generator) -> CastShot:
        light = self._scene(rng)
        if rng.random() < 0.5:  # two scenes under one light
            other = self._scene(rng)
            count = min(len(light), len(other))
            light, other = light[:count].copy(), other[:count]
            if rng.random() < 0.5:
                at = int(rng.integers(24, 73))
                light[:, :, at:] = other[:, :, at:]
            else:
                at = int(rng.integers(14, 41))
                light[:, at:] = other[:, at:]
        if rng.random() < 0.5:
            luma = (light @ LUMA)[..., np.newaxis]
            light = np.clip(luma + (light - luma) * rng.uniform(0.5, 1.4), 0.0, 1.0)
        change = drawn_change(rng)
        return CastShot("", degraded(rng, changed(light, change)), change)

    def _scene(self, rng: Generator) -> Float:
        takes = self.takes[self.names[int(rng.integers(len(self.names)))]]
        take = takes[int(rng.integers(len(takes)))]
        count = int(rng.choice([1, 1, 2, 3]))
        light = light_of(pictures_of(rng, take, count).astype(np.float32) / 255)
        if rng.random() < 0.5:  # scenes are never perfectly neutral
            light = np.clip(light * np.exp(rng.normal(0, 0.04, 3)), 0.0, 1.0).astype(np.float32)
        return light
