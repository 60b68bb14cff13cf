"""A transition that the spec itself defines."""

from __future__ import annotations

import math

from vedc.expr.math import Math, Pixel, Position, Scalar, Vec3
from vedc.expr.picture import Picture
from vedc.ops.core.registry import param
from vedc.ops.shared import formula
from vedc.ops.shared.declare import transition
from vedc.ops.shared.pixels import chosen, mixed

#: The brightest light that a formula may make; diffuse white is 1.
_BRIGHTEST = 16.0


@transition(samples=True, use="Write your own transition as a formula.")
def custom(
    m: Math,
    a: Picture,
    b: Picture,
    progress: Scalar,
    at: Position,
    *,
    expression: str = param(
        kind="text",
        doc="The incoming picture's share, or the colour itself.",
        shown="step(x + 0.08 * sin(20 * y), p)",
    ),
) -> Pixel:
    """Compute each pixel from a formula such as `smoothstep(p - 0.1, p + 0.1, x)`.

    A number is the incoming picture's share, 0 to 1; a colour is shown as it is. The outgoing
    picture is always shown at the start and the incoming one at the end.

    | values | |
    |---|---|
    | `p`, `progress` | from 0 to 1 |
    | `x`, `y` | the position: 0 to 1 from the left and from the top |
    | `width`, `height`, `ratio` | the canvas in pixels, and width over height |
    | `a`, `b` | the pictures' colours here; `a.r`, `a.g`, `a.b`, `a.a` their channels |
    | `a(x, y)`, `b(x, y)` | their colours at another position |
    | `pi` | 3.14159... |

    Operators, loosest first: `c ? x : y`; `or` `||`; `and` `&&`; `not`; one of
    `< <= > >= == !=`; `+ -`; `* / %`; `- !`; `**`. Conditions are numbers: 0 is false.

    Functions: `abs floor ceil round fract sqrt sin cos tan atan2(y, x) exp exp2 log log2
    pow(x, y) length(x, y) min max clamp(x) clamp(x, low, high) mix(x, y, t) step(edge, x)
    smoothstep(low, high, x) if(c, x, y) select(c, x, y) hash(x, y) noise(x, y) luma(color)
    rgb(r, g, b) rgb(r, g, b, alpha)`. `min`, `max`, `mix`, `if`, `select` and `?:` also take
    colours, which can be added, subtracted and multiplied with each other and with numbers.

    Colours are display-encoded and premultiplied by their alpha. The result's channels are
    clamped to 0..16 and its alpha to 0..1. Angles are in radians; the square root of a negative
    number is 0.
    """
    seen = formula.evaluate_formula(
        m,
        expression,
        {
            "p": progress, "progress": progress, "x": at.u, "y": at.v, "width": at.width,
            "height": at.height, "ratio": at.width / at.height, "pi": m.number(math.pi),
            "a": a.here, "b": b.here,
        },
        {
            "a": lambda x, y: a.at(x * at.width, y * at.height),
            "b": lambda x, y: b.at(x * at.width, y * at.height),
        },
    )  # fmt: skip
    if isinstance(seen, Pixel):
        r, g, b_ = (m.clamp(c, 0.0, _BRIGHTEST) for c in seen.rgb.channels)
        shown = Pixel(Vec3(r, g, b_), m.clamp(seen.a))
    else:
        shown = mixed(a.here, b.here, m.clamp(seen))
    return chosen(m, m.step(progress, 0.0), a.here, chosen(m, m.step(1.0, progress), b.here, shown))
