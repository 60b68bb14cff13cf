"""One kernel of a chain: a part of the graph as a pixel program."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from vedc.color import FORMATS, LAYER, OPAQUE_LAYER, Color, PixelFormat
from vedc.expr import nodes
from vedc.expr.math import Pixel, Scalar, Tracer, Vec3
from vedc.expr.picture import Picture
from vedc.ir.graph import Node
from vedc.ops.core import call
from vedc.ops.shared import color_conversion
from vedc.plan.executable import FetchRef, Kernel, LayerRef, Rect
from vedc.plan.fusion import look_planes, memos
from vedc.plan.fusion.assemble import assemble
from vedc.plan.fusion.coordinates import CoordinateBinder
from vedc.plan.fusion.emit import decode, emit, recolor
from vedc.plan.fusion.param_binder import ParamBinder
from vedc.plan.tables import ReadTable


class LayerSource(Protocol):
    """The piece that a kernel belongs to, which provides the layers it reads."""

    read_table: ReadTable

    def fetch(self, node: Node, rect: Rect, covers: bool) -> FetchRef:
        """A picture from outside, with its place."""

    def splits_at(self, node: Node) -> bool:
        """Whether a node's picture becomes a layer because the kernel would grow too large."""

    def known(self, node: Node) -> LayerRef | None:
        """The layer of a node's picture, if there is one that is cheaper to read than to
        compute."""

    def layer(self, node: Node) -> LayerRef:
        """The layer of a node's picture."""

    def filtered(self, node: Node) -> LayerRef:
        """The result of an op's filter on the pictures below it."""

    def pyramid(self, node: Node, levels: int | None, edge: str) -> LayerRef:
        """A node's picture with successively smaller copies."""

    def convertible(self, layer: LayerRef) -> bool:
        """Whether no step reads a layer so far, and ``in_planes`` can make it."""

    def in_planes(self, layer: LayerRef, color: Color) -> LayerRef:
        """An opaque layer as Y'CbCr instead of R'G'B'."""


class KernelBuilder:
    """One kernel under construction, as large as the picture of ``root``."""

    def __init__(self, layers: LayerSource, root: Node) -> None:
        self.layers, self.root = layers, root
        self.own: Node | None = None
        """The node whose layer this kernel computes."""
        self.canvas = Rect(0, 0, root.type.width, root.type.height)
        self.math = Tracer(root.type.matrix)
        self.numbers = ParamBinder(self.math, layers.read_table)
        self.coordinates = CoordinateBinder(self.math, self.numbers)
        self.inputs: list[FetchRef | LayerRef] = []
        self.memos: list[tuple[int, Vec3]] = []
        self.pixels: dict[tuple[int, Rect], Pixel] = {}
        self.titles: list[str] = []
        self.regraded: set[int] | None = None
        """Nodes that no memo may hold; None if there are no memos at all."""

    def film(self) -> Kernel:
        """The kernel of an ``encode`` node."""
        root = self.root
        target = FORMATS[root.type.format]
        if target.depth == 8:
            self.regraded = memos.regraded(root)
        pixel = self.pixel(root.inputs[0], self.canvas)
        color = Color(root.type.primaries, root.type.transfer, root.type.matrix)
        color = color.with_(range=root.type.range)
        alpha = pixel.a if target.alpha else None
        roots: Sequence[Scalar] = color_conversion.encode(
            self.math, pixel.rgb, target, color, alpha
        )
        if not self.memos:
            roots = self._in_planes(roots, target, color)
        held = [rgb for _, rgb in self.memos]
        choices = memos.remembered(self.math, held, roots, target, color) if held else ()
        return assemble(self, roots, target, choices, dither=root.get("dither") is True)

    def _in_planes(
        self, roots: Sequence[Scalar], target: PixelFormat, color: Color
    ) -> Sequence[Scalar]:
        """The roots with layers of Y'CbCr where that is all they need (``look_planes``)."""
        looked = look_planes.looked_at(roots)
        layers = {
            leaf: layer
            for leaf, layer in enumerate(self.inputs)
            if leaf in looked and isinstance(layer, LayerRef) and self.layers.convertible(layer)
        }
        rows = look_planes.by_plane(roots, layers.keys(), target, color)
        if rows is None:
            return roots
        for leaf, layer in layers.items():
            self.inputs[leaf] = self.layers.in_planes(layer, color)
        return rows

    def layer(self, node: Node, alpha: bool, prepare: Node | None = None) -> Kernel:
        """The kernel of a node's picture; with ``prepare``, of that stencil's filter input."""
        self.own = node if prepare is None else None
        pixel = self.pixel(node, self.canvas)
        if prepare is not None:
            op = prepare.facts.op
            assert op is not None and op.prepare is not None
            given = self.arguments(prepare, self.canvas, pictures=False)
            pixel = op.prepare(self.math, pixel, **given)
            self.titles.append(f"before_{op.name}")
        target = LAYER if alpha else OPAQUE_LAYER
        color = Color(node.type.primaries, node.type.transfer)
        roots = color_conversion.encode(
            self.math, pixel.rgb, target, color, pixel.a if alpha else None
        )
        return assemble(self, roots, target)

    # ------------------------------------------------------------ called by emission

    def pixel(self, node: Node, rect: Rect) -> Pixel:
        """The node's picture, lying at ``rect``, as a premultiplied pixel."""
        key = (id(node), rect)
        if key not in self.pixels:
            layer = self.layers.known(node) if node is not self.own else None
            if layer is not None and rect == self.canvas:
                pixel = self.read(layer)  # another kernel computes it
            else:
                pixel = self._memoised(node, rect) or emit(self, node, rect)
            if node.type.opaque:  # the whole is known to be, though its parts may not
                pixel = Pixel(pixel.rgb, self.math.number(1.0))
            self.pixels[key] = pixel
        return self.pixels[key]

    def _memoised(self, node: Node, rect: Rect) -> Pixel | None:
        """The colour chain that ends here as a memo, if that pays off and is exact enough."""
        if self.regraded is None or id(node) in self.regraded:
            return None
        found = memos.chain_of(node)
        if found is None:
            return None
        chain, below = found
        if any(self.layers.splits_at(change) for change in chain):
            return None
        pixel = decode(self, below, rect)
        rgb = pixel.rgb
        for change in reversed(chain):
            rgb = recolor(self, change, rect)(rgb)
        if not any(e.op in memos.COSTLY and not e.uniform for e in nodes.walk(rgb.channels)):
            return Pixel(rgb, pixel.a)
        index = len(self.memos)
        self.memos.append((self.leaf(below.inputs[0], rect), rgb))
        return Pixel(Vec3(*(nodes.node("memo", attr=(index, c)) for c in range(3))), pixel.a)

    def picture(self, node: Node, user: Node, rect: Rect) -> Picture:
        """A node's picture as a layer that can be sampled anywhere, in its user's coordinates."""
        return self.sampled(self.layers.layer(node), user, rect)

    def sampled(self, layer: LayerRef, user: Node, rect: Rect) -> Picture:
        """A layer that can be sampled anywhere, in its user's coordinates."""
        left, top, width, height = self.coordinates.bounds(user, rect)
        leaf, here = self.input(layer), self.read(layer)
        return Picture(self.math, leaf, width, height, here, layer.alpha, left, top)

    def read(self, layer: LayerRef) -> Pixel:
        """A layer's own pixel."""
        leaf = self.input(layer)
        if layer.planes:
            format = FORMATS[layer.planes]
            samples = [self.math.load(leaf, channel) for channel in range(format.channels)]
            return color_conversion.decode_samples(self.math, samples, format, layer.color)
        return color_conversion.decode(self.math, leaf, layer.format, Color())

    def leaf(self, node: Node, rect: Rect) -> int:
        """The number of the leaf that reads a fetched picture."""
        covers = not node.facts.sizes_itself and rect == self.canvas
        return self.input(self.layers.fetch(node, rect, covers))

    def input(self, input: FetchRef | LayerRef) -> int:
        """The number of a leaf."""
        if input not in self.inputs:
            self.inputs.append(input)
        return self.inputs.index(input)

    def arguments(
        self,
        node: Node,
        rect: Rect,
        position: tuple[Scalar, Scalar] | None = None,
        *,
        pictures: bool = True,
    ) -> dict[str, object]:
        """The body's arguments by name; ``position``, if not the pixel's own. Without ``pictures``
        these are None: a body that does not use them need not read them."""
        op = node.facts.op
        assert op is not None
        stills = iter(node.inputs[op.inputs :])
        params = {
            p.name: self.numbers.argument(p, node[p.name])
            if p.kind != "picture"
            else self.pixel(next(stills), rect)
            if pictures and node.get(p.name) is None
            else None
            for p in op.params
        }
        arguments = call.arguments(op, params, self.coordinates.scene(node, rect, position))
        if op.kind == "transition":
            arguments["progress"] = self.numbers.number(node["progress"])
        return arguments
