"""Emission of maps, geometry ops and ``affine``: a picture sampled where a map sends the pixel."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from vedc.edit.model import Keyframes
from vedc.expr.derive import NO_STRETCH, footprint
from vedc.expr.math import Pixel, Scalar
from vedc.expr.picture import TINY, Edge, Picture, Pyramid, atlas, within
from vedc.ir.graph import Node
from vedc.ops.shared.plane_geometry import cos_sin, rotated_back
from vedc.plan.executable import KernelParam, Rect
from vedc.plan.fusion import mip_select

if TYPE_CHECKING:
    from vedc.plan.fusion.kernel_builder import KernelBuilder


Place = tuple[Scalar, Scalar]
#: The least side of a crop, in pixels.
_LEAST = 1e-3


def affine(k: KernelBuilder, node: Node, rect: Rect) -> Pixel:
    """A picture put on the canvas by a map, with the maps right below it: one sampling."""
    below, at, numbers = node.inputs[0], k.coordinates.position(rect), k.numbers

    def pair(name: str) -> Place:
        value = node[name]
        assert isinstance(value, (tuple, Keyframes))
        return numbers.uniform(KernelParam(value, 0)), numbers.uniform(KernelParam(value, 1))

    anchor, pivot, scale = pair("anchor"), pair("pivot"), pair("scale")
    window = None
    if node.get("crop") is not None:
        window = left, top, width, height = _window(k, node)
        anchor = left + anchor[0] * width, top + anchor[1] * height
        fitted = _fitted(k, node, width, height)
        scale = scale[0] * fitted[0], scale[1] * fitted[1]
    across, down = at.x - pivot[0], at.y - pivot[1]
    if node.get("offset") is not None:
        right, lower = pair("offset")
        across, down = across - right, down - lower
    if node.get("zoom") is not None:  # at 0 the whole picture lies on a point, and nothing is seen
        wide, high = (k.math.max(factor, TINY) for factor in pair("zoom"))
        scale = scale[0] * wide, scale[1] * high
    rotation = node["rotation"]
    if isinstance(rotation, float):  # quarter turns are exact
        c, s = (numbers.number(part) for part in cos_sin(rotation))
        across, down = across * c + down * s, down * c - across * s
    else:
        across, down = rotated_back(k.math, across, down, numbers.number(rotation))
    x, y = anchor[0] + across / scale[0], anchor[1] + down / scale[1]
    picture = Rect(0, 0, below.type.width, below.type.height)
    if window is not None:
        bounds = (0.0, 0.0, float(picture.width), float(picture.height))
        left, top, width, height = window
        cover = within(k.math, x - left, y - top, width, height, footprint(x, y))
        return _sampled(k, below, x, y, "clamp", bounds) * cover
    if _is_map(below) and not k.layers.splits_at(below):
        return mapped(k, below, picture, (x, y))
    return _sampled(
        k, below, x, y, "clear", (0.0, 0.0, float(picture.width), float(picture.height))
    )


def _window(k: KernelBuilder, node: Node) -> tuple[Scalar, Scalar, Scalar, Scalar]:
    """The rectangle of a picture that a crop shows: x, y, width and height.

    With ``fit: cover`` its middle, in the proportions of the box.
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
    box = node["box"]
    assert isinstance(box, tuple)
    kept = m.min(width, height * (box[0] / box[1])), m.min(height, width * (box[1] / box[0]))
    return x + (width - kept[0]) * 0.5, y + (height - kept[1]) * 0.5, *kept


def _fitted(k: KernelBuilder, node: Node, width: Scalar, height: Scalar) -> Place:
    """The scale, across and down, at which a rectangle fills the box."""
    m, box, fit = k.math, node["box"], node.text("fit")
    assert isinstance(box, tuple)
    if fit == "none":
        return m.number(1.0), m.number(1.0)
    across, down = m.number(box[0]) / width, m.number(box[1]) / height
    if fit == "contain":
        across = down = m.min(across, down)
    return across, down


def mapped(k: KernelBuilder, node: Node, rect: Rect, position: Place | None = None) -> Pixel:
    """A geometry op and those right below it: one sampling at the composed position.

    ``position`` is where another map samples the op's picture, if that is not the pixel's own.
    """
    at, covered = k.coordinates.position(rect), k.coordinates.covered
    x, y = position or (at.x, at.y)
    cover = None
    if position is not None:
        cover = covered(x, rect.width) * covered(y, rect.height)
    while True:
        op, below = node.facts.op, node.inputs[0]
        assert op is not None
        source = op.body(k.math, **k.arguments(node, rect, (x, y)))
        k.titles.append(op.name)
        left, top, width, height = bounds = k.coordinates.bounds(node, rect)
        edge = cast("Edge", node.text("edge"))
        if edge != "clear" and node.get("bounds") is not None:  # it fills the item's frame
            inside = covered(x - left, width) * covered(y - top, height)
            cover = inside if cover is None else cover * inside
        x, y = source[0] + left, source[1] + top
        if not _is_map(below) or edge != "clear" or k.layers.splits_at(below):
            break
        inside = covered(x, rect.width) * covered(y, rect.height)
        cover = inside if cover is None else cover * inside
        node = below
    pixel = _sampled(k, below, x, y, edge, bounds)
    return pixel if cover is None else pixel * cover


def _is_map(node: Node) -> bool:
    """Whether a node only maps positions, so that maps above it can be composed with it."""
    op = node.facts.op
    return op is not None and op.kind == "geometry" and not op.pictures


def _sampled(
    k: KernelBuilder, below: Node, x: Scalar, y: Scalar, edge: Edge, bounds: tuple[float, ...]
) -> Pixel:
    """A picture at a mapped position, filtered where the map makes it smaller.

    An edge that is not clear lies around ``bounds``: left, top, width, height.
    """
    step = footprint(x, y)
    stretch = mip_select.minification(step, k.numbers.values)
    if stretch.most <= NO_STRETCH:
        layer = k.layers.layer(below)
        if edge == "clear":  # what runs over the item's edge is seen
            bounds = (0.0, 0.0, layer.width, layer.height)
        left, top, width, height = bounds
        leaf, here = k.input(layer), k.read(layer)
        picture = Picture(k.math, leaf, width, height, here, layer.alpha, left, top)
        return picture.moved(x - left, y - top, step, edge=edge)
    layer = k.layers.pyramid(below, stretch.levels, edge)
    shape = atlas(below.type.height, below.type.width, stretch.levels)
    return Pyramid(k.math, k.input(layer), shape, layer.alpha, bounds).at(
        x, y, footprint=step, edge=edge, probes=stretch.probes, sharp=stretch.least < 1.5
    )
