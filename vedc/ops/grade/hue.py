"""Grades of hue and saturation over the whole picture."""

from __future__ import annotations

from vedc.expr.math import Math, Scalar, Vec3
from vedc.ops.core import facts
from vedc.ops.core.registry import param
from vedc.ops.shared import hsl
from vedc.ops.shared.declare import angle_param, grade
from vedc.ops.shared.plane_geometry import TURN


def rotated(m: Math, rgb: Vec3, turns: Scalar) -> Vec3:
    """The colour with its chroma turned in the plane of the canvas's Cb and Cr.

    ``turns`` 1/3 leads red towards green, green towards blue. Luma stays.
    """
    kr, kg, kb = m.weights
    luma = m.luma(rgb)
    cb, cr = (rgb.b - luma) / (2.0 * (1.0 - kb)), (rgb.r - luma) / (2.0 * (1.0 - kr))
    cosine, sine = m.cos(turns * TURN), m.sin(turns * TURN)
    cb, cr = cb * cosine - cr * sine, cb * sine + cr * cosine
    r, b = luma + cr * (2.0 * (1.0 - kr)), luma + cb * (2.0 * (1.0 - kb))
    return Vec3(r, luma - (cr * (2.0 * (1.0 - kr) * kr) + cb * (2.0 * (1.0 - kb) * kb)) / kg, b)


@grade(
    use="Turn all colours round the colour wheel.",
    identity=facts.neutral(degrees=0.0),
    inverse=facts.negated("degrees"),
)
def hue(
    m: Math,
    rgb: Vec3,
    *,
    degrees: Scalar = angle_param("Above 0 turns red to yellow, then green.", shown=120.0),
) -> Vec3:
    """Rotate chroma in the plane of the canvas's Cb and Cr, as FFmpeg's `hue` filter does.

    Luma is unchanged, so tones stay; a strong colour may leave the gamut.
    """
    return rotated(m, rgb, degrees / 360.0)


@grade(
    use="Strengthen pale colours and spare strong ones, skin among them.",
    identity=facts.neutral(amount=0.0),
)
def vibrance(
    m: Math,
    rgb: Vec3,
    *,
    amount: Scalar = param(0.0, low=-1, high=2, doc="Above 0 stronger, below 0 paler.", shown=1.5),
) -> Vec3:
    """Scale the distance from the grey of equal luma, less for stronger colours.

    The factor is `1 + amount * (1 - (max - min))` of the channels: pale colours get all of
    `amount`, pure ones nothing. This is FFmpeg's `vibrance` with the canvas's luma weights: with
    `alternate=1` for a positive amount, without it for a negative one.
    """
    luma = m.luma(rgb)
    factor = 1.0 + amount * (1.0 - m.clamp(hsl.chroma(m, rgb)))
    return luma + (rgb - luma) * factor
