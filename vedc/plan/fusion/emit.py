"""Emission: what each op of the graph computes for one pixel, traced into a kernel.

``EMIT`` and ``MATTE`` have an entry for every structural op that produces a picture or a matte; a
test keeps them complete. Declared ops are emitted by calling their bodies.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from vedc.expr import nodes
from vedc.expr.math import Pixel, Scalar, Vec3, premultiply
from vedc.ir.graph import Node, walk
from vedc.ops.core import call
from vedc.ops.grade import tone_map
from vedc.ops.shared import color_conversion
from vedc.plan.executable import KernelParam, Rect
from vedc.plan.fusion import mapping, outline, plane_space

if TYPE_CHECKING:
    from vedc.plan.fusion.kernel_builder import KernelBuilder

Recolor = Callable[[Vec3], Vec3]


def emit(k: KernelBuilder, node: Node, rect: Rect) -> Pixel:
    """The node's picture, with its upper left corner at ``rect``'s, as a pixel of the kernel."""
    op = node.facts.op
    if op is None:
        return EMIT[node.op](k, node, rect)
    if op.kind == "geometry":
        return mapping.mapped(k, node, rect)
    arguments = k.arguments(node, rect)
    # First, so that its layers are not computed again below.
    filtered = k.layers.filtered(node) if op.filter else None
    own = () if op.kind == "generator" else node.inputs[: op.inputs]
    if op.window != (0, 0):  # only the filter uses the other frames
        own = own[:1]
    pictures = [k.picture(n, node, rect) if op.samples else k.pixel(n, rect) for n in own]
    if filtered is not None:
        pictures.append(k.sampled(filtered, node, rect) if op.samples else k.read(filtered))
    k.titles.append(op.name)
    return call.pixel(op, k.math, pictures, arguments)


def matte(k: KernelBuilder, node: Node, rect: Rect) -> Scalar:
    """The value of a mask at the pixel."""
    op, below = node.facts.op, node.inputs[0]
    if op is None:
        return MATTE[node.op](k, node, rect)
    picture = k.picture(below, node, rect) if op.samples else k.pixel(below, rect)
    arguments = k.arguments(node, rect) | {"invert": node.get("invert", False)}
    k.titles.append(op.name)
    return call.matte(op, k.math, picture, arguments)


def recolor(k: KernelBuilder, node: Node, rect: Rect) -> Recolor:
    """The colour change of a node that ``recolors``."""
    op = node.facts.op
    if op is None:
        return RECOLOR[node.op](k, node)
    arguments = k.arguments(node, rect)
    k.titles.append(op.name)
    return lambda rgb: op.body(k.math, rgb, **arguments)


def decode(k: KernelBuilder, node: Node, rect: Rect) -> Pixel:
    samples = node.inputs[0]
    color = plane_space.color_of(samples)
    leaf = k.leaf(samples, rect)
    return color_conversion.decode(k.math, leaf, k.inputs[leaf].format, color)


def _bitmap(k: KernelBuilder, node: Node, rect: Rect) -> Pixel:
    return color_conversion.decode_rgba(k.math, k.leaf(node, rect))


def _solid(k: KernelBuilder, node: Node, rect: Rect) -> Pixel:
    color = node["color"]
    assert isinstance(color, tuple)
    if color[3] == 0.0:
        zero = k.math.number(0.0)
        return Pixel(Vec3(zero, zero, zero), zero)
    r, g, b, a = (k.numbers.uniform(KernelParam(color, i)) for i in range(4))
    if color[3] == 1.0:
        a = k.math.number(1.0)
    return premultiply(Vec3(r, g, b), a)


def _recolored(k: KernelBuilder, node: Node, rect: Rect) -> Pixel:
    below = k.pixel(node.inputs[0], rect)
    return call.on_color(k.math, below, RECOLOR[node.op](k, node))


def _place(k: KernelBuilder, node: Node, rect: Rect) -> Pixel:
    below = node.inputs[0]
    rect = Rect(node.integer("x"), node.integer("y"), below.type.width, below.type.height)
    pixel = k.pixel(below, rect)
    if node.type.opaque:
        return pixel
    fetched = next((n for n in walk(below) if n.facts.fetched), None)
    if fetched is None:
        return pixel * k.coordinates.inside(rect)
    # Outside its rectangle a leaf reads 0: transparent, but black if it has no alpha.
    return pixel * nodes.cover(k.leaf(fetched, rect)) if below.type.opaque else pixel


def _opacity(k: KernelBuilder, node: Node, rect: Rect) -> Pixel:
    return k.pixel(node.inputs[0], rect) * k.numbers.number(node["value"])


def _over(k: KernelBuilder, node: Node, rect: Rect) -> Pixel:
    backdrop, layer = (k.pixel(n, rect) for n in node.inputs)
    return layer + backdrop * (1.0 - layer.a)


def _summed(k: KernelBuilder, node: Node, rect: Rect) -> Pixel:
    so_far, more = (k.pixel(n, rect) for n in node.inputs)
    return so_far + more * k.numbers.number(node["weight"])


def _masked(k: KernelBuilder, node: Node, rect: Rect) -> Pixel:
    return k.pixel(node.inputs[0], rect) * matte(k, node.inputs[1], rect)


def _mixed(k: KernelBuilder, node: Node, rect: Rect) -> Pixel:
    before, after = (k.pixel(n, rect) for n in node.inputs[:2])
    amount = matte(k, node.inputs[2], rect)
    return before * (1.0 - amount) + after * amount


def _alpha(k: KernelBuilder, node: Node, rect: Rect) -> Scalar:
    return k.pixel(node.inputs[0], rect).a


def _to_linear(k: KernelBuilder, node: Node) -> Recolor:
    transfer = node.inputs[0].type.transfer
    return lambda rgb: color_conversion.linearize(k.math, rgb, transfer)


def _to_display(k: KernelBuilder, node: Node) -> Recolor:
    return lambda rgb: color_conversion.delinearize(k.math, rgb, node.type.transfer)


def _primaries(k: KernelBuilder, node: Node) -> Recolor:
    rows = color_conversion.primaries_matrix(node.inputs[0].type.primaries, node.type.primaries)
    return lambda rgb: k.math.matrix(rows, rgb)


def _to_sdr(k: KernelBuilder, node: Node) -> Recolor:
    method, peak = node["method"], node["peak"]
    assert isinstance(method, str) and isinstance(peak, float)
    source, target = node.inputs[0].type.primaries, node.type.primaries
    return lambda rgb: tone_map.to_sdr(k.math, rgb, method, peak, source, target)


def _by_config(k: KernelBuilder, node: Node) -> Recolor:
    made = k.numbers.look(node.text("id"))
    return lambda rgb: k.math.lookup(made, rgb)


def _relabel(k: KernelBuilder, node: Node) -> Recolor:
    return lambda rgb: rgb


RECOLOR: Final[dict[str, Callable[[KernelBuilder, Node], Recolor]]] = {
    "to_linear": _to_linear,
    "to_display": _to_display,
    "primaries": _primaries,
    "to_sdr": _to_sdr,
    "by_config": _by_config,
    "relabel": _relabel,
}

MATTE: Final[dict[str, Callable[[KernelBuilder, Node, Rect], Scalar]]] = {
    "box_matte": outline.box_matte,
    "alpha_matte": _alpha,
}

EMIT: Final[dict[str, Callable[[KernelBuilder, Node, Rect], Pixel]]] = {
    "still": _bitmap,
    "title": _bitmap,
    "captions": _bitmap,
    "solid": _solid,
    "decode": decode,
    **dict.fromkeys(RECOLOR, _recolored),
    "place": _place,
    "affine": mapping.affine,
    "opacity": _opacity,
    "over": _over,
    "masked": _masked,
    "summed": _summed,
    "mixed": _mixed,
}
