"""Style transfer, over a window of frames."""

from __future__ import annotations

from typing import Any, Final

from vedc.expr.math import Math, Pixel, Scalar
from vedc.ops.core import facts
from vedc.ops.core.filters import Network
from vedc.ops.core.registry import param
from vedc.ops.shared.declare import angle_param, point_param, stencil

_COLORS: Final = {"keep": 0.0, "mix": 0.5, "style": 1.0}


def _arguments(p: Any) -> dict[str, object]:
    return {
        "strength": p["strength"],
        "color": _COLORS[p["color"]],
        "detail": p["detail"],
        "strokes": p["strokes"],
        "position": p["position"],
        "scale": p["scale"],
        "angle": p["angle"],
        "weights": p["src"] or p["painting"],
    }


@stencil(
    use="Give a clip the palette and the contrasts of a painting.",
    identity=facts.neutral(strength=0.0),
    filter=Network("style", (1, 1), 1e-4),
    arguments=_arguments,
)
def style(
    m: Math,
    pixel: Pixel,
    filtered: Pixel,
    *,
    painting: str = param(
        "starry_night",
        kind="enum",
        choices=("starry_night", "the_scream"),
        doc="A style that comes with vedc: Van Gogh's Starry Night, Munch's Scream.",
    ),
    strength: Scalar = param(1.0, low=0, high=1, doc="How much of the painting there is."),
    color: str = param(
        "style",
        kind="enum",
        choices=("keep", "mix", "style"),
        doc="`keep`: the clip's hues, and only light and dark from the painting; `style`: the "
        "painting's colours; `mix`: half way.",
    ),
    detail: Scalar = param(0.5, low=0, high=1, doc="How much of the clip's finest lines returns."),
    strokes: Scalar = param(
        0.3, low=0, high=1, doc="How much the painting's strokes fill what is flat in the clip."
    ),
    position: tuple[Scalar, Scalar] = point_param(
        "Where the middle of the strokes' canvas lies: keyframe it to let them follow the picture."
    ),
    scale: Scalar = param(1.0, low=0.1, high=10, doc="How many times larger strokes are."),
    angle: Scalar = angle_param("By how much strokes are turned, clockwise."),
    src: str = param(
        "",
        kind="weights",
        network="style",
        instead="painting",
        doc="A style that `vedc style train` made, in place of `painting`.",
    ),
) -> Pixel:
    """Give a clip the colours of a painting, and fine and coarse contrasts as they are in it.

    Lines, grain and folds of the clip become as marked as the painting's strokes are, and where the
    clip is flat, the painting's own strokes appear, as far as `strokes` says. They stand still on
    the screen unless `position`, `scale` and `angle` move them. A style that
    `vedc style train --size s` made adds a small network, which draws on top. Each frame is drawn
    from itself, or with a network from its two neighbours as well, and no state is carried, so any
    part of the film can be rendered on its own; nothing depends on the statistics of a frame. It is
    made for frames of 720 lines; in larger ones textures are finer. `detail` brings back what is
    lost at half the frame's size. `paint` draws broad strokes. docs/style.md shows the styles and
    has their figures.
    """
    return filtered
