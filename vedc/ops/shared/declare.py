"""Shared by many declarations: ops of one kind, and parameters that mean the same everywhere."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from vedc.ops.core.registry import Default, op, param

#: Decorators for the kinds whose ops nearly all work on display-encoded colours.
transition: Final = partial(op, "transition", space="display")
generator: Final = partial(op, "generator", space="display")
geometry: Final = partial(op, "geometry", space="display")
mask: Final = partial(op, "mask", space="display")
key: Final = partial(op, "key", space="display", opaque=False)
grade: Final = partial(op, "grade", space="display")
stencil: Final = partial(op, "stencil", space="display")
linear_grade: Final = partial(op, "grade", space="linear")


def center_param(doc: str) -> Any:
    """A point of the canvas in fractions of its width and height; the middle by default."""
    return param((0.5, 0.5), kind="pair", low=0, high=1, doc=doc)


def point_param(
    doc: str, default: tuple[float, float] = (0.5, 0.5), *, shown: Default = None
) -> Any:
    """A point on the canvas or up to ten canvases away, in fractions of width and height."""
    return param(default, kind="pair", low=-10, high=10, doc=doc, shown=shown)


def angle_param(
    doc: str, default: float = 0.0, *, limit: float = 36000, shown: Default = None
) -> Any:
    """An angle in degrees; a hundred turns either way by default, for keyframed rotation."""
    return param(default, low=-limit, high=limit, unit="degrees", doc=doc, shown=shown)


#: The seed of a random pattern; it may be keyframed.
SEED: Final = param(0.0, low=0, high=100000, doc="Each value gives a different pattern.")
