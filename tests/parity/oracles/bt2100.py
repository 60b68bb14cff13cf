"""HDR as the standards print it, in float64 and without a line of the product.

Sources: ITU-R BT.2100-2 (PQ, HLG, ICtCp), BT.2390-10 (EETF), BT.2408 (reference white), BT.1886,
BT.2124 (the colour difference dE_ITP), and Ottosson's "Gamut clipping" (2021) in Oklab.
Colours are arrays (..., 3); light is in cd/m2 unless said otherwise.
"""

from __future__ import annotations

import numpy as np

from tests.ops_support import Array

WHITE = 203.0
"""BT.2408: light of diffuse white in HDR, which is that of an SDR display's white."""

_CHROMATICITIES = {
    "bt2020": ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
    "bt709": ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060)),
}
_D65 = (0.3127, 0.3290)
_TO_LMS = np.array([[1688, 2146, 262], [683, 2951, 462], [99, 309, 3688]]) / 4096
_TO_ICTCP = np.array([[2048, 2048, 0], [6610, -13613, 7003], [17933, -17390, -543]]) / 4096


def to_xyz(primaries: str) -> Array:
    """Linear R, G, B to XYZ, white at Y = 1."""
    columns = np.array([(x / y, 1, (1 - x - y) / y) for x, y in _CHROMATICITIES[primaries]]).T
    x, y = _D65
    return columns * np.linalg.solve(columns, np.array([x / y, 1, (1 - x - y) / y]))


def between(source: str, target: str) -> Array:
    return np.linalg.solve(to_xyz(target), to_xyz(source))


def pq_light(signal: Array) -> Array:
    """BT.2100 table 4, EOTF."""
    power = signal ** (32 / 2523)
    return 10000 * (
        np.maximum(power - 3424 / 4096, 0) / (2413 / 128 - 2392 / 128 * power)
    ) ** (16384 / 2610)  # fmt: skip


def pq_signal(light: Array) -> Array:
    power = (np.maximum(light, 0) / 10000) ** (2610 / 16384)
    return ((3424 / 4096 + 2413 / 128 * power) / (1 + 2392 / 128 * power)) ** (2523 / 32)


_A = 0.17883277
_B, _C = 1 - 4 * _A, 0.5 - _A * np.log(4 * _A)


def _scene(signal: Array) -> Array:
    """BT.2100 table 5, inverse OETF."""
    return np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - _C) / _A) + _B) / 12)


def _oetf(scene: Array) -> Array:
    log = _A * np.log(np.maximum(12 * scene - _B, 1e-9)) + _C
    return np.where(scene <= 1 / 12, np.sqrt(3 * np.maximum(scene, 0)), log)


def hlg_ictcp(signal: Array) -> Array:
    """BT.2100 table 7: HLG's ICtCp, from the light of the scene."""
    rows = np.array([[2048, 2048, 0], [3625, -7465, 3840], [9500, -9212, -288]]) / 4096
    return _oetf(_scene(signal) @ _TO_LMS.T) @ rows.T


def hlg_light(signal: Array) -> Array:
    """BT.2100 table 5: inverse OETF, then the OOTF of a display of 1000 cd/m2."""
    scene = _scene(signal)
    luminance = scene @ np.array([0.2627, 0.6780, 0.0593])
    return 1000 * luminance[..., None] ** 0.2 * scene


def hlg_signal(light: Array) -> Array:
    luminance = np.maximum(light @ np.array([0.2627, 0.6780, 0.0593]) / 1000, 1e-12)
    return _oetf(light / 1000 * luminance[..., None] ** (1 / 1.2 - 1))


def srgb_light(signal: Array) -> Array:
    """IEC 61966-2-1: of 0..1, relative to white."""
    return np.where(signal <= 0.04045, signal / 12.92, ((signal + 0.055) / 1.055) ** 2.4)


def ictcp(light: Array) -> Array:
    """Of light in BT.2020."""
    return pq_signal(light @ _TO_LMS.T) @ _TO_ICTCP.T


def difference(light: Array, other: Array) -> Array:
    """dE_ITP (BT.2124-0) of lights in BT.2020; 1 is about the least that is seen."""
    i, t, p = np.moveaxis((ictcp(light) - ictcp(other)) * [1, 0.5, 1], -1, 0)
    return 720 * np.sqrt(i * i + t * t + p * p)


def eetf(signal: Array, peak: float) -> Array:
    """BT.2390-10, section 5.4.1: PQ signals of a source up to ``peak``, on a display of 203 cd/m2
    whose black is 0."""
    top = float(pq_signal(np.array(peak)))
    most = float(pq_signal(np.array(WHITE))) / top
    part = np.clip(signal / top, 0, 1)
    knee = 1.5 * most - 0.5
    t = (part - knee) / (1 - knee)
    spline = (
        (2 * t**3 - 3 * t**2 + 1) * knee
        + (t**3 - 2 * t**2 + t) * (1 - knee)
        + (-2 * t**3 + 3 * t**2) * most
    )
    return np.where(part < knee, part, spline) * top


def bt2390(light: Array, peak: float) -> Array:
    """The same on I of ICtCp, Ct and Cp scaled by min(I1 / I2, I2 / I1)."""
    before = ictcp(light)
    intensity = np.maximum(before[..., :1], 1e-9)
    after = eetf(intensity, peak)
    chroma = before[..., 1:] * np.minimum(intensity / after, after / intensity)
    lms = pq_light(np.clip(np.concatenate([after, chroma], -1) @ np.linalg.inv(_TO_ICTCP).T, 0, 1))
    return lms @ np.linalg.inv(_TO_LMS).T


_OK1 = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_OK2 = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def oklab(rgb: Array) -> Array:
    """Of linear BT.709."""
    return np.cbrt(rgb @ _OK1.T) @ _OK2.T


def in_gamut(rgb: Array) -> Array:
    """Linear BT.709, brought into 0..1: at constant luminance until no channel is negative, then
    as ``gamut_clip_adaptive_L0_0_5`` with alpha 0.5 does, along a line in Oklab, until none is
    above 1."""
    luminance, least = rgb @ to_xyz("bt709")[1], np.minimum(rgb.min(-1), 0)
    grey = np.maximum(luminance, 0)[..., None]
    rgb = grey + (rgb - grey) * (grey / np.maximum(grey - least[..., None], 1e-30))
    lab = oklab(rgb)
    off = lab[..., 0] - 0.5
    reach = 0.5 + np.abs(off) + 0.5 * np.hypot(lab[..., 1], lab[..., 2])
    middle = 0.5 * (1 + np.sign(off) * (reach - np.sqrt(reach**2 - 2 * np.abs(off))))
    start = np.stack([middle, 0 * middle, 0 * middle], -1)

    def along(t: Array) -> Array:
        roots = (start + (lab - start) * t[..., None]) @ np.linalg.inv(_OK2).T
        return roots**3 @ np.linalg.inv(_OK1).T

    low = np.zeros(middle.shape)
    for part in 0.5 ** np.arange(1, 40):
        low = np.where(along(low + part).max(-1) <= 1, low + part, low)
    inside = rgb.max(-1) <= 1
    return np.where(inside[..., None], rgb, along(low)).clip(0, 1)


def on_sdr(light: Array, peak: float) -> Array:
    """The output of an SDR display of 203 cd/m2, as linear BT.709 of 0..1."""
    return in_gamut(bt2390(light, peak) / WHITE @ between("bt2020", "bt709").T)
