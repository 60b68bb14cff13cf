"""Emission of maps, geometry ops and ``affine``: a picture sampled at a pixel's mapped position."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from vedc.edit.values import Keyframes
from vedc.expr.derive import NO_STRETCH, footprint
from vedc.expr.math import Pixel, Scalar
from vedc.expr.picture import (
    FLAT,
    TINY,
    Edge,
    Footprint,
    Picture,
    Pyramid,
    atlas,
    inside,
    within,
)
from vedc.expr.taps import TAPS
from vedc.ir.graph import Node
from vedc.ops.shared.plane_geometry import cos_sin, rotated_back
from vedc.plan.executable import KernelParam, Rect
from vedc.plan.fusion import mip_select
from vedc.support.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from vedc.plan.fusion.kernel_builder import KernelBuilder


Place = tuple[Scalar, Scalar]
#: The least side of a crop, in pixels.
_LEAST = 1e-3


@dataclass(frozen=True)
class Way:
    """A picture's placement on the canvas, from the parameters of ``affine``."""

    anchor: Place
    """The origin of ``back``, in the picture's pixels."""
    scale: Place
    """Canvas pixels per pixel of the picture."""
    back: Callable[[Place], Place]
    """Maps a canvas point to its offset from the anchor, in canvas pixels along the picture's
    axes."""
    window: tuple[Scalar, Scalar, Scalar, Scalar] | None = None
    """The visible part of the picture under an animated crop: x, y, width and height."""

    def source(self, at: Place) -> Place:
        """The point of the picture shown at a point of the canvas."""
        across, down = self.back(at)
        return self.anchor[0] + across / self.scale[0], self.anchor[1] + down / self.scale[1]


def way_of(k: KernelBuilder, node: Node) -> Way:
    """The placement of a node with the parameters of ``affine``."""
    numbers = k.numbers

    def pair(name: str) -> Place:
        value = node[name]
        assert isinstance(value, (tuple, Keyframes))
        return numbers.uniform(KernelParam(value, 0)), numbers.uniform(KernelParam(value, 1))

    anchor, pivot, scale = pair("anchor"), pair("pivot"), pair("scale")
    window, moving = None, _moving_box(k, node)
    if node.get("crop") is not None:
        box = moving or _still_box(node)
        window = left, top, width, height = _window(k, node, box)
        fitted = _fitted(k, node, width, height, box)
        scale = scale[0] * fitted[0], scale[1] * fitted[1]
        if moving is None:
            anchor = left + anchor[0] * width, top + anchor[1] * height
        else:
            anchor = (
                left + width * 0.5 + (anchor[0] - 0.5) * moving[0] / scale[0],
                top + height * 0.5 + (anchor[1] - 0.5) * moving[1] / scale[1],
            )
    elif moving is not None:
        scale = scale[0] * moving[0], scale[1] * moving[1]
    offset = pair("offset") if node.get("offset") is not None else None
    moved: Place | None = pair("moved") if node.get("moved") is not None else None
    if node.get("zoom") is not None:  # at 0 the picture shrinks to a point and is invisible
        wide, high = (k.math.max(factor, TINY) for factor in pair("zoom"))
        scale = scale[0] * wide, scale[1] * high
        if moved is not None:
            larger = k.math.min(wide, high)
            moved = moved[0] * larger, moved[1] * larger
    rotation = node["rotation"]

    def back(at: Place) -> Place:
        across, down = turned_back(at)
        return (across, down) if moved is None else (across - moved[0], down - moved[1])

    def turned_back(at: Place) -> Place:
        across, down = at[0] - pivot[0], at[1] - pivot[1]
        if offset is not None:
            across, down = across - offset[0], down - offset[1]
        if isinstance(rotation, float):  # quarter turns are exact
            c, s = (numbers.number(part) for part in cos_sin(rotation))
            return across * c + down * s, down * c - across * s
        return rotated_back(k.math, across, down, numbers.number(rotation))

    return Way(anchor, scale, back, window)


def affine(
    k: KernelBuilder,
    node: Node,
    rect: Rect,
    position: Place | None = None,
    edge: Edge = "clear",
    bounds: tuple[float, ...] | None = None,
    *,
    endless: bool = False,
) -> Pixel:
    """A picture placed on the canvas by a map, composed with the maps directly below it into one
    sampling.

    ``position`` is where another map samples the result, if not the pixel's own; an ``edge`` other
    than clear lies around ``bounds`` of it. An ``endless`` picture is not cut off at its edges,
    because an outline does that.
    """
    endless = endless or node.get("edge") == "clamp"
    below, at, way = node.inputs[0], k.coordinates.position(rect), way_of(k, node)
    seen = position or (at.x, at.y)
    x, y = way.source(seen)
    step = footprint(x, y)
    picture = Rect(0, 0, below.type.width, below.type.height)
    whole = (0.0, 0.0, float(picture.width), float(picture.height))
    if edge != "clear" and bounds is not None:
        if way.window is None and _image_of(node, whole) == bounds and not _composes(k, below):
            return _sampled(k, below, x, y, edge, whole, step)
        wrapped = (
            inside(k.math, seen[axis] - bounds[axis], bounds[axis + 2], edge) + bounds[axis]
            for axis in (0, 1)
        )
        x, y = way.source((next(wrapped), next(wrapped)))
    if way.window is not None:
        left, top, wide, high = way.window
        found = _sampled(k, below, x, y, "clamp", whole, step)
        if endless:
            return found
        return found * within(k.math, x - left, y - top, wide, high, step)
    if _composes(k, below):
        if below.op == "affine":
            return affine(k, below, picture, (x, y), endless=endless)
        return mapped(k, below, picture, (x, y))
    return _sampled(k, below, x, y, "clamp" if endless else "clear", whole, step)


def _image_of(node: Node, rectangle: tuple[float, ...]) -> tuple[float, ...] | None:
    """Where a rectangle of the picture lies on the canvas; None if it is rotated or animated."""
    anchor, pivot, scale = (node[name] for name in ("anchor", "pivot", "scale"))
    upright = node["rotation"] == 0.0 and node.get("zoom") is None and node.get("offset") is None
    if not (upright and all(isinstance(v, tuple) for v in (anchor, pivot, scale))):
        return None
    assert isinstance(anchor, tuple) and isinstance(pivot, tuple) and isinstance(scale, tuple)
    corner = (pivot[axis] + (rectangle[axis] - anchor[axis]) * scale[axis] for axis in (0, 1))
    sides = (rectangle[axis + 2] * scale[axis] for axis in (0, 1))
    return tuple(round(value, 6) for value in (*corner, *sides))


def _moving_box(k: KernelBuilder, node: Node) -> Place | None:
    """Width and height of an animated box, in canvas pixels."""
    if node.get("box_width") is None:
        return None
    sides = (k.numbers.number(node[name]) for name in ("box_width", "box_height"))
    # An easing that overshoots may take it below 0.
    wide, high = (k.math.max(side, _LEAST) for side in sides)
    return wide, high


def _still_box(node: Node) -> tuple[float, float]:
    box = node["box"]
    assert isinstance(box, tuple)
    return box[0], box[1]


def _window(
    k: KernelBuilder, node: Node, box: Place | tuple[float, float]
) -> tuple[Scalar, Scalar, Scalar, Scalar]:
    """The rectangle of a picture that a crop shows: x, y, width and height.

    With ``fit: cover``, its central part in the box's aspect ratio.
    """
    m, picture, crop = k.math, node.inputs[0].type, node["crop"]
    assert isinstance(crop, (tuple, Keyframes))
    x, y, width, height = (k.numbers.uniform(KernelParam(crop, i)) for i in range(4))
    # Easings that overshoot stop at the picture's edges.
    wide, high = float(picture.width), float(picture.height)
    width, height = m.clamp(width, _LEAST, wide), m.clamp(height, _LEAST, high)
    x, y = m.clamp(x, 0.0, wide - width), m.clamp(y, 0.0, high - height)
    if node.text("fit") != "cover":
        return x, y, width, height
    kept = m.min(width, height * (box[0] / box[1])), m.min(height, width * (box[1] / box[0]))
    return x + (width - kept[0]) * 0.5, y + (height - kept[1]) * 0.5, *kept


def _fitted(
    k: KernelBuilder,
    node: Node,
    width: Scalar,
    height: Scalar,
    box: Place | tuple[float, float],
) -> Place:
    """The horizontal and vertical scale at which a rectangle fills the box."""
    m, fit = k.math, node.text("fit")
    if fit == "none":
        return m.number(1.0), m.number(1.0)
    wide, high = (m.number(side) if isinstance(side, float) else side for side in box)
    across, down = wide / width, high / height
    if fit == "contain":
        across = down = m.min(across, down)
    return across, down


def mapped(k: KernelBuilder, node: Node, rect: Rect, position: Place | None = None) -> Pixel:
    """A geometry op and those directly below it: one sampling at the composed position.

    ``position`` is where another map samples the op's picture, if not the pixel's own. Above an
    item's placed picture, nothing is cut off between maps.
    """
    at, covered = k.coordinates.position(rect), k.coordinates.covered
    x, y = position or (at.x, at.y)
    whole = _over_affine(k, node)
    cover = None
    if position is not None and not whole:
        cover = covered(x, rect.width) * covered(y, rect.height)
    while True:
        op, below = node.facts.op, node.inputs[0]
        assert op is not None
        source = op.body(k.math, **k.arguments(node, rect, (x, y)))
        k.titles.append(op.name)
        left, top, width, height = bounds = k.coordinates.bounds(node, rect)
        edge = cast("Edge", node.text("edge"))
        if edge != "clear" and node.get("bounds") is not None:  # it fills the item's frame
            own = covered(x - left, width) * covered(y - top, height)
            cover = own if cover is None else cover * own
        x, y = source[0] + left, source[1] + top
        if below.op == "affine" and _composes(k, below):
            pixel = affine(k, below, rect, (x, y), edge, bounds)
            break
        if not _is_map(below) or edge != "clear" or k.layers.splits_at(below):
            pixel = _sampled(k, below, x, y, edge, bounds)
            break
        if not whole:
            own = covered(x, rect.width) * covered(y, rect.height)
            cover = own if cover is None else cover * own
        node = below
    return pixel if cover is None else pixel * cover


def _is_map(node: Node) -> bool:
    """Whether a node only maps positions, so that maps above it can be composed with it."""
    op = node.facts.op
    return op is not None and op.kind == "geometry" and not op.pictures


def _composes(k: KernelBuilder, below: Node) -> bool:
    """Whether a map and the node below it can be composed into one sampling."""
    return (_is_map(below) or below.op == "affine") and not k.layers.splits_at(below)


def _over_affine(k: KernelBuilder, node: Node) -> bool:
    """Whether maps composed into one sampling end at an item's placed picture."""
    while _is_map(node):
        below = node.inputs[0]
        if not _composes(k, below) or (_is_map(below) and node.text("edge") != "clear"):
            return False
        node = below
    return node.op == "affine"


def _sampled(
    k: KernelBuilder,
    below: Node,
    x: Scalar,
    y: Scalar,
    edge: Edge,
    bounds: tuple[float, ...],
    step: Footprint | None = None,
) -> Pixel:
    """A picture at a mapped position, filtered where the map minifies it.

    An edge other than clear lies around ``bounds``: left, top, width, height. ``step`` is the
    footprint, if it cannot be derived from the position.
    """
    step = step or footprint(x, y)
    stretch = mip_select.minification(step, k.numbers.values)
    if stretch.most <= NO_STRETCH:
        layer = k.layers.layer(below)
        if edge == "clear":  # content beyond the item's edge is visible
            bounds = (0.0, 0.0, layer.width, layer.height)
        left, top, width, height = bounds
        leaf, here = k.input(layer), k.read(layer)
        narrow = layer.width < TAPS["bicubic"]
        picture = Picture(k.math, leaf, width, height, here, layer.alpha, left, top, narrow)
        return picture.moved(x - left, y - top, step, edge=edge)
    flat = stretch.most <= FLAT and below.type.width >= TAPS["bicubic"]
    layer = k.layers.layer(below) if flat else k.layers.pyramid(below, stretch.levels, edge)
    shape = atlas(below.type.height, below.type.width, stretch.levels)
    sharp = stretch.least < 1.5
    return Pyramid(k.math, k.input(layer), shape, layer.alpha, bounds).at(
        x, y, footprint=step, edge=edge, probes=stretch.probes, sharp=sharp, flat=flat
    )
