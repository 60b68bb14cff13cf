"""Transitions along what moved between the two pictures."""

from __future__ import annotations

from typing import Final

from vedc.expr.math import Math, Pixel, Position, Scalar
from vedc.expr.picture import Picture
from vedc.ops.core.filters import of_pair
from vedc.ops.shared.declare import transition
from vedc.ops.shared.pixels import mixed
from vedc.ops.shared.plane_geometry import length

#: Pixels by which a flow there and back may miss its start where both pictures show a point.
_MISSED: Final = 1.5
#: What a picture counts for where the other does not show its point.
_LEAST: Final = 1e-3


@transition(
    family="morph",
    samples=True,
    filter=of_pair("temporal.flow"),
    use="Hide a jump cut: somebody goes on speaking after words were cut out.",
)
def flow_morph(
    m: Math, a: Picture, b: Picture, flow: Picture, progress: Scalar, at: Position
) -> Pixel:
    """Move everything from its place in the outgoing picture to that in the incoming one.

    The optical flow between the two frames is found both ways for each frame of the transition,
    so any part of the film can be drawn on its own. Each picture is displaced along it to the
    moment in between (Jiang et al., "Super SloMo", 2018, equation 4), and the two are mixed; what
    only one of them shows, because the other's flow does not lead back, is taken from that one.

    Made for two moments of one shot. Where the two pictures have little in common the flow is not
    trusted: its weight falls, to 0 in the end, which leaves a dissolve. A note says in which
    frames.
    """
    t, rest = progress, 1.0 - progress

    def one(picture: Picture, own: int, toward: Scalar) -> tuple[Pixel, Scalar]:
        """A picture displaced to the moment, and how far the other shows the same there."""
        forth, back = _pair(flow.here, own), _pair(flow.here, 1 - own)
        dx = toward * (toward * back[0] - (1.0 - toward) * forth[0])
        dy = toward * (toward * back[1] - (1.0 - toward) * forth[1])
        x, y = at.x + dx, at.y + dy
        there = _pair(flow.at(x, y, filter="nearest"), own)
        home = _pair(flow.at(x + there[0], y + there[1], filter="nearest"), 1 - own)
        missed = length(m, there[0] + home[0], there[1] + home[1])
        allowed = _MISSED + 0.1 * length(m, *there)
        return _covered(m, picture.at(x, y, filter="cubic")), m.clamp(2.0 - missed / allowed)

    first, seen_in_b = one(a, 0, t)
    second, seen_in_a = one(b, 1, rest)
    share_a = rest * m.max(seen_in_a, _LEAST)
    share_b = t * m.max(seen_in_b, _LEAST)
    return mixed(first, second, share_b / (share_a + share_b))


def _covered(m: Math, pixel: Pixel) -> Pixel:
    """A pixel whose coverage cubic weights have carried beyond 0..1 at an edge, brought back."""
    return Pixel(pixel.rgb, m.clamp(pixel.a))


def _pair(pixel: Pixel, way: int) -> tuple[Scalar, Scalar]:
    """The flow from the first picture to the second (0), or back (1)."""
    return (pixel.rgb.b, pixel.a) if way else (pixel.rgb.r, pixel.rgb.g)
