"""Basic grades: exposure, contrast, saturation, CDL, LUTs. Alpha is unchanged."""

from __future__ import annotations

from typing import Final, cast

from vedc.color import Color
from vedc.expr.chain import CDL_WEIGHTS, Interpolation, Lattice, Look
from vedc.expr.math import Lut, Math, Position, Scalar, Vec3
from vedc.ops.core import facts
from vedc.ops.core.registry import param
from vedc.ops.looks import spaces
from vedc.ops.shared.declare import grade, linear_grade
from vedc.ops.shared.plane_geometry import half_diagonal, length, offset_from_center

#: The canvas of bodies that are run without one.
_PLAIN: Final = Color()


@linear_grade(
    use="Brighten or darken as a change of aperture would.",
    identity=facts.neutral(stops=0.0),
    inverse=facts.negated("stops"),
)
def exposure(
    m: Math,
    rgb: Vec3,
    *,
    stops: Scalar = param(
        0.0, low=-10, high=10, unit="stops", doc="+1 doubles the light.", shown=1.3
    ),
) -> Vec3:
    """Multiply scene light by two to the power of `stops`."""
    return rgb * m.exp2(stops)


@linear_grade(
    use="Push dark and bright apart, or together, around middle grey.",
    identity=facts.neutral(amount=1.0),
)
def contrast(
    m: Math,
    rgb: Vec3,
    *,
    amount: Scalar = param(
        1.0, low=0.001, high=10, doc="Above 1 steeper, below 1 flatter.", shown=1.8
    ),
    pivot: Scalar = param(0.18, low=0.001, high=10, doc="The light that keeps its value."),
) -> Vec3:
    """Steepen or flatten the tone curve of scene light around `pivot`.

    Each channel becomes `pivot * (x / pivot) ** amount`: a straight line of slope `amount` on a
    log-log plot, as in the linear style of OpenColorIO's ExposureContrast. Negative light becomes
    0.
    """
    return rgb.map(lambda x: pivot * m.pow(m.max(x / pivot, 0.0), amount))


@grade(
    use="Make colours stronger or paler; 0 is black and white.",
    identity=facts.neutral(amount=1.0),
    inverse=facts.reciprocal("amount"),
)
def saturation(
    m: Math,
    rgb: Vec3,
    *,
    amount: Scalar = param(
        1.0, low=0, high=4, doc="0 is grey, 1 unchanged, 2 twice as strong.", shown=2.0
    ),
) -> Vec3:
    """Scale each colour's distance from the grey of equal luma.

    Luma uses the canvas's weights, so this multiplies chroma, Cb and Cr, by `amount`.
    """
    luma = m.luma(rgb)
    return luma + (rgb - luma) * amount


@grade(
    use="Bring in a primary grade from another tool, or balance shadows and lights.",
    identity=facts.neutral(slope=1.0, offset=0.0, power=1.0, saturation=1.0),
)
def cdl(
    m: Math,
    rgb: Vec3,
    *,
    src: str = param(
        "", kind="correction", doc="A .cc, .ccc or .cdl file, instead of the numbers."
    ),
    id: str = param("", kind="text", doc="The correction of `src`, where it holds several."),
    slope: Vec3 = param(
        1.0, kind="rgb", low=0, high=10, doc="Factor; moves the lights most.", shown=(1.4, 1.0, 0.8)
    ),
    offset: Vec3 = param(
        0.0, kind="rgb", low=-1, high=1, doc="Added to every value.", shown=(-0.08, 0.0, 0.1)
    ),
    power: Vec3 = param(1.0, kind="rgb", low=0.1, high=10, doc="Exponent; moves the midtones."),
    saturation: Scalar = param(1.0, low=0, high=4, doc="Applied last, with BT.709 weights."),
) -> Vec3:
    """ASC Color Decision List, version 1.2: slope, offset, power, then saturation.

    Each channel becomes `clamp(x * slope + offset) ** power`; then its distance from luma is scaled
    by `saturation` and clamped again. The clamps to 0..1 are the standard's; where every parameter
    has its default the op is omitted and nothing is clamped. The numbers may come from a file
    (`pip install 'vedc[ocio]'`): `src: shots.ccc` with `id: sh010`.
    """
    graded = m.saturate(rgb * slope + offset).zip(power, m.pow)
    luma = m.dot(graded, CDL_WEIGHTS)
    return m.saturate(luma + (graded - luma) * saturation)


@grade(
    use="Shape shadows, midtones and highlights with three wheels.",
    identity=facts.neutral(lift=0.0, gamma=1.0, gain=1.0),
)
def lift_gamma_gain(
    m: Math,
    rgb: Vec3,
    *,
    lift: Vec3 = param(
        0.0,
        kind="rgb",
        low=-1,
        high=1,
        doc="Where black goes; white stays.",
        shown=(-0.1, 0.0, 0.15),
    ),
    gamma: Vec3 = param(1.0, kind="rgb", low=0.1, high=10, doc="Above 1 lightens the midtones."),
    gain: Vec3 = param(
        1.0, kind="rgb", low=0, high=10, doc="Where white goes; black stays.", shown=(1.4, 1.1, 0.8)
    ),
) -> Vec3:
    """Move the black, midtones and white of each channel.

    `(gain * (x + lift * (1 - x))) ** (1 / gamma)`: lift pivots on white, gain on black. A negative
    base counts as 0; values above 1 are preserved.
    """
    lifted = gain * (rgb + lift * (1.0 - rgb))
    return lifted.zip(1.0 / gamma, lambda x, power: m.pow(m.max(x, 0.0), power))


@grade(
    use="Apply a look made elsewhere and saved as a colour file.",
    identity=facts.neutral(strength=0.0),
)
def lut(
    m: Math,
    rgb: Vec3,
    canvas: Color = _PLAIN,
    *,
    src: Lut | Look = param(
        kind="table", doc="A .cube, .clf or another colour file; or name one with `asset`."
    ),
    id: str = param("", kind="text", doc="The correction of a .ccc or .cdl with several."),
    strength: Scalar = param(1.0, low=0, high=1, doc="0 is the picture, 1 the look."),
    interpolation: str = param(
        "auto",
        choices=("auto", "tetrahedral", "trilinear", "nearest"),
        doc="Between the points of 3D tables; `auto` is the file's, else tetrahedral.",
    ),
    input: str = param(
        "auto", choices=(spaces.AUTO, *spaces.SPACES), doc="The space that the file takes."
    ),
    output: str = param(
        "auto", choices=(spaces.AUTO, *spaces.SPACES), doc="The space of the file's result."
    ),
) -> Vec3:
    """Send colours through the tables and formulas of a colour file.

    `.cube` files, 1D or 3D, are read by vedc itself. `pip install 'vedc[ocio]'` adds `.3dl`, `.cc`,
    `.ccc`, `.cdl`, `.clf`, `.csp`, `.ctf`, `.cub`, `.itx`, `.look`, `.lut`, `.m3d`, `.mga`,
    `.spi1d`, `.spi3d`, `.spimtx` and `.vf`, which OpenColorIO reads. Formulas are computed for all
    numbers; a table clamps to its domain, and a 1D table is always interpolated linearly.

    A file takes display values and gives display values, unless it says otherwise (a CLF by its
    `InputDescriptor` and `OutputDescriptor`) or `input` and `output` do. `vedc validate` sums up in
    one line what was read from the file. `strength` mixes display values.
    """
    at = spaces.convert(m, rgb, input, canvas, "into")
    way = cast(Interpolation, interpolation)
    if isinstance(src, Look):
        shown = src.chain(id).look_up(m, at, way)
    elif src.dims == 3:
        shown = Lattice(0).look_up(m, src, at, way)
    else:
        shown = m.lookup(src, at)
    return m.mix3(rgb, spaces.convert(m, shown, output, canvas, "out of"), strength)


@grade(
    use="Darken the corners to lead the eye to the centre.",
    identity=facts.neutral(amount=0.0),
    ramps=True,
)
def vignette(
    m: Math,
    rgb: Vec3,
    at: Position,
    *,
    amount: Scalar = param(
        0.0, low=-1, high=1, doc="1 makes the corners black; below 0 they get brighter.", shown=0.8
    ),
    size: Scalar = param(
        0.5, low=0, high=2, doc="Radius of the unchanged centre; a corner is 1.", shown=0.5
    ),
    softness: Scalar = param(0.5, low=0.01, high=2, doc="From the first change to the full one."),
) -> Vec3:
    """Fade the picture with the distance from its centre.

    The shape is circular on the screen whatever the picture's proportions. Distances are in half
    diagonals; the factor falls from 1 to `1 - amount` along a smoothstep between `size` and
    `size + softness`.
    """
    distance = length(m, *offset_from_center(at)) / half_diagonal(m, at)
    return rgb * (1.0 - amount * m.smoothstep(size, size + softness, distance))
