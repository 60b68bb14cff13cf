"""Explicit conversions of primaries and transfer curves."""

from __future__ import annotations

import itertools
from typing import Final

from vedc.color import PRIMARIES, Mat3
from vedc.expr.math import Math, Number, Scalar, Vec3
from vedc.ops.core.registry import Values, param
from vedc.ops.shared import camera_log, color_conversion, hsl, matrix
from vedc.ops.shared.declare import grade, linear_grade

#: Where compression of strong colours begins, as a fraction of the way from grey to the gamut's
#: edge, and how sharply it bends (the power of the ACES Reference Gamut Compression).
THRESHOLD: Final = 0.8
POWER: Final = 1.2


def _swapped(values: Values) -> dict[str, object] | None:
    if values.get("method", "none") != "none":
        return None
    return {**values, "source": values["target"], "target": values["source"]}


@linear_grade(
    use="Convert a camera's wide gamut, or a wrongly tagged one, to the canvas's.",
    identity=lambda values: values["source"] == values["target"],
    inverse=_swapped,
)
def gamut(
    m: Math,
    rgb: Vec3,
    *,
    source: str = param(
        choices=tuple(PRIMARIES), doc="The primaries of the input.", shown="bt2020"
    ),
    target: str = param("bt709", choices=tuple(PRIMARIES), doc="The primaries of the result."),
    method: str = param(
        "compress", choices=("compress", "clip", "none"), doc="For colours beyond `target`."
    ),
) -> Vec3:
    """Express linear light of one set of primaries in another.

    Converts through CIE XYZ, with Bradford adaptation where the whites differ. `clip` cuts negative
    channels off; `none` keeps them. `compress` moves strong colours towards grey so that all of
    `source` fits into `target`: each channel's distance from the largest is bent by the curve of
    the ACES Reference Gamut Compression (power 1.2), from 0.8 of the way to the edge, with the
    farthest colours of `source` as limits.
    """
    rows = color_conversion.primaries_matrix(source, target)
    light = m.matrix(rows, rgb)
    if method == "clip":
        return light.map(lambda x: m.max(x, 0.0))
    return light if method == "none" else compressed(m, light, limits(rows))


def limits(rows: Mat3) -> tuple[float, float, float]:
    """How far from the largest channel each channel of the source's colours comes, as a part
    of the largest: 1 is the edge of the target.

    That is a linear program: of all mixtures of the source's primaries whose largest channel
    is at most 1 the lowest value of each channel, which lies at a corner where three of the
    six bounds meet. Mixtures that have no positive channel at all are left out.
    """
    bounds = [(row, 0.0) for row in matrix.IDENTITY] + [(row, 1.0) for row in rows]
    lowest = [0.0, 0.0, 0.0]
    for three in itertools.combinations(bounds, 3):
        (a, level_a), (b, level_b), (c, level_c) = three
        if abs(matrix.determinant((a, b, c))) < 1e-9:
            continue
        corner = matrix.apply(matrix.inverse((a, b, c)), (level_a, level_b, level_c))
        seen = matrix.apply(rows, corner)
        if min(corner) > -1e-9 and max(seen) < 1.0 + 1e-9:
            lowest = [min(least, x) for least, x in zip(lowest, seen, strict=True)]
    return 1.0 - lowest[0], 1.0 - lowest[1], 1.0 - lowest[2]


def compressed(m: Math, rgb: Vec3, limits: tuple[float, float, float]) -> Vec3:
    """Distances of up to ``limits`` brought within 1 (ACES, "Gamut Mapping Compression",
    2021). Where a limit is 1 the channel stays."""
    top = hsl.brightest(m, rgb)
    size = m.abs(top)
    scale = m.select(size > 0.0, 1.0 / size, 0.0)

    def channel(x: Scalar, limit: float) -> Scalar:
        if limit < 1.0 + 1e-6:
            return x
        unit = ((1.0 - THRESHOLD) / (limit - THRESHOLD)) ** -POWER - 1.0
        width = (limit - THRESHOLD) / unit ** (1.0 / POWER)
        distance = (top - x) * scale
        along = m.max((distance - THRESHOLD) / width, 0.0)
        bent = along * m.pow(1.0 + m.pow(along, POWER), -1.0 / POWER)
        return m.select(distance < THRESHOLD, x, top - (THRESHOLD + width * bent) * size)

    r, g, b = (channel(x, limit) for x, limit in zip(rgb.channels, limits, strict=True))
    return Vec3(r, g, b)


# ---------------------------------------------------------------- fitting by look

#: Linear R, G, B of BT.709 to the cone responses of Oklab, and their cube roots to L, a, b
#: (Ottosson, "A perceptual color space for image processing", 2020).
OK_LMS: Final[Mat3] = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
OK_LAB: Final[Mat3] = (
    (0.2104542553, 0.7936177850, -0.0040720468),
    (1.9779984951, -2.4285922050, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.8086757660),
)
#: How much colourful colours give way in lightness: Ottosson's alpha.
_YIELD: Final = 0.5
_HALVINGS: Final = 7


def fitted(m: Math, rgb: Vec3, primaries: str) -> Vec3:
    """Linear light 0..1 that looks like ``rgb``; what lies within 0..1 already is unchanged.

    Colours beyond the primaries first move towards the grey of the same luminance, which keeps the
    dominant wavelength, until no channel is negative. What is then brighter than 1 moves in Oklab,
    where lines of constant hue are straight, towards a grey until no channel exceeds 1. That grey
    is Ottosson's, the more like 0.5 the more colourful the colour ("Gamut clipping", 2021:
    adaptive L0, alpha 0.5): bright strong colours get darker as well as paler.

    One such line for both would keep all hues, but lines towards deep blues leave the gamut and
    enter it again: neighbouring colours would be torn apart.
    """
    rgb = _without_negatives(m, rgb, primaries)
    into = matrix.product(OK_LMS, color_conversion.primaries_matrix(primaries, "bt709"))
    out_of = matrix.inverse(into)
    roots = m.matrix(into, rgb).map(lambda x: m.mirrored(x, lambda size: m.pow(size, 1.0 / 3.0)))
    lightness, a, b = (m.dot(roots, row) for row in OK_LAB)
    grey = _grey(m, lightness, m.sqrt(a * a + b * b))
    # Along the way each channel is a cubic of how far it is.
    way = roots - grey
    square = way * way
    first = m.matrix(out_of, way) * (3.0 * grey * grey)
    second = m.matrix(out_of, square) * (3.0 * grey)
    third = m.matrix(out_of, square * way)
    start = grey * grey * grey

    def at(t: Number) -> Vec3:
        return ((third * t + second) * t + first) * t + start

    def excess(color: Vec3) -> Scalar:
        return hsl.brightest(m, color) - 1.0

    low, high = m.number(0.0), m.number(1.0)
    for _ in range(_HALVINGS):
        middle = (low + high) * 0.5
        within = excess(at(middle)) <= 0.0
        low, high = m.select(within, middle, low), m.select(within, high, middle)
    # So near the edge the cubics are straight lines.
    inner, outer = m.min(excess(at(low)), 0.0), m.max(excess(at(high)), 0.0)
    edge = low - (high - low) * inner / m.max(outer - inner, 1e-20)
    return m.saturate(m.select3(excess(rgb) <= 0.0, rgb, at(edge)))


def _without_negatives(m: Math, rgb: Vec3, primaries: str) -> Vec3:
    weights = color_conversion.rgb_to_xyz(primaries)[1]
    luminance, low = m.max(m.dot(rgb, weights), 0.0), hsl.darkest(m, rgb)
    part = m.select(low < 0.0, luminance / m.max(luminance - low, 1e-20), 1.0)
    return (rgb - luminance) * part + luminance


def _grey(m: Math, lightness: Scalar, chroma: Scalar) -> Scalar:
    """Ottosson's L0: the lightness of the grey that a colour moves towards, 0..1."""
    off = lightness - 0.5
    size = m.abs(off)
    reach = 0.5 + size + chroma * _YIELD
    step = reach - m.sqrt(m.max(reach * reach - 2.0 * size, 0.0))
    return m.clamp(0.5 + 0.5 * m.select(off < 0.0, -step, step))


#: Transfers by colourists' names; sources use H.273's longer ones.
TRANSFERS: Final[dict[str, color_conversion.Transfer]] = {
    "srgb": color_conversion.SDR["iec61966-2-1"],
    "bt709": color_conversion.SDR["bt709"],
    "bt1886": color_conversion.Curve(1.0 / 2.4),
    "gamma22": color_conversion.SDR["gamma22"],
    "gamma26": color_conversion.Curve(1.0 / 2.6),
    "linear": color_conversion.SDR["linear"],
    "pq": color_conversion.CURVES["smpte2084"],
    "hlg": color_conversion.CURVES["arib-std-b67"],
    **camera_log.CURVES,
}


@grade(
    use="Decode footage in a camera's log, or convert between display curves.",
    identity=lambda values: values["source"] == values["target"],
    inverse=_swapped,
)
def transfer(
    m: Math,
    rgb: Vec3,
    *,
    source: str = param(choices=tuple(TRANSFERS), doc="The curve of the input.", shown="slog3"),
    target: str = param("bt709", choices=tuple(TRANSFERS), doc="The curve of the result."),
) -> Vec3:
    """Decode values from one transfer curve and encode them with another.

    Light of 1.0 is display white; for a camera's log, a surface that reflects everything; for PQ
    and HLG, reference white of 203 cd/m2 (BT.2408), HLG as on a display of 1000 cd/m2. `bt1886` is
    the power 2.4 of a display with perfect black. No tones are mapped: highlights stay above 1.0
    until `tone_map` or a curve brings them down.
    """
    return TRANSFERS[target].delinearize(m, TRANSFERS[source].linearize(m, rgb))
